#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/source_ref.h"
#include "model/ids.h"

namespace panicscan {

struct Nobody {
  friend constexpr bool operator==(Nobody, Nobody) = default;
};
/// Who holds what is waited for. A process owner means "may be blocked by", never "is".
using Owner = std::variant<Nobody, ThreadId, ProcessId>;

/// What a thread waits for.
/// Source: xnu osfmk/kern/block_hint.h; spelled as in waitInfo of on-device reports.
enum class WaitKind {
  kernel_mutex,
  port_receive,
  port_set_receive,
  port_send,
  port_send_in_transit,
  semaphore,
  rwlock_read,
  rwlock_write,
  rwlock_upgrade,
  user_lock,  ///< unfair lock (ulock), "spinlock" when nobody owns it
  pthread_mutex,
  pthread_rwlock_read,
  pthread_rwlock_write,
  pthread_condvar,
  workloop,  ///< dispatch_sync on a busy workloop
  wait_for_process,
  inheritor,  ///< sleep with inheritor: pushes on a thread
  eventlink,
  compressor,
  vm,  ///< page, pager, mapping, paging throttle…
  exclave,
  turnstile,  ///< a line of turnstileInfo
  other,      ///< a phrase we do not know; see `phrase`
};

/// One line of waitInfo or turnstileInfo.
struct WaitEdge {
  ThreadId waiter;
  WaitKind kind = WaitKind::other;
  std::optional<ObjectId> object;
  Owner owner = Nobody{};
  std::string label;   ///< port label: a service name, or empty
  std::string detail;  ///< "in spin mode", "intransit", "suspended", "reply"…
  std::optional<std::uint64_t> port_name;
  std::optional<std::uint32_t> hops;  ///< turnstile: links the kernel already followed
  std::optional<std::uint32_t> priority;
  std::string phrase;  ///< verbatim, after "thread N: "
  SourceRef where;
};

}  // namespace panicscan
