#include "model/readable_name.h"

#include "base/text.h"

namespace panicscan {
namespace {

/// Reads "10IOWorkLoop".
bool consume_source_name(std::string_view& text, std::string_view& name) {
  if (text.empty() || !is_digit(text.front()) || text.front() == '0') return false;
  std::string_view rest = text;
  const auto length = consume_decimal(rest);
  if (!length || *length > rest.size()) return false;
  name = rest.substr(0, *length);
  text = rest.substr(*length);
  return true;
}

/// Reads "N10IOWorkLoop9sleepGateE" or "4main" behind the "_Z"; empty for anything else.
std::string nested_name(std::string_view text) {
  std::string name;
  std::string_view part;
  if (!consume(text, "N")) {
    if (consume_source_name(text, part)) name = part;
    return name;
  }
  while (consume(text, "K") || consume(text, "V") || consume(text, "r")) continue;
  std::string_view last;
  while (consume_source_name(text, part)) {
    name += name.empty() ? "" : "::";
    name += part;
    last = part;
  }
  if (last.empty()) return {};
  const bool is_constructor = text.starts_with("C1") || text.starts_with("C2");
  const bool is_destructor =
      text.starts_with("D0") || text.starts_with("D1") || text.starts_with("D2");
  if (is_constructor || is_destructor) {
    name += is_constructor ? "::" : "::~";
    name += last;
    text.remove_prefix(2);
  }
  return text.starts_with("E") ? name : std::string();
}

}  // namespace

std::string readable_name(std::string_view symbol) {
  std::string_view text = symbol;
  const bool is_mangled = consume(text, "__Z") || consume(text, "_Z");
  if (is_mangled) {
    std::string name = nested_name(text);
    return name.empty() ? std::string(symbol) : name;
  }
  // Mach-O puts an underscore before every C name.
  if (text.starts_with('_') && text.size() > 1) text.remove_prefix(1);
  return std::string(text);
}

}  // namespace panicscan
