#include "parsers/crash_frame.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {

void set_address_kinds(std::vector<Frame>& frames, bool starts_at_pc) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    bool is_exact = i == 0 && starts_at_pc;
    if (i > 0) {
      const Frame& inner = frames[i - 1];
      // No return address equals the pc; what does is a caller that the row above was inlined into.
      const bool is_same_place =
          inner.address == frames[i].address && inner.kind == AddressKind::pc;
      // _sigtramp's caller is where the signal came in, between two instructions.
      is_exact = is_same_place || inner.reported_symbol.starts_with("_sigtramp");
    }
    frames[i].kind = is_exact ? AddressKind::pc : AddressKind::return_address;
  }
}

Arch arch_of_code_type(std::string_view code_type) {
  struct Mark {
    std::string_view mark;
    Arch arch;
  };
  // The longer names first: the shorter ones are parts of them.
  constexpr std::array kMarks{Mark{"arm-64", Arch::arm64}, Mark{"arm64", Arch::arm64},
                              Mark{"x86-64", Arch::x86_64}, Mark{"x86_64", Arch::x86_64},
                              Mark{"arm", Arch::arm32}};
  const std::string text = to_lower(trim(code_type));
  for (const Mark& mark : kMarks)
    if (text.starts_with(mark.mark)) return mark.arch;
  return Arch::unknown;
}

std::vector<std::uint64_t> read_exception_codes(std::string_view text) {
  constexpr std::size_t kMostCodes = 16;
  std::vector<std::uint64_t> codes;
  while (codes.size() < kMostCodes) {
    const std::size_t comma = text.find(',');
    if (const auto code = parse_number(trim(text.substr(0, comma)))) codes.push_back(*code);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return codes;
}

bool is_set(JsonValue value) {
  constexpr std::array<std::string_view, 4> kYes{"true", "1", "enabled", "yes"};
  const std::string text = to_lower(trim(scalar_text(value)));
  return std::ranges::find(kYes, text) != kYes.end();
}

}  // namespace panicscan::parsers
