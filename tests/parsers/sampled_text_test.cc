#include "parsers/sampled_text.h"

#include "base/text.h"
#include "parsers/report_reading.h"
#include "parsers/sample_rows.h"

using namespace panicscan;
using namespace panicscan::parsers;

namespace {

/// Two processes as spindump prints them; everything in it is invented.
const std::string kSpindump = R"(Date/Time:        2025-11-03 09:09:44.123 +0000
OS Version:       macOS 26.1 (Build 25B78)
Architecture:     arm64e
Hardware model:   Mac14,2
Data Source:      Stackshots

Process:          exampled [812] [unique pid 9912]
UUID:             AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1
Path:             /usr/libexec/exampled
Num samples:      10 (1-10)

  Thread 0x1f3    DispatchQueue "com.example.q"(8)    Thread name "worker"    10 samples (1-10)    priority 31-46 (base 31)
  10  start + 462 (dyld + 21790) [0x18000551e]
    4  ??? (exampled + 256) [0x100000100]
      4  left + 4 (exampled + 512) [0x100000200] (running)
    6  run + 20 (exampled + 768) [0x100000300]
      6  <patched truncated backtrace>
        5  mach_msg_trap + 10 (libsystem_kernel.dylib + 6522) [0x18100197a]
         *5  ??? (kernel + 335600) [0xfffffe0007051ef0]
        1  other + 1 (exampled + 1024) [0x100000400]

  Binary Images:
           0x100000000 -        0x100003fff  exampled (6)              <AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1>  /usr/libexec/exampled
           0x180000000 -        0x180003fff  dyld (957)                <AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE2>  /usr/lib/dyld
           0x181000000 -                ???  com.example.Kernel 6.9 (1) <AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE3>  /usr/lib/system/libsystem_kernel.dylib
   *0xfffffe0007000000 - 0xfffffe00079fffff  kernel (11417)            <AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE4>  /System/Library/Kernels/kernel


Process:          Example (com.example.app) [99]
Num samples:      10 (1-10)

  Thread 0x2a    10 samples (1-10)    priority 4 (base 4)
  10  ??? (dyld + 16) [0x180000010]
)";

std::string symbols_of(const Report& report, IndexRange<Frame> stack) {
  std::string text;
  for (std::uint32_t i = stack.begin; i < stack.end; ++i) {
    const Frame& frame = report.frames[i];
    text += (text.empty() ? "" : " < ") + frame.reported_symbol + "@" + hex(frame.address.value);
    if (frame.image) text += " " + report.images[frame.image->value].name;
  }
  return text;
}

}  // namespace

TEST_CASE("stacks sampled over time give processes, threads and the stack seen most often") {
  const Report report = read_file(kSpindump);
  CHECK(report.format == "sampled-text");
  CHECK(report.kind == ReportKind::stackshot);
  REQUIRE(report.machine.os);
  CHECK(report.machine.os->value == "macOS 26.1 (Build 25B78)");
  REQUIRE(report.machine.product);
  CHECK(report.machine.product->value == "Mac14,2");
  REQUIRE(report.processes.size() == 2);
  CHECK(report.processes[0].name == "exampled");
  CHECK(report.processes[0].id == ProcessId{812});
  CHECK(report.processes[1].name == "Example");
  REQUIRE(report.threads.size() == 2);
  const Thread& thread = report.threads[0];
  CHECK(thread.id.value == 0x1f3);
  CHECK(thread.name == "worker");
  CHECK(thread.queue == "com.example.q");
  CHECK(thread.state == std::vector<std::string>{"10 samples"});
  CHECK(thread.scheduled_priority == 31);
  CHECK(thread.base_priority == 31);
  CHECK(symbols_of(report, thread.kernel_stack) == "@0xfffffe0007051ef0 kernel");
  CHECK(symbols_of(report, thread.user_stack) ==
        "mach_msg_trap + 10@0x18100197a libsystem_kernel.dylib < run + 20@0x100000300 exampled < "
        "start + 462@0x18000551e dyld");
  // The images of one process stand for those that the other does not list.
  CHECK(symbols_of(report, report.threads[1].user_stack) == "@0x180000010 dyld");
  CHECK(report.images.size() == 4);
  CHECK(report.images[2].bundle_id == "com.example.Kernel");
  CHECK(field_of(report, "processes.812.Path") == "/usr/libexec/exampled");
  CHECK(notes_of(report, NoteKind::remark) == 1);  // three rows of other stacks
}

