#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/limits.h"
#include "base/source.h"

namespace panicscan::app {

/// What came of reading an archive.
struct ArchiveResult {
  std::uint64_t members = 0;         ///< files, whatever they hold
  std::uint64_t candidates = 0;      ///< those that were handed on
  std::vector<std::string> remarks;  ///< for people: what was ignored, and why
  std::string cut;                   ///< why the reading ended early: damage or a limit; or empty
};

/// Takes one member; its path is "archive!path/in/it".
using TakeMember = std::function<void(Source member)>;

/// Whether an input is an archive, or compressed in a way that only archives are read in; decided
/// by its bytes. Never for standard input, pipes and what cannot be read.
bool is_archive_file(const std::string& path);

/// Reads an archive (tar or zip, plain or in gzip, xz, zstd or bzip2; a single compressed file) in
/// one pass, and hands on each member that may be a report. Nothing is written to disk, and of a
/// member that is no report only the start is looked at.
///
/// Links, devices, absolute names and names with ".." are ignored, archives inside the archive not
/// opened; each costs a remark. Limits: archive-members, archive-total, input (for one member),
/// unpack-ratio. What was handed on before a limit or damage counts.
/// Errors: unreadable.
Expected<ArchiveResult> read_archive(const std::string& path, const Limits& limits,
                                     const TakeMember& take);
/// The same of an archive in memory.
Expected<ArchiveResult> read_archive(const Source& source, const Limits& limits,
                                     const TakeMember& take);

}  // namespace panicscan::app
