#include "parsers/wait_lines.h"

#include "catch.h"
#include "parsers/format.h"

using namespace panicscan;

namespace {

/// What a phrase must be read as.
struct Row {
  const char* phrase;
  WaitKind kind;
  std::uint64_t object;  ///< 0: none
  Owner owner;
  const char* detail = "";
};
constexpr Owner nobody = Nobody{};
Owner thread(std::uint64_t id) { return ThreadId{id}; }
Owner pid(std::int64_t id) { return ProcessId{id}; }

void check_row(const Row& row) {
  INFO(row.phrase);
  const auto edge = parsers::parse_wait_line("thread 7: " + std::string(row.phrase), {0, 3, 4});
  REQUIRE(edge);
  CHECK(edge->waiter == ThreadId{7});
  CHECK(edge->kind == row.kind);
  CHECK(edge->object == (row.object == 0 ? std::nullopt : std::optional(ObjectId{row.object})));
  CHECK((edge->owner == row.owner));
  CHECK(edge->detail == row.detail);
  CHECK(edge->phrase == row.phrase);
  CHECK(edge->where == SourceRef{0, 3, 4});
}

WaitEdge read(std::string_view line) {
  auto edge = parsers::parse_wait_line(line, {});
  REQUIRE(edge);
  return *std::move(edge);
}

}  // namespace

TEST_CASE("waits as report writers on devices print them") {
  using enum WaitKind;
  const Row rows[] = {
      {"kernel mutex 0xa1 owned by thread 9", kernel_mutex, 0xa1, thread(9)},
      {"kernel mutex 0xa1 in spin mode", kernel_mutex, 0xa1, nobody, "in spin mode"},
      {"kernel mutex 0xa1 with unknown owner", kernel_mutex, 0xa1, nobody, "unknown owner"},
      {"mach_msg receive on port set 0xb2", port_set_receive, 0xb2, nobody},
      {"mach_msg receive on locked port set 0xb2", port_set_receive, 0xb2, nobody, "locked"},
      {"mach_msg receive on port 0xb3", port_receive, 0xb3, nobody},
      {"mach_msg receive on intransit port 0xb3", port_receive, 0xb3, nobody, "intransit"},
      {"mach_msg receive on locked port 0xb3", port_receive, 0xb3, nobody, "locked"},
      {"mach_msg send on port 0xc1 owned by pid 31", port_send, 0xc1, pid(31)},
      {"mach_msg send on port 0xc1 owned by kernel", port_send, 0xc1, pid(0), "owned by kernel"},
      {"mach_msg send on port 0xc1 with unknown owner", port_send, 0xc1, nobody, "unknown owner"},
      {"mach_msg send on intransit port 0xc1", port_send, 0xc1, nobody, "intransit"},
      {"mach_msg send on port 0xc1 in transit to port 0xc2", port_send_in_transit, 0xc1, nobody,
       "to port 0xc2"},
      {"mach_msg send on port 0xc1 in transit to unknown port", port_send_in_transit, 0xc1, nobody,
       "to unknown port"},
      {"semaphore port 0xd1 owned by pid 35", semaphore, 0xd1, pid(35)},
      {"semaphore port 0xd1 with unknown owner", semaphore, 0xd1, nobody, "unknown owner"},
      {"krwlock 0xe1 for reading owned by thread 49852", rwlock_read, 0xe1, thread(49852)},
      {"krwlock 0xe1 for reading", rwlock_read, 0xe1, nobody},
      {"krwlock 0xe1 for writing", rwlock_write, 0xe1, nobody},
      {"krwlock 0xe1 for upgrading", rwlock_upgrade, 0xe1, nobody},
      {"unfair lock 0xf1 owned by thread 3", user_lock, 0xf1, thread(3)},
      {"spinlock 0xf1", user_lock, 0xf1, nobody, "spinlock"},
      {"pthread mutex 0xf2 owned by thread 4", pthread_mutex, 0xf2, thread(4)},
      {"pthread rwlock 0xf3 for reading", pthread_rwlock_read, 0xf3, nobody},
      {"pthread rwlock 0xf3 for writing", pthread_rwlock_write, 0xf3, nobody},
      {"pthread condvar 0xf4", pthread_condvar, 0xf4, nobody},
      {"queue that is suspended", workloop, 0, nobody, "suspended"},
      {"queue in a transient state", workloop, 0, nobody, "transient state"},
      {"queue thread to be allocated", workloop, 0, nobody, "thread requested"},
      {"queue processed by thread 7530", workloop, 0, thread(7530)},
      {"thread 12 in compressor segment 0x5e6", compressor, 0x5e6, thread(12)},
  };
  for (const Row& row : rows) check_row(row);
}