TEST_CASE("a resource report gives its heaviest stack and the tree of the process") {
  const std::string text =
      "Date/Time:        2025-11-03 09:09:44.123 +0000\nData Source:      Microstackshots\n"
      "Command:          exampled\nPID:              812\nEvent:            cpu usage\n\n"
      "Heaviest stack for the target process:\n"
      "  37  ??? (dyld + 21790)\n  30  ??? (exampled + 768)\n\n\n"
      "Powerstats for:   exampled [812]\nPath:             /usr/libexec/exampled\n"
      "Num samples:      37 (100%)\n"
      "  37  ??? (dyld + 21790)\n    30  ??? (exampled + 768)\n    7   ??? (exampled + 16)\n"
      "  Binary Images:\n"
      "           0x100000000 -                ???  exampled (6)  "
      "<AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1>  /usr/libexec/exampled\n";
  for (const std::string& header :
       {std::string(),
        std::string("{\"bug_type\":\"202\",\"os_version\":\"iPhone OS 26.1 (23B85)\"}\n")}) {
    const Report report = read_file(header + text);
    CHECK(report.format == (header.empty() ? "sampled-text" : "ips-text"));
    CHECK(report.kind == ReportKind::other);
    CHECK(field_of(report, "Event") == "cpu usage");
    REQUIRE(report.processes.size() == 1);
    REQUIRE(report.threads.size() == 2);
    CHECK(report.threads[0].name == "heaviest stack");
    // Without addresses a frame is where its image and offset say; an unknown image has no base.
    const std::string stack = "@0x100000300 exampled < @0x0";
    CHECK(symbols_of(report, report.threads[0].user_stack) == stack);
    CHECK(symbols_of(report, report.threads[1].user_stack) == stack);
  }
}

TEST_CASE("the call graph of sample(1) is read") {
  const Report report = read_file(
      "Analysis of sampling exampled (pid 812) every 1 millisecond\nProcess:         exampled "
      "[812]\n"
      "Call graph:\n"
      "    8 Thread_123   DispatchQueue_1: com.apple.main-thread  (serial)\n"
      "    + 8 start  (in dyld) + 2432  [0x180005540]\n"
      "    +   6 main  (in exampled) + 12  [0x10000010c]\n"
      "    +   ! 6 mach_msg  (in libsystem_kernel.dylib) + 8  [0x181000008]\n"
      "    +   2 exit  (in exampled) + 4  [0x100000204]\n"
      "    2 Thread_124: reader\n"
      "    + 2 read  (in libsystem_kernel.dylib) + 8  [0x181000108]\n\n"
      "Total number in stack (recursive counted multiple, when >=5):\n"
      "        8       start  (in dyld) + 2432  [0x180005540]\n\n"
      "Binary Images:\n"
      "       0x100000000 -        0x100003fff +exampled (1) "
      "<AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEE1> /usr/local/bin/exampled\n");
  CHECK(report.kind == ReportKind::stackshot);
  REQUIRE(report.threads.size() == 2);
  CHECK(report.threads[0].queue == "com.apple.main-thread");
  CHECK(report.threads[1].name == "reader");
  CHECK(symbols_of(report, report.threads[0].user_stack) ==
        "mach_msg@0x181000008 < main@0x10000010c exampled < start@0x180005540");
}

TEST_CASE("the heaviest path takes the child with most samples, of equals the first") {
  std::vector<SampleRow> rows;
  for (const char* line : {"2  a (x)", "  2  b (x)", "3  c (x)", "  1  d (x)", "  1  e (x)"}) {
    const auto row = read_sample_row(line);
    REQUIRE(row);
    rows.push_back(*row);
  }
  std::string path;
  for (const SampleRow& row : heaviest_path(rows)) path += row.symbol;
  CHECK(path == "cd");
  CHECK(heaviest_path({}).empty());
}

TEST_CASE("lines that are no row of a sampled stack are left alone") {
  for (const char* line : {"", "10", "10 ", "Thread 0x1f 10 samples", "start (dyld) [0x1]",
                           "10  no image and no address", "99999999999999999999  a (x) [0x1]"})
    CHECK_FALSE(read_sample_row(line));
  const auto row = read_sample_row("   *12  f<int> (g) + 3 (An App + 18) [0xfffffe0007051ef0] (x)");
  REQUIRE(row);
  CHECK(row->is_kernel);
  CHECK(row->column == 4);
  CHECK(row->count == 12);
  CHECK(row->symbol == "f<int> (g) + 3");
  CHECK(row->image == "An App");
  CHECK(row->offset == 18);
  CHECK(row->address == 0xfffffe0007051ef0);
}

TEST_CASE("a sampled text that ends anywhere is read as far as it goes") {
  for (std::size_t size = kSpindump.find("Process:"); size < kSpindump.size(); size += 11)
    read_file(kSpindump.substr(0, size));
}
