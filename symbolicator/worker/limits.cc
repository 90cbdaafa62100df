#include "symbolicator/worker/limits.h"

#include <sys/resource.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace panicscan::symbolizer {
namespace {

Error refused(std::string_view what) {
  return {ErrorCode::limit, "cannot limit " + std::string(what) + ": " + std::strerror(errno), {}};
}

struct ResourceLimit {
  decltype(RLIMIT_AS) resource;
  rlim_t value;
  std::string_view name;
};

#ifdef __linux__

// Landlock by its system calls: the header is younger than the systems we build on.
// Source: Linux, include/uapi/linux/landlock.h; numbers are the same on every architecture.
constexpr long kCreateRuleset = 444;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};

/// What a version of Landlock added; a ruleset that names more than the kernel knows is refused.
struct LandlockVersion {
  long version;
  Ruleset adds;
  std::size_t size;  ///< bytes of a Ruleset that this version reads
};
/// Every right but reading files and folders (bits 2 and 3).
constexpr std::array kLandlockVersions{
    LandlockVersion{1, {0x1ff3, 0, 0}, 8},   // run, write, remove, make
    LandlockVersion{2, {0x2000, 0, 0}, 8},   // move between folders
    LandlockVersion{3, {0x4000, 0, 0}, 8},   // truncate
    LandlockVersion{4, {0, 0x3, 0}, 16},     // bind and connect TCP
    LandlockVersion{5, {0x8000, 0, 0}, 16},  // ioctl on devices
    LandlockVersion{6, {0, 0, 0x3}, 24},     // abstract sockets, signals
};

Seals seal() {
  Seals seals;
  // Without this an unprivileged process may not restrict itself.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return seals;
  const long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  Ruleset rules;
  std::size_t size = 0;
  for (const LandlockVersion& row : kLandlockVersions) {
    if (row.version > version) break;
    rules.files |= row.adds.files;
    rules.network |= row.adds.network;
    rules.scopes |= row.adds.scopes;
    size = row.size;
  }
  if (size == 0) return seals;
  // What a ruleset handles and no rule allows is forbidden; there is no rule.
  const long ruleset = ::syscall(kCreateRuleset, &rules, size, 0);
  if (ruleset < 0) return seals;
  const bool restricted = ::syscall(kRestrictSelf, ruleset, 0) == 0;
  ::close(static_cast<int>(ruleset));
  seals.files = restricted;
  seals.network = restricted && rules.network != 0;
  return seals;
}

#else

Seals seal() { return {}; }

#endif

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUnderAsan = true;
#elif defined(__has_feature)
constexpr bool kUnderAsan = __has_feature(address_sanitizer);
#else
constexpr bool kUnderAsan = false;
#endif

}  // namespace

Expected<Seals> apply_limits(const symbols::Hello& wanted) {
  const std::array limits{
      ResourceLimit{RLIMIT_AS, static_cast<rlim_t>(wanted.memory), "memory"},
      ResourceLimit{RLIMIT_NOFILE, 64, "open files"},
      ResourceLimit{RLIMIT_FSIZE, 0, "the size of files"},
      ResourceLimit{RLIMIT_CORE, 0, "core dumps"},
  };
  for (const ResourceLimit& limit : limits) {
    if (kUnderAsan && limit.resource == RLIMIT_AS) continue;  // its shadow takes terabytes of it
    struct rlimit now{};
    if (::getrlimit(limit.resource, &now) != 0) return refused(limit.name);
    const rlim_t value = std::min(limit.value, now.rlim_max);
    const struct rlimit then{value, value};
    if (::setrlimit(limit.resource, &then) != 0) return refused(limit.name);
  }
  return seal();
}

Status renew_cpu_budget(unsigned seconds) {
  struct rusage used{};
  struct rlimit now{};
  if (::getrusage(RUSAGE_SELF, &used) != 0 || ::getrlimit(RLIMIT_CPU, &now) != 0)
    return refused("processor time");
  const auto so_far = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  // Only the soft limit: a hard one could not be renewed. It guards against loops, not malice.
  now.rlim_cur = std::min(so_far + 1 + seconds, now.rlim_max);
  if (::setrlimit(RLIMIT_CPU, &now) != 0) return refused("processor time");
  return std::monostate{};
}

}  // namespace panicscan::symbolizer
