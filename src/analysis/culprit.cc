#include "analysis/analysis.h"
#include "analysis/culprit_waits.h"

#include <array>

#include "analysis/fault.h"
#include "analysis/message.h"
#include "model/names.h"
#include "model/vendor.h"

// Whose code is to blame. The facts were found without an opinion; here they are weighed, strongest
// first, and the first judge that has something to say decides. "unknown" with a reason is an
// answer: the panicked thread is usually only where a problem was found.

namespace panicscan::analysis {
namespace {

/// A fact and reading its fields without ceremony.
class Seen {
 public:
  Seen(const Facts& facts, std::string_view name) : fact_(facts.find(name)) {}
  explicit Seen(const Fact& fact) : fact_(&fact) {}

  explicit operator bool() const { return fact_ != nullptr; }
  std::string text(std::string_view field) const {
    const Value* value = fact_ != nullptr ? fact_->find(field) : nullptr;
    return value != nullptr ? format(*value) : std::string();
  }
  bool is(std::string_view field, std::string_view wanted) const { return text(field) == wanted; }
  std::optional<std::uint64_t> number(std::string_view field) const {
    const Value* value = fact_ != nullptr ? fact_->find(field) : nullptr;
    return value != nullptr ? value->as_number() : std::nullopt;
  }
  /// The fact's own evidence, said in other words.
  Evidence because(std::string says) const {
    Evidence evidence{std::move(says), {}, {}, {}};
    if (fact_ == nullptr || fact_->because.empty()) return evidence;
    evidence.where = fact_->because.front().where;
    evidence.frame = fact_->because.front().frame;
    return evidence;
  }

