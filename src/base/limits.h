#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace panicscan {

/// How much of everything is read: bounds that keep a hostile input from costing more than it is
/// worth. What lies beyond a limit is left out with a note that names the limit; the rest of the
/// report is still read. Each is a row of limit_rows(), and so a flag and a line of
/// `panicscan limits`.
struct Limits {
  std::uint64_t input = std::uint64_t{256} << 20;
  std::uint64_t unpacked = std::uint64_t{256} << 20;
  std::uint64_t unpack_ratio = 200;
  std::uint64_t unpack_depth = 4;
  std::uint64_t archive_members = 200'000;
  std::uint64_t archive_total = std::uint64_t{8} << 30;
  std::uint64_t json_depth = 64;
  std::uint64_t json_nodes = 64'000'000;
  std::uint64_t kcdata_items = 2'000'000;
  std::uint64_t kcdata_depth = 64;
  std::uint64_t kcdata_elements = 4'000'000;
  std::uint64_t processes = 20'000;
  std::uint64_t threads = 200'000;
  std::uint64_t stack_frames = 1024;
  std::uint64_t frames = 2'000'000;
  std::uint64_t images = 100'000;
  std::uint64_t waits = 200'000;
  std::uint64_t log_events = 100'000;
  std::uint64_t device_nodes = 200'000;
  std::uint64_t plist_depth = 256;
  std::uint64_t notes = 1000;
};

/// What a limit counts.
enum class LimitUnit { bytes, count };

/// A limit for people: `--limit-NAME VALUE`.
struct LimitRow {
  std::string_view name;  ///< "stack-frames"
  std::uint64_t Limits::* value;
  LimitUnit unit;
  std::uint64_t most;  ///< what it can be raised to
  std::string_view meaning;
};

/// All limits, in the order they are printed.
std::span<const LimitRow> limit_rows();
/// Sets a limit from text: "1000", "0x400", or bytes as "64K", "64M", "1G" (powers of 1024).
/// Errors: usage, for text that is no such number, 0, or more than the row's most.
Status set_limit(Limits& limits, const LimitRow& row, std::string_view text);
/// A value of the row as it is printed: "256M", "1024".
std::string limit_text(const LimitRow& row, std::uint64_t value);
/// "more than the limit of 1024 (--limit-stack-frames)", for notes and errors.
std::string beyond_limit(const Limits& limits, std::uint64_t Limits::* value);

/// The first MiB of unpacked bytes may come from any number of packed ones.
inline constexpr std::size_t kRatioFrom = std::size_t{1} << 20;

}  // namespace panicscan
