#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "parsers/backtrace_lines.h"
#include "parsers/kext_lines.h"
#include "parsers/panic_finish.h"
#include "parsers/panic_head.h"
#include "parsers/paste.h"
#include "parsers/registers.h"

// Mailers and terminals break lines at some 76 to 80 columns, also inside addresses.

namespace panicscan::parsers {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kNarrowest = 66;
constexpr std::size_t kWidest = 84;

/// How wide the text is when all its lines of several words fit a terminal; nothing otherwise.
std::optional<std::size_t> wrap_width(std::string_view text) {
  std::size_t width = 0;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const std::size_t last_blank = line->text.find_last_of(' ');
    if (last_blank != npos && last_blank > kWidest) return std::nullopt;
    if (line->text.size() <= kWidest) width = std::max(width, line->text.size());
  }
  if (width < kNarrowest) return std::nullopt;
  return width;
}

/// Whether a line breaks off inside an address that the next line continues: "…@0xffff"
/// "ff80001000".
bool is_cut_in_address(std::string_view line, std::string_view next) {
  constexpr std::size_t kDigits = 16;
  constexpr std::size_t kShortestLine = 40;
  if (line.size() < kShortestLine) return false;
  const std::size_t prefix = line.rfind("0x");
  if (prefix == npos || line.size() - prefix > kDigits + 1) return false;
  const std::string_view digits = line.substr(prefix + 2);
  if (!std::ranges::all_of(digits, is_hex_digit)) return false;
  const std::size_t missing = kDigits - digits.size();
  const auto is_end = std::ranges::find_if_not(next.substr(0, kDigits + 1), is_hex_digit);
  const auto given = static_cast<std::size_t>(is_end - next.begin());
  return given == missing && missing > 0;
}

bool begins_a_line_of_its_own(std::string_view next) {
  return is_space(next.front()) || is_known_panic_line(next) || read_panic_head(next, false) ||
         read_arm_row(next) || read_intel_row(next) || read_loaded_kext(next) ||
         read_kext_range(next) || !read_register_line(next).empty();
}

/// Whether the first word of `next` did not fit behind `line`.
bool is_wrapped(std::string_view line, std::string_view next, std::size_t width) {
  constexpr std::size_t kShortestLine = 60;
  if (line.size() < kShortestLine || line.size() > kWidest || next.empty()) return false;
  const std::size_t word = std::min(next.find_first_of(" \t"), next.size());
  return line.size() + 1 + word > width && !begins_a_line_of_its_own(next);
}

/// Two lines that were one.
struct Joint {
  std::size_t end = 0;     ///< of the first, without its line end
  std::size_t next = 0;    ///< where the second begins
  std::size_t length = 0;  ///< of the first
  bool in_address = false;
};

std::vector<Joint> find_joints(std::string_view text) {
  std::vector<Joint> joints;
  const auto width = wrap_width(text);
  LineReader lines(text);
  bool may_continue = false;  // in a message, or in a line that is long by nature
  bool in_message = false;
  while (const auto line = lines.next()) {
    const auto next = lines.peek();
    if (!next) break;
    const std::string_view bare = trim(line->text);
    const bool is_head = bare.starts_with("panic: ") || read_panic_head(bare, false);
    const bool is_known = !is_head && is_known_panic_line(bare);
    in_message = is_head || (in_message && !is_known);
    may_continue = in_message || is_known || may_continue;
    const bool in_address = is_cut_in_address(line->text, next->text);
    const bool in_words =
        !in_address && width && may_continue && is_wrapped(line->text, next->text, *width);
    may_continue = in_words;
    if (in_address || in_words)
      joints.push_back(
          {line->offset + line->text.size(), next->offset, line->text.size(), in_address});
  }
  return joints;
}

/// The width when the text was broken at a column, and not between words: all lines that go on are
/// equally long, but for those that lost a blank at their end.
std::optional<std::size_t> cut_width(const std::vector<Joint>& joints) {
  constexpr std::ptrdiff_t kEnough = 2;
  std::size_t width = 0;
  for (const Joint& joint : joints)
    if (!joint.in_address) width = std::max(width, joint.length);
  const auto is_full = [&](const Joint& joint) {
    return !joint.in_address && joint.length == width;
  };
  const auto fits = [&](const Joint& joint) {
    return joint.in_address || joint.length == width || joint.length + 1 == width;
  };
  if (std::ranges::count_if(joints, is_full) < kEnough) return std::nullopt;
  return std::ranges::all_of(joints, fits) ? std::optional(width) : std::nullopt;
}

}  // namespace

std::optional<Document> undo_wrapping(std::string_view text, std::uint32_t parent) {
  const std::vector<Joint> joints = find_joints(text);
  if (joints.empty()) return std::nullopt;
  const auto width = cut_width(joints);
  DocumentBuilder out(parent);
  std::size_t copied = 0;
  for (const Joint& joint : joints) {
    out.copy(text.substr(copied, joint.end - copied), static_cast<std::uint32_t>(copied));
    const bool had_blank = !joint.in_address && joint.length != width;
    if (had_blank) out.replace(" ", static_cast<std::uint32_t>(joint.end));
    copied = joint.next;
  }
  out.copy(text.substr(copied), static_cast<std::uint32_t>(copied));
  return std::move(out).build();
}

}  // namespace panicscan::parsers
