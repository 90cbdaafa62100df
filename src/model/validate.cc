#include "model/validate.h"

#include <optional>
#include <string_view>
#include <utility>

namespace panicscan {
namespace {

/// Walks a report once and collects what is wrong with it. Each frame is looked at a fixed number
/// of times, whatever the ranges say, so hostile reports cost no more than others.
class Checker {
 public:
  explicit Checker(const Report& report) : report_(report), owned_(report.frames.size(), false) {}

  std::vector<std::string> check() && {
    check_documents();
    check_machine();
    check_frames();
    check_processes();
    check_threads();
    check_small_parts();
    if (report_.kind == ReportKind::kernel_panic && !report_.panic)
      fail("a report of kind kernel_panic has no panic");
    if (report_.panic) check_panic(*report_.panic);
    if (!report_.panic && !report_.further_panics.empty())
      fail("there are further panics, but no first one");
    for (const Panic& panic : report_.further_panics) check_panic(panic);
    if (report_.kind == ReportKind::crash && !report_.crash)
      fail("a report of kind crash has no crash");
    if (report_.crash) check_crash(*report_.crash);
    return std::move(broken_);
  }

 private:
  void fail(std::string what) {
    constexpr std::size_t kEnough = 100;
    if (broken_.size() < kEnough) broken_.push_back(std::move(what));
  }

  void check_ref(SourceRef where, std::string_view of) {
    if (!where.known()) return;
    if (where.document >= report_.documents.size())
      return fail(std::string(of) + " points into document " + std::to_string(where.document) +
                  ", which does not exist");
    const std::size_t size = report_.documents[where.document].text().size();
    if (where.offset > size || where.length > size - where.offset)
      fail(std::string(of) + " points at " + std::to_string(where.offset) + "+" +
           std::to_string(where.length) + ", outside of document " +
           std::to_string(where.document) + " of " + std::to_string(size) + " bytes");
  }

  template <typename T>
  void check_sourced(const std::optional<Sourced<T>>& value, std::string_view of) {
    if (value) check_ref(value->where, of);
  }

  template <typename T>
  void check_index(const std::optional<Index<T>>& index, std::size_t size, std::string_view of) {
    if (index && index->value >= size)
      fail(std::string(of) + " has index " + std::to_string(index->value) + " of " +
           std::to_string(size));
  }

  /// A range of frames lies in the arena and shares no frame with an earlier range.
  void check_stack(IndexRange<Frame> range, std::string_view of) {
    if (range.begin > range.end || range.end > owned_.size())
      return fail(std::string(of) + " has frames " + std::to_string(range.begin) + ".." +
                  std::to_string(range.end) + " of " + std::to_string(owned_.size()));
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      if (owned_[i])
        return fail(std::string(of) + " shares frame " + std::to_string(i) + " with another stack");
      owned_[i] = true;
    }
  }

  void check_frame(const Frame& frame, std::string_view of) {
    check_ref(frame.where, of);
    check_index(frame.image, report_.images.size(), of);
    check_index(frame.reported_place, report_.places.size(), std::string(of) + "'s place");
  }

  void check_documents() {
    if (report_.documents.empty()) return fail("there is no document 0");
    if (report_.documents[0].has_parent()) fail("document 0 is not the file: it has a parent");
    for (std::size_t i = 1; i < report_.documents.size(); ++i) {
      const Document& document = report_.documents[i];
      if (!document.has_parent() || document.parent() >= i) {
        fail("document " + std::to_string(i) + " does not come behind its parent");
        continue;
      }
      const std::size_t parent_size = report_.documents[document.parent()].text().size();
      const auto last = static_cast<std::uint32_t>(document.text().size());
      if (last > 0 && document.to_parent(last - 1) >= parent_size)
        fail("document " + std::to_string(i) + " maps to behind the end of its parent");
    }
  }

  void check_machine() {
    const Machine& machine = report_.machine;
    check_sourced(machine.os, "machine.os");
    check_sourced(machine.build, "machine.build");
    check_sourced(machine.product, "machine.product");
    check_sourced(machine.soc, "machine.soc");
    check_sourced(machine.kernel_version, "machine.kernel_version");
    check_sourced(machine.boot_args, "machine.boot_args");
    check_sourced(machine.kernel_uuid, "machine.kernel_uuid");
    check_sourced(machine.kernelcache_uuid, "machine.kernelcache_uuid");
    check_sourced(machine.boot_session, "machine.boot_session");
    check_sourced(machine.incident, "machine.incident");
  }

  void check_frames() {
    for (const Frame& frame : report_.frames) check_frame(frame, "a frame");
  }

  void check_processes() {
    std::uint32_t next = 0;
    for (const Process& process : report_.processes) {
      check_ref(process.where, "a process");
      const IndexRange<Thread> threads = process.threads;
      if (threads.begin != next || threads.end < threads.begin ||
          threads.end > report_.threads.size())
        fail("the threads of process " + std::to_string(process.id.value) +
             " do not follow those of the one before it");
      next = threads.end;
    }
    if (next != report_.threads.size()) fail("there are threads that belong to no process");
  }

