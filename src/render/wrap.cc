#include "render/wrap.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace panicscan::render {
namespace {

struct CodeRange {
  std::uint32_t first, last;
};
/// Source: Unicode 15, EastAsianWidth.txt (W and F), condensed to whole blocks.
constexpr std::array kWide{
    CodeRange{0x1100, 0x115f},   CodeRange{0x2e80, 0x303e},   CodeRange{0x3041, 0xa4cf},
    CodeRange{0xac00, 0xd7a3},   CodeRange{0xf900, 0xfaff},   CodeRange{0xfe30, 0xfe6f},
    CodeRange{0xff00, 0xff60},   CodeRange{0xffe0, 0xffe6},   CodeRange{0x1f300, 0x1f64f},
    CodeRange{0x1f900, 0x1f9ff}, CodeRange{0x20000, 0x3fffd},
};
/// Source: Unicode 15, general category Mn, the common blocks.
constexpr std::array kCombining{
    CodeRange{0x0300, 0x036f}, CodeRange{0x1ab0, 0x1aff}, CodeRange{0x1dc0, 0x1dff},
    CodeRange{0x20d0, 0x20ff}, CodeRange{0xfe00, 0xfe0f}, CodeRange{0xfe20, 0xfe2f},
};

template <typename Table>
bool lies_in(const Table& table, std::uint32_t code) {
  return std::ranges::any_of(table,
                             [code](CodeRange r) { return code >= r.first && code <= r.last; });
}

/// One step through a safe text: a character, or one of our colour codes.
struct Glyph {
  std::size_t bytes = 1;
  std::size_t columns = 1;
  bool is_code = false;
};

Glyph first_glyph(std::string_view text) {
  const auto c = static_cast<unsigned char>(text.front());
  if (c == 0x1b) {
    const auto end = text.find('m');
    return {end == std::string_view::npos ? text.size() : end + 1, 0, true};
  }
  if (c < 0x80) return {};
  const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
  const std::uint32_t code = utf8_decode(text, length);
  const std::size_t width = lies_in(kWide, code) ? 2 : lies_in(kCombining, code) ? 0 : 1;
  return {length, width, false};
}

constexpr std::string_view kReset = "\x1b[0m";

/// Builds the lines of wrap() word by word.
class LineBreaker {
 public:
  explicit LineBreaker(std::size_t width) : width_(std::max<std::size_t>(width, 8)) {}

  /// Adds a glyph of the current word.
  void add(std::string_view bytes, const Glyph& glyph) {
    if (glyph.is_code) {
      word_.append(bytes);
      word_color_ = bytes == kReset ? std::string() : std::string(bytes);
      return;
    }
    if (word_columns_ + glyph.columns > width_) end_word();
    word_.append(bytes);
    word_columns_ += glyph.columns;
  }

  /// Ends the word: it goes on the line, or starts the next one.
  void end_word() {
    const std::size_t needed = word_columns_ + (line_columns_ > 0 ? blanks_ : 0);
    if (word_columns_ > 0 && line_columns_ > 0 && line_columns_ + needed > width_) end_line();
    if (line_columns_ > 0 && word_columns_ > 0) {
      line_.append(blanks_, ' ');
      line_columns_ += blanks_;
    }
    line_ += word_;
    line_columns_ += word_columns_;
    if (word_columns_ > 0) blanks_ = 0;
    color_ = word_color_;
    word_.clear();
    word_columns_ = 0;
  }

  void blank() {
    end_word();
    ++blanks_;
  }

  std::vector<std::string> lines() && {
    end_word();
    if (line_columns_ > 0 || lines_.empty())
      lines_.push_back(std::move(line_));
    else if (!line_.empty())
      lines_.back() += line_;
    return std::move(lines_);
  }

 private:
  void end_line() {
    if (!color_.empty()) line_ += kReset;
    lines_.push_back(std::move(line_));
    line_ = color_;
    line_columns_ = 0;
    blanks_ = 0;
  }

  std::size_t width_;
  std::vector<std::string> lines_;
  std::string line_, word_;
  std::string color_, word_color_;  ///< in force at the end of line_ and of word_
  std::size_t line_columns_ = 0, word_columns_ = 0, blanks_ = 0;
};

}  // namespace

std::size_t columns(std::string_view safe) {
  std::size_t sum = 0;
  while (!safe.empty()) {
    const Glyph glyph = first_glyph(safe);
    sum += glyph.columns;
    safe.remove_prefix(glyph.bytes);
  }
  return sum;
}

std::vector<std::string> wrap(const TerminalText& text, std::size_t width) {
  LineBreaker breaker(width);
  std::string_view rest = text.view();
  while (!rest.empty()) {
    const Glyph glyph = first_glyph(rest);
    if (rest.front() == ' ') {
      breaker.blank();
    } else {
      breaker.add(rest.substr(0, glyph.bytes), glyph);
    }
    rest.remove_prefix(glyph.bytes);
  }
  return std::move(breaker).lines();
}

TerminalText pad_left(const TerminalText& text, std::size_t width) {
  const std::size_t used = columns(text);
  return internal::as_safe(std::string(width - std::min(used, width), ' ')) + text;
}

TerminalText pad_right(const TerminalText& text, std::size_t width) {
  const std::size_t used = columns(text);
  return text + internal::as_safe(std::string(width - std::min(used, width), ' '));
}

TerminalText shorten(const TerminalText& text, std::size_t limit) {
  if (columns(text) <= limit) return text;
  std::string kept;
  std::size_t used = 0;
  bool colored = false;
  std::string_view rest = text.view();
  while (!rest.empty()) {
    const Glyph glyph = first_glyph(rest);
    if (used + glyph.columns + 1 > limit) break;
    if (glyph.is_code) colored = rest.substr(0, glyph.bytes) != kReset;
    used += glyph.columns;
    kept.append(rest.substr(0, glyph.bytes));
    rest.remove_prefix(glyph.bytes);
  }
  kept += "…";
  if (colored) kept += kReset;
  return internal::as_safe(std::move(kept));
}

}  // namespace panicscan::render
