#include "analysis/wait_builder.h"

#include <array>

// What the kernel itself says of each waiting thread.
//
//   thread 101: kernel mutex 0xa1 owned by thread 100     → a link from thread to thread
//   thread 102: semaphore port 0xb2 owned by pid 9        → may be blocked by it: pid 9 made the
//                                                           semaphore, anybody may signal it
//   thread 103: mach_msg receive on port set 0xc3         → a link to the port set, and the reason
//                                                           why it names nobody
// Source: xnu osfmk/kern/block_hint.h; what the owner means per kind: osfmk/kern/kern_stackshot.c.

namespace panicscan::analysis {
namespace {

/// How far the owner of a kind of wait is to be trusted, and what a line without owner means.
struct KindRow {
  WaitKind kind;
  WaitStrength with_owner;
  WaitGapReason without_owner;
  std::optional<WaitNodeKind> node = WaitNodeKind::lock;  ///< of the object, without an owner
};
using enum WaitStrength;
constexpr std::array kKinds{
    KindRow{WaitKind::kernel_mutex, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::port_receive, blocks, WaitGapReason::any_sender, WaitNodeKind::port},
    KindRow{WaitKind::port_set_receive, blocks, WaitGapReason::event_loop, WaitNodeKind::port},
    KindRow{WaitKind::port_send, blocks, WaitGapReason::unknown_owner, WaitNodeKind::port},
    KindRow{WaitKind::port_send_in_transit, blocks, WaitGapReason::in_transition,
            WaitNodeKind::port},
    KindRow{WaitKind::semaphore, may_block, WaitGapReason::unknown_owner},
    KindRow{WaitKind::rwlock_read, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::rwlock_write, blocks, WaitGapReason::readers},
    KindRow{WaitKind::rwlock_upgrade, blocks, WaitGapReason::readers},
    KindRow{WaitKind::user_lock, blocks, WaitGapReason::nobody_holds},
    KindRow{WaitKind::pthread_mutex, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::pthread_rwlock_read, blocks, WaitGapReason::no_owner_kept},
    KindRow{WaitKind::pthread_rwlock_write, blocks, WaitGapReason::no_owner_kept},
    KindRow{WaitKind::pthread_condvar, may_block, WaitGapReason::no_owner_kept},
    KindRow{WaitKind::workloop, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::wait_for_process, blocks, WaitGapReason::any_of_many},
    KindRow{WaitKind::inheritor, blocks, WaitGapReason::unknown_inheritor},
    KindRow{WaitKind::eventlink, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::compressor, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::vm, blocks, WaitGapReason::vm_object},
    KindRow{WaitKind::exclave, blocks, WaitGapReason::unknown_owner},
    KindRow{WaitKind::turnstile, blocks, WaitGapReason::unknown_inheritor, std::nullopt},
    KindRow{WaitKind::other, may_block, WaitGapReason::unknown_phrase},
};

/// Words of `WaitEdge::detail` that say more than the kind does, the first that fits.
struct DetailRow {
  std::string_view word;
  WaitGapReason reason;
};
constexpr std::array kDetails{
    DetailRow{"no turnstile", WaitGapReason::no_turnstile},
    DetailRow{"unknown inheritor", WaitGapReason::unknown_inheritor},
    DetailRow{"being updated", WaitGapReason::in_transition},
    DetailRow{"ip_lock held", WaitGapReason::in_transition},
    DetailRow{"held waitq", WaitGapReason::in_transition},
    DetailRow{"transient state", WaitGapReason::in_transition},
    DetailRow{"intransit", WaitGapReason::in_transition},
    DetailRow{"locked", WaitGapReason::in_transition},
    DetailRow{"suspended", WaitGapReason::suspended_queue},
    DetailRow{"thread requested", WaitGapReason::thread_requested},
    DetailRow{"workqueue", WaitGapReason::thread_requested},
    DetailRow{"spin", WaitGapReason::nobody_holds},
    DetailRow{"unknown owner", WaitGapReason::unknown_owner},
    DetailRow{"unknown status", WaitGapReason::unknown_inheritor},
    DetailRow{"any child", WaitGapReason::any_of_many},
    DetailRow{"process group", WaitGapReason::any_of_many},
    DetailRow{"parked", WaitGapReason::parked},
};

const KindRow& row_of(WaitKind kind) {
  for (const KindRow& row : kKinds)
    if (row.kind == kind) return row;
  return kKinds.back();
}

WaitGapReason reason_without_owner(const WaitEdge& wait, const KindRow& row) {
  for (const DetailRow& detail : kDetails)
    if (wait.detail.find(detail.word) != std::string::npos) return detail.reason;
  return row.without_owner;
}

}  // namespace

void add_reported_links(WaitBuilder& builder) {
  const Report& report = builder.report();
  for (std::uint32_t i = 0; i < report.waits.size(); ++i) {
    const WaitEdge& wait = report.waits[i];
    const KindRow& row = row_of(wait.kind);
    WaitLink link;
    link.kind = wait.kind;
    link.object = wait.object;
    link.wait = Index<WaitEdge>{i};
    link.strength = row.with_owner;
    if (const auto* thread = std::get_if<ThreadId>(&wait.owner)) {
      link.from = builder.thread(wait.waiter);
      link.to = builder.thread(*thread);
    } else if (const auto* process = std::get_if<ProcessId>(&wait.owner)) {
      link.from = builder.thread(wait.waiter);
      link.to = builder.process(*process);
    } else {
      builder.graph().gaps.push_back({{i}, reason_without_owner(wait, row)});
      if (!wait.object || !row.node) continue;
      link.from = builder.thread(wait.waiter);
      link.to = builder.object(*row.node, *wait.object, wait.kind);
      link.strength = WaitStrength::object;
    }
    builder.link(std::move(link));
  }
}

}  // namespace panicscan::analysis
