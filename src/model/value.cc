#include "model/value.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan {
namespace {

struct TypeName {
  ValueType type;
  std::string_view name, unit;
};
constexpr std::array kTypeNames{
    TypeName{ValueType::text, "text", ""},
    TypeName{ValueType::number, "number", ""},
    TypeName{ValueType::hex, "hex", ""},
    TypeName{ValueType::address, "address", ""},
    TypeName{ValueType::boolean, "boolean", ""},
    TypeName{ValueType::milliseconds, "milliseconds", " ms"},
    TypeName{ValueType::seconds, "seconds", " s"},
    TypeName{ValueType::bytes, "bytes", " bytes"},
    TypeName{ValueType::pid, "pid", ""},
    TypeName{ValueType::tid, "tid", ""},
    TypeName{ValueType::list, "list", ""},
};

const TypeName& row(ValueType type) {
  return *std::ranges::find(kTypeNames, type, &TypeName::type);
}

}  // namespace

std::optional<std::uint64_t> Value::as_number() const {
  if (const auto* number = std::get_if<std::uint64_t>(&data)) return *number;
  if (const auto* truth = std::get_if<bool>(&data)) return *truth ? 1 : 0;
  return std::nullopt;
}

std::string format(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth ? "yes" : "no";
  if (const auto* items = std::get_if<std::vector<std::string>>(&value.data)) {
    std::string joined;
    for (const std::string& item : *items) joined += (joined.empty() ? "" : ", ") + item;
    return joined;
  }
  const std::uint64_t number = std::get<std::uint64_t>(value.data);
  if (value.type == ValueType::hex) return hex(number);
  if (value.type == ValueType::address) return hex16(number);
  return std::to_string(number) + std::string(row(value.type).unit);
}

std::string_view to_string(ValueType type) { return row(type).name; }

}  // namespace panicscan
