#include "parsers/stackshot_json.h"

#include "parsers/report_reading.h"

using namespace panicscan;

namespace {

constexpr const char* kOneImage = R"j([["11111111222233334444555555555555",4096,"P"]])j";

/// A report with these images and this processByPid.
Report with_stackshot(const std::string& processes, const std::string& images = kOneImage) {
  return read_file(R"j({"panicString":"panic(cpu 0 caller 0x1): x","binaryImages":)j" + images +
                   ",\"processByPid\":" + processes + "}");
}

/// The same with one process that has this threadById.
Report with_threads(const std::string& threads, const std::string& images = kOneImage) {
  return with_stackshot("{\"1\":{\"pid\":1,\"threadById\":" + threads + "}}", images);
}

std::uint64_t address(const Report& report, IndexRange<Frame> stack, std::uint32_t n) {
  REQUIRE(n < stack.size());
  return report.frames[stack.begin + n].address.value;
}

}  // namespace

TEST_CASE("processes and threads keep the order of the document and the pid inside") {
  const Report report = with_stackshot(
      R"j({"900":{"pid":7,"procname":"seven","threadById":{"2":{"id":2},"1":{"id":1}}},
           "3":{"procname":"three"},
           "12":{"pid":-1}})j");
  REQUIRE(report.processes.size() == 3);
  CHECK(report.processes[0].id == ProcessId{7});
  CHECK(report.processes[0].name == "seven");
  CHECK(report.processes[1].id == ProcessId{3});
  CHECK(report.processes[2].id == ProcessId{-1});
  REQUIRE(report.threads.size() == 2);
  CHECK(report.threads[0].id == ThreadId{2});
  CHECK(report.threads[1].id == ThreadId{1});
}

TEST_CASE("a frame's address is the image's base plus the offset, modulo 2^64") {
  const Report report = with_threads(
      R"j({"5":{"id":5,"kernelFrames":[[0,256],[1,"0x20"],[1,18446744073709551615]],
           "waitEvent":[2,11068046444225730969]}})j",
      R"j([["11111111222233334444555555555555",18446741874816073728,"T"],
           ["11111111-2222-3333-4444-555555555555","0x1000","P"],
           ["00000000000000000000000000000000",0,"A"]])j");
  const Thread& thread = report.threads[0];
  CHECK(address(report, thread.kernel_stack, 0) == 18446741874816073728ULL + 256);
  CHECK(address(report, thread.kernel_stack, 1) == 0x1020);
  CHECK(address(report, thread.kernel_stack, 2) == 0xfff);
  REQUIRE(thread.wait_event);
  CHECK(thread.wait_event->address.value == 11068046444225730969ULL);
  CHECK(report.images[0].uuid == report.images[1].uuid);
  CHECK_FALSE(report.images[2].uuid);
  CHECK(report.images[2].kind == ImageKind::absolute);
  CHECK(bytes_at(report, report.frames[thread.kernel_stack.begin + 1].where) == "[1,\"0x20\"]");
}

TEST_CASE("only a thread on a CPU has a program counter") {
  const Report report = with_threads(
      R"j({"5":{"id":5,"kernelFrames":[[0,1],[0,2]],"userFrames":[[0,3]],"snapshotFlags":["kThreadOnCore"]},
           "6":{"id":6,"kernelFrames":[[0,1]],"continuation":[0,9]},
           "7":{"id":7,"userFrames":[[0,1]],"snapshotFlags":2048}})j");
  const auto kind = [&](std::uint32_t thread, IndexRange<Frame> Thread::* stack, std::uint32_t n) {
    return report.frames[(report.threads[thread].*stack).begin + n].kind;
  };
  CHECK(kind(0, &Thread::kernel_stack, 0) == AddressKind::pc);
  CHECK(kind(0, &Thread::kernel_stack, 1) == AddressKind::return_address);
  CHECK(kind(0, &Thread::user_stack, 0) == AddressKind::return_address);
  CHECK(kind(1, &Thread::kernel_stack, 0) == AddressKind::return_address);
  CHECK(kind(2, &Thread::user_stack, 0) == AddressKind::pc);
  REQUIRE(report.threads[1].continuation);
  CHECK(report.threads[1].continuation->kind == AddressKind::pc);
}

TEST_CASE("every kind of value of a thread finds its place") {
  const Report report = with_stackshot(
      R"j({"1":{"pid":1,"residentMemoryBytes":4096,"flags":["suspended"],"threadById":{
           "5":{"id":5,"name":"n","queue":"q","state":9,"snapshotFlags":["kThreadMain"],
                "schedFlags":["TH_SFLAG_THROTTLED"],"basePriority":31,"schedPriority":47,
                "user_usec":15,"userTime":9.0,"systemTime":0.000017,
                "asyncFrames":[[0,1]],"isPartOfADeadlock":true,"isBlockedByADeadlock":false}}}})j");
  CHECK(report.processes[0].resident_bytes == 4096);
  CHECK(report.processes[0].flags == std::vector<std::string>{"suspended"});
  const Thread& thread = report.threads[0];
  CHECK(thread.name == "n");
  CHECK(thread.queue == "q");
  CHECK(thread.state == std::vector<std::string>{"TH_WAIT", "TH_UNINT"});
  CHECK(thread.flags ==
        std::vector<std::string>{"kThreadMain", "TH_SFLAG_THROTTLED", "isPartOfADeadlock"});
  CHECK(thread.base_priority == 31);
  CHECK(thread.scheduled_priority == 47);
  CHECK(thread.user_time_us == 15);  // the exact one of the two
  CHECK(thread.system_time_us == 17);
  CHECK(thread.async_stack.size() == 1);
}

