#include "parsers/message_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

constexpr std::array<std::string_view, 12> kSourceExtensions{
    "c", "cc", "cpp", "cxx", "h", "hpp", "m", "mm", "s", "S", "iig", "swift"};
constexpr std::size_t kLongestPlace = 1024;  // PATH_MAX

bool is_file_char(char c) {
  return !is_space(c) && c != '/' && c != ':' && c != '@' && c != '"' && c != ',' && c != ';' &&
         c != '(' && c != ')' && c != '[' && c != ']' && c != '<' && c != '>' && c != '!';
}

bool has_source_extension(std::string_view file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view extension = file.substr(dot + 1);
  return extension == "rs" ||
         std::ranges::find(kSourceExtensions, extension) != kSourceExtensions.end();
}

/// The file name that ends at `end`.
std::string_view file_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && end - begin < 128 && is_file_char(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

std::optional<std::uint32_t> read_line_number(std::string_view digits) {
  const auto number = consume_decimal(digits);
  if (!number || *number > 10'000'000) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

/// Ends of a message that pasting leaves behind: the rest of a JSON member, a line continuation.
std::string_view without_tail_noise(std::string_view raw) {
  while (!raw.empty() && (is_space(raw.back()) || raw.back() == '\\')) raw.remove_suffix(1);
  return raw;
}

/// Where the quoted part begins: at once, or behind one word and a colon ("nvme: ").
std::size_t opening_quote(std::string_view raw) {
  const std::size_t quote = raw.substr(0, 64).find('"');
  if (quote == std::string_view::npos) return quote;
  const std::string_view before = trim(raw.substr(0, quote));
  if (before.empty()) return quote;
  const bool is_prefix = before.ends_with(':') && before.find(' ') == std::string_view::npos;
  return is_prefix ? quote : std::string_view::npos;
}

/// Writes the quoted part: `body` is without the outermost quotes, at `offset` of the parent.
void write_quoted(DocumentBuilder& out, std::string_view body, std::uint32_t offset) {
  constexpr std::array<std::pair<char, std::string_view>, 4> kEscapes{
      {{'n', "\n"}, {'t', "\t"}, {'"', "\""}, {'\\', "\\"}}};
  std::size_t copied = 0;
  const auto flush = [&](std::size_t until) {
    out.copy(body.substr(copied, until - copied), offset + static_cast<std::uint32_t>(copied));
  };
  for (std::size_t at = body.find_first_of("\\\""); at != std::string_view::npos;) {
    std::size_t behind = at + 1;
    if (body[at] == '\\' && behind < body.size()) {
      const auto escape =
          std::ranges::find(kEscapes, body[behind], [](auto& e) { return e.first; });
      if (escape != kEscapes.end()) {
        flush(at);
        out.replace(escape->second, offset + static_cast<std::uint32_t>(at));
        copied = behind + 1;
      }
      behind = std::min(behind + 1, body.size());
    } else if (body[at] == '"') {
      // Adjacent literals: "one " "two".
      std::size_t next = at + 1;
      while (next < body.size() && is_space(body[next])) ++next;
      if (next > at + 1 && next < body.size() && body[next] == '"') {
        flush(at);
        copied = behind = next + 1;
      }
    }
    at = behind >= body.size() ? std::string_view::npos : body.find_first_of("\\\"", behind);
  }
  flush(body.size());
}

/// How much of the end is blanks, escaped line ends and the like.
std::size_t escaped_blanks_at_end(std::string_view body) {
  std::size_t size = body.size();
  for (;;) {
    while (size > 0 && is_space(body[size - 1])) --size;
    if (size < 2 || body[size - 2] != '\\' || body[size - 1] != 'n') break;
    size -= 2;
    while (size > 0 && body[size - 1] == '\\') --size;
  }
  return body.size() - size;
}

}  // namespace

std::optional<SourcePlace> trailing_source_place(std::string_view message) {
  message = without_tail_noise(message);
  const std::size_t at = message.rfind('@');
  if (at == std::string_view::npos || message.size() - at > kLongestPlace) return std::nullopt;
  SourcePlace place;
  place.whole = message.substr(at);
  std::size_t digits = place.whole.size();
  while (digits > 0 && is_digit(place.whole[digits - 1])) --digits;
  if (digits == place.whole.size() || digits < 2 || place.whole[digits - 1] != ':')
    return std::nullopt;
  const auto line = read_line_number(place.whole.substr(digits));
  place.file = file_before(place.whole, digits - 1);
  if (!line || !has_source_extension(place.file)) return std::nullopt;
  // Between '@' and the file there is a path: no blanks, except line ends of a wrapped paste.
  const std::string_view path = place.whole.substr(1, place.whole.size() - 1);
  if (path.find_first_of(" \t\"") != std::string_view::npos) return std::nullopt;
  place.line = *line;
  return place;
}

std::optional<SourcePlace> source_place_inside(std::string_view message) {
  message = message.substr(0, 4096);
  // assert() of macOS 12 and earlier: "assertion failed: …, file: /path/foo.c, line: 12".
  constexpr std::string_view kFile = ", file: ", kLine = ", line: ";
  const std::size_t file_at = message.rfind(kFile);
  const std::size_t line_at = message.rfind(kLine);
  if (file_at != std::string_view::npos && line_at != std::string_view::npos && file_at < line_at) {
    SourcePlace place;
    place.whole = message.substr(file_at);
    place.file = file_before(message, line_at);
    const auto line = read_line_number(message.substr(line_at + kLine.size()));
    if (line && !place.file.empty()) return place.line = *line, place;
  }
  for (std::size_t colon = message.find(':'); colon != std::string_view::npos;
       colon = message.find(':', colon + 1)) {
    if (colon + 1 >= message.size() || !is_digit(message[colon + 1])) continue;
    SourcePlace place;
    place.file = file_before(message, colon);
    const auto line = read_line_number(message.substr(colon + 1));
    if (!line || !has_source_extension(place.file)) continue;
    place.whole = message.substr(colon - place.file.size());
    place.line = *line;
    return place;
  }
  return std::nullopt;
}

CleanMessage clean_message(std::string_view raw, std::uint32_t parent, std::uint32_t offset) {
  const auto offset_of = [&](std::string_view part) {
    return offset + static_cast<std::uint32_t>(part.data() - raw.data());
  };
  CleanMessage clean{
      Document(std::string(), parent, {{0, offset}}), MessageStyle::plain, {}, false};
  clean.place = trailing_source_place(raw);
  std::string_view body =
      clean.place ? raw.substr(0, static_cast<std::size_t>(clean.place->whole.data() - raw.data()))
                  : without_tail_noise(raw);
  body = trim(body);

  DocumentBuilder out(parent);
  const std::size_t quote = opening_quote(body);
  const bool is_closed = body.size() > quote + 1 && body.ends_with('"');
  // "a "b" c" closes; `prefix: "b` without an end is a quote only when nothing stands before it.
  if (quote != std::string_view::npos && (is_closed || quote == 0)) {
    clean.style = MessageStyle::quoted;
    clean.is_cut = !is_closed;
    out.copy(body.substr(0, quote), offset_of(body));
    body.remove_prefix(quote + 1);
    if (is_closed) body.remove_suffix(1);
    body.remove_suffix(escaped_blanks_at_end(body));
    write_quoted(out, body, offset_of(body));
  } else {
    out.copy(body, offset_of(body));
  }
  if (out.size() > 0) clean.text = std::move(out).build();
  return clean;
}

}  // namespace panicscan::parsers
