#include "parsers/sample_rows.h"

#include <algorithm>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kLongestRow = 65536;
constexpr std::string_view kTreeCharacters = " \t+!:|";

/// What stands between quotes behind `mark`.
std::string quoted_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == npos) return {};
  line.remove_prefix(at + mark.size());
  skip_blanks(line);
  if (!consume(line, "\"")) return {};
  return std::string(line.substr(0, line.find('"')));
}

/// The number behind `mark`, which may be the first of a range.
std::optional<std::int32_t> priority_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == npos) return std::nullopt;
  line.remove_prefix(at + mark.size());
  const auto number = consume_decimal(line);
  constexpr std::uint64_t kHighest = 127;
  return number && *number <= kHighest ? std::optional(static_cast<std::int32_t>(*number))
                                       : std::nullopt;
}

/// "symbol  (in image) + 12", "symbol + 12 (image + 34)", "symbol + 12 (image)"; what is none of
/// them, such as "<patched truncated backtrace>", names no frame.
void take_names(std::string_view text, SampleRow& row) {
  constexpr std::string_view kIn = " (in ";
  if (const std::size_t in = text.find(kIn); in != npos) {
    const std::size_t close = text.find(')', in);
    if (close == npos) return;
    row.image = trim(text.substr(in + kIn.size(), close - in - kIn.size()));
    row.symbol = trim(text.substr(0, in));
  } else {
    const std::size_t open = text.rfind(" (");
    if (open == npos || !text.ends_with(')')) return;
    std::string_view inside = text.substr(open + 2, text.size() - open - 3);
    if (const std::size_t plus = inside.rfind(" + "); plus != npos) {
      row.offset = parse_number(inside.substr(plus + 3));
      inside = inside.substr(0, plus);
    }
    row.image = trim(inside);
    row.symbol = trim(text.substr(0, open));
  }
  if (row.symbol.starts_with("???")) row.symbol = {};
  if (row.image == "???") row.image = {};
}

}  // namespace

std::optional<SampleRow> read_sample_row(std::string_view line) {
  line = line.substr(0, kLongestRow);
  SampleRow row;
  std::string_view rest = line;
  rest.remove_prefix(std::min(rest.find_first_not_of(kTreeCharacters), rest.size()));
  row.is_kernel = consume(rest, "*");
  row.column = line.size() - rest.size();
  const auto count = consume_decimal(rest);
  if (!count || rest.empty() || !is_space(rest.front())) return std::nullopt;
  row.count = *count;
  rest = trim(rest);
  if (rest.empty() || rest.starts_with("Thread_")) return std::nullopt;
  if (const std::size_t bracket = rest.rfind("[0x"); bracket != npos) {
    std::string_view number = rest.substr(bracket + 1);
    row.address = consume_hex(number);
    // Resource reports have no star: the upper half of the addresses is the kernel's.
    row.is_kernel = row.is_kernel || row.address.value_or(0) >> 63 == 1;
    rest = trim(rest.substr(0, bracket));
  }
  take_names(rest, row);
  const bool is_row = row.is_frame() || rest.starts_with('<') || rest.starts_with("???");
  return is_row ? std::optional(row) : std::nullopt;
}

std::vector<SampleRow> heaviest_path(const std::vector<SampleRow>& rows) {
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> heaviest_child(rows.size(), kNone), open;
  std::size_t root = kNone;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    while (!open.empty() && rows[open.back()].column >= rows[i].column) open.pop_back();
    std::size_t& best = open.empty() ? root : heaviest_child[open.back()];
    if (best == kNone || rows[i].count > rows[best].count) best = i;
    open.push_back(i);
  }
  std::vector<SampleRow> path;
  for (std::size_t at = root; at != kNone; at = heaviest_child[at]) path.push_back(rows[at]);
  return path;
}

std::optional<SampledThread> read_sampled_thread(std::string_view line) {
  std::string_view rest = line.substr(0, kLongestRow);
  rest.remove_prefix(std::min(rest.find_first_not_of(kTreeCharacters), rest.size()));
  SampledThread thread;
  if (consume(rest, "Thread 0x")) {
    const auto id = consume_hex_digits(rest);
    if (!id) return std::nullopt;
    thread.id = *id;
    thread.name = quoted_behind(rest, "Thread name");
    thread.queue = quoted_behind(rest, "DispatchQueue");
    if (const std::size_t at = rest.find(" samples"); at != npos) {
      std::size_t begin = at;
      while (begin > 0 && is_digit(rest[begin - 1])) --begin;
      thread.samples = parse_number(rest.substr(begin, at - begin)).value_or(0);
    }
    thread.priority = priority_behind(rest, "priority ");
    thread.base_priority = priority_behind(rest, "(base ");
    return thread;
  }
  const auto samples = consume_decimal(rest);
  skip_blanks(rest);
  if (!samples || !consume(rest, "Thread_")) return std::nullopt;
  const auto id = consume_number(rest);
  if (!id) return std::nullopt;
  thread.samples = *samples;
  thread.id = *id;
  constexpr std::string_view kQueue = "DispatchQueue_";
  rest = trim(rest);
  consume(rest, ":");
  if (const std::size_t queue = rest.find(kQueue); queue != npos) {
    const std::size_t colon = rest.find(": ", queue);
    if (colon != npos) {
      std::string_view name = trim(rest.substr(colon + 2));
      thread.queue = std::string(trim(name.substr(0, name.find("  ("))));
    }
    rest = rest.substr(0, queue);
  }
  thread.name = std::string(trim(rest));
  return thread;
}

SampledProcess read_sampled_process(std::string_view text) {
  text = trim(text);
  SampledProcess process;
  std::string_view name = text;
  if (const std::size_t open = text.find(" ["); open != npos) {
    std::string_view rest = text.substr(open + 2);
    const auto id = consume_decimal(rest);
    if (id && rest.starts_with(']')) {
      process.id = ProcessId{static_cast<std::int64_t>(*id)};
      name = text.substr(0, open);
    }
  }
  if (const std::size_t bundle = name.rfind(" ("); bundle != npos && name.ends_with(')'))
    name = name.substr(0, bundle);
  process.name = std::string(trim(name));
  return process;
}

}  // namespace panicscan::parsers
