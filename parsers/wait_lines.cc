// Reads waitInfo and turnstileInfo: who waits for what, and who holds it.
//
//   thread 101: kernel mutex 0x99989e5ec6c25b2f owned by thread 100
//   thread 100: turnstile blocked on task pid 900, hops: 1, priority: 81 (com.example.driver)
//
// Two writers, two dialects: the system's own report writer, and xnu's kcdata.py, which leaves out
// "0x" and some blanks and appends the turnstile in brackets. A line is a head phrase followed by
// clauses; both are rows below, written as they are printed with holes in braces. A blank in a
// row stands for any number of blanks, even none ("abcwith unknown owner" is real).
//
// Source: xnu tools/lldbmacros/kcdata.py formatWaitInfo(), osfmk/kern/block_hint.h for the numbers.

#include "parsers/wait_lines.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "base/text.h"
#include "parsers/format.h"

namespace panicscan::parsers {
namespace {

/// A head or a clause: what it looks like, what kind of wait it makes, what it adds to `detail`.
struct Phrase {
  std::string_view pattern;
  std::optional<WaitKind> kind = std::nullopt;
  std::string_view detail = {};
};

/// The detail of a port that the kernel itself serves; its owner is process 0.
constexpr std::string_view kOwnedByKernel = "owned by kernel";

/// The first that fits is taken, so longer ones stand before their beginnings.
constexpr std::array kHeads{
    Phrase{"kernel mutex {object}", WaitKind::kernel_mutex},
    Phrase{"mach_msg receive on", WaitKind::port_receive},
    Phrase{"mach_msg send on", WaitKind::port_send},
    Phrase{"semaphore port {object}", WaitKind::semaphore},
    Phrase{"krwlock {object} for reading", WaitKind::rwlock_read},
    Phrase{"krwlock {object} for writing", WaitKind::rwlock_write},
    Phrase{"krwlock {object} for upgrading", WaitKind::rwlock_upgrade},
    Phrase{"unfair lock {object}", WaitKind::user_lock},
    Phrase{"spin lock {object}", WaitKind::user_lock, "spinlock"},
    Phrase{"pthread mutex {object}", WaitKind::pthread_mutex},
    Phrase{"pthread rwlock {object} for reading", WaitKind::pthread_rwlock_read},
    Phrase{"pthread rwlock {object} for writing", WaitKind::pthread_rwlock_write},
    Phrase{"pthread condvar {object}", WaitKind::pthread_condvar},
    Phrase{"queue that is suspended", WaitKind::workloop, "suspended"},
    Phrase{"queue in a transient state", WaitKind::workloop, "transient state"},
    Phrase{"queue thread to be allocated", WaitKind::workloop, "thread requested"},
    Phrase{"queue processed by thread {tid}", WaitKind::workloop},
    Phrase{"workloop sync wait", WaitKind::workloop},
    Phrase{"thread {tid} in compressor segment {object}", WaitKind::compressor},
    Phrase{"in compressor segment {object}", WaitKind::compressor},
    Phrase{"waitpid, for any children", WaitKind::wait_for_process, "any child"},
    Phrase{"waitpid, for process group {group}", WaitKind::wait_for_process},
    Phrase{"waitpid, for pid {pid}", WaitKind::wait_for_process},
    Phrase{"turnstile, held waitq", WaitKind::inheritor, "held waitq"},
    Phrase{"turnstile, pushing thread {tid}", WaitKind::inheritor},
    Phrase{"eventlink, held waitq", WaitKind::eventlink, "held waitq"},
    Phrase{"eventlink, signaled by thread {tid}", WaitKind::eventlink},
    Phrase{"exclavecore wait, id {object}", WaitKind::exclave, "core"},
    Phrase{"exclavekit wait, id {object}", WaitKind::exclave, "kit"},
    Phrase{"busy page {object}", WaitKind::vm, "busy page"},
    Phrase{"pager initialization for", WaitKind::vm, "pager initialization"},
    Phrase{"page list request in progress for", WaitKind::vm, "page list request"},
    Phrase{"pager ready for", WaitKind::vm, "pager ready"},
    Phrase{"paging/activity in progress for", WaitKind::vm, "paging or activity in progress"},
    Phrase{"mapping in progress for", WaitKind::vm, "mapping in progress"},
    Phrase{"blocked vm object {object}", WaitKind::vm, "memory blocked"},
    Phrase{"paging in progress for", WaitKind::vm, "paging in progress"},
    Phrase{"throttled vm object {object}", WaitKind::vm, "page-in throttle"},
    Phrase{"waiting for vm_map_entry", WaitKind::vm, "vm_map_entry"},
    Phrase{"unknown type {type} (owner {owner}, context {object})"},
    Phrase{"turnstile was in the process of being updated", WaitKind::turnstile, "being updated"},
    Phrase{"turnstile was in process of being updated", WaitKind::turnstile, "being updated"},
    Phrase{"blocked on workqueue: {object}", WaitKind::turnstile, "workqueue"},
    Phrase{"blocked on: {tid}", WaitKind::turnstile},
    Phrase{"blocked on task pid {pid}", WaitKind::turnstile},
    Phrase{"blocked on {tid}", WaitKind::turnstile},
    Phrase{"turnstile has unknown inheritor", WaitKind::turnstile, "unknown inheritor"},
    Phrase{"turnstile with unknown inheritor", WaitKind::turnstile, "unknown inheritor"},
    Phrase{"turnstile blocked on task pid {pid}", WaitKind::turnstile},
    Phrase{"turnstile blocked on task, but ip_lock was held", WaitKind::turnstile, "ip_lock held"},
    Phrase{"turnstile had unknown status", WaitKind::turnstile, "unknown status"},
    Phrase{"unknown turnstile status!", WaitKind::turnstile, "unknown status"},
    Phrase{"no turnstile", WaitKind::turnstile, "no turnstile"},
};

/// What may follow a head, any number of times.
constexpr std::array kClauses{
    Phrase{"REPLY", std::nullopt, "reply"},
    Phrase{"BOOTSTRAP", std::nullopt, "bootstrap"},
    Phrase{"intransit port {object}", std::nullopt, "intransit"},
    Phrase{"intransit port", std::nullopt, "intransit"},
    Phrase{"locked port set {object}", WaitKind::port_set_receive, "locked"},
    Phrase{"port set {object}", WaitKind::port_set_receive},
    Phrase{"locked port {object}", std::nullopt, "locked"},
    Phrase{"locked port", std::nullopt, "locked"},
    Phrase{"in transit to port {destination}", WaitKind::port_send_in_transit},
    Phrase{"in transit to unknown port", WaitKind::port_send_in_transit, "to unknown port"},
    Phrase{"port {object}"},
    Phrase{"vm object {object}"},
    Phrase{"name {name}"},
    Phrase{"in spin mode", std::nullopt, "in spin mode"},
    Phrase{"owned by thread {tid}"},
    Phrase{"owned by pid {pid}"},
    Phrase{"owned by kernel", std::nullopt, kOwnedByKernel},
    Phrase{"with unknown owner", std::nullopt, "unknown owner"},
    Phrase{", suspended", std::nullopt, "suspended"},
    Phrase{", thread requested", std::nullopt, "thread requested"},
    Phrase{", owned by thread {tid}"},
    Phrase{", owner thread {tid}"},
    Phrase{", busy for thread {tid}"},
    Phrase{", unknown owner", std::nullopt, "unknown owner"},
    Phrase{", workloop id {object}"},
    Phrase{", hops: {hops}"},
    Phrase{", priority: {priority}"},
    Phrase{"(flags: {flags})!"},
    Phrase{"flags {flags}"},
};

/// What the `owner` of a wait type is: the same number can be a thread, a process or a port name.
enum class OwnerIs { nothing, thread, process, port_name, port, child };

/// A wait type by its number, for lines that say "unknown type 18 (owner 1234, context 0)".
struct NumberedType {
  std::uint64_t number;
  WaitKind kind;
  OwnerIs owner;
  std::string_view detail = {};
};
constexpr std::array kNumberedTypes{
    NumberedType{0x01, WaitKind::kernel_mutex, OwnerIs::thread},
    NumberedType{0x02, WaitKind::port_receive, OwnerIs::port_name},
    NumberedType{0x03, WaitKind::port_set_receive, OwnerIs::nothing},
    NumberedType{0x04, WaitKind::port_send, OwnerIs::process},
    NumberedType{0x05, WaitKind::port_send_in_transit, OwnerIs::port},
    NumberedType{0x06, WaitKind::semaphore, OwnerIs::process},
    NumberedType{0x07, WaitKind::rwlock_read, OwnerIs::thread},
    NumberedType{0x08, WaitKind::rwlock_write, OwnerIs::thread},
    NumberedType{0x09, WaitKind::rwlock_upgrade, OwnerIs::thread},
    NumberedType{0x0a, WaitKind::user_lock, OwnerIs::thread},
    NumberedType{0x0b, WaitKind::pthread_mutex, OwnerIs::thread},
    NumberedType{0x0c, WaitKind::pthread_rwlock_read, OwnerIs::thread},
    NumberedType{0x0d, WaitKind::pthread_rwlock_write, OwnerIs::thread},
    NumberedType{0x0e, WaitKind::pthread_condvar, OwnerIs::nothing},
    NumberedType{0x0f, WaitKind::other, OwnerIs::nothing, "parked work queue"},
    NumberedType{0x10, WaitKind::workloop, OwnerIs::thread},
    NumberedType{0x11, WaitKind::wait_for_process, OwnerIs::child},
    NumberedType{0x12, WaitKind::inheritor, OwnerIs::thread},
    NumberedType{0x13, WaitKind::eventlink, OwnerIs::thread},
    NumberedType{0x14, WaitKind::compressor, OwnerIs::thread},
    NumberedType{0x15, WaitKind::other, OwnerIs::nothing, "parked bound work queue"},
    NumberedType{0x16, WaitKind::vm, OwnerIs::nothing, "busy page"},
    NumberedType{0x17, WaitKind::vm, OwnerIs::nothing, "pager initialization"},
    NumberedType{0x18, WaitKind::vm, OwnerIs::nothing, "pager ready"},
    NumberedType{0x19, WaitKind::vm, OwnerIs::nothing, "paging or activity in progress"},
    NumberedType{0x1a, WaitKind::vm, OwnerIs::nothing, "mapping in progress"},
    NumberedType{0x1b, WaitKind::vm, OwnerIs::nothing, "memory blocked"},
    NumberedType{0x1c, WaitKind::vm, OwnerIs::nothing, "paging in progress"},
    NumberedType{0x1d, WaitKind::vm, OwnerIs::nothing, "page-in throttle"},
    NumberedType{0x1e, WaitKind::exclave, OwnerIs::thread, "core"},
    NumberedType{0x1f, WaitKind::exclave, OwnerIs::thread, "kit"},
    NumberedType{0x20, WaitKind::vm, OwnerIs::nothing, "vm_map_entry, exclusive"},
    NumberedType{0x21, WaitKind::vm, OwnerIs::nothing, "vm_map_entry, shared"},
    NumberedType{0x22, WaitKind::vm, OwnerIs::nothing, "vm_map_entry, kernel unwire"},
};

/// Owners that are no ids. Source: xnu osfmk/kern/kcdata.h, STACKSHOT_WAITOWNER_*.
struct SpecialOwner {
  std::uint64_t value;
  std::string_view detail;
};
constexpr std::uint64_t kMaxOwner = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kFirstSpecialOwner = kMaxOwner - 7;
constexpr std::array kSpecialOwners{
    SpecialOwner{kMaxOwner - 1, kOwnedByKernel}, SpecialOwner{kMaxOwner - 2, "locked"},
    SpecialOwner{kMaxOwner - 3, "locked"},       SpecialOwner{kMaxOwner - 4, "intransit"},
    SpecialOwner{kMaxOwner - 5, "in spin mode"}, SpecialOwner{kMaxOwner - 6, "thread requested"},
    SpecialOwner{kMaxOwner - 7, "suspended"},
};

void add_detail(WaitEdge& edge, std::string_view detail) {
  if (detail.empty()) return;
  if (!edge.detail.empty()) edge.detail += ", ";
  edge.detail += detail;
}

Owner thread_owner(std::uint64_t tid) { return tid == 0 ? Owner(Nobody{}) : Owner(ThreadId{tid}); }

/// What stood in a hole of a pattern.
struct Captured {
  std::string_view hole;
  std::uint64_t number = 0;
  bool is_negative = false;
};
constexpr std::size_t kMaxHoles = 3;

/// Reads one line into an edge.
class WaitReader {
 public:
  WaitReader(WaitEdge& edge, int hops_base) : edge_(edge), hops_base_(hops_base) {}

