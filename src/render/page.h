#pragma once

#include <string>
#include <vector>

#include "render/paint.h"
#include "render/wrap.h"

namespace panicscan::render {

/// The text report as it grows: sections with their names in a margin on the left.
///
///     WHAT       One paragraph, wrapped to the width, that
///                hangs under its first word.
///
/// On narrow terminals (less than 60 columns) the name stands on a line of its own.
class Page {
 public:
  Page(std::size_t width, bool color);

  const Painter& paint() const { return paint_; }
  /// Columns to the right of the margin.
  std::size_t width() const { return width_ - margin_; }

  /// Starts a section; its name is printed with the first line that is written. A section
  /// without lines leaves no trace.
  void section(std::string_view name);
  /// A wrapped paragraph; its lines after the first are indented by `hang` more columns.
  void paragraph(const TerminalText& text, std::size_t indent = 0, std::size_t hang = 0);
  /// A paragraph behind a marker ("1.", "for"): the text hangs behind `marker_columns`.
  void item(const TerminalText& marker, std::size_t marker_columns, const TerminalText& text,
            std::size_t indent = 0);
  /// One line as it is, longer than the page if need be: rows that must stay in one piece.
  void line(const TerminalText& text, std::size_t indent = 0);
  /// Rows of cells in aligned columns. The last cell of a row is wrapped beside the others, or
  /// below them when there is no room left. No column but the last is wider than `widest`.
  void table(const std::vector<std::vector<TerminalText>>& rows, std::size_t indent = 0,
             std::size_t widest = 36);

  std::string take() && { return std::move(out_); }

 private:
  void put(std::string_view line, std::size_t indent);
  void put_row(const std::vector<TerminalText>& row, const std::vector<std::size_t>& widths,
               std::size_t indent, std::size_t widest);

  std::size_t width_, margin_;
  Painter paint_;
  std::string out_;
  std::string_view pending_;  ///< name of the section that has no line yet
  bool blank_wanted_ = false;
};

}  // namespace panicscan::render
