#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "base/limits.h"
#include "base/source.h"

namespace panicscan::parsers {

/// A kcdata buffer for people and scripts.
struct KcdataText {
  std::string json;
  std::vector<std::string> notes;  ///< what was unpacked, and what was damaged
};

/// The whole buffer as JSON, in the shape that xnu's own decoder gives: items under their names,
/// containers of one type together under their ids. Numbers of 64 bits stay exact.
/// Source: xnu libkdd/kcdata_core.m.
/// Errors: unknown_format, when the input holds no kcdata; those of unpack().
Expected<KcdataText> kcdata_json(const Source& source, const Limits& limits);

}  // namespace panicscan::parsers