  void read(std::string_view text) {
    if (!read_one_of(kHeads, text)) return;
    decode_numbered_type();
    while (read_one_of(kClauses, text)) {
    }
    read_label(text);
  }

  /// "(com.example.service)", "{system com.example.service}", with or without a remark inside.
  void read_label(std::string_view text) {
    text = trim(text);
    const bool is_braced = text.starts_with("{") && text.ends_with("}");
    const bool is_round = text.starts_with("(") && text.ends_with(")");
    if (!is_braced && !is_round) return;
    std::string_view label = text.substr(1, text.size() - 2);
    for (const std::string_view throttled :
         {" (service throttled by launchd)", " (service port throttled by launchd)"}) {
      if (!label.ends_with(throttled)) continue;
      label.remove_suffix(throttled.size());
      add_detail(edge_, "service throttled by launchd");
    }
    if (label.find("truncated") != std::string_view::npos)
      return add_detail(edge_, "label truncated");
    const auto domain_end = is_braced ? label.find(' ') : std::string_view::npos;
    if (domain_end != std::string_view::npos) label.remove_prefix(domain_end + 1);
    edge_.label = trim(label);
  }

 private:
  template <std::size_t N>
  bool read_one_of(const std::array<Phrase, N>& phrases, std::string_view& text) {
    skip_blanks(text);
    for (const Phrase& phrase : phrases) {
      if (!read_pattern(phrase.pattern, text)) continue;
      for (std::size_t i = 0; i < holes_; ++i) keep(captured_[i]);
      if (phrase.kind) edge_.kind = *phrase.kind;
      add_detail(edge_, phrase.detail);
      if (phrase.detail == kOwnedByKernel) set_process(0);
      return true;
    }
    return false;
  }

