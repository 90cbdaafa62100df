#include "analysis/analysis.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "analysis/fault.h"
#include "base/text.h"
#include "model/vendor.h"

// Only kexts that the report lists under "Kernel Extensions in backtrace" count. The list of loaded
// kexts and the "last started kext" line say what was installed, not what was running.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"bundle", ValueType::text, "bundle id"},
    {"version", ValueType::text, "version as printed"},
    {"contains_pc", ValueType::boolean,
     "whether the faulting instruction, or without one the innermost frame behind the panic call, "
     "lies in it"},
    {"frames", ValueType::number, "how many frames of the panicked backtrace lie in it"},
    {"cpu", ValueType::number,
     "the other CPU whose backtrace it is in, when that of the panic runs past it"},
};
constexpr FactSchema kSchema{"panic.third_party_kext",
                             "A kernel extension not by Apple whose code is in the backtrace.",
                             kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// A kernel scans 32 frames for kexts, so it cannot list more; what is longer is no kernel's work.
constexpr std::size_t kMostKexts = 200;

/// How many frames of the panicked backtrace lie in an image, and which is the innermost.
struct Presence {
  std::uint64_t frames = 0;
  std::optional<Index<Frame>> innermost;
};

using Presences = std::map<std::string_view, Presence>;

Presences presence_by_image(const Input& input, const Backtrace* trace) {
  Presences presence;
  if (trace == nullptr) return presence;
  for (std::uint32_t i = trace->frames.begin; i < trace->frames.end; ++i) {
    if (i >= input.placements.size()) break;
    Presence& in_image = presence[input.placements[i].image];
    ++in_image.frames;
    if (!in_image.innermost) in_image.innermost = Index<Frame>{i};
  }
  return presence;
}

/// Where code of a kext was running on another CPU, which an NMI stopped to see what it did.
struct OtherCpu {
  std::uint32_t cpu = 0;
  Presences presence;
};

std::vector<OtherCpu> other_cpus(const Input& input) {
  std::vector<OtherCpu> others;
  for (const Backtrace& trace : input.report.panic->backtraces)
    if (trace.kind == BacktraceKind::cpu && trace.cpu)
      others.push_back({*trace.cpu, presence_by_image(input, &trace)});
  return others;
}

bool contains(const Kext& kext, std::optional<Address> address, const Placer& placer) {
  if (!address || !kext.start || !kext.last) return false;
  const Address stripped = placer.strip(*address);
  return *kext.start <= stripped && stripped <= *kext.last;
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  const Panic& panic = *input.report.panic;
  auto pc = fault_pc(panic);
  const bool is_exception = pc.has_value();
  if (!pc && panic.caller) pc = panic.caller->value;

  auto presence_in = presence_by_image(input, panicked_backtrace(panic));
  const std::vector<OtherCpu> others = other_cpus(input);
  std::set<std::string_view> seen;
  for (const Kext& kext : panic.kexts) {
    if (kext.list != KextList::in_backtrace || !is_third_party(kext.bundle_id)) continue;
    if (seen.size() == kMostKexts || !seen.insert(kext.bundle_id).second) continue;
    const Presence presence = presence_in[kext.bundle_id];
    const bool has_pc = contains(kext, pc, input.placer);
    const auto other = std::ranges::find_if(others, [&](const OtherCpu& one) {
      return presence.frames == 0 && !has_pc && one.presence.contains(kext.bundle_id);
    });

    Fact fact(kSchema);
    fact.set("bundle", Value::text(kext.bundle_id));
    if (!kext.version.empty()) fact.set("version", Value::text(kext.version));
    fact.set("contains_pc", Value::boolean(has_pc));
    fact.set("frames", Value::number(presence.frames));
    if (other != others.end()) {
      fact.set("cpu", Value::number(other->cpu));
      fact.decoded.push_back({"found on", "CPU " + std::to_string(other->cpu),
                              "in the backtrace of that CPU, not in that of the panic"});
    }
    if (kext.start && kext.last)
      fact.decoded.push_back({"range", hex16(kext.start->value) + "-" + hex16(kext.last->value),
                              presence.frames == 1 ? "1 frame of the backtrace lies in it"
                                                   : std::to_string(presence.frames) +
                                                         " frames of the backtrace lie in it"});
    if (has_pc)
      fact.decoded.push_back(
          {is_exception ? "pc" : "caller", hex16(pc->value),
           is_exception ? "the faulting instruction lies in it" : "it called panic() itself"});
    Evidence evidence{"the report lists " + kext.bundle_id + " among the kexts in the backtrace",
                      kext.where,
                      presence.innermost,
                      {}};
    fact.because.push_back(std::move(evidence));
    facts.all.push_back(std::move(fact));
  }
}

}  // namespace

constinit const Analysis kThirdParty{"third_party", kSchemas, run};

}  // namespace panicscan::analysis