 private:
  const Fact* fact_;
};

Verdict verdict_of(std::string_view vendor) {
  if (vendor == "third_party") return Verdict::third_party;
  return vendor == "apple" ? Verdict::apple : Verdict::unknown;
}

Culprit blame(Verdict verdict, std::string image, Evidence evidence) {
  Culprit culprit;
  culprit.verdict = verdict;
  culprit.image = std::move(image);
  culprit.because.push_back(std::move(evidence));
  return culprit;
}

Culprit blame_bundle(Verdict verdict, std::string bundle, Evidence evidence) {
  Culprit culprit = blame(verdict, bundle, std::move(evidence));
  culprit.bundle = std::move(bundle);
  return culprit;
}

using Judge = std::optional<Culprit> (*)(const Facts& facts, const Ownership& owners);

std::optional<Culprit> coprocessor(const Facts& facts, const Ownership&) {
  const Seen fact(facts, "panic.coprocessor");
  if (!fact) return std::nullopt;
  const std::string name = fact.text("name");
  return blame(Verdict::apple, name + " firmware",
               fact.because("the firmware of " + name +
                            " panicked; firmware is Apple's, though what "
                            "is connected can provoke it"));
}

std::optional<Culprit> forced_reset(const Facts& facts, const Ownership&) {
  const Seen fact(facts, "reset.forced");
  if (!fact) return std::nullopt;
  return blame(
      Verdict::unknown, {},
      fact.because("the machine was reset from outside; the report does not say what hung"));
}

/// A driver extension that the message names, in whatever kind of panic.
std::optional<Culprit> named_dext(const Facts& facts, const Ownership& owners) {
  const Seen power(facts, "power.setpowerstate");
  const Fact* named = nullptr;
  for (const Fact& fact : facts.all) {
    if (fact.schema->name != "panic.dext") continue;
    const std::string bundle = Seen(fact).text("bundle");
    if (power && !power.is("dext", bundle)) continue;
    // Of several, one's own comes first, else the first.
    if (named != nullptr && (!owners.is_own(bundle) || owners.is_own(Seen(*named).text("bundle"))))
      continue;
    named = &fact;
  }
  if (named == nullptr) return std::nullopt;
  const Seen dext(*named);
  Culprit culprit = blame_bundle(verdict_of(dext.text("vendor")), dext.text("bundle"),
                                 dext.because("the message itself names this driver extension"));
  if (power)
    culprit.because.push_back(
        power.because(power.text("service") + " did not acknowledge its power state"));
  return culprit;
}

std::optional<Culprit> power_timeout(const Facts& facts, const Ownership&) {
  const Seen fact(facts, "power.setpowerstate");
  if (!fact) return std::nullopt;
  const std::string service = fact.text("service");
  if (fact.is("implementation_in", "kext")) {
    const std::string image = fact.text("implementation_image");
    if (image.empty())
      return blame(Verdict::apple, service,
                   fact.because("the function lies in a kext, and for kexts the kernel panics only "
                                "when they are Apple's; the device may be what hangs"));
    return blame_bundle(verdict_of(to_string(vendor_of(image))), image,
                        fact.because("the setPowerState function lies in " + image));
  }
  if (fact.is("implementation_in", "kernel") || fact.is("window", "dext-20s"))
    return blame(Verdict::unknown, service,
                 fact.because("by function or time limit " + service +
                              " is a driver extension, but no line "
                              "says which bundle it belongs to"));
  return blame(Verdict::unknown, service,
               fact.because(service +
                            " did not acknowledge; whose driver that is, the report does not say"));
}

std::optional<Culprit> faulting_kext(const Facts& facts, const Ownership&) {
  for (const Fact& fact : facts.all) {
    const Seen kext(fact);
    if (fact.schema->name != "panic.third_party_kext" || !kext.is("contains_pc", "yes")) continue;
    Culprit culprit = blame_bundle(Verdict::third_party, kext.text("bundle"),
                                   kext.because("it panicked in the code of this kext"));
    culprit.version = kext.text("version");
    return culprit;
  }
  return std::nullopt;
}

std::optional<Culprit> suspected_bundle(const Facts& facts, const Ownership&) {
  const Seen fact(facts, "sleepwake.timeout");
  if (!fact) return std::nullopt;
  const std::string bundle = fact.text("bundle");
  if (bundle.empty())
    return blame(Verdict::unknown, {}, fact.because("the kernel suspects no bundle"));
  Culprit culprit =
      blame_bundle(verdict_of(fact.text("bundle_vendor")), bundle,
                   fact.because("the kernel suspects this bundle: it was being called"));
  if (const auto thread = fact.number("thread")) culprit.thread = ThreadId{*thread};
  return culprit;
}

std::optional<Culprit> device(const Facts& facts, const Ownership&) {
  if (const Seen dart(facts, "dart.error"); dart) {
    const std::string name = dart.text("dart");
    if (dart.is("device_class", "display") || dart.is("device_class", "media"))
      return blame(Verdict::apple, name,
                   dart.because("behind this DART are only the SoC's own display and media units"));
    return blame(
        Verdict::unknown, name,
        dart.because("a device used an address that was not mapped for it: its driver unmapped "
                     "it too early, or the device itself is wrong"));
  }
  if (const Seen port(facts, "pcie.port"); port) {
    const bool device_left = port.is("kind", "link-down") || port.is("kind", "completion-timeout");
    return blame(
        device_left ? Verdict::hardware : Verdict::unknown, port.text("port"),
        port.because(device_left ? "the device at this port stopped answering"
                                 : "the device at this port, or its driver, did what the port "
                                   "does not expect"));
  }
  if (const Seen trap(facts, "x86.trap"); trap && trap.number("number") == 18)
    return blame(Verdict::hardware, {}, trap.because("the processor reports a hardware error"));
  const Seen arm(facts, "arm.exception");
  const auto status = arm.number("fault_status");
  if (arm && status && *status >= 0x18 && *status <= 0x1f)
    return blame(Verdict::hardware, {}, arm.because("the memory is faulty: a parity or ECC error"));
  if (arm && (arm.is("kind", "serror") || status == 0x10))
    return blame(Verdict::unknown, {},
                 arm.because("the bus answered with an error: a device that is off or gone, or the "
                             "driver that still used it"));
  return std::nullopt;
}

/// Who merely waited for something, and who is named as not answering.
std::optional<Culprit> waited_for(const Facts& facts, const Ownership&) {
  if (const Seen service(facts, "watchdog.userspace"); service)
    return blame(
        Verdict::unknown, service.text("service"),
        service.because("this service did not answer; what it waits for, its threads tell"));
  if (const Seen kernel(facts, "watchdog.kernel"); kernel)
    return blame(Verdict::unknown, {},
                 kernel.because("the whole system stood still; watchdogd is the victim"));
  if (const Seen busy(facts, "iokit.busy"); busy) {
    const Seen entry(facts, "iokit.busy_entry");
    if (!entry)
      return blame(Verdict::unknown, {}, busy.because("only the root of the registry is busy"));
    if (busy.number("entries") != 1)
      return blame(
          Verdict::unknown, {},
          busy.because("several entries are busy; one of them, or none, holds up the others"));
    return blame(Verdict::unknown, entry.text("name"),
                 entry.because("this entry is busy; whose driver it is, the report does not say"));
  }
  return std::nullopt;
}

std::optional<Culprit> damaged_memory(const Facts& facts, const Ownership&) {
  const Seen zone(facts, "memory.zone");
  if (zone && zone.is("kind", "modified-after-free"))
    return blame(Verdict::unknown, {},
                 zone.because("the damage was found long after it was done, by somebody else"));
  const Seen arm(facts, "arm.exception");
  const Seen trap(facts, "x86.trap");
  const std::string address = arm ? arm.text("far_class") : trap.text("address_class");
  if (arm.is("kind", "tag-check"))
    return blame(
        Verdict::unknown, arm.text("pc_image"),
        arm.because("this code used a pointer to memory that is no longer its own; who freed "
                    "the memory too early, the report does not say"));
  const bool is_garbage = address == "poison" || address == "ascii" || address == "non-canonical";
  if (!is_garbage && !arm.is("kind", "pac")) return std::nullopt;
  const Seen& fact = arm ? arm : trap;
  return blame(
      Verdict::unknown, fact.text("pc_image"),
      fact.because("the pointer was damaged before it was used: who used it need not be who "
                   "damaged it"));
}

/// The caller of what failed; else a kext in the backtrace, one's own before others.
std::optional<Culprit> kext_in_backtrace(const Facts& facts, const Ownership& owners) {
  // A jump through a null function pointer leaves only the caller to name.
  const std::string caller = Seen(facts, "arm.exception").text("lr_image");
  std::optional<Culprit> culprit;
  for (const Fact& fact : facts.all) {
    if (fact.schema->name != "panic.third_party_kext") continue;
    const Seen kext(fact);
    const bool is_caller = kext.is("bundle", caller);
    const bool is_own =
        culprit && owners.is_own(kext.text("bundle")) && !owners.is_own(culprit->bundle);
    if (culprit && !is_caller && !is_own) continue;
    culprit = blame_bundle(
        Verdict::third_party, kext.text("bundle"),
        kext.because(is_caller ? "the code that failed was called by this kext"
                               : "its code is in the backtrace, though not innermost"));
    culprit->version = kext.text("version");
    if (is_caller) break;
  }
  return culprit;
}

std::optional<Culprit> faulting_image(const Facts& facts, const Ownership&) {
  const Seen arm(facts, "arm.exception");
  const Seen fact = arm ? arm : Seen(facts, "x86.trap");
  const std::string image = fact.text("pc_image");
  if (!fact || image.empty()) return std::nullopt;
  // Code that uses a null pointer, or stops itself, shows a mistake of its own; any other address
  // may have been handed to it.
  const std::string address = arm ? arm.text("far_class") : fact.text("address_class");
  const bool is_own = address == "null" || address == "near-null" || fact.is("kind", "brk") ||
                      fact.is("kind", "unaligned") || fact.is("name", "invalid opcode");
  if (!is_own)
    return blame_bundle(Verdict::unknown, image,
                        fact.because("the fault is in " + image +
                                     "; where the address came from, "
                                     "the report does not say"));
  return blame_bundle(
      verdict_of(fact.text("pc_vendor")), image,
      fact.because("the fault is in " + image + ", and no third-party kext is in the backtrace"));
}

std::optional<Culprit> nobody(const Facts& facts) {
  const Seen fact(facts, "panic.class");
  if (!fact) return std::nullopt;
  return blame(Verdict::unknown, {},
               fact.because("nothing in the report points at somebody's code"));
}

/// Strongest evidence first.
constexpr std::array<Judge, 12> kJudges{
    coprocessor,      forced_reset, named_dext, faulting_kext,  culprit_of_waits,  power_timeout,
    suspected_bundle, device,       waited_for, damaged_memory, kext_in_backtrace, faulting_image,
};

/// Of a crashed process: its own code, as far as its stack or a failed check shows that.
std::optional<Culprit> crashed_process(const Facts& facts) {
  const Seen process(facts, "crash.process");
  if (!process) return std::nullopt;
  const std::string bundle = process.text("bundle");
  const std::string name = bundle.empty() ? process.text("name") : bundle;
  const Verdict verdict = verdict_of(process.text("vendor"));
  const auto by = [&](Verdict how_sure, Evidence evidence) {
    Culprit culprit = blame_bundle(how_sure, name, std::move(evidence));
    culprit.version = process.text("version");
    return culprit;
  };
  const Seen ended(facts, "crash.termination");
  if (ended.is("namespace", "CODESIGNING") || ended.is("namespace", "DYLD"))
    return by(Verdict::unknown, ended.because("it never ran as it should: how it was built, signed "
                                              "or installed is wrong, not what its code does"));
  if (ended.is("namespace", "JETSAM") || ended.is("namespace", "RUNNINGBOARD") ||
      ended.is("namespace", "WATCHDOG"))
    return by(verdict, ended.because("the system ended it; its threads show what it was doing"));
  if (const Seen check(facts, "crash.assertion"); check && check.is("runtime", "yes"))
    return by(verdict, check.because("the DriverKit runtime checked how this driver uses it, and "
                                     "ended it"));
  const Seen thread(facts, "crash.thread");
  const std::string image = thread.text("own_image");
  if (!thread || image.empty())
    return by(Verdict::unknown, thread ? thread.because("no code of its own is on the stack that "
                                                        "crashed")
                                       : process.because("the report does not say which thread "
                                                         "crashed"));
  Culprit culprit =
      by(verdict, thread.because("the innermost code that is not the system's is in " + image));
  culprit.image = image;
  return culprit;
}

/// Who only delivered the news.
std::string messenger_of(const Facts& facts) {
  const std::string reporter = Seen(facts, "panic.class").text("reporter");
  const bool is_outside = reporter != "kernel" && reporter != "coprocessor";
  const Seen panicked(facts, "panic.panicked");
  if (!is_outside && panicked.is("messenger", "yes")) return panicked.text("process");
  return reporter == "kernel" ? std::string() : reporter;
}

void run_crash(const Report& report, Facts& facts) {
  auto culprit = crashed_process(facts);
  if (!culprit) return;
  if (!culprit->because.empty()) culprit->frame = culprit->because.front().frame;
  if (report.crash->crashed_thread)
    culprit->thread = report.threads[report.crash->crashed_thread->value].id;
  facts.culprit = *std::move(culprit);
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic && input.report.crash) return run_crash(input.report, facts);
  if (!input.report.panic) return;
  std::optional<Culprit> culprit;
  for (const Judge judge : kJudges)
    if (!culprit) culprit = judge(facts, input.owners);
  if (!culprit) culprit = nobody(facts);
  if (!culprit) return;
  culprit->messenger = messenger_of(facts);
  if (!culprit->frame && !culprit->because.empty()) culprit->frame = culprit->because.front().frame;
  if (!culprit->thread && culprit->messenger.empty() && input.report.panic->thread)
    culprit->thread = input.report.panic->thread->value;
  facts.culprit = *std::move(culprit);
}

}  // namespace

constinit const Analysis kCulprit{"culprit", {}, run};

}  // namespace panicscan::analysis