  /// Advances `text` past the pattern, and captures; or leaves it alone.
  bool read_pattern(std::string_view pattern, std::string_view& text) {
    std::string_view rest = text;
    holes_ = 0;
    while (!pattern.empty()) {
      if (consume(pattern, " ")) {
        skip_blanks(rest);
      } else if (consume(pattern, "{")) {
        if (!read_hole(*consume_until(pattern, "}"), rest)) return false;
      } else if (consume(rest, pattern.substr(0, 1))) {
        pattern.remove_prefix(1);
      } else {
        return false;
      }
    }
    text = rest;
    return true;
  }

  bool read_hole(std::string_view hole, std::string_view& text) {
    const bool is_signed = hole == "pid" || hole == "group";
    const bool is_hex = hole == "object" || hole == "destination" || hole == "name" ||
                        hole == "flags" || (hole == "hops" && hops_base_ == 16);
    Captured& captured = captured_[holes_++];
    captured = {hole, 0, is_signed && consume(text, "-")};
    const auto number = consume_number_in(text, is_hex);
    captured.number = number.value_or(0);
    return number.has_value();
  }

  void keep(const Captured& captured) {
    const auto& [hole, number, is_negative] = captured;
    if (hole == "object" && number != 0) edge_.object = ObjectId{number};
    if (hole == "destination") add_detail(edge_, "to port " + hex(number));
    if (hole == "name") edge_.port_name = number;
    if (hole == "tid") edge_.owner = thread_owner(number);
    if (hole == "pid") set_process(is_negative ? ~number + 1 : number);
    if (hole == "group") add_detail(edge_, "process group " + std::to_string(number));
    if (hole == "hops") edge_.hops = static_cast<std::uint32_t>(number);
    if (hole == "priority") edge_.priority = static_cast<std::uint32_t>(number);
    if (hole == "type") type_ = number;
    if (hole == "owner") owner_ = number;
  }

