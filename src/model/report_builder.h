#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "model/report.h"

namespace panicscan {

/// The only writer of a Report: keeps every index and range true.
///
/// Frames are appended stack by stack, threads inside a begun process, so that ranges are
/// contiguous by construction. Parsers, rule examples and tests all use this door.
class ReportBuilder {
 public:
  /// Starts a report whose document 0 is `text`. What goes beyond `limits` is counted, not kept,
  /// and said in a closing note each.
  explicit ReportBuilder(std::shared_ptr<const std::string> text, const Limits& limits = {});
  /// A report from nothing, for examples and tests.
  ReportBuilder() : ReportBuilder(std::make_shared<const std::string>()) {}

  /// Members without indices (machine, panic scalars, kind…) may be set directly.
  Report& report() { return report_; }
  const Report& report() const { return report_; }

  /// The bounds that readers keep to.
  const Limits& limits() const { return limits_; }

  /// Adds a text taken from an earlier document; returns its number.
  std::uint32_t add_document(Document document);
  std::string_view text(std::uint32_t document) const { return report_.documents[document].text(); }

  /// The panic that is being written; the first call creates it and makes the report a panic.
  Panic& panic();
  /// Puts the panic written so far into the list and starts another one (several in one file).
  void begin_another_panic();

  /// The crash that is being written; the first call creates it and makes the report a crash.
  Crash& crash();

  /// Whether one more image may be added; readers ask first, since frames refer to images.
  bool has_room_for_image();
  Index<Image> add_image(Image image);
  Index<ReportedPlace> add_place(ReportedPlace place);
  /// Adds one stack, of which the innermost frames are kept.
  IndexRange<Frame> add_frames(std::vector<Frame> frames);

  /// Opens a process; following threads belong to it until the next one is opened.
  Index<Process> begin_process(Process process);
  /// Adds a thread to the open process (opening an unnamed one when there is none).
  Index<Thread> add_thread(Thread thread);

  void add_wait(WaitEdge wait);
  void add_field(std::string name, std::string value, SourceRef where = {});
  void note(NoteKind kind, std::string text, SourceRef where = {});

  Report build() &&;

 private:
  /// Something of which only so many are kept.
  struct Dropped {
    std::size_t processes = 0, threads = 0, stacks_cut = 0, frames = 0, images = 0, waits = 0,
                notes = 0;
  };
  void say_what_was_dropped();

  Limits limits_;
  Report report_;
  std::vector<Panic> earlier_panics_;
  Dropped dropped_;
  bool in_dropped_process_ = false;
};

}  // namespace panicscan
