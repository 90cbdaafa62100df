#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/paste.h"

// What stands in front of and around lines: quote marks, indentation, time stamps, Markdown.

namespace panicscan::parsers {
namespace {

constexpr std::size_t npos = std::string_view::npos;

std::string_view without_blanks_before(std::string_view line) {
  skip_blanks(line);
  return line;
}

/// Rewrites a text line by line: `rewrite` gets a line without its end and appends what is to stay.
template <typename Rewrite>
Document rewrite_lines(std::string_view text, std::uint32_t parent, Rewrite rewrite) {
  DocumentBuilder out(parent);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    rewrite(out, text.substr(at, end - at), static_cast<std::uint32_t>(at));
    if (end < text.size()) out.copy(text.substr(end, 1), static_cast<std::uint32_t>(end));
    at = end + 1;
  }
  return std::move(out).build();
}

constexpr std::array<std::string_view, 4> kQuotePrefixes{">", "|", "    ", "\t"};

/// The prefix that every landmark line of the text carries; empty when there is none. Lines that
/// only panics have decide, because Intel's kext names begin with '>' by themselves.
std::string_view common_prefix(std::string_view text) {
  std::array<std::size_t, kQuotePrefixes.size()> counts{};
  std::size_t landmarks = 0;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    if (is_landmark_line(line->text)) return {};
    for (std::size_t i = 0; i < kQuotePrefixes.size(); ++i) {
      std::string_view rest = line->text;
      if (!consume(rest, kQuotePrefixes[i])) continue;
      // Nested quotes: "> > Debugger message: panic".
      rest.remove_prefix(std::min(rest.find_first_not_of(">| \t"), rest.size()));
      if (!is_landmark_line(rest)) break;
      ++counts[i];
      ++landmarks;
      break;
    }
  }
  for (std::size_t i = 0; i < kQuotePrefixes.size(); ++i)
    if (landmarks > 0 && counts[i] == landmarks) return kQuotePrefixes[i];
  return {};
}

bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < text.size() && count < most && is_digit(text[count])) ++count;
  if (count < least) return false;
  text.remove_prefix(count);
  return true;
}

bool take_clock(std::string_view& text) {
  return take_digits(text, 2, 2) && consume(text, ":") && take_digits(text, 2, 2) &&
         consume(text, ":") && take_digits(text, 2, 2);
}

/// "kernel: ", "kernel[0]: ", "kernel[0:1a2] (Sender) " within the next columns of a log.
void take_kernel_column(std::string_view& text) {
  constexpr std::string_view kKernel = "kernel";
  constexpr std::size_t kWidest = 140;
  const std::size_t at = text.substr(0, kWidest).find(kKernel);
  if (at == npos) return;
  std::string_view rest = text.substr(at + kKernel.size());
  const bool has_id = consume(rest, "[") && consume_until(rest, "]").has_value();
  if (!consume(rest, ":") && !has_id) return;
  skip_blanks(rest);
  // The sender of the unified log: "(AppleSMC) ".
  const std::size_t close = rest.starts_with('(') ? rest.substr(0, 80).find(") ") : npos;
  if (close != npos) rest.remove_prefix(close + 2);
  text = rest;
}

// "2025-01-02 03:04:05.678901+0100 … kernel: "
bool take_iso_stamp(std::string_view& text) {
  std::string_view rest = text;
  if (!take_digits(rest, 4, 4) || !consume(rest, "-") || !take_digits(rest, 2, 2) ||
      !consume(rest, "-") || !take_digits(rest, 2, 2))
    return false;
  if (!consume(rest, " ") && !consume(rest, "T")) return false;
  if (!take_clock(rest)) return false;
  if (consume(rest, ".")) take_digits(rest, 1, 9);
  if (consume(rest, "+") || consume(rest, "-")) {
    take_digits(rest, 2, 4);
    if (consume(rest, ":")) take_digits(rest, 2, 2);
  } else {
    consume(rest, "Z");
  }
  if (!rest.empty() && !is_space(rest.front()) && rest.front() != ':') return false;
  take_kernel_column(rest);
  consume(rest, ":");
  text = rest;
  return true;
}

// "Jan  2 03:04:05 host kernel[0]: "
bool take_syslog_stamp(std::string_view& text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan ", "Feb ", "Mar ", "Apr ",
                                                     "May ", "Jun ", "Jul ", "Aug ",
                                                     "Sep ", "Oct ", "Nov ", "Dec "};
  std::string_view rest = text;
  const auto month =
      std::ranges::find_if(kMonths, [&](std::string_view m) { return rest.starts_with(m); });
  if (month == kMonths.end()) return false;
  rest.remove_prefix(month->size());
  skip_blanks(rest);
  if (!take_digits(rest, 1, 2) || !consume(rest, " ") || !take_clock(rest)) return false;
  const std::string_view columns = rest.substr(0, 160);
  const std::size_t colon = columns.find(": ");
  const std::string_view before = trim(columns.substr(0, std::min(colon, columns.size())));
  if (colon == npos || std::ranges::count(before, ' ') > 1) return false;
  rest.remove_prefix(colon + 2);
  text = rest;
  return true;
}

