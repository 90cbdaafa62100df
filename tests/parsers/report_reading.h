#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.h"
#include "model/validate.h"
#include "parsers/format.h"

namespace panicscan {

/// Reads a whole input file and checks that what came out holds together.
inline Report read_file(std::string text) {
  auto report = parsers::parse(source_from_text("test input", std::move(text)));
  INFO((report ? "" : report.error().message));
  REQUIRE(report);
  CHECK(validate(*report) == std::vector<std::string>{});
  return *std::move(report);
}

/// What is said about an input that is no report.
inline std::string refusal(std::string text) {
  const auto report = parsers::parse(source_from_text("test input", std::move(text)));
  if (report) return "(read as " + report->format + ")";
  return report.error().message;
}

inline std::string field_of(const Report& report, std::string_view name) {
  for (const Field& f : report.fields)
    if (f.name == name) return f.value;
  return "(none)";
}

inline std::size_t notes_of(const Report& report, NoteKind kind) {
  std::size_t count = 0;
  for (const Note& n : report.notes) count += n.kind == kind ? 1 : 0;
  return count;
}

/// A small report of an Apple silicon Mac with a stackshot; everything in it is invented. Two
/// threads of pid 71 wait for each other; thread 40 of the kernel waits for a service of pid 71.
inline const std::string kHeader =
    R"j({"bug_type":"210","timestamp":"2026-02-03 04:05:06.00 +0000","os_version":"macOS 15.5 (24F74)","roots_installed":0,"incident_id":"0BADC0DE-0000-4000-8000-00000000BEEF"})j";
inline const std::string kBody = R"j({
  "build" : "macOS 15.5 (24F74)", "product" : "Mac14,2", "socId" : "0x8112",
  "kernel" : "Darwin Kernel Version 24.5.0: x; root:xnu-11417.121.6~2\/RELEASE_ARM64_T8112",
  "incident" : "0BADC0DE-0000-4000-8000-00000000BEEF",
  "crashReporterKey" : "0000000000000000000000000000000000000000",
  "date" : "2026-02-03 04:05:06.07 +0000",
  "panicString" : "panic(cpu 2 caller 0xfffffe0024123456): \"example is lost\" @Example.cpp:7\nDebugger message: panic\nOS version: 24F74\n",
  "panicFlags" : "0x802",
  "otherString" : "\n** Stackshot Succeeded ** Bytes Traced 4096 (Uncompressed 8192) **\n",
  "memoryStatus" : {"compressorSize":12,"pageSize":16384,"memoryPages":{"wired":29763,"free":3294}},
  "notes" : ["unindexed images were left out"],
  "binaryImages" : [["aaaaaaaabbbbccccddddeeeeeeeeeeee",18446741874816073728,"T"],
                    ["BBBBBBBB-CCCC-DDDD-EEEE-FFFFFFFFFFFF","0x104a40000","P"],
                    ["00000000000000000000000000000000",0,"A"]],
  "processByPid" : {
    "0" : {"pid":0,"procname":"kernel_task","residentMemoryBytes":81920,
      "turnstileInfo":["thread 40: turnstile blocked on task pid 71, hops: 1, priority: 81 (com.example.service)"],
      "threadById":{
        "40":{"id":40,"state":["TH_WAIT","TH_UNINT"],"kernelFrames":[[0,4096],[0,200]],"basePriority":81,"schedPriority":90,"userTime":0.0,"systemTime":0.5,"waitEvent":[2,11068046444225730969]},
        "41":{"id":41,"name":"worker","state":["TH_RUN"],"snapshotFlags":["kThreadOnCore"],"kernelFrames":[[0,8],[0,12]]},
        "42":{"id":42,"state":9,"continuation":[0,9000]}}},
    "71" : {"pid":71,"procname":"com.example.driver.dext","flags":["suspended"],
      "waitInfo":["thread 50: unfair lock 0x600000000040 owned by thread 51","thread 51: pthread mutex 0x600000000080 owned by thread 50"],
      "threadById":{
        "50":{"id":50,"dispatch_queue_label":"com.example.q","state":["TH_WAIT"],"userFrames":[[1,8],[1,12]],"asyncFrames":[[1,16]],"user_usec":77},
        "51":{"id":51,"state":["TH_WAIT"],"userFrames":[[1,24]]}}}
  }
}
)j";
inline const std::string kReport = kHeader + "\n" + kBody;

}  // namespace panicscan
