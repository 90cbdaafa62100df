#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace panicscan {

/// U+FFFD, what a byte that is no UTF-8 is shown as.
inline constexpr std::string_view kUtf8Replacement = "\xEF\xBF\xBD";

/// Bytes of the well-formed UTF-8 sequence at the front; 0 when there is none.
/// Source: Unicode 15, table 3-7 (no overlong forms, no surrogates, nothing past U+10FFFF).
std::size_t utf8_length(std::string_view text);

/// The code point of the sequence of `length` bytes that utf8_length() reported.
std::uint32_t utf8_decode(std::string_view text, std::size_t length);

/// Appends the UTF-8 form of a code point; U+FFFD for what is none.
void utf8_append(std::string& out, std::uint32_t code_point);

}  // namespace panicscan
