#pragma once

#include <span>
#include <string_view>

#include "model/value.h"

namespace panicscan::rules {

/// A kind of hole in a template: {name:type}.
struct CaptureType {
  std::string_view name;
  std::string_view pattern;  ///< what it fits, as an RE2 expression without groups
  ValueType value;           ///< what a capture becomes
  std::string_view meaning;
  std::string_view sample;  ///< a text that fits
};

std::span<const CaptureType> capture_types();
/// Null when there is no such type.
const CaptureType* find_capture_type(std::string_view name);
/// The value of a captured text; a number that does not fit 64 bits, or is negative, stays text.
Value to_value(const CaptureType& type, std::string_view text);

}  // namespace panicscan::rules
