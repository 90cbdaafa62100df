// A crash report as text:
//   Process:             example [812]
//   Identifier:          com.example.driver
//   Exception Type:      EXC_CRASH (SIGABRT)
//   Triggered by Thread: 2
//   Application Specific Information:
//   abort() called
//   Thread 2 Crashed::  Dispatch queue: Root
//   0   libsystem_kernel.dylib   0x00000001a0003a1c __pthread_kill + 8
//   Thread 2 crashed with ARM Thread State (64-bit):
//      x0: 0x0000000000000000 …
//   Binary Images:
//          0x100000000 -        0x100007fff com.example.driver (1.0) <uuid> /path
// A reader walks the lines once; what a line means depends on the section it stands in. Images come
// last and frames name them, so that stacks are kept and added to the report at the end.

#include "parsers/crash_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/crash_head.h"
#include "parsers/crash_rows.h"

namespace panicscan::parsers {
namespace {

enum class Section {
  header,
  notes,      ///< Application Specific Information
  triage,     ///< Kernel Triage
  region,     ///< VM Region Info, VM Regions Near
  backtrace,  ///< Last Exception Backtrace
  thread,     ///< rows of a stack
  state,      ///< registers
  images,
  ignored,  ///< summaries and appendices
};

/// A line that begins a section of several lines.
struct Heading {
  std::string_view text;
  Section section;
};
constexpr std::array kHeadings{
    Heading{"Application Specific Information:", Section::notes},
    Heading{"Application Specific Signatures:", Section::notes},
    Heading{"Dyld Error Message:", Section::notes},
    Heading{"Kernel Triage:", Section::triage},
    Heading{"VM Region Info:", Section::region},
    Heading{"VM Regions Near", Section::region},
    Heading{"Last Exception Backtrace:", Section::backtrace},
    Heading{"Binary Images:", Section::images},
    Heading{"Application Specific Backtrace", Section::ignored},
    Heading{"External Modification Summary:", Section::ignored},
    Heading{"VM Region Summary:", Section::ignored},
    Heading{"Error Formulating Crash Report:", Section::ignored},
    Heading{"Filtered syslog:", Section::ignored},
    Heading{"Model:", Section::ignored},
    Heading{"EOF", Section::ignored},
};

/// A stack that is waiting for the images.
struct Stack {
  ThreadLine head;
  SourceRef where;
  std::vector<std::pair<CrashRow, SourceRef>> rows;
};

class CrashTextReader {
 public:
  CrashTextReader(std::uint32_t document, ReportBuilder& out)
      : document_(document), out_(out), crash_(out.crash()), head_(out) {}

  void read() {
    LineReader lines(out_.text(document_));
    while (const auto line = lines.next())
      if (!read_line(line->text, line->offset)) break;
    finish_notes();
    add_stacks();
  }

 private:
  SourceRef ref(std::string_view text, std::uint32_t offset) const {
    return {document_, offset, static_cast<std::uint32_t>(text.size())};
  }
  bool read_line(std::string_view text, std::uint32_t offset);
  bool open_section(std::string_view line, std::string_view text, std::uint32_t offset);
  void open_thread(ThreadLine head, SourceRef where);
  void take_row(std::string_view text, std::uint32_t offset, Stack& stack);
  void finish_notes();
  void add_stacks();
  std::optional<Index<Image>> image_of(const CrashRow& row) const;
  IndexRange<Frame> add_frames(const Stack& stack, bool starts_at_pc);

