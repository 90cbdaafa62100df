#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/document.h"
#include "model/report.h"
#include "render/escape.h"

namespace panicscan::render {

/// A place in a text that is embedded in the file.
struct EmbeddedPosition {
  Position position;
  std::uint32_t document = 0;
};

/// Where a SourceRef points, as lines and columns for people; each document is indexed once, when
/// first asked for.
class Locator {
 public:
  explicit Locator(const Report& report)
      : report_(&report), indices_(report.documents.size()), unfolds_(report.documents.size()) {}

  /// The place in the file; nothing when the reference points nowhere.
  std::optional<Position> in_file(SourceRef where) const;
  /// The place in the text that people would look at: the panic text, when that is a JSON string
  /// on one line of the file; nothing when the file itself is that text.
  std::optional<EmbeddedPosition> embedded(SourceRef where) const;
  /// "line 12", "panic text, line 3"; empty when the reference points nowhere.
  TerminalText say(SourceRef where) const;

 private:
  const LineIndex& index(std::uint32_t document) const;
  /// Whether the document spreads one line of the file over several: what JSON escapes hide.
  bool unfolds_a_line(std::uint32_t document) const;

  const Report* report_;
  mutable std::vector<std::unique_ptr<const LineIndex>> indices_;
  mutable std::vector<std::optional<bool>> unfolds_;
};

}  // namespace panicscan::render