TEST_CASE("odd frames cost one note a kind and process, not one a frame") {
  std::string frames;
  for (int i = 0; i < 500; ++i) frames += "[9,1],[-1,2],\"odd\",[0],";
  const Report report = with_threads("{\"5\":{\"id\":5,\"kernelFrames\":[" + frames + "[0,16]]}}");
  CHECK(notes_of(report, NoteKind::damaged) == 2);
  const Thread& thread = report.threads[0];
  REQUIRE(thread.kernel_stack.size() == 1001);
  CHECK_FALSE(report.frames[thread.kernel_stack.begin].image);  // shows its offset
  CHECK(address(report, thread.kernel_stack, 0) == 1);
  CHECK(address(report, thread.kernel_stack, 1000) == 4112);
}

TEST_CASE("a damaged row of the image table leaves a gap, so that the numbers hold") {
  const Report report = with_threads(
      R"j({"5":{"id":5,"userFrames":[[1,1],[2,1]]}})j",
      R"j([["11111111222233334444555555555555",4096,"P"],"junk",["not a uuid","1000","Z"]])j");
  CHECK(report.images.size() == 2);
  CHECK(report.images[1].letter == 'Z');
  CHECK(report.images[1].kind == ImageKind::other);
  const Thread& thread = report.threads[0];
  CHECK_FALSE(report.frames[thread.user_stack.begin].image);
  CHECK(report.frames[thread.user_stack.begin + 1].image == Index<Image>{1});
  CHECK(address(report, thread.user_stack, 1) == 1001);
}

TEST_CASE("a missing image table is noted once, not for every process") {
  const Report report = with_stackshot(
      R"j({"1":{"pid":1,"threadById":{"5":{"id":5,"userFrames":[[3,8]]}}},
           "2":{"pid":2,"threadById":{"6":{"id":6,"userFrames":[[3,8]]}}}})j",
      "[]");
  CHECK(notes_of(report, NoteKind::damaged) == 1);
  CHECK(report.frames.size() == 2);
}

TEST_CASE("wait lines are read at the process, at the thread, as arrays and as strings") {
  const Report report = with_stackshot(
      R"j({"1":{"pid":1,"waitInfo":["thread 5: kernel mutex 0xa1 owned by thread 6","no thread here"],
           "threadById":{
           "6":{"id":6,"waitInfo":"semaphore port 0xb1 owned by pid 1"},
           "7":{"id":7,"turnstileInfo":["thread 7: blocked on 6, hops: 0, priority: 4"]}}}})j");
  REQUIRE(report.waits.size() == 3);
  CHECK(report.waits[0].waiter == ThreadId{5});
  CHECK(report.waits[1].waiter == ThreadId{6});
  CHECK(report.waits[1].kind == WaitKind::semaphore);
  CHECK(report.waits[2].waiter == ThreadId{7});
  CHECK(field_of(report, "waitInfo") == "no thread here");
  CHECK(notes_of(report, NoteKind::damaged) == 1);
  CHECK(bytes_at(report, report.waits[1].where) == "\"semaphore port 0xb1 owned by pid 1\"");
}

TEST_CASE("keys that nobody knows become a field at their first appearance") {
  const Report report = with_stackshot(
      R"j({"1":{"pid":1,"newTaskKey":{"x":1},"threadById":{"5":{"id":5,"newKey":[1, 2]},"6":{"id":6,"newKey":3}}},
           "2":{"pid":2,"newTaskKey":2,"csFlags":1}})j");
  CHECK(field_of(report, "processByPid.*.newTaskKey.x") == "1");
  CHECK(field_of(report, "processByPid.*.threadById.*.newKey") == "[1,2]");
  CHECK(field_of(report, "processByPid.*.csFlags") == "(none)");
  CHECK(report.fields.size() == 2);
}

TEST_CASE("values of the wrong kind are noted and do not stop the others") {
  const Report report = with_stackshot(
      R"j({"1":7,"2":{"pid":"2","procname":5,"threadById":{"x":{},"9":[],"10":{"kernelFrames":"no","state":null}}}})j");
  REQUIRE(report.processes.size() == 1);
  CHECK(report.processes[0].id == ProcessId{2});
  CHECK(report.processes[0].name == "5");
  REQUIRE(report.threads.size() == 2);
  CHECK(report.threads[1].id == ThreadId{10});
  CHECK(notes_of(report, NoteKind::damaged) == 3);
}

TEST_CASE("a cut report without its image table is truncated, not damaged") {
  const Report report = read_file(
      R"j({"bug_type":"210"}
{"panicString":"panic(cpu 0 caller 0x1): \"x\"","processByPid":{"1":{"pid":1,"threadById":{"5":{"id":5,"kernelFrames":[[0,16],[0)j");
  CHECK(report.truncated);
  CHECK(notes_of(report, NoteKind::damaged) == 0);
  CHECK(notes_of(report, NoteKind::truncated) > 0);
}
