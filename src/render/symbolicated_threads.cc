// The stackshot of a report as spindump would print it, every thread by itself, innermost frame
// first:
//
//     Process:         com.example.driver [900]
//     Num threads:     2
//
//       Thread 0x12c (300)    DispatchQueue "com.example.q"    priority 31 (base 31)    TH_WAIT
//         waits: kernel mutex 0x… owned by thread 100
//        *0  thread_block_reason + 364 (sched_prim.c:34) (kernel + 0x1d234) [0xfffffe0007be1234]
//         0  ExampleDriver::Start + 36 (Driver.cpp:42) (com.example.driver + 0x4a0) [0x104a004a0]
//
// A star marks kernel frames. Source of the layout: spindump(8), the section on heavy format.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "base/uuid.h"
#include "model/names.h"
#include "render/symbol_words.h"
#include "render/symbolicated.h"
#include "render/wrap.h"

namespace panicscan::render {
namespace {

constexpr std::string_view kFrameIndent = "    ";
constexpr std::size_t kNumberWidth = 4;  // "*123"

using Waits = std::multimap<std::uint64_t, const WaitEdge*>;

class StackshotWriter {
 public:
  StackshotWriter(std::ostream& out, const Case& subject)
      : out_(out), subject_(subject), report_(subject.report), placer_(subject.report) {
    for (const WaitEdge& wait : report_.waits) waits_.emplace(wait.waiter.value, &wait);
  }

  void write() {
    for (const Process& process : report_.processes) write_process(process);
    write_images();
  }

 private:
  void line(const TerminalText& text) { out_ << text.view() << '\n'; }
  void write_process(const Process& process);
  void write_thread(const Thread& thread);
  void write_stack(IndexRange<Frame> stack, bool is_kernel);
  void write_row(const TerminalText& number, const Frame& frame, const Placement& place,
                 std::span<const Symbol> names, SymbolStatus status);
  void write_images();
  TerminalText place_words(const Frame& frame, const Placement& place) const;

  std::ostream& out_;
  const Case& subject_;
  const Report& report_;
  Placer placer_;
  Waits waits_;
};

TerminalText joined(const std::vector<std::string>& words) {
  TerminalText text;
  for (const std::string& word : words) text += say("{}{}", text.empty() ? "" : ", ", word);
  return text;
}

/// "(kernel + 0x1d234) [0xfffffe0007be1234]"
TerminalText StackshotWriter::place_words(const Frame& frame, const Placement& place) const {
  const TerminalText address = say("[{}]", hex(frame.address.value));
  std::string image = place.image;
  if (image.empty() && place.uuid && !place.uuid->is_zero()) image = to_string(*place.uuid);
  if (image.empty() && place.status == PlacementStatus::shared_cache) image = "dyld shared cache";
  if (parse_uuid(image)) image = "<" + image + ">";
  if (image.empty()) return address;
  return say("({} + {}) ", image, hex(place.offset.value)) + address;
}

void StackshotWriter::write_row(const TerminalText& number, const Frame& frame,
                                const Placement& place, std::span<const Symbol> names,
                                SymbolStatus status) {
  const TerminalText where = place_words(frame, place);
  const std::string indent(kFrameIndent);
  if (names.empty()) return line(say("{}{}  ??? ", indent, number) + where);
  for (const Symbol& symbol : names) {
    const bool is_first = &symbol == &names.front();
    line(say("{}{}  {}", indent, is_first ? number : pad_left({}, kNumberWidth),
             symbol_words(symbol, status)) +
         (is_first ? say(" ") + where : TerminalText()));
  }
}

void StackshotWriter::write_stack(IndexRange<Frame> stack, bool is_kernel) {
  for (std::uint32_t i = stack.begin; i < stack.end; ++i) {
    const Placement place = i < subject_.placements.size() ? subject_.placements[i] : Placement();
    write_row(pad_left(say("{}{}", is_kernel ? "*" : "", i - stack.begin), kNumberWidth),
              report_.frames[i], place, subject_.symbols.of({i}), subject_.symbols.status({i}));
  }
}

void StackshotWriter::write_thread(const Thread& thread) {
  TerminalText head = say("  Thread {} ({})", hex(thread.id.value), thread.id.value);
  if (!thread.queue.empty()) head += say("    DispatchQueue \"{}\"", thread.queue);
  if (!thread.name.empty()) head += say("    Thread name \"{}\"", thread.name);
  if (thread.scheduled_priority) head += say("    priority {}", *thread.scheduled_priority);
  if (thread.base_priority)
    head += thread.scheduled_priority ? say(" (base {})", *thread.base_priority)
                                      : say("    base priority {}", *thread.base_priority);
  if (!thread.state.empty()) head += say("    ") + joined(thread.state);
  if (!thread.flags.empty()) head += say("    <") + joined(thread.flags) + say(">");
  out_ << '\n';
  line(head);
  const auto [begin, end] = waits_.equal_range(thread.id.value);
  for (auto at = begin; at != end; ++at)
    line(say("    {}: {}", at->second->kind == WaitKind::turnstile ? "turnstile" : "waits",
             at->second->phrase));
  if (thread.continuation) {
    const Frame& frame = *thread.continuation;
    const Placement place =
        placer_.place(frame.address, AddressSpace::stackshot_kernel, frame.image);
    const AddressSymbols* known = subject_.symbols.find(frame.address);
    line(say("    resumes at:"));
    write_row(pad_left(say("*"), kNumberWidth), frame, place,
              known == nullptr ? std::span<const Symbol>() : known->names,
              known == nullptr ? SymbolStatus::not_looked_up : known->status);
  }
  write_stack(thread.kernel_stack, true);
  write_stack(thread.user_stack, false);
  if (!thread.async_stack.empty()) line(say("    async:"));
  write_stack(thread.async_stack, false);
}

void StackshotWriter::write_process(const Process& process) {
  out_ << '\n';
  line(say("Process:         {} [{}]", process.name.empty() ? "???" : process.name.c_str(),
           process.id.value));
  if (!process.flags.empty()) line(say("Flags:           ") + joined(process.flags));
  if (process.resident_bytes) line(say("Resident:        {} KB", *process.resident_bytes / 1024));
  line(say("Num threads:     {}", process.threads.size()));
  for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i)
    write_thread(report_.threads[i]);
}

/// "       0xfffffe0007bc4000  kernel_text_exec  kernel  <UUID>"
void StackshotWriter::write_images() {
  if (report_.images.empty()) return;
  out_ << '\n';
  line(say("Binary Images:"));
  for (const Image& image : report_.images) {
    TerminalText text = pad_left(escape(hex(image.base.value)), 20);
    if (image.size)
      text += say(" - {}", hex(image.base.value + (*image.size == 0 ? 0 : *image.size - 1)));
    text += say("  {}", to_string(image.kind));
    if (!image.name.empty()) text += say("  {}", image.name);
    if (image.uuid && !image.uuid->is_zero()) text += say("  <{}>", to_string(*image.uuid));
    line(text);
  }
}

}  // namespace

void write_stackshot(std::ostream& out, const Case& subject) {
  StackshotWriter(out, subject).write();
}

}  // namespace panicscan::render