  static std::optional<std::uint64_t> consume_number_in(std::string_view& text, bool is_hex) {
    if (text.starts_with("0x") || !is_hex) return consume_number(text);
    return consume_hex_digits(text);
  }

  void set_process(std::uint64_t pid) { edge_.owner = ProcessId{static_cast<std::int64_t>(pid)}; }

  void decode_numbered_type() {
    if (!type_) return;
    const auto row = std::ranges::find(kNumberedTypes, *type_, &NumberedType::number);
    if (row == kNumberedTypes.end()) {
      add_detail(edge_, "wait type " + std::to_string(*type_));
      return;
    }
    edge_.kind = row->kind;
    add_detail(edge_, row->detail);
    set_owner(row->owner);
  }

  void set_owner(OwnerIs owner_is) {
    if (owner_is == OwnerIs::child) return set_child();
    if (owner_ >= kFirstSpecialOwner) {
      const auto special = std::ranges::find(kSpecialOwners, owner_, &SpecialOwner::value);
      if (special == kSpecialOwners.end()) return;
      add_detail(edge_, special->detail);
      if (special->detail == kOwnedByKernel) set_process(0);
      return;
    }
    if (owner_ == 0) return;
    if (owner_is == OwnerIs::thread) edge_.owner = ThreadId{owner_};
    if (owner_is == OwnerIs::process) set_process(owner_);
    if (owner_is == OwnerIs::port_name) edge_.port_name = owner_;
    if (owner_is == OwnerIs::port) add_detail(edge_, "to port " + hex(owner_));
  }

