#include "model/report_builder.h"

#include <iterator>

namespace panicscan {

ReportBuilder::ReportBuilder(std::shared_ptr<const std::string> text) {
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

Index<Image> ReportBuilder::add_image(Image image) {
  report_.images.push_back(std::move(image));
  return {static_cast<std::uint32_t>(report_.images.size() - 1)};
}

IndexRange<Frame> ReportBuilder::add_frames(std::vector<Frame> frames) {
  const auto begin = static_cast<std::uint32_t>(report_.frames.size());
  report_.frames.insert(report_.frames.end(), std::make_move_iterator(frames.begin()),
                        std::make_move_iterator(frames.end()));
  return {begin, static_cast<std::uint32_t>(report_.frames.size())};
}

Index<Process> ReportBuilder::begin_process(Process process) {
  const auto first_thread = static_cast<std::uint32_t>(report_.threads.size());
  process.threads = {first_thread, first_thread};
  report_.processes.push_back(std::move(process));
  return {static_cast<std::uint32_t>(report_.processes.size() - 1)};
}

Index<Thread> ReportBuilder::add_thread(Thread thread) {
  if (report_.processes.empty()) begin_process({});
  thread.process = {static_cast<std::uint32_t>(report_.processes.size() - 1)};
  report_.threads.push_back(std::move(thread));
  report_.processes.back().threads.end = static_cast<std::uint32_t>(report_.threads.size());
  return {static_cast<std::uint32_t>(report_.threads.size() - 1)};
}

void ReportBuilder::add_field(std::string name, std::string value, SourceRef where) {
  report_.fields.push_back({std::move(name), std::move(value), where});
}

void ReportBuilder::note(NoteKind kind, std::string text, SourceRef where) {
  if (kind == NoteKind::truncated) report_.truncated = true;
  if (report_.notes.size() >= kMaxNotes) {
    ++dropped_notes_;
    return;
  }
  report_.notes.push_back({kind, std::move(text), where});
}

Report ReportBuilder::build() && {
  if (!earlier_panics_.empty()) {
    if (report_.panic) earlier_panics_.push_back(*std::move(report_.panic));
    report_.panic = std::move(earlier_panics_.front());
    report_.further_panics.assign(std::make_move_iterator(earlier_panics_.begin() + 1),
                                  std::make_move_iterator(earlier_panics_.end()));
  }
  if (dropped_notes_ > 0)
    report_.notes.push_back(
        {NoteKind::remark, std::to_string(dropped_notes_) + " further notes are not shown", {}});
  return std::move(report_);
}

}  // namespace panicscan
