#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/document.h"
#include "base/source_ref.h"
#include "base/uuid.h"
#include "model/crash.h"
#include "model/device_tree.h"
#include "model/frame.h"
#include "model/image.h"
#include "model/log.h"
#include "model/note.h"
#include "model/panic.h"
#include "model/thread.h"
#include "model/wait.h"

namespace panicscan {

enum class ReportKind {
  kernel_panic,
  stackshot,     ///< threads without a panic (288, 409's nested stackshot)
  forced_reset,  ///< 151: the user held the button, or a watchdog pulled the line
  crash,         ///< of a process (309, 109, 308, 385), or its corpse
  log,           ///< lines of the system log
  device_tree,   ///< an ioreg dump
  other,         ///< recognised container, unknown content: fields only
};

enum class Arch { unknown, arm64, x86_64, arm32 };

/// The machine and the system it ran.
struct Machine {
  std::optional<Sourced<std::string>> os;              ///< "macOS 15.5 (24F74)" as printed
  std::optional<Sourced<std::string>> build;           ///< "24F74"
  std::optional<Sourced<std::string>> product;         ///< "Mac14,2"
  std::optional<Sourced<std::string>> soc;             ///< "T6000", "S8000"
  std::optional<Sourced<std::string>> kernel_version;  ///< "Darwin Kernel Version 24.5.0: …"
  std::optional<Sourced<std::string>> boot_args;
  std::optional<Sourced<Uuid>> kernel_uuid;
  std::optional<Sourced<Uuid>> kernelcache_uuid;
  std::optional<Sourced<Uuid>> boot_session;
  std::optional<Sourced<Uuid>> incident;
  Arch arch = Arch::unknown;
};

/// What one file says, and nothing else: whatever we compute is a Symbol, a Fact or a Finding.
///
/// frames, places, threads, processes, images and waits are arenas; other parts point into them by
/// Index. Built by ReportBuilder only, which keeps the indices true; see model/validate.h.
struct Report {
  ReportKind kind = ReportKind::other;
  std::string format;                   ///< name of the row in parsers/formats.cc that read it
  std::optional<std::string> bug_type;  ///< as in the header, blanks trimmed
  Machine machine;
  std::optional<Panic> panic;         ///< of several panics in one file, the first
  std::vector<Panic> further_panics;  ///< the others, in order
  std::optional<Crash> crash;         ///< of a crash report or corpse
  Log log;                            ///< of a log excerpt
  DeviceTree devices;                 ///< of an ioreg dump
  std::vector<Image> images;
  std::vector<Process> processes;
  std::vector<Thread> threads;
  std::vector<Frame> frames;
  std::vector<ReportedPlace> places;  ///< of frames of crash reports
  std::vector<WaitEdge> waits;
  std::vector<Field> fields;
  std::vector<Note> notes;
  std::vector<Document> documents;  ///< [0] is the file
  SourceRef body;                   ///< the JSON object that holds the report, if one does
  bool truncated = false;
};

/// The bytes a SourceRef points at; empty when it points nowhere.
std::string_view bytes_at(const Report& report, SourceRef where);
/// The place in the file (document 0) that a SourceRef goes back to.
SourceRef in_file(const Report& report, SourceRef where);

}  // namespace panicscan
