#include "base/limits.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan {
namespace {

// Offsets in a report are 32 bit, so no text can be larger; the counts follow from that.
constexpr std::uint64_t kMostBytes = (std::uint64_t{2} << 30) - 1;
constexpr std::uint64_t kMostThings = 100'000'000;
constexpr std::uint64_t kMostDepth = 1000;

constexpr std::array kRows{
    LimitRow{"input", &Limits::input, LimitUnit::bytes, kMostBytes, "bytes of one input"},
    LimitRow{"unpacked", &Limits::unpacked, LimitUnit::bytes, kMostBytes,
             "bytes that one packed text may grow to"},
    LimitRow{"unpack-ratio", &Limits::unpack_ratio, LimitUnit::count, 100'000,
             "bytes for each packed byte, of a text that grows beyond 1 MiB"},
    LimitRow{"unpack-depth", &Limits::unpack_depth, LimitUnit::count, 64,
             "packings inside one another (gzip, base64, property list, compressed kcdata)"},
    LimitRow{"archive-members", &Limits::archive_members, LimitUnit::count, kMostThings,
             "members of one archive or files of one directory that are looked at"},
    LimitRow{"archive-total", &Limits::archive_total, LimitUnit::bytes, std::uint64_t{1} << 40,
             "bytes that one archive may unpack to in all"},
    LimitRow{"json-depth", &Limits::json_depth, LimitUnit::count, kMostDepth,
             "arrays and objects inside one another"},
    LimitRow{"json-nodes", &Limits::json_nodes, LimitUnit::count, kMostThings,
             "values of one JSON text"},
    LimitRow{"kcdata-items", &Limits::kcdata_items, LimitUnit::count, kMostThings,
             "items of one kcdata buffer"},
    LimitRow{"kcdata-depth", &Limits::kcdata_depth, LimitUnit::count, kMostDepth,
             "kcdata containers and buffers inside one another"},
    LimitRow{"kcdata-elements", &Limits::kcdata_elements, LimitUnit::count, kMostThings,
             "elements of one kcdata array"},
    LimitRow{"processes", &Limits::processes, LimitUnit::count, kMostThings,
             "processes of a report"},
    LimitRow{"threads", &Limits::threads, LimitUnit::count, kMostThings, "threads of a report"},
    LimitRow{"stack-frames", &Limits::stack_frames, LimitUnit::count, kMostThings,
             "frames of one stack"},
    LimitRow{"frames", &Limits::frames, LimitUnit::count, kMostThings, "frames of a report"},
    LimitRow{"images", &Limits::images, LimitUnit::count, kMostThings, "images of a report"},
    LimitRow{"waits", &Limits::waits, LimitUnit::count, kMostThings, "waits of a report"},
    LimitRow{"log-events", &Limits::log_events, LimitUnit::count, kMostThings,
             "events of a log that are kept"},
    LimitRow{"device-nodes", &Limits::device_nodes, LimitUnit::count, kMostThings,
             "entries of an I/O registry"},
    LimitRow{"plist-depth", &Limits::plist_depth, LimitUnit::count, 100'000,
             "arrays and dictionaries of a property list inside one another"},
    LimitRow{"notes", &Limits::notes, LimitUnit::count, kMostThings, "notes on one report"},
};

struct Suffix {
  char letter;
  int shift;
};
constexpr std::array kSuffixes{Suffix{'G', 30}, Suffix{'M', 20}, Suffix{'K', 10}};

}  // namespace

std::span<const LimitRow> limit_rows() { return kRows; }

std::string limit_text(const LimitRow& row, std::uint64_t value) {
  if (row.unit == LimitUnit::bytes)
    for (const Suffix& suffix : kSuffixes)
      if (value != 0 && value % (std::uint64_t{1} << suffix.shift) == 0)
        return std::to_string(value >> suffix.shift) + suffix.letter;
  return std::to_string(value);
}

Status set_limit(Limits& limits, const LimitRow& row, std::string_view text) {
  std::string_view digits = text;
  int shift = 0;
  if (row.unit == LimitUnit::bytes && !digits.empty()) {
    const auto suffix = std::ranges::find(kSuffixes, digits.back(), &Suffix::letter);
    if (suffix != kSuffixes.end()) {
      shift = suffix->shift;
      digits.remove_suffix(1);
    }
  }
  const auto number = parse_number(digits);
  if (!number || *number == 0 || *number > (row.most >> shift))
    return Error{ErrorCode::usage,
                 "--limit-" + std::string(row.name) + " " + std::string(text) +
                     ": give a number from 1 to " + std::to_string(row.most) +
                     (row.unit == LimitUnit::bytes ? ", or as 64K, 64M, 1G" : ""),
                 {}};
  limits.*row.value = *number << shift;
  return std::monostate{};
}

std::string beyond_limit(const Limits& limits, std::uint64_t Limits::* value) {
  const auto row = std::ranges::find(kRows, value, &LimitRow::value);
  return "more than the limit of " + limit_text(*row, limits.*value) + " (--limit-" +
         std::string(row->name) + ")";
}

}  // namespace panicscan
