#include "rules/capture_types.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace panicscan::rules {
namespace {

// No pattern may contain a capturing group: holes are counted by their groups.
constexpr std::array kCaptureTypes{
    CaptureType{"address", "0x[0-9a-fA-F]+", ValueType::address, "`0x` and hex digits",
                "0xfffffe0012345678"},
    CaptureType{"hex", "(?:0x)?[0-9a-fA-F]+", ValueType::hex, "hex digits, with or without `0x`",
                "0x80000001"},
    CaptureType{"state", "[0-9a-fA-F]{1,16}", ValueType::hex,
                "up to 16 hex digits without `0x`, as IOService prints its state words", "1e"},
    CaptureType{"uint", "[0-9]+", ValueType::number, "decimal digits", "42"},
    CaptureType{"int", "-?[0-9]+", ValueType::number,
                "decimal digits, perhaps with `-`; text when negative", "-1"},
    CaptureType{"bytes", "[0-9]+", ValueType::bytes, "decimal digits, a number of bytes", "4096"},
    CaptureType{"seconds", "[0-9]+", ValueType::seconds, "decimal digits, seconds", "120"},
    CaptureType{"milliseconds", "[0-9]+", ValueType::milliseconds, "decimal digits, milliseconds",
                "20004"},
    CaptureType{"pid", "[0-9]+", ValueType::pid, "decimal digits, a process id", "312"},
    CaptureType{"tid", "(?:0x[0-9a-fA-F]+|[0-9]+)", ValueType::tid,
                "decimal digits, or `0x` and hex digits: a thread id", "0x1f4"},
    CaptureType{"uuid", "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", ValueType::text,
                "8-4-4-4-12 hex digits", "01234567-89AB-CDEF-0123-456789ABCDEF"},
    CaptureType{"version", "[0-9]+(?:\\.[0-9A-Za-z]+)*", ValueType::text,
                "digits and dots: `1.2.3`, `1.0d4`", "1.2.3"},
    CaptureType{"bundle_id", "[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+", ValueType::text,
                "words joined by dots, at least two", "com.example.driver"},
    CaptureType{"word", "[^\\s\"',:;()]+", ValueType::text,
                "characters up to a blank or one of `\" ' , : ; ( )`", "ExampleDriver"},
    CaptureType{"text", ".+?", ValueType::text,
                "as few characters as possible, within the line; needs something literal (or `$`) "
                "behind it",
                "some words"},
    CaptureType{"line", ".+", ValueType::text, "the rest of the line", "the rest"},
};

std::optional<std::uint64_t> to_number(const CaptureType& type, std::string_view text) {
  if (type.name == "hex" || type.name == "state") return parse_hex(text);
  return parse_number(text);
}

}  // namespace

std::span<const CaptureType> capture_types() { return kCaptureTypes; }

const CaptureType* find_capture_type(std::string_view name) {
  const auto found = std::ranges::find(kCaptureTypes, name, &CaptureType::name);
  return found == kCaptureTypes.end() ? nullptr : &*found;
}

Value to_value(const CaptureType& type, std::string_view text) {
  if (type.value != ValueType::text)
    if (const auto number = to_number(type, text)) return Value::of(type.value, *number);
  return Value::text(std::string(text));
}

}  // namespace panicscan::rules
