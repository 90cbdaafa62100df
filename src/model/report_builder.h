#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/report.h"

namespace panicscan {

/// The only writer of a Report: keeps every index and range true.
///
/// Frames are appended stack by stack, threads inside a begun process, so that ranges are
/// contiguous by construction. Parsers, rule examples and tests all use this door.
class ReportBuilder {
 public:
  /// Starts a report whose document 0 is `text`.
  explicit ReportBuilder(std::shared_ptr<const std::string> text);
  /// A report from nothing, for examples and tests.
  ReportBuilder() : ReportBuilder(std::make_shared<const std::string>()) {}

  /// Members without indices (machine, panic scalars, kind…) may be set directly.
  Report& report() { return report_; }
  const Report& report() const { return report_; }

  /// Adds a text taken from an earlier document; returns its number.
  std::uint32_t add_document(Document document);
  std::string_view text(std::uint32_t document) const { return report_.documents[document].text(); }

  /// The panic that is being written; the first call creates it and makes the report a panic.
  Panic& panic();
  /// Puts the panic written so far into the list and starts another one (several in one file).
  void begin_another_panic();

  Index<Image> add_image(Image image);
  IndexRange<Frame> add_frames(std::vector<Frame> frames);

  /// Opens a process; following threads belong to it until the next one is opened.
  Index<Process> begin_process(Process process);
  /// Adds a thread to the open process (opening an unnamed one when there is none).
  Index<Thread> add_thread(Thread thread);

  void add_wait(WaitEdge wait) { report_.waits.push_back(std::move(wait)); }
  void add_field(std::string name, std::string value, SourceRef where = {});
  void note(NoteKind kind, std::string text, SourceRef where = {});

  /// At most this many notes are kept; the rest is counted in one closing note.
  static constexpr std::size_t kMaxNotes = 1000;

  Report build() &&;

 private:
  Report report_;
  std::vector<Panic> earlier_panics_;
  std::size_t dropped_notes_ = 0;
};

}  // namespace panicscan
