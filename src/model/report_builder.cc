#include "model/report_builder.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace panicscan {

ReportBuilder::ReportBuilder(std::shared_ptr<const std::string> text, const Limits& limits)
    : limits_(limits) {
  report_.documents.emplace_back(std::move(text));
}

std::uint32_t ReportBuilder::add_document(Document document) {
  report_.documents.push_back(std::move(document));
  return static_cast<std::uint32_t>(report_.documents.size() - 1);
}

Panic& ReportBuilder::panic() {
  if (!report_.panic) {
    report_.panic.emplace();
    report_.kind = ReportKind::kernel_panic;
  }
  return *report_.panic;
}

void ReportBuilder::begin_another_panic() {
  if (report_.panic) earlier_panics_.push_back(*std::exchange(report_.panic, std::nullopt));
  panic();
}

bool ReportBuilder::has_room_for_image() {
  if (report_.images.size() < limits_.images) return true;
  ++dropped_.images;
  return false;
}

Crash& ReportBuilder::crash() {
  if (!report_.crash) {
    report_.crash.emplace();
    report_.kind = ReportKind::crash;
  }
  return *report_.crash;
}

Index<ReportedPlace> ReportBuilder::add_place(ReportedPlace place) {
  report_.places.push_back(std::move(place));
  return {static_cast<std::uint32_t>(report_.places.size() - 1)};
}

Index<Image> ReportBuilder::add_image(Image image) {
  report_.images.push_back(std::move(image));
  return {static_cast<std::uint32_t>(report_.images.size() - 1)};
}

IndexRange<Frame> ReportBuilder::add_frames(std::vector<Frame> frames) {
  if (frames.size() > limits_.stack_frames) {
    ++dropped_.stacks_cut;
    frames.resize(static_cast<std::size_t>(limits_.stack_frames));
  }
  const auto begin = static_cast<std::uint32_t>(report_.frames.size());
  if (frames.size() > limits_.frames - std::min<std::uint64_t>(begin, limits_.frames)) {
    dropped_.frames += frames.size();
    return {begin, begin};
  }
  report_.frames.insert(report_.frames.end(), std::make_move_iterator(frames.begin()),
                        std::make_move_iterator(frames.end()));
  return {begin, static_cast<std::uint32_t>(report_.frames.size())};
}

Index<Process> ReportBuilder::begin_process(Process process) {
  in_dropped_process_ = report_.processes.size() >= limits_.processes;
  if (in_dropped_process_) {
    ++dropped_.processes;
    return {static_cast<std::uint32_t>(report_.processes.size() - 1)};
  }
  const auto first_thread = static_cast<std::uint32_t>(report_.threads.size());
  process.threads = {first_thread, first_thread};
  report_.processes.push_back(std::move(process));
  return {static_cast<std::uint32_t>(report_.processes.size() - 1)};
}

Index<Thread> ReportBuilder::add_thread(Thread thread) {
  if (report_.processes.empty()) begin_process({});
  const bool has_room = !in_dropped_process_ && report_.threads.size() < limits_.threads;
  if (!has_room) {
    ++dropped_.threads;
    const auto count = static_cast<std::uint32_t>(report_.threads.size());
    return {count == 0 ? 0 : count - 1};
  }
  thread.process = {static_cast<std::uint32_t>(report_.processes.size() - 1)};
  report_.threads.push_back(std::move(thread));
  report_.processes.back().threads.end = static_cast<std::uint32_t>(report_.threads.size());
  return {static_cast<std::uint32_t>(report_.threads.size() - 1)};
}

void ReportBuilder::add_wait(WaitEdge wait) {
  if (report_.waits.size() < limits_.waits)
    report_.waits.push_back(std::move(wait));
  else
    ++dropped_.waits;
}

void ReportBuilder::add_field(std::string name, std::string value, SourceRef where) {
  report_.fields.push_back({std::move(name), std::move(value), where});
}

void ReportBuilder::note(NoteKind kind, std::string text, SourceRef where) {
  if (kind == NoteKind::truncated) report_.truncated = true;
  if (report_.notes.size() >= limits_.notes) {
    ++dropped_.notes;
    return;
  }
  report_.notes.push_back({kind, std::move(text), where});
}

void ReportBuilder::say_what_was_dropped() {
  struct Row {
    std::size_t count;
    std::string_view what;
    std::uint64_t Limits::* limit;
  };
  const Row rows[] = {
      {dropped_.processes, " further processes are left out", &Limits::processes},
      {dropped_.threads, " further threads are left out", &Limits::threads},
      {dropped_.stacks_cut, " stacks are cut to their innermost frames", &Limits::stack_frames},
      {dropped_.frames, " further frames are left out", &Limits::frames},
      {dropped_.images, " further images are left out", &Limits::images},
      {dropped_.waits, " further waits are left out", &Limits::waits},
      {dropped_.notes, " further notes are not shown", &Limits::notes},
  };
  for (const Row& row : rows) {
    if (row.count == 0) continue;
    const bool loses_content = row.limit != &Limits::notes;
    if (loses_content) report_.truncated = true;
    report_.notes.push_back({loses_content ? NoteKind::truncated : NoteKind::remark,
                             std::to_string(row.count) + std::string(row.what) + ": " +
                                 beyond_limit(limits_, row.limit),
                             {}});
  }
}

Report ReportBuilder::build() && {
  if (!earlier_panics_.empty()) {
    if (report_.panic) earlier_panics_.push_back(*std::move(report_.panic));
    report_.panic = std::move(earlier_panics_.front());
    report_.further_panics.assign(std::make_move_iterator(earlier_panics_.begin() + 1),
                                  std::make_move_iterator(earlier_panics_.end()));
  }
  say_what_was_dropped();
  return std::move(report_);
}

}  // namespace panicscan
