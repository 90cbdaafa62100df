// A process's crash report as Apple's tools translate its JSON: what crashed and why, every thread
// with its frames, the registers of the one that crashed, the images.
//
//     Thread 0 Crashed:
//     0   com.example.driver    0x0000000104a004a0 ExampleDriver::Start + 36 (Driver.cpp:42)
//
// Source of the layout: Apple, "Examining the fields in a crash report".

#include <algorithm>

#include "base/text.h"
#include "base/uuid.h"
#include "model/names.h"
#include "render/symbol_words.h"
#include "render/symbolicated.h"
#include "render/wrap.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kImageColumns = 30;
constexpr std::size_t kNumberColumns = 4;

class CrashWriter {
 public:
  CrashWriter(std::ostream& out, const Case& subject)
      : out_(out), subject_(subject), report_(subject.report), crash_(*subject.report.crash) {}

  void write() {
    write_process();
    write_exception();
    write_notes();
    if (!crash_.exception_backtrace.empty()) {
      out_ << "\nLast Exception Backtrace:\n";
      write_stack(crash_.exception_backtrace);
    }
    for (std::uint32_t i = 0; i < report_.threads.size(); ++i) write_thread(i);
    write_registers();
    write_images();
  }

 private:
  void line(const TerminalText& text) { out_ << text.view() << '\n'; }
  void row(std::string_view name, std::string_view value);
  void text(std::string_view title, std::string_view value);
  void write_process();
  void write_exception();
  void write_notes();
  void write_thread(std::uint32_t number);
  void write_stack(IndexRange<Frame> stack);
  void write_registers();
  void write_images();
  bool is_crashed(std::uint32_t thread) const {
    return crash_.crashed_thread && crash_.crashed_thread->value == thread;
  }

  std::ostream& out_;
  const Case& subject_;
  const Report& report_;
  const Crash& crash_;
};

void CrashWriter::row(std::string_view name, std::string_view value) {
  if (!value.empty()) line(pad_right(say("{}:", name), 20) + say(" {}", value));
}

/// A title and the lines of a text below it.
void CrashWriter::text(std::string_view title, std::string_view value) {
  if (value.empty()) return;
  out_ << '\n';
  line(say("{}:", title));
  LineReader lines(value);
  while (const auto each = lines.next()) line(safe_line(each->text));
}

std::string with_pid(const std::string& name, const std::optional<ProcessId>& pid) {
  if (!pid) return name;
  return (name.empty() ? "???" : name) + " [" + std::to_string(pid->value) + "]";
}

std::string code_type(Arch arch, bool is_translated) {
  const std::string how = is_translated ? " (Translated)" : " (Native)";
  if (arch == Arch::arm64) return "ARM-64" + how;
  if (arch == Arch::x86_64) return "X86-64" + how;
  return {};
}

void CrashWriter::write_process() {
  const Machine& machine = report_.machine;
  row("Process", with_pid(crash_.process, crash_.pid));
  row("Path", crash_.path);
  row("Identifier", crash_.bundle_id);
  row("Version", crash_.version);
  row("Code Type", code_type(machine.arch, crash_.is_translated));
  row("Parent Process", with_pid(crash_.parent, crash_.parent_pid));
  row("Coalition", crash_.coalition);
  out_ << '\n';
  row("Date/Time", crash_.time);
  row("Launch Time", crash_.launch_time);
  if (machine.product) row("Hardware Model", machine.product->value);
  if (machine.os) row("OS Version", machine.os->value);
  if (machine.incident) row("Incident Identifier", to_string(machine.incident->value));
}

