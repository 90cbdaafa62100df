#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "parsers/paste.h"

// Text whose characters were replaced by others: JSON escapes, HTML, typographic punctuation.

namespace panicscan::parsers {
namespace {

std::uint32_t narrow(std::size_t offset) { return static_cast<std::uint32_t>(offset); }

/// The end of what a JSON string on a line holds: without the quote that closes it, when the line
/// begins with the one that opens it. Quotes of the text itself are escaped.
std::size_t end_of_string(std::string_view line) {
  const std::string_view bare = trim(line);
  std::size_t end = static_cast<std::size_t>(bare.data() - line.data()) + bare.size();
  if (!bare.starts_with('"')) return line.size();
  if (line[end - 1] == ',') --end;
  const bool is_quote = end > 1 && line[end - 1] == '"' && line[end - 2] != '\\';
  return is_quote ? end - 1 : line.size();
}

/// Line ends written as "\n" that are not the end of a C literal ("…\n" "…").
std::size_t escaped_line_ends(std::string_view line, std::size_t enough) {
  std::size_t count = 0;
  for (std::size_t at = line.find("\\n"); at != std::string_view::npos && count < enough;
       at = line.find("\\n", at + 2)) {
    const bool ends_literal = at + 2 < line.size() && line[at + 2] == '"';
    const bool is_escaped = at > 0 && line[at - 1] == '\\';
    if (!ends_literal && !is_escaped) ++count;
  }
  return count;
}

void copy_unescaped(DocumentBuilder& out, std::string_view line, std::size_t offset) {
  constexpr std::array<std::pair<char, std::string_view>, 6> kEscapes{
      {{'n', "\n"}, {'t', "\t"}, {'r', ""}, {'/', "/"}, {'"', "\""}, {'\\', "\\"}}};
  std::size_t copied = 0;
  for (std::size_t at = line.find('\\'); at != std::string_view::npos; at = line.find('\\', at)) {
    if (at + 1 >= line.size()) break;
    const auto escape = std::ranges::find(kEscapes, line[at + 1], [](auto& e) { return e.first; });
    if (escape != kEscapes.end()) {
      out.copy(line.substr(copied, at - copied), narrow(offset + copied));
      out.replace(escape->second, narrow(offset + at));
      copied = at + 2;
    }
    at += 2;
  }
  out.copy(line.substr(copied), narrow(offset + copied));
}

struct Entity {
  std::string_view name, meaning;
};
constexpr std::array kEntities{Entity{"lt;", "<"},   Entity{"gt;", ">"},   Entity{"quot;", "\""},
                               Entity{"#39;", "'"},  Entity{"#x27;", "'"}, Entity{"apos;", "'"},
                               Entity{"nbsp;", " "}, Entity{"#160;", " "}, Entity{"amp;", "&"}};

/// An entity at the front of `text`, one that was encoded twice included ("&amp;lt;").
std::optional<std::pair<std::size_t, std::string_view>> read_entity(std::string_view text) {
  std::string_view rest = text;
  if (!consume(rest, "&")) return std::nullopt;
  const auto read_name = [&]() -> std::optional<std::string_view> {
    for (const Entity& entity : kEntities)
      if (consume(rest, entity.name)) return entity.meaning;
    return std::nullopt;
  };
  auto meaning = read_name();
  if (!meaning) return std::nullopt;
  if (*meaning == "&") {
    const std::string_view once = rest;
    if (const auto twice = read_name())
      meaning = twice;
    else
      rest = once;
  }
  return std::pair{text.size() - rest.size(), *meaning};
}

struct Tag {
  std::string_view name;
  bool breaks_line_at_end;  ///< "</p>" ends a line
};
constexpr std::array kTags{Tag{"br", true},      Tag{"p", true},     Tag{"div", true},
                           Tag{"pre", true},     Tag{"span", false}, Tag{"code", false},
                           Tag{"li", true},      Tag{"ul", false},   Tag{"b", false},
                           Tag{"strong", false}, Tag{"em", false},   Tag{"blockquote", true}};
constexpr std::size_t kLongestTag = 512;

/// A tag at the front of `text`: its length, and what takes its place. Names of C++ templates and
/// "<0x…>" are none, as only names of the table count.
std::optional<std::pair<std::size_t, std::string_view>> read_tag(std::string_view text) {
  std::string_view rest = text.substr(0, kLongestTag);
  if (!consume(rest, "<")) return std::nullopt;
  const bool is_end = consume(rest, "/");
  const std::size_t end = rest.find('>');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = rest.substr(0, end);
  const std::string name = to_lower(inside.substr(0, inside.find_first_of(" /\t")));
  const auto tag = std::ranges::find(kTags, name, &Tag::name);
  if (tag == kTags.end()) return std::nullopt;
  const std::size_t length = static_cast<std::size_t>(inside.data() - text.data()) + end + 1;
  const bool breaks = name == "br" || (is_end && tag->breaks_line_at_end);
  const bool is_broken_already = text.substr(length).starts_with('\n');
  return std::pair{length, std::string_view(breaks && !is_broken_already ? "\n" : "")};
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kTypography{{
    {"\xE2\x80\x9C", "\""}, {"\xE2\x80\x9D", "\""},  {"\xE2\x80\x9E", "\""}, {"\xE2\x80\x9F", "\""},
    {"\xE2\x80\xB3", "\""}, {"\xC2\xAB", "\""},      {"\xC2\xBB", "\""},     {"\xE2\x80\x98", "'"},
    {"\xE2\x80\x99", "'"},  {"\xE2\x80\x9A", "'"},   {"\xE2\x80\xB2", "'"},  {"\xE2\x80\x90", "-"},
    {"\xE2\x80\x91", "-"},  {"\xE2\x80\x93", "-"},   {"\xE2\x80\x94", "--"}, {"\xE2\x88\x92", "-"},
    {"\xE2\x86\x92", "->"}, {"\xE2\x80\xA6", "..."}, {"\xEF\xBC\x9A", ":"},  {"\xEF\xBC\x88", "("},
    {"\xEF\xBC\x89", ")"},  {"\xEF\xBC\x8C", ","},   {"\xEF\xBC\xA0", "@"},  {"\xEF\xBC\x82", "\""},
    {"\xEF\xBC\xBB", "["},  {"\xEF\xBC\xBD", "]"},   {"\xE3\x80\x80", " "},
}};
constexpr std::string_view kFullWidthDigit = "\xEF\xBC";  // then 0x90 for 0 … 0x99 for 9

/// Replaces wherever `read` finds something; `starts` are the bytes it can begin with.
template <typename Read>
std::optional<Document> replace_all(std::string_view text, std::uint32_t parent,
                                    std::string_view starts, Read read) {
  std::array<bool, 256> may_start{};
  for (const char start : starts) may_start[static_cast<unsigned char>(start)] = true;
  DocumentBuilder out(parent);
  std::size_t copied = 0;
  bool is_changed = false;
  for (std::size_t at = 0; at < text.size();) {
    if (!may_start[static_cast<unsigned char>(text[at])]) {
      ++at;
    } else if (const auto found = read(text.substr(at))) {
      out.copy(text.substr(copied, at - copied), narrow(copied));
      out.replace(found->second, narrow(at));
      at += found->first;
      copied = at;
      is_changed = true;
    } else {
      ++at;
    }
  }
  if (!is_changed) return std::nullopt;
  out.copy(text.substr(copied), narrow(copied));
  return std::move(out).build();
}

}  // namespace

std::optional<Document> undo_json_escapes(std::string_view text, std::uint32_t parent) {
  constexpr std::size_t kEnough = 3;
  if (text.find("\\n") == std::string_view::npos) return std::nullopt;
  DocumentBuilder out(parent);
  bool is_changed = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, end - at);
    if (escaped_line_ends(line, kEnough) >= kEnough) {
      const std::size_t string_end = end_of_string(line);
      copy_unescaped(out, line.substr(0, string_end), at);
      if (line.ends_with('\n') && string_end < line.size()) out.copy("\n", narrow(end - 1));
      is_changed = true;
    } else {
      out.copy(line, narrow(at));
    }
    at = end;
  }
  if (!is_changed) return std::nullopt;
  return std::move(out).build();
}

std::optional<Document> undo_html(std::string_view text, std::uint32_t parent) {
  return replace_all(text, parent, "&<", [](std::string_view rest) {
    return rest.front() == '&' ? read_entity(rest) : read_tag(rest);
  });
}

std::optional<Document> undo_smart_punctuation(std::string_view text, std::uint32_t parent) {
  using Found = std::optional<std::pair<std::size_t, std::string_view>>;
  return replace_all(text, parent, "\xC2\xE2\xE3\xEF", [](std::string_view rest) -> Found {
    for (const auto& [from, to] : kTypography)
      if (rest.starts_with(from)) return std::pair{from.size(), to};
    constexpr std::string_view kDigits = "0123456789";
    const auto last = rest.size() > 2 ? static_cast<unsigned char>(rest[2]) : 0U;
    if (rest.starts_with(kFullWidthDigit) && last >= 0x90U && last <= 0x99U)
      return std::pair{std::size_t{3}, kDigits.substr(last - 0x90U, 1)};
    return std::nullopt;
  });
}

}  // namespace panicscan::parsers
