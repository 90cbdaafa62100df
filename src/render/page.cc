#include "render/page.h"

#include <algorithm>

namespace panicscan::render {
namespace {

constexpr std::size_t kMargin = 11;  // "INTEGRITY" and two blanks
constexpr std::size_t kNarrowMargin = 2;
constexpr std::size_t kNarrow = 60;
constexpr std::size_t kNarrowest = 40;     // below this, lines get longer than the page
constexpr std::size_t kReadableCell = 28;  // a last column narrower than this goes below its row

}  // namespace

Page::Page(std::size_t width, bool color)
    : width_(std::max(width, kNarrowest)),
      margin_(width < kNarrow ? kNarrowMargin : kMargin),
      paint_(color) {}

void Page::section(std::string_view name) {
  pending_ = name;
  blank_wanted_ = !out_.empty();
}

void Page::put(std::string_view line, std::size_t indent) {
  while (line.ends_with(' ')) line.remove_suffix(1);
  if (blank_wanted_) out_ += '\n';
  blank_wanted_ = false;
  std::size_t margin = margin_;
  if (!pending_.empty()) {
    const TerminalText name = paint_(Role::heading, escape(pending_));
    out_ += name.view();
    if (pending_.size() + 1 < margin_) {
      margin = margin_ - pending_.size();
    } else {
      out_ += '\n';
    }
    pending_ = {};
  }
  if (!line.empty()) out_.append(margin + indent, ' ');
  out_ += line;
  out_ += '\n';
}

void Page::paragraph(const TerminalText& text, std::size_t indent, std::size_t hang) {
  const std::size_t room = width() > indent + hang ? width() - indent - hang : 0;
  bool first = true;
  for (const std::string& piece : wrap(text, room)) {
    put(piece, first ? indent : indent + hang);
    first = false;
  }
}

void Page::item(const TerminalText& marker, std::size_t marker_columns, const TerminalText& text,
                std::size_t indent) {
  const std::size_t used = indent + marker_columns;
  std::string head(marker.view());
  head.append(marker_columns - std::min(columns(marker), marker_columns), ' ');
  for (const std::string& piece : wrap(text, width() > used ? width() - used : 0)) {
    if (head.empty()) {
      put(piece, used);
    } else {
      put(head + piece, indent);
      head.clear();
    }
  }
}

void Page::line(const TerminalText& text, std::size_t indent) { put(text.view(), indent); }

void Page::table(const std::vector<std::vector<TerminalText>>& rows, std::size_t indent,
                 std::size_t widest) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      if (widths.size() <= i) widths.resize(i + 1);
      widths[i] = std::max(widths[i], std::min(columns(row[i]), widest));
    }
  }
  for (const auto& row : rows) {
    if (!row.empty()) put_row(row, widths, indent, widest);
  }
}

void Page::put_row(const std::vector<TerminalText>& row, const std::vector<std::size_t>& widths,
                   std::size_t indent, std::size_t widest) {
  std::string head;
  std::size_t used = 0;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    const std::size_t cell = columns(row[i]);
    if (i > 0 && cell > widest && indent + used + cell > width()) {
      // Too long for its column: the rest of the row becomes running text.
      TerminalText rest = row[i];
      for (std::size_t k = i + 1; k < row.size(); ++k) rest += say("  ") + row[k];
      item(internal::as_safe(head), used, rest, indent);
      return;
    }
    head += row[i].view();
    const std::size_t padded = std::max(widths[i], cell) + 2;
    head.append(padded - cell, ' ');
    used += padded;
  }
  const TerminalText& last = row.back();
  const std::size_t room = width() > indent + used ? width() - indent - used : 0;
  if (columns(last) <= room || room >= kReadableCell) {
    for (const std::string& piece : wrap(last, room)) {
      put(head + piece, indent);
      head.assign(head.empty() ? 0 : used, ' ');
    }
  } else {
    if (!head.empty()) put(head, indent);
    paragraph(last, indent + 4);
  }
}

}  // namespace panicscan::render