  void check_threads() {
    for (std::size_t i = 0; i < report_.threads.size(); ++i) {
      const Thread& thread = report_.threads[i];
      const std::string of = "thread " + std::to_string(thread.id.value);
      check_ref(thread.where, of);
      if (thread.process.value >= report_.processes.size()) {
        fail(of + " belongs to a process that does not exist");
      } else {
        const IndexRange<Thread> range = report_.processes[thread.process.value].threads;
        if (i < range.begin || i >= range.end) fail(of + " is not among its process's threads");
      }
      check_stack(thread.kernel_stack, of);
      check_stack(thread.user_stack, of);
      check_stack(thread.async_stack, of);
      if (thread.continuation) check_frame(*thread.continuation, of);
      if (thread.wait_event) check_frame(*thread.wait_event, of);
    }
  }

  void check_small_parts() {
    for (const Image& image : report_.images) check_ref(image.where, "an image");
    for (const WaitEdge& wait : report_.waits) check_ref(wait.where, "a wait");
    for (const Field& field : report_.fields) check_ref(field.where, "field " + field.name);
    for (const Note& note : report_.notes) check_ref(note.where, "a note");
    for (const LogEvent& event : report_.log.events) check_ref(event.where, "a log event");
    for (std::size_t i = 0; i < report_.devices.nodes.size(); ++i) {
      const DeviceNode& node = report_.devices.nodes[i];
      check_ref(node.where, "entry " + node.name);
      if (node.parent && node.parent->value >= i)
        fail("entry " + node.name + " comes before its parent");
    }
  }

  void check_panic(const Panic& panic) {
    check_ref(panic.where, "the panic");
    check_ref(panic.message.where, "the message");
    check_sourced(panic.source_file, "the source file");
    check_sourced(panic.cpu, "the CPU");
    check_sourced(panic.caller, "the caller");
    check_sourced(panic.flags, "the panic flags");
    check_sourced(panic.process_name, "the panicked process's name");
    check_sourced(panic.process, "the panicked process");
    check_sourced(panic.thread, "the panicked thread");
    check_sourced(panic.thread_pointer, "the panicked thread's pointer");
    check_layout(panic.layout);
    check_times(panic.times);
    for (const RegisterSet& set : panic.registers) check_ref(set.where, "a register set");
    for (const Backtrace& backtrace : panic.backtraces) {
      check_ref(backtrace.where, "a backtrace");
      check_stack(backtrace.frames, "a backtrace");
    }
    for (const Core& core : panic.cores) check_ref(core.where, "a core");
    for (const Kext& kext : panic.kexts) {
      check_ref(kext.where, "kext " + kext.bundle_id);
      check_index(kext.image, report_.images.size(), "kext " + kext.bundle_id);
    }
    for (const Dext& dext : panic.dexts) check_ref(dext.where, "a dext");
    for (const NestedPanic& nested : panic.nested) check_ref(nested.where, "a nested panic");
  }

  void check_crash(const Crash& crash) {
    check_ref(crash.where, "the crash");
    check_index(crash.crashed_thread, report_.threads.size(), "the crashed thread");
    check_stack(crash.exception_backtrace, "the exception backtrace");
    if (crash.exception) check_ref(crash.exception->where, "the exception");
    if (crash.termination) check_ref(crash.termination->where, "the termination");
    if (crash.registers) check_ref(crash.registers->where, "the crashed thread's registers");
    for (const ThreadRegisters& each : crash.other_registers) {
      check_index(std::optional(each.thread), report_.threads.size(), "a thread with registers");
      check_ref(each.set.where, "a thread's registers");
    }
    for (const ApplicationNote& note : crash.notes) check_ref(note.text.where, "a library's note");
  }

  void check_layout(const KernelLayout& layout) {
    check_sourced(layout.kernelcache_slide, "the kernelcache slide");
    check_sourced(layout.kernelcache_base, "the kernelcache base");
    check_sourced(layout.kernel_slide, "the kernel slide");
    check_sourced(layout.kernel_text_base, "the kernel text base");
    check_sourced(layout.text_exec_slide, "the text exec slide");
    check_sourced(layout.text_exec_base, "the text exec base");
    check_sourced(layout.hib_text_base, "the __HIB text base");
  }

  void check_times(const PanicTimes& times) {
    check_sourced(times.boot, "the boot time");
    check_sourced(times.sleep, "the sleep time");
    check_sourced(times.wake, "the wake time");
    check_sourced(times.calendar, "the panic time");
    check_sourced(times.mach_absolute_time, "mach_absolute_time");
    check_sourced(times.uptime_ns, "the uptime");
  }

  const Report& report_;
  std::vector<bool> owned_;  ///< which frames a stack has claimed
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> validate(const Report& report) { return Checker(report).check(); }

}  // namespace panicscan
