#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_tree.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// The usedImages of a crash report, which frames name by number.
class CrashImages {
 public:
  /// Adds the images to the report, and the shared cache as one more behind them; a row that cannot
  /// be read costs a note and stays a gap, so that the numbers of the others hold.
  static CrashImages read(JsonValue used_images, JsonValue shared_cache, std::uint32_t document,
                          ReportBuilder& out);

  /// The image of a row; nothing when there is no such row or it could not be read.
  std::optional<Index<Image>> at(std::uint64_t row) const {
    return row < rows_.size() ? rows_[static_cast<std::size_t>(row)] : std::nullopt;
  }

 private:
  std::vector<std::optional<Index<Image>>> rows_;
};

/// The registers of a thread, and what the processor said about the fault.
struct ThreadState {
  RegisterSet registers;
  std::string fault;  ///< "(Data Abort) byte read Translation fault", or empty
};
/// Reads a threadState, arm64, arm or x86; registers of several numbers ("x") get a name each.
ThreadState read_thread_state(JsonValue state, std::uint32_t document);

/// Reads the frames of one stack and adds them to the report. `starts_at_pc` is false for stacks
/// that hold return addresses only, such as that of a language exception.
IndexRange<Frame> read_crash_frames(JsonValue frames, bool starts_at_pc, const CrashImages& images,
                                    std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
