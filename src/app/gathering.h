#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/card.h"
#include "app/examine.h"
#include "app/inputs.h"
#include "base/limits.h"

namespace panicscan::app {

struct ArchiveResult;

/// Reads all inputs once, to know which of them belong together: files, directories' files,
/// standard input, and the members of archives.
///
/// Of each report it keeps a card; the report itself only while few bytes were read, so that a
/// folder of thousands costs no more memory than one of them. Members of archives and standard
/// input, which cannot be read twice, keep their bytes.
class Gathering {
 public:
  explicit Gathering(const Limits& limits) : limits_(limits) {}

  void add(const Input& input, bool is_forced = false);

  std::span<const Card> cards() const { return cards_; }
  /// The report of a card; it may be asked for again, and is read again then.
  /// Errors: those of reading it, when the file has changed since it was gathered.
  Expected<ParsedFile> open(std::size_t card);

  /// Inputs that could not be read, in order; others were still read.
  const std::vector<Error>& errors() const { return errors_; }
  /// What was passed over in archives, and why.
  const std::vector<std::string>& remarks() const { return remarks_; }
  /// Files of directories and members of archives that are no report.
  std::uint64_t skipped() const { return skipped_; }

 private:
  struct File {
    std::string path;
    std::optional<Source> bytes;
    std::optional<Report> report;
  };

  void add_archive(const Expected<ArchiveResult>& result);
  bool add_source(Source source, bool is_found, bool is_forced, bool must_keep);

  Limits limits_;
  std::vector<File> files_;  ///< parallel to cards_
  std::vector<Card> cards_;
  std::vector<Error> errors_;
  std::vector<std::string> remarks_;
  std::uint64_t skipped_ = 0;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace panicscan::app