  /// waitpid()'s argument: a process, -1 for any child, -n for those of process group n.
  void set_child() {
    const auto pid = static_cast<std::int64_t>(owner_);
    if (pid == -1) return add_detail(edge_, "any child");
    if (pid < -1) return add_detail(edge_, "process group " + std::to_string(~owner_ + 1));
    if (pid > 0) edge_.owner = ProcessId{pid};
  }

  WaitEdge& edge_;
  int hops_base_;
  std::optional<std::uint64_t> type_;
  std::uint64_t owner_ = 0;
  std::array<Captured, kMaxHoles> captured_;
  std::size_t holes_ = 0;
};

/// What kcdata.py appends: "… [blocked on: 12, hops: 1, priority: 31] {system com.example}".
struct Bracketed {
  std::string_view inside;
  std::string_view label;
};
std::optional<Bracketed> take_bracketed(std::string_view& text) {
  const auto open = text.rfind('[');
  const auto close = text.find(']', std::min(open, text.size()));
  if (close == std::string_view::npos) return std::nullopt;
  const Bracketed found{text.substr(open + 1, close - open - 1), trim(text.substr(close + 1))};
  text = trim(text.substr(0, open));
  return found;
}

}  // namespace

Expected<WaitLine> read_wait_line(std::string_view line, SourceRef where) {
  constexpr int kDecimal = 10, kHex = 16;
  std::string_view rest = trim(line);
  std::optional<std::uint64_t> waiter;
  if (consume(rest, "thread")) {
    skip_blanks(rest);
    waiter = consume_number(rest);
  }
  if (!waiter || !consume(rest, ":"))
    return Error{ErrorCode::malformed, "expected \"thread <id>: <what it waits for>\"", where};
  rest = trim(rest);

  WaitLine result;
  result.wait.waiter = {*waiter};
  result.wait.where = where;
  result.wait.phrase = rest;
  if (const auto bracketed = take_bracketed(rest)) {
    result.turnstile = result.wait;
    result.turnstile->phrase = bracketed->inside;
    // kcdata.py prints the hops of "blocked on" with %x, and those of a task with %d.
    WaitReader reader(*result.turnstile,
                      bracketed->inside.starts_with("blocked on") ? kHex : kDecimal);
    reader.read(bracketed->inside);
    reader.read_label(bracketed->label);
  }
  WaitReader(result.wait, kDecimal).read(rest);
  return result;
}

Expected<WaitEdge> parse_wait_line(std::string_view line, SourceRef where) {
  auto read = read_wait_line(line, where);
  if (!read) return std::move(read).error();
  return std::move(read->wait);
}

}  // namespace panicscan::parsers
