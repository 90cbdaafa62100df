#include "model/names.h"

#include <algorithm>
#include <array>

namespace panicscan {
namespace {

template <typename Enum>
struct Name {
  Enum value;
  std::string_view name;
};

template <typename Table, typename Enum>
std::string_view spelling(const Table& table, Enum value) {
  const auto found =
      std::ranges::find_if(table, [&](const auto& row) { return row.value == value; });
  return found == table.end() ? std::string_view("other") : found->name;
}

template <typename Enum, typename Table>
std::optional<Enum> reading(const Table& table, std::string_view name) {
  const auto found = std::ranges::find_if(table, [&](const auto& row) { return row.name == name; });
  if (found == table.end()) return std::nullopt;
  return found->value;
}

constexpr std::array kReportKind{
    Name<ReportKind>{ReportKind::kernel_panic, "kernel_panic"},
    Name<ReportKind>{ReportKind::stackshot, "stackshot"},
    Name<ReportKind>{ReportKind::forced_reset, "forced_reset"},
    Name<ReportKind>{ReportKind::crash, "crash"},
    Name<ReportKind>{ReportKind::log, "log"},
    Name<ReportKind>{ReportKind::device_tree, "device_tree"},
    Name<ReportKind>{ReportKind::other, "other"},
};

constexpr std::array kArch{
    Name<Arch>{Arch::unknown, "unknown"},
    Name<Arch>{Arch::arm64, "arm64"},
    Name<Arch>{Arch::x86_64, "x86_64"},
    Name<Arch>{Arch::arm32, "arm32"},
};

constexpr std::array kImageKind{
    Name<ImageKind>{ImageKind::process, "process"},
    Name<ImageKind>{ImageKind::shared_cache, "shared_cache"},
    Name<ImageKind>{ImageKind::cached_library, "cached_library"},
    Name<ImageKind>{ImageKind::kernel, "kernel"},
    Name<ImageKind>{ImageKind::kernel_text_exec, "kernel_text_exec"},
    Name<ImageKind>{ImageKind::kernelcache, "kernelcache"},
    Name<ImageKind>{ImageKind::kext, "kext"},
    Name<ImageKind>{ImageKind::absolute, "absolute"},
    Name<ImageKind>{ImageKind::jit, "jit"},
    Name<ImageKind>{ImageKind::other, "other"},
};

constexpr std::array kAddressKind{
    Name<AddressKind>{AddressKind::pc, "pc"},
    Name<AddressKind>{AddressKind::return_address, "return"},
};

constexpr std::array kWaitKind{
    Name<WaitKind>{WaitKind::kernel_mutex, "kernel_mutex"},
    Name<WaitKind>{WaitKind::port_receive, "port_receive"},
    Name<WaitKind>{WaitKind::port_set_receive, "port_set_receive"},
    Name<WaitKind>{WaitKind::port_send, "port_send"},
    Name<WaitKind>{WaitKind::port_send_in_transit, "port_send_in_transit"},
    Name<WaitKind>{WaitKind::semaphore, "semaphore"},
    Name<WaitKind>{WaitKind::rwlock_read, "rwlock_read"},
    Name<WaitKind>{WaitKind::rwlock_write, "rwlock_write"},
    Name<WaitKind>{WaitKind::rwlock_upgrade, "rwlock_upgrade"},
    Name<WaitKind>{WaitKind::user_lock, "user_lock"},
    Name<WaitKind>{WaitKind::pthread_mutex, "pthread_mutex"},
    Name<WaitKind>{WaitKind::pthread_rwlock_read, "pthread_rwlock_read"},
    Name<WaitKind>{WaitKind::pthread_rwlock_write, "pthread_rwlock_write"},
    Name<WaitKind>{WaitKind::pthread_condvar, "pthread_condvar"},
    Name<WaitKind>{WaitKind::workloop, "workloop"},
    Name<WaitKind>{WaitKind::wait_for_process, "wait_for_process"},
    Name<WaitKind>{WaitKind::inheritor, "inheritor"},
    Name<WaitKind>{WaitKind::eventlink, "eventlink"},
    Name<WaitKind>{WaitKind::compressor, "compressor"},
    Name<WaitKind>{WaitKind::vm, "vm"},
    Name<WaitKind>{WaitKind::exclave, "exclave"},
    Name<WaitKind>{WaitKind::turnstile, "turnstile"},
    Name<WaitKind>{WaitKind::other, "other"},
};

constexpr std::array kNoteKind{
    Name<NoteKind>{NoteKind::damaged, "damaged"},
    Name<NoteKind>{NoteKind::truncated, "truncated"},
    Name<NoteKind>{NoteKind::unknown_line, "unknown_line"},
    Name<NoteKind>{NoteKind::repaired, "repaired"},
    Name<NoteKind>{NoteKind::ambiguous, "ambiguous"},
    Name<NoteKind>{NoteKind::remark, "remark"},
};

constexpr std::array kBacktraceKind{
    Name<BacktraceKind>{BacktraceKind::panicked, "panicked"},
    Name<BacktraceKind>{BacktraceKind::cpu, "cpu"},
    Name<BacktraceKind>{BacktraceKind::nested, "nested"},
    Name<BacktraceKind>{BacktraceKind::allocation, "allocation"},
    Name<BacktraceKind>{BacktraceKind::freed, "freed"},
    Name<BacktraceKind>{BacktraceKind::leak, "leak"},
    Name<BacktraceKind>{BacktraceKind::last_branch, "last_branch"},
};

constexpr std::array kKextList{
    Name<KextList>{KextList::in_backtrace, "in_backtrace"},
    Name<KextList>{KextList::dependency, "dependency"},
    Name<KextList>{KextList::loaded, "loaded"},
    Name<KextList>{KextList::last_started, "last_started"},
    Name<KextList>{KextList::last_stopped, "last_stopped"},
};

constexpr std::array kPlacementStatus{
    Name<PlacementStatus>{PlacementStatus::placed, "ok"},
    Name<PlacementStatus>{PlacementStatus::no_image, "no-image"},
    Name<PlacementStatus>{PlacementStatus::shared_cache, "shared-cache"},
    Name<PlacementStatus>{PlacementStatus::absolute, "absolute"},
    Name<PlacementStatus>{PlacementStatus::not_code, "not-code"},
};

constexpr std::array kSymbolOrigin{
    Name<SymbolOrigin>{SymbolOrigin::dwarf, "dwarf"},
    Name<SymbolOrigin>{SymbolOrigin::gsym, "gsym"},
    Name<SymbolOrigin>{SymbolOrigin::symbol_table, "symbol_table"},
    Name<SymbolOrigin>{SymbolOrigin::report, "report"},
};

constexpr std::array kSymbolStatus{
    Name<SymbolStatus>{SymbolStatus::not_looked_up, "not-looked-up"},
    Name<SymbolStatus>{SymbolStatus::named, "ok"},
    Name<SymbolStatus>{SymbolStatus::no_symbols, "no-symbols"},
    Name<SymbolStatus>{SymbolStatus::uuid_mismatch, "uuid-mismatch"},
    Name<SymbolStatus>{SymbolStatus::near_match, "near-match"},
    Name<SymbolStatus>{SymbolStatus::no_image, "no-image"},
    Name<SymbolStatus>{SymbolStatus::outside_image, "outside-image"},
    Name<SymbolStatus>{SymbolStatus::shared_cache, "shared-cache"},
    Name<SymbolStatus>{SymbolStatus::no_name, "no-name"},
    Name<SymbolStatus>{SymbolStatus::symbolizer_failed, "symbolizer-failed"},
};

constexpr std::array kWaitNodeKind{
    Name<WaitNodeKind>{WaitNodeKind::thread, "thread"},
    Name<WaitNodeKind>{WaitNodeKind::process, "process"},
    Name<WaitNodeKind>{WaitNodeKind::lock, "lock"},
    Name<WaitNodeKind>{WaitNodeKind::port, "port"},
    Name<WaitNodeKind>{WaitNodeKind::queue, "queue"},
    Name<WaitNodeKind>{WaitNodeKind::entry, "entry"},
};
constexpr std::array kWaitStrength{
    Name<WaitStrength>{WaitStrength::blocks, "blocks"},
    Name<WaitStrength>{WaitStrength::may_block, "may_block"},
    Name<WaitStrength>{WaitStrength::object, "object"},
};
constexpr std::array kWaitSureness{
    Name<WaitSureness>{WaitSureness::reported, "reported"},
    Name<WaitSureness>{WaitSureness::evident, "evident"},
    Name<WaitSureness>{WaitSureness::weak, "weak"},
};
constexpr std::array kWaitGapReason{
    Name<WaitGapReason>{WaitGapReason::event_loop, "event_loop"},
    Name<WaitGapReason>{WaitGapReason::any_sender, "any_sender"},
    Name<WaitGapReason>{WaitGapReason::unknown_owner, "unknown_owner"},
    Name<WaitGapReason>{WaitGapReason::no_owner_kept, "no_owner_kept"},
    Name<WaitGapReason>{WaitGapReason::readers, "readers"},
    Name<WaitGapReason>{WaitGapReason::in_transition, "in_transition"},
    Name<WaitGapReason>{WaitGapReason::nobody_holds, "nobody_holds"},
    Name<WaitGapReason>{WaitGapReason::suspended_queue, "suspended_queue"},
    Name<WaitGapReason>{WaitGapReason::thread_requested, "thread_requested"},
    Name<WaitGapReason>{WaitGapReason::any_of_many, "any_of_many"},
    Name<WaitGapReason>{WaitGapReason::unknown_inheritor, "unknown_inheritor"},
    Name<WaitGapReason>{WaitGapReason::no_turnstile, "no_turnstile"},
    Name<WaitGapReason>{WaitGapReason::parked, "parked"},
    Name<WaitGapReason>{WaitGapReason::vm_object, "vm_object"},
    Name<WaitGapReason>{WaitGapReason::unknown_phrase, "unknown_phrase"},
};
constexpr std::array kChainEnd{
    Name<ChainEnd>{ChainEnd::running, "running"},
    Name<ChainEnd>{ChainEnd::suspended, "suspended"},
    Name<ChainEnd>{ChainEnd::exiting, "exiting"},
    Name<ChainEnd>{ChainEnd::idle, "idle"},
    Name<ChainEnd>{ChainEnd::waiting, "waiting"},
    Name<ChainEnd>{ChainEnd::not_there, "not_there"},
    Name<ChainEnd>{ChainEnd::process, "process"},
    Name<ChainEnd>{ChainEnd::object, "object"},
    Name<ChainEnd>{ChainEnd::launching, "launching"},
};
constexpr std::array kOrigin{
    Name<Origin>{Origin::reported, "reported"},
    Name<Origin>{Origin::inferred, "inferred"},
};

constexpr std::array kIntegrityState{
    Name<IntegrityState>{IntegrityState::complete, "complete"},
    Name<IntegrityState>{IntegrityState::truncated, "truncated"},
    Name<IntegrityState>{IntegrityState::damaged, "damaged"},
    Name<IntegrityState>{IntegrityState::repaired, "repaired"},
};

constexpr std::array kVerdict{
    Name<Verdict>{Verdict::own, "own"},         Name<Verdict>{Verdict::third_party, "third_party"},
    Name<Verdict>{Verdict::apple, "apple"},     Name<Verdict>{Verdict::hardware, "hardware"},
    Name<Verdict>{Verdict::unknown, "unknown"},
};

constexpr std::array kVendor{
    Name<Vendor>{Vendor::apple, "apple"},
    Name<Vendor>{Vendor::third_party, "third_party"},
    Name<Vendor>{Vendor::unknown, "unknown"},
};

constexpr std::array kSeverity{
    Name<Severity>{Severity::critical, "critical"}, Name<Severity>{Severity::high, "high"},
    Name<Severity>{Severity::medium, "medium"},     Name<Severity>{Severity::low, "low"},
    Name<Severity>{Severity::info, "info"},
};

constexpr std::array kCertainty{
    Name<Certainty>{Certainty::confirmed, "confirmed"},
    Name<Certainty>{Certainty::likely, "likely"},
    Name<Certainty>{Certainty::possible, "possible"},
};

}  // namespace

std::string_view to_string(ReportKind kind) { return spelling(kReportKind, kind); }
std::string_view to_string(Arch arch) { return spelling(kArch, arch); }
std::string_view to_string(ImageKind kind) { return spelling(kImageKind, kind); }
std::string_view to_string(AddressKind kind) { return spelling(kAddressKind, kind); }
std::string_view to_string(WaitKind kind) { return spelling(kWaitKind, kind); }
std::string_view to_string(NoteKind kind) { return spelling(kNoteKind, kind); }
std::string_view to_string(BacktraceKind kind) { return spelling(kBacktraceKind, kind); }
std::string_view to_string(KextList list) { return spelling(kKextList, list); }
std::string_view to_string(PlacementStatus status) { return spelling(kPlacementStatus, status); }
std::string_view to_string(SymbolOrigin origin) { return spelling(kSymbolOrigin, origin); }
std::string_view to_string(SymbolStatus status) { return spelling(kSymbolStatus, status); }
std::string_view to_string(WaitNodeKind kind) { return spelling(kWaitNodeKind, kind); }
std::string_view to_string(WaitStrength strength) { return spelling(kWaitStrength, strength); }
std::string_view to_string(WaitSureness sureness) { return spelling(kWaitSureness, sureness); }
std::string_view to_string(WaitGapReason reason) { return spelling(kWaitGapReason, reason); }
std::string_view to_string(ChainEnd end) { return spelling(kChainEnd, end); }
std::string_view to_string(Origin origin) { return spelling(kOrigin, origin); }
std::string_view to_string(IntegrityState state) { return spelling(kIntegrityState, state); }
std::string_view to_string(Verdict verdict) { return spelling(kVerdict, verdict); }
std::string_view to_string(Vendor vendor) { return spelling(kVendor, vendor); }
std::string_view to_string(Severity severity) { return spelling(kSeverity, severity); }
std::string_view to_string(Certainty certainty) { return spelling(kCertainty, certainty); }

std::optional<ReportKind> report_kind_from(std::string_view name) {
  return reading<ReportKind>(kReportKind, name);
}
std::optional<ImageKind> image_kind_from(std::string_view name) {
  return reading<ImageKind>(kImageKind, name);
}
std::optional<WaitKind> wait_kind_from(std::string_view name) {
  return reading<WaitKind>(kWaitKind, name);
}
std::optional<Severity> severity_from(std::string_view name) {
  return reading<Severity>(kSeverity, name);
}
std::optional<Certainty> certainty_from(std::string_view name) {
  return reading<Certainty>(kCertainty, name);
}

}  // namespace panicscan