TEST_CASE("waits as kcdata.py prints them: bare hex, missing blanks, more words") {
  using enum WaitKind;
  const Row rows[] = {
      {"kernel mutex abcwith unknown owner", kernel_mutex, 0xabc, nobody, "unknown owner"},
      {"kernel mutex abcdef owned by thread 5", kernel_mutex, 0xabcdef, thread(5)},
      {"kernel mutex 1f owned by thread 0x10", kernel_mutex, 0x1f, thread(16)},
      {"mach_msg receive on REPLY port b3 name 1", port_receive, 0xb3, nobody, "reply"},
      {"mach_msg receive on REPLY BOOTSTRAP port b3", port_receive, 0xb3, nobody,
       "reply, bootstrap"},
      {"spin lock f1", user_lock, 0xf1, nobody, "spinlock"},
      {"workloop sync wait, suspended, workloop id 77", workloop, 0x77, nobody, "suspended"},
      {"workloop sync wait, owned by thread 8, workloop id 77", workloop, 0x77, thread(8)},
      {"workloop sync wait, unknown owner, workloop id 77", workloop, 0x77, nobody,
       "unknown owner"},
      {"in compressor segment 5e6, busy for thread 12", compressor, 0x5e6, thread(12)},
      {"waitpid, for any children", wait_for_process, 0, nobody, "any child"},
      {"waitpid, for process group 12", wait_for_process, 0, nobody, "process group 12"},
      {"waitpid, for pid 12", wait_for_process, 0, pid(12)},
      {"turnstile, held waitq", inheritor, 0, nobody, "held waitq"},
      {"turnstile, pushing thread 21", inheritor, 0, thread(21)},
      {"eventlink, signaled by thread 22", eventlink, 0, thread(22)},
      {"exclavecore wait, id 0x3, owner thread 9", exclave, 3, thread(9), "core"},
      {"busy page 0x1234", vm, 0x1234, nobody, "busy page"},
      {"pager ready for vm object 1234", vm, 0x1234, nobody, "pager ready"},
      {"throttled vm object 0x1234", vm, 0x1234, nobody, "page-in throttle"},
      {"waiting for vm_map_entry", vm, 0, nobody, "vm_map_entry"},
  };
  for (const Row& row : rows) check_row(row);
}

TEST_CASE("a wait type that the writer only numbers is decoded by its number") {
  using enum WaitKind;
  const Row rows[] = {
      {"unknown type 18 (owner 1234, context 0)", inheritor, 0, thread(1234)},
      {"unknown type 17 (owner 6, context 0)", wait_for_process, 0, pid(6)},
      {"unknown type 17 (owner 18446744073709551615, context 0)", wait_for_process, 0, nobody,
       "any child"},
      {"unknown type 17 (owner 18446744073709551611, context 0)", wait_for_process, 0, nobody,
       "process group 5"},
      {"unknown type 19 (owner 8, context 0x1)", eventlink, 1, thread(8)},
      {"unknown type 30 (owner 0, context 0x10000000000000c)", exclave, 0x10000000000000c, nobody,
       "core"},
      {"unknown type 4 (owner 18446744073709551614, context 0x5)", port_send, 5, pid(0),
       "owned by kernel"},
      {"unknown type 4 (owner 500, context 0x5)", port_send, 5, pid(500)},
      {"unknown type 1 (owner 500, context 0x5)", kernel_mutex, 5, thread(500)},
      {"unknown type 1 (owner 18446744073709551610, context 0x5)", kernel_mutex, 5, nobody,
       "in spin mode"},
      {"unknown type 16 (owner 18446744073709551608, context 0x5)", workloop, 5, nobody,
       "suspended"},
      {"unknown type 28 (owner 0, context 0x9)", vm, 9, nobody, "paging in progress"},
      {"unknown type 99 (owner 3, context 0x9)", other, 9, nobody, "wait type 99"},
  };
  for (const Row& row : rows) check_row(row);
  // The owner of a port receive is a port's name, neither a thread nor a process.
  const WaitEdge receive = read("thread 7: unknown type 2 (owner 500, context 0x5)");
  CHECK(receive.port_name == 500);
  CHECK((receive.owner == nobody));
}

