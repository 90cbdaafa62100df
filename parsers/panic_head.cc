#include "parsers/panic_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

constexpr std::size_t kLongestPrefix = 40;
constexpr std::size_t kLongestName = 12;

bool is_name_char(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// Reads "(cpu 3 caller 0x…): " behind the word panic.
std::optional<PanicHead> read_parentheses(std::string_view rest) {
  PanicHead head;
  skip_blanks(rest);
  if (!consume(rest, "(")) return std::nullopt;
  skip_blanks(rest);
  if (!consume(rest, "cpu ")) return std::nullopt;
  const std::string_view limited = rest.substr(0, 80);
  const std::size_t close = limited.find(')');
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view inside = trim(rest.substr(0, close));
  rest.remove_prefix(close + 1);
  const std::size_t blank = inside.find(' ');
  head.cpu = inside.substr(0, blank);
  inside.remove_prefix(head.cpu.size());
  skip_blanks(inside);
  if (consume(inside, "caller")) head.caller = trim(inside);
  skip_blanks(rest);
  if (!consume(rest, ":")) return std::nullopt;
  head.message = trim(rest);
  return head;
}

}  // namespace

std::optional<PanicHead> read_panic_head(std::string_view line, bool anywhere) {
  constexpr std::string_view kWord = "panic";
  for (std::size_t at = line.find(kWord); at != std::string_view::npos;
       at = line.find(kWord, at + kWord.size())) {
    if (auto head = read_parentheses(line.substr(at + kWord.size()))) {
      head->prefix = trim(line.substr(0, at));
      const bool is_near = head->prefix.empty() ||
                           (head->prefix.size() <= kLongestPrefix && head->prefix.ends_with('"'));
      if (anywhere || is_near) return head;
      return std::nullopt;
    }
    if (!anywhere && at > kLongestPrefix) return std::nullopt;
  }
  if (!anywhere) return std::nullopt;
  std::string_view rest = line;
  skip_blanks(rest);
  for (const std::string_view quoted : {"panic: ", "Stackshot Reason: "})
    if (consume(rest, quoted)) return PanicHead{{}, {}, {}, trim(rest)};
  return std::nullopt;
}

std::string_view coprocessor_of(std::string_view message) {
  message = trim(message);
  if (message.starts_with('"')) message.remove_prefix(1);
  if (message.starts_with("SEP Panic:")) return message.substr(0, 3);
  if (message.starts_with("[SPTM]")) return message.substr(1, 4);
  const std::string_view name = message.substr(0, message.find(' '));
  if (name.empty() || name.size() > kLongestName || !std::ranges::all_of(name, is_name_char))
    return {};
  return message.substr(name.size()).starts_with(" PANIC - ") ? name : std::string_view();
}

}  // namespace panicscan::parsers