  std::uint32_t document_;
  ReportBuilder& out_;
  Crash& crash_;
  CrashHead head_;
  Section section_ = Section::header;
  std::vector<Stack> stacks_;
  Stack exception_;
  std::map<std::uint64_t, ThreadLine> names_;
  std::optional<std::uint64_t> state_of_;
  SourceRef notes_;
  std::map<std::string, Index<Image>, std::less<>> images_by_name_;
  std::map<std::uint64_t, Index<Image>> images_by_base_;
  std::size_t unreadable_rows_ = 0;
};

/// False when another report begins, which is not read.
bool CrashTextReader::read_line(std::string_view text, std::uint32_t offset) {
  const std::string_view line = trim(text);
  if (line.empty()) {
    if (section_ == Section::triage || section_ == Section::region) section_ = Section::header;
    return true;
  }
  const bool has_begun = !stacks_.empty() || section_ == Section::images;
  const bool is_start = line.starts_with("Incident Identifier:") || line.starts_with("Process:  ");
  if (has_begun && is_start) {
    out_.note(NoteKind::remark, "another report follows in this text; only the first was read",
              ref(text, offset));
    return false;
  }
  if (open_section(line, text, offset)) return true;
  switch (section_) {
    case Section::header:
      head_.read(text, ref(text, offset));
      break;
    case Section::notes:
      if (notes_.length == 0) notes_.offset = offset;
      notes_.document = document_;
      notes_.length = offset + static_cast<std::uint32_t>(text.size()) - notes_.offset;
      break;
    case Section::triage:
      crash_.kernel_triage += std::string(line) + "\n";
      break;
    case Section::region:
      crash_.vm_region += std::string(text) + "\n";
      break;
    case Section::backtrace:
      take_row(text, offset, exception_);
      break;
    case Section::thread:
      take_row(text, offset, stacks_.back());
      break;
    case Section::state: {
      std::vector<Register> found = read_crash_registers(line);
      if (found.empty()) break;
      if (!crash_.registers) crash_.registers.emplace();
      RegisterSet& set = *crash_.registers;
      if (!set.where.known()) set.where = ref(text, offset);
      for (Register& one : found)
        if (!set.find(one.name)) set.registers.push_back(std::move(one));
      set.where.length = offset + static_cast<std::uint32_t>(text.size()) - set.where.offset;
      // " esr: 0x92000006 (Data Abort) byte read Translation fault"
      const std::size_t esr = line.find("esr: 0x");
      const std::size_t bracket = esr == std::string_view::npos ? esr : line.find('(', esr);
      if (bracket != std::string_view::npos) crash_.fault = std::string(line.substr(bracket));
      break;
    }
    case Section::images:
      if (auto image = read_image_row(text); image && out_.has_room_for_image()) {
        image->where = ref(text, offset);
        const std::string name = image->name;
        const std::uint64_t base = image->base.value;
        const bool is_unknown = image->kind == ImageKind::absolute;
        const Index<Image> added = out_.add_image(*std::move(image));
        images_by_name_.emplace(name, added);
        if (!is_unknown) images_by_base_.emplace(base, added);
      }
      break;
    case Section::ignored:
      break;
  }
  return true;
}

bool CrashTextReader::open_section(std::string_view line, std::string_view text,
                                   std::uint32_t offset) {
  if (auto thread = read_thread_line(line)) {
    if (thread->is_state) {
      state_of_ = thread->number;
      section_ = crash_.registers ? Section::ignored : Section::state;
    } else if (thread->is_name) {
      names_[thread->number] = *std::move(thread);
    } else {
      open_thread(*std::move(thread), ref(text, offset));
    }
    return true;
  }
  const auto heading = std::ranges::find_if(
      kHeadings, [&](const Heading& known) { return line.starts_with(known.text); });
  if (heading == kHeadings.end()) {
    // A head line ends the texts; notes hold lines with colons themselves.
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const bool ends_notes = section_ == Section::notes && name == "Triggered by Thread";
    if (ends_notes) section_ = Section::header;
    return false;
  }
  section_ = heading->section;
  std::string_view rest = line.substr(heading->text.size());
  if (section_ == Section::region && !trim(rest).empty()) crash_.vm_region += trim(rest);
  if (section_ == Section::region && !trim(rest).empty()) crash_.vm_region += "\n";
  return true;
}

void CrashTextReader::open_thread(ThreadLine head, SourceRef where) {
  section_ = Section::thread;
  Stack stack;
  if (const auto named = names_.find(head.number); named != names_.end()) {
    if (head.name.empty()) head.name = named->second.name;
    if (head.queue.empty()) head.queue = named->second.queue;
  }
  stack.head = std::move(head);
  stack.where = where;
  stacks_.push_back(std::move(stack));
}

void CrashTextReader::take_row(std::string_view text, std::uint32_t offset, Stack& stack) {
  constexpr std::size_t kMostRows = 100'000;
  const std::string_view line = trim(text);
  // "(0x18632c2d8 0x197af80e4 …)": a backtrace without names, wrapped over several lines.
  if (section_ == Section::backtrace && (line.starts_with("(0x") || line.starts_with("0x"))) {
    std::string_view rest = line;
    consume(rest, "(");
    while (const auto address = consume_hex(rest)) {
      if (stack.rows.size() >= kMostRows) return;
      CrashRow row;
      row.address = address;
      stack.rows.emplace_back(std::move(row), ref(text, offset));
      skip_blanks(rest);
    }
    return;
  }
  auto row = read_crash_row(text);
  if (!row || stack.rows.size() >= kMostRows) return;
  if (!row->address && unreadable_rows_++ == 0)
    out_.note(NoteKind::damaged, "a row of a stack has no address", ref(text, offset));
  stack.rows.emplace_back(*std::move(row), ref(text, offset));
}

void CrashTextReader::finish_notes() {
  if (notes_.length == 0) return;
  const std::string_view text = out_.text(document_).substr(notes_.offset, notes_.length);
  crash_.notes.push_back({"", {std::string(text), notes_}});
}

std::optional<Index<Image>> CrashTextReader::image_of(const CrashRow& row) const {
  if (row.base && *row.base != 0)
    if (const auto known = images_by_base_.find(*row.base); known != images_by_base_.end())
      return known->second;
  if (const auto known = images_by_name_.find(row.image); known != images_by_name_.end()) {
    const Image& image = out_.report().images[known->second.value];
    const bool is_inside = row.address && *row.address >= image.base.value &&
                           (!image.size || *row.address - image.base.value < *image.size);
    if (is_inside) return known->second;
  }
  return std::nullopt;
}

IndexRange<Frame> CrashTextReader::add_frames(const Stack& stack, bool starts_at_pc) {
  std::vector<Frame> frames;
  for (const auto& [row, where] : stack.rows) {
    Frame frame;
    frame.address = {row.address.value_or(0)};
    frame.image = image_of(row);
    frame.reported_symbol = row.symbol;
    frame.is_inline = row.is_inline;
    frame.where = where;
    const bool needs_name =
        !row.image.empty() &&
        (!frame.image || out_.report().images[frame.image->value].name != row.image);
    if (needs_name || row.line != 0)
      frame.reported_place =
          out_.add_place({needs_name ? row.image : std::string(), row.file, row.line});
    frames.push_back(std::move(frame));
  }
  set_address_kinds(frames, starts_at_pc);
  return out_.add_frames(std::move(frames));
}

void CrashTextReader::add_stacks() {
  Process process;
  process.id = crash_.pid.value_or(ProcessId{});
  process.name = crash_.process;
  process.where = crash_.where;
  out_.begin_process(std::move(process));
  std::optional<Index<Thread>> marked, triggered;
  for (const Stack& stack : stacks_) {
    Thread thread;
    thread.id = {stack.head.number};
    thread.name = stack.head.name;
    thread.queue = stack.head.queue;
    thread.where = stack.where;
    thread.user_stack = add_frames(stack, true);
    const Index<Thread> added = out_.add_thread(std::move(thread));
    if (stack.head.is_crashed && !marked) marked = added;
    if (head_.triggered() == stack.head.number && !triggered) triggered = added;
  }
  crash_.crashed_thread = marked ? marked : triggered;
  crash_.exception_backtrace = add_frames(exception_, false);
}

}  // namespace

void read_crash_text(std::uint32_t document, ReportBuilder& out) {
  CrashTextReader(document, out).read();
}

}  // namespace panicscan::parsers
