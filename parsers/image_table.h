#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/json_tree.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// The binaryImages of a stackshot: rows of [uuid, base, type letter], which frames name by number.
///
/// Source: xnu tools/lldbmacros/kcdata.py (SaveStackshotReport), osfmk/kern/debug.h; dashed and
/// undashed UUIDs and hex bases both occur.
class ImageTable {
 public:
  /// Adds the images to the report; a row that cannot be read costs a note and stays a gap, so
  /// that the numbers of the others hold.
  static ImageTable read(JsonValue binary_images, std::uint32_t document, ReportBuilder& out);

  bool empty() const { return rows_.empty(); }
  /// The image of a row; nothing when there is no such row or it could not be read.
  std::optional<Index<Image>> at(std::uint64_t row) const {
    return row < rows_.size() ? rows_[static_cast<std::size_t>(row)] : std::nullopt;
  }

 private:
  std::vector<std::optional<Index<Image>>> rows_;
};

}  // namespace panicscan::parsers