// "[   12.345678]: "
bool take_boot_stamp(std::string_view& text) {
  std::string_view rest = text;
  if (!consume(rest, "[")) return false;
  skip_blanks(rest);
  if (!take_digits(rest, 1, 12) || !consume(rest, ".") || !take_digits(rest, 1, 9) ||
      !consume(rest, "]"))
    return false;
  consume(rest, ":");
  text = rest;
  return true;
}

/// The line without a log's columns; the whole line when it has none.
std::string_view without_stamp(std::string_view line) {
  std::string_view rest = line;
  if (!take_iso_stamp(rest) && !take_syslog_stamp(rest) && !take_boot_stamp(rest)) return line;
  consume(rest, " ");
  return rest;
}

bool is_fence(std::string_view line) {
  constexpr std::size_t kLongestLanguage = 20;
  line = trim(line);
  if (!consume(line, "```") && !consume(line, "~~~")) return false;
  return line.size() <= kLongestLanguage && line.find(' ') == npos;
}

/// "**Mail**" is emphasis, "** Stackshot Succeeded **" is the kernel's own.
bool is_emphasised(std::string_view line) {
  constexpr std::size_t kMarks = 4;
  return line.size() > kMarks && line.starts_with("**") && line.ends_with("**") &&
         !is_space(line[2]) && line[2] != '*' && !is_space(line[line.size() - 3]);
}

}  // namespace

std::optional<Document> undo_quoting(std::string_view text, std::uint32_t parent) {
  const std::string_view prefix = common_prefix(text);
  if (prefix.empty()) return std::nullopt;
  const bool is_mark = !is_space(prefix.front());
  return rewrite_lines(
      text, parent, [&](DocumentBuilder& out, std::string_view line, std::uint32_t offset) {
        constexpr int kDeepest = 8;
        std::string_view rest = line;
        int layers = 1;
        if (is_mark && rest.starts_with(prefix)) {
          // As many layers as the quote is deep, but not the '>' of a kext's name.
          std::string_view deeper = rest;
          while (layers < kDeepest && consume(deeper, prefix) && consume(deeper, " ") &&
                 deeper.starts_with(prefix) && deeper.substr(prefix.size()).starts_with(' '))
            ++layers;
        }
        for (int layer = 0; layer < layers && consume(rest, prefix); ++layer)
          if (is_mark) consume(rest, " ");
        out.copy(rest, offset + static_cast<std::uint32_t>(line.size() - rest.size()));
      });
}

std::optional<Document> undo_log_prefixes(std::string_view text, std::uint32_t parent) {
  constexpr std::size_t kLeast = 2;
  std::size_t stamped = 0;
  bool has_landmark = false;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const std::string_view rest = without_stamp(line->text);
    if (rest.size() == line->text.size()) continue;
    ++stamped;
    has_landmark = has_landmark || is_landmark_line(without_blanks_before(rest));
  }
  if (stamped < kLeast || !has_landmark) return std::nullopt;
  return rewrite_lines(
      text, parent, [](DocumentBuilder& out, std::string_view line, std::uint32_t offset) {
        const std::string_view rest = without_stamp(line);
        out.copy(rest, offset + static_cast<std::uint32_t>(line.size() - rest.size()));
      });
}

std::optional<Document> undo_markdown(std::string_view text, std::uint32_t parent) {
  constexpr std::array<std::string_view, 5> kHints{"`", "~~~", "**", "\\_", "\\*"};
  if (std::ranges::none_of(kHints, [&](auto hint) { return text.find(hint) != npos; }))
    return std::nullopt;
  bool is_changed = false;
  bool in_backticks = false;
  Document cleaned = rewrite_lines(
      text, parent, [&](DocumentBuilder& out, std::string_view line, std::uint32_t offset) {
        if (is_fence(line)) {
          is_changed = true;
          return;
        }
        std::string_view rest = line;
        const std::string_view bare = trim(line);
        if (bare.starts_with('`') && is_landmark_line(bare.substr(1))) {
          rest = bare.substr(1);
          in_backticks = is_changed = true;
        }
        if (in_backticks && rest.ends_with('`')) rest.remove_suffix(1);
        if (is_emphasised(bare)) {
          rest = bare.substr(2, bare.size() - 4);
          is_changed = true;
        }
        const auto offset_of = [&](std::size_t at) {
          return offset + static_cast<std::uint32_t>(rest.data() - line.data()) +
                 static_cast<std::uint32_t>(at);
        };
        // "LLC\_ERR\_STS": Markdown escapes; C has no such escape.
        std::size_t copied = 0;
        for (std::size_t at = rest.find('\\'); at != npos; at = rest.find('\\', at + 1)) {
          const char next = at + 1 < rest.size() ? rest[at + 1] : '\0';
          if (next != '_' && next != '*') continue;
          out.copy(rest.substr(copied, at - copied), offset_of(copied));
          copied = at + 1;
          is_changed = true;
        }
        out.copy(rest.substr(copied), offset_of(copied));
      });
  if (!is_changed) return std::nullopt;
  return cleaned;
}

}  // namespace panicscan::parsers
