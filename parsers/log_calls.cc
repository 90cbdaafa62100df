// What driver extensions log themselves: os_log and IOLog of an extension are the kernel's lines
// with the extension's bundle id as their sender.

#include "parsers/log_calls.h"

#include "base/text.h"
#include "model/driverkit_calls.h"

namespace panicscan::parsers {
namespace {

constexpr LogPattern kResult{"dext-call-result", "{subject}: {function} {code}",
                             "a driver extension says how a call of its ended"};
constexpr LogPattern kMethod{"dext-method", "{subject}: {function}",
                             "a driver extension says that a method of its was called"};

/// kIOReturn codes: sys_iokit, common errors. Source: xnu iokit/IOKit/IOReturn.h.
constexpr std::uint64_t kFirstResult = 0xe00002bc, kLastResult = 0xe00002ff;
/// The same printed with %d: -(2^32 - code).
constexpr std::uint64_t k32Bits = 0x100000000;
constexpr std::string_view kAddressBits = "maxAddressBits";

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Words of letters, digits and underscores, one after the other.
struct Word {
  std::string_view text;
  std::size_t at = 0;
};
std::optional<Word> next_word(std::string_view message, std::size_t from) {
  while (from < message.size() && !is_word(message[from])) ++from;
  std::size_t end = from;
  while (end < message.size() && is_word(message[end])) ++end;
  if (from == end) return std::nullopt;
  return Word{message.substr(from, end - from), from};
}

std::optional<std::uint64_t> result_code(std::string_view message, const Word& word) {
  std::string_view digits = word.text;
  std::optional<std::uint64_t> value;
  if (word.at > 0 && message[word.at - 1] == '-') {
    if (const auto below = parse_number(digits); below && *below < k32Bits)
      value = k32Bits - *below;
  } else {
    consume(digits, "0x");
    value = parse_hex(digits);
  }
  return value && *value >= kFirstResult && *value <= kLastResult ? value : std::nullopt;
}

/// The class that logs, when the message begins "Class: " or "Class::".
std::string_view class_in_front(std::string_view message) {
  const auto name = next_word(message, 0);
  const bool is_class = name && name->at == 0 && !is_digit(name->text.front()) &&
                        message.substr(name->text.size()).starts_with(':');
  return is_class ? name->text : std::string_view();
}

/// "com.example.driver.nic": at least two parts.
bool is_bundle_id(std::string_view sender) {
  const std::size_t dot = sender.find('.');
  return dot != std::string_view::npos && dot > 0 && sender.find('.', dot + 1) != sender.npos;
}

}  // namespace

std::optional<KnownLine> read_own_line(std::string_view sender, std::string_view message) {
  std::string_view method;
  std::optional<std::uint64_t> code, address_bits;
  bool is_bits = false;
  for (auto word = next_word(message, 0); word;
       word = next_word(message, word->at + word->text.size())) {
    if (is_bits) address_bits = parse_number(word->text);
    is_bits = word->text == kAddressBits;
    std::string_view name = word->text;
    if (name.ends_with("_Impl")) name.remove_suffix(5);
    if (method.empty() && find_driverkit_call(name) != nullptr) method = name;
    if (!code) code = result_code(message, *word);
  }
  if (method.empty()) return std::nullopt;
  const std::string_view subject = class_in_front(message);
  const bool is_result = code.has_value();
  // "Start" and "init" are words of every program: only a driver extension means its methods.
  const bool is_its_own = find_driverkit_call(method)->family != &driverkit_families::kPlain ||
                          method == "PrepareForDMA";
  if (!is_bundle_id(sender) ? !is_result || !is_its_own : !is_result && subject.empty())
    return std::nullopt;
  KnownLine known{is_result ? &kResult : &kMethod, {}};
  if (!subject.empty()) known.captures.emplace_back("subject", Value::text(std::string(subject)));
  known.captures.emplace_back("function", Value::text(std::string(method)));
  if (code) known.captures.emplace_back("code", Value::hex(*code));
  if (address_bits) known.captures.emplace_back("address_bits", Value::number(*address_bits));
  return known;
}

}  // namespace panicscan::parsers
