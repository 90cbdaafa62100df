#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "model/case.h"
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
  /// Knows the places in the companions' documents as well.
  explicit Locator(const Case& subject);

  /// The locator of the n-th companion, counted from 1; of the report itself for 0 and for
  /// companions that there are not.
  const Locator& of(std::uint32_t companion) const;

  /// The place in the file; nothing when the reference points nowhere.
  std::optional<Position> in_file(SourceRef where) const;
  /// The place in the text that people would look at: the panic text, when that is a JSON string
  /// on one line of the file; nothing when the file itself is that text.
  std::optional<EmbeddedPosition> embedded(SourceRef where) const;
  /// "line 12", "panic text, line 3"; empty when the reference points nowhere.
  TerminalText say(SourceRef where) const;
  /// The same for a place in a companion, which is named: "system.log, line 12".
  TerminalText say(SourceRef where, std::uint32_t companion) const;

 private:
  const LineIndex& index(std::uint32_t document) const;
  /// Whether the document spreads one line of the file over several: what JSON escapes hide.
  bool unfolds_a_line(std::uint32_t document) const;

  const Report* report_;
  std::string name_;  ///< of a companion's file, without its folders
  std::vector<Locator> companions_;
  mutable std::vector<std::unique_ptr<const LineIndex>> indices_;
  mutable std::vector<std::optional<bool>> unfolds_;
};

}  // namespace panicscan::render