TEST_CASE("port names and service labels are kept apart from the object") {
  const WaitEdge edge =
      read("thread 8: mach_msg receive on port 0xa64 name 0xe03 (com.example.service)");
  CHECK(edge.port_name == 0xe03);
  CHECK(edge.label == "com.example.service");
  const WaitEdge throttled = read(
      "thread 8: mach_msg receive on port 0xa64 (com.example.service (service throttled by "
      "launchd))");
  CHECK(throttled.label == "com.example.service");
  CHECK(throttled.detail == "service throttled by launchd");
  CHECK(read("thread 8: mach_msg send on port 0x1 owned by pid 2 {system com.example.x}").label ==
        "com.example.x");
  const WaitEdge cut = read("thread 8: mach_msg receive on port 0x1 (<port label truncated>)");
  CHECK(cut.label.empty());
  CHECK(cut.detail == "label truncated");
}

TEST_CASE("turnstile lines give the blocker, the hops and the priority") {
  const WaitEdge edge = read("thread 5762: blocked on 12088, hops: 1, priority: 60");
  CHECK(edge.kind == WaitKind::turnstile);
  CHECK((edge.owner == thread(12088)));
  CHECK(edge.hops == 1);
  CHECK(edge.priority == 60);
  const WaitEdge task = read(
      "thread 100: turnstile blocked on task pid 900, hops: 12, priority: 81 (com.example.driver)");
  CHECK((task.owner == pid(900)));
  CHECK(task.hops == 12);
  CHECK(task.label == "com.example.driver");
  const WaitEdge queue = read("thread 1: blocked on workqueue: 0xabc, hops: 0, priority: 4");
  CHECK(queue.object == ObjectId{0xabc});
  CHECK(queue.detail == "workqueue");
  CHECK(read("thread 1: turnstile has unknown inheritor (com.example.x)").label == "com.example.x");
  CHECK(read("thread 1: turnstile was in the process of being updated").detail == "being updated");
  CHECK(read("thread 1: turnstile had unknown status (flags: 0x80)!").detail == "unknown status");
}

TEST_CASE("a turnstile that kcdata.py appends in brackets is an edge of its own") {
  const auto line = parsers::read_wait_line(
      "thread 10: kernel mutex abc owned by thread 11 [blocked on: 12, hops: a, priority: 31] "
      "{system com.example.x}",
      {});
  REQUIRE(line);
  CHECK(line->wait.kind == WaitKind::kernel_mutex);
  CHECK((line->wait.owner == thread(11)));
  REQUIRE(line->turnstile);
  CHECK(line->turnstile->waiter == ThreadId{10});
  CHECK((line->turnstile->owner == thread(12)));
  CHECK(line->turnstile->hops == 10);  // hex here, decimal in every other line
  CHECK(line->turnstile->priority == 31);
  CHECK(line->turnstile->label == "com.example.x");
  const auto task = parsers::read_wait_line(
      "thread 10: semaphore port 1 with unknown owner [turnstile blocked on task pid 12, hops: 10, "
      "priority: 31]",
      {});
  REQUIRE(task);
  CHECK(task->turnstile->hops == 10);
  CHECK_FALSE(parsers::read_wait_line("thread 1: busy page 0x1", {})->turnstile);
}

TEST_CASE("a phrase that no row knows is kept verbatim") {
  const WaitEdge edge = read("thread 0x1f: moon phase 0x1 owned by thread 2");
  CHECK(edge.waiter == ThreadId{0x1f});
  CHECK(edge.kind == WaitKind::other);
  CHECK(edge.phrase == "moon phase 0x1 owned by thread 2");
  CHECK((edge.owner == nobody));
}

TEST_CASE("a line without a waiter is an error that says what was expected") {
  for (const char* line : {"", "thread", "thread x: kernel mutex 0x1", "kernel mutex 0x1",
                           "thread 99999999999999999999: x", "thread 7 kernel mutex 0x1"}) {
    INFO(line);
    const auto edge = parsers::parse_wait_line(line, {0, 5, 1});
    REQUIRE_FALSE(edge);
    CHECK(edge.error().code == ErrorCode::malformed);
    CHECK(edge.error().where == SourceRef{0, 5, 1});
  }
}

TEST_CASE("lines made of brackets or of a million clauses end quickly") {
  const std::string many(1'000'000, '[');
  CHECK(read("thread 1: " + many).kind == WaitKind::other);
  std::string clauses = "thread 1: mach_msg receive on";
  for (int i = 0; i < 10000; ++i) clauses += " REPLY";
  CHECK(read(clauses).kind == WaitKind::port_receive);
}
