#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_ref.h"
#include "model/ids.h"

namespace panicscan::parsers {

/// A row of a tree of sampled stacks: "  *37  start + 462 (dyld + 21790) [0x113f6c51e]". Views
/// point into the line.
struct SampleRow {
  std::size_t column = 0;   ///< of the count: how deep in the tree it stands
  std::uint64_t count = 0;  ///< samples that had this frame here
  bool is_kernel = false;
  std::string_view symbol;              ///< "start + 462", or empty
  std::string_view image;               ///< "dyld", or empty
  std::optional<std::uint64_t> offset;  ///< in the image
  std::optional<std::uint64_t> address;
  SourceRef where;  ///< for the caller to set

  bool is_frame() const { return address || !image.empty(); }
};
/// Reads such a row; nothing for other lines. sample(1) writes "+ ! : |" in front and the image as
/// "(in dyld)"; newer reports leave the address out.
std::optional<SampleRow> read_sample_row(std::string_view line);

/// The rows from the root of a tree to a leaf, where each time the child with most samples was
/// taken: the stack that was seen most often. Linear in the rows.
std::vector<SampleRow> heaviest_path(const std::vector<SampleRow>& rows);

/// "  Thread 0x3461855  DispatchQueue \"com.example.q\"(8)  Thread name \"worker\"  100 samples
/// (1-100)  priority 4 (base 4)", or sample(1)'s "37 Thread_1234  DispatchQueue_1: com.example.q".
struct SampledThread {
  std::uint64_t id = 0;
  std::string name, queue;
  std::uint64_t samples = 0;  ///< 0 when not said
  std::optional<std::int32_t> priority, base_priority;
};
std::optional<SampledThread> read_sampled_thread(std::string_view line);

/// "exampled [812] [unique pid 99]", "Example (com.example.app) [812]".
struct SampledProcess {
  std::string name;
  std::optional<ProcessId> id;
};
SampledProcess read_sampled_process(std::string_view text);

}  // namespace panicscan::parsers