void CrashWriter::write_exception() {
  out_ << '\n';
  if (crash_.crashed_thread)
    row("Triggered by Thread", std::to_string(crash_.crashed_thread->value));
  if (crash_.exception) {
    const Exception& exception = *crash_.exception;
    row("Exception Type",
        exception.signal.empty() ? exception.type : exception.type + " (" + exception.signal + ")");
    row("Exception Subtype", exception.subtype);
    std::string codes;
    for (const std::uint64_t code : exception.codes)
      codes += (codes.empty() ? "" : ", ") + hex16(code);
    row("Exception Codes", codes);
    row("Exception Message", exception.message);
  }
  if (crash_.termination) {
    const Termination& end = *crash_.termination;
    std::string reason = end.name_space.empty() ? "" : "Namespace " + end.name_space;
    if (end.code) reason += (reason.empty() ? "Code " : ", Code ") + std::to_string(*end.code);
    if (!end.indicator.empty()) reason += (reason.empty() ? "" : " ") + end.indicator;
    row("Termination Reason", reason);
    for (const std::string& why : end.reasons) row("Termination Reason", why);
    for (const std::string& detail : end.details) row("Termination Detail", detail);
    row("Terminating Process", with_pid(end.by_process, end.by_pid));
  }
}

void CrashWriter::write_notes() {
  text("VM Region Info", crash_.vm_region);
  text("Kernel Triage", crash_.kernel_triage);
  if (crash_.notes.empty()) return;
  out_ << "\nApplication Specific Information:\n";
  for (const ApplicationNote& note : crash_.notes) {
    if (!note.library.empty()) line(say("{}:", note.library));
    LineReader lines(note.text.value);
    while (const auto each = lines.next()) line(safe_line(each->text));
  }
}

void CrashWriter::write_stack(IndexRange<Frame> stack) {
  for (std::uint32_t i = stack.begin; i < stack.end; ++i) {
    const Frame& frame = report_.frames[i];
    const Placement place = i < subject_.placements.size() ? subject_.placements[i] : Placement();
    const std::string_view image = base_name(place.image);
    const TerminalText head = pad_right(say("{}", i - stack.begin), kNumberColumns) +
                              pad_right(escape(image.empty() ? "???" : image), kImageColumns) +
                              say(" {}", hex16(frame.address.value));
    const auto names = subject_.symbols.of({i});
    if (names.empty()) {
      line(head +
           say(" {} + {}", hex(frame.address.value - place.offset.value), place.offset.value));
      continue;
    }
    for (const Symbol& symbol : names)
      line(head + say(" {}", symbol_words(symbol, subject_.symbols.status({i}))));
  }
}

void CrashWriter::write_thread(std::uint32_t number) {
  const Thread& thread = report_.threads[number];
  out_ << '\n';
  TerminalText name;
  if (!thread.name.empty()) name += say("  {}", thread.name);
  if (!thread.queue.empty()) name += say("  Dispatch queue: {}", thread.queue);
  if (!name.empty()) line(say("Thread {} name:", number) + name);
  line(say("Thread {}{}:", number, is_crashed(number) ? " Crashed" : ""));
  write_stack(thread.kernel_stack);
  write_stack(thread.user_stack);
  write_stack(thread.async_stack);
}

void CrashWriter::write_registers() {
  if (!crash_.registers || crash_.registers->registers.empty()) return;
  constexpr std::size_t kInRow = 4;
  out_ << '\n';
  const bool is_intel = report_.machine.arch == Arch::x86_64;
  line(crash_.crashed_thread
           ? say("Thread {} crashed with {} Thread State (64-bit):", crash_.crashed_thread->value,
                 is_intel ? "X86" : "ARM")
           : say("Thread State:"));
  TerminalText text;
  const auto& all = crash_.registers->registers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    text += pad_left(escape(all[i].name), 6) + say(": {}", hex16(all[i].value));
    if ((i + 1) % kInRow != 0 && i + 1 != all.size()) continue;
    line(text);
    text = {};
  }
}

void CrashWriter::write_images() {
  if (report_.images.empty()) return;
  out_ << "\nBinary Images:\n";
  for (const Image& image : report_.images) {
    TerminalText text = pad_left(escape(hex(image.base.value)), 18) + say(" - ");
    const std::uint64_t size = image.size.value_or(0);
    text += size == 0 ? pad_left(say("???"), 18)
                      : pad_left(escape(hex(image.base.value + size - 1)), 18);
    text += say(" {}", image.name.empty() ? "???" : image.name.c_str());
    if (image.uuid) text += say(" <{}>", to_string(*image.uuid));
    line(text);
  }
}

}  // namespace

void write_crash(std::ostream& out, const Case& subject) { CrashWriter(out, subject).write(); }

}  // namespace panicscan::render
