#include "parsers/json_salvage.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

/// Members that hold a whole text, and so may hold quotes.
constexpr std::array<std::string_view, 6> kTextMembers{"panicString",         "macOSPanicString",
                                                       "bridgeOSPanicString", "string",
                                                       "otherString",         "macOSOtherString"};

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// Where the value of the member whose opening quote stands at `quote` begins; nothing when it is
/// not `"name" :`.
std::optional<std::size_t> value_of_member(std::string_view text, std::size_t quote,
                                           std::string_view name) {
  const std::string_view behind = text.substr(quote + 1);
  if (!behind.starts_with(name) || !behind.substr(name.size()).starts_with('"'))
    return std::nullopt;
  const std::size_t colon = skip_spaces(text, quote + name.size() + 2);
  if (colon >= text.size() || text[colon] != ':') return std::nullopt;
  return skip_spaces(text, colon + 1);
}

/// Whether a string may end at the quote: behind it comes the end, a bracket, or `, "key" :`.
bool ends_string(std::string_view text, std::size_t quote) {
  constexpr std::size_t kMaxKey = 64;
  std::size_t at = skip_spaces(text, quote + 1);
  if (at == text.size() || text[at] == '}') return true;
  if (text[at] != ',') return false;
  at = skip_spaces(text, at + 1);
  if (at >= text.size() || text[at] != '"') return false;
  const std::size_t close = text.substr(0, std::min(text.size(), at + kMaxKey)).find('"', at + 1);
  if (close == std::string_view::npos || close == at + 1) return false;
  const std::size_t colon = skip_spaces(text, close + 1);
  return colon < text.size() && text[colon] == ':';
}

/// The opening quote of the next text member's value, from `at` on.
std::optional<std::size_t> next_text(std::string_view text, std::size_t at) {
  for (at = text.find('"', at); at != std::string_view::npos; at = text.find('"', at + 1)) {
    for (const std::string_view name : kTextMembers) {
      const auto value = value_of_member(text, at, name);
      if (value && *value < text.size() && text[*value] == '"') return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> find_member_value(std::string_view text, std::uint32_t from,
                                               std::string_view name) {
  for (std::size_t at = text.find('"', from); at != std::string_view::npos;
       at = text.find('"', at + 1)) {
    const auto value = value_of_member(text, at, name);
    if (value && *value < text.size()) return static_cast<std::uint32_t>(*value);
  }
  return std::nullopt;
}

std::uint32_t restore_inner_quotes(std::uint32_t document, std::uint32_t start,
                                   ReportBuilder& out) {
  const std::string_view text = out.text(document);
  DocumentBuilder repaired(document);
  std::size_t copied = 0, missing = 0;
  const auto copy_until = [&](std::size_t end) {
    repaired.copy(text.substr(copied, end - copied), static_cast<std::uint32_t>(copied));
    copied = end;
  };
  SourceRef first;
  for (auto open = next_text(text, start); open; open = next_text(text, copied)) {
    std::size_t at = *open + 1;
    for (; at < text.size(); ++at) {
      if (text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        if (ends_string(text, at)) break;
        copy_until(at);
        repaired.replace("\\", static_cast<std::uint32_t>(at));
        if (missing++ == 0) first = {document, static_cast<std::uint32_t>(at), 1};
      }
    }
    copy_until(std::min(at + 1, text.size()));
  }
  if (missing == 0) return document;
  copy_until(text.size());
  out.note(NoteKind::repaired,
           std::to_string(missing) + " quotes inside texts had lost their backslashes", first);
  return out.add_document(std::move(repaired).build());
}

}  // namespace panicscan::parsers
