#include "analysis/analysis.h"

#include <algorithm>
#include <array>
#include <set>

#include "analysis/io_state.h"
#include "analysis/message.h"
#include "base/text.h"

// busy timeout[0], (60s): 'IOMediaBSDClient' (1,1812001)
// busy timeout[1], (60s): multiple entries holding the registry busy, IOKit termination queue depth
// 7: 'A' (1,1), 'B' (1e,4020001) busy timeout[0], (60s): 'IOResources' up to macOS 12 IOKit Daemon
// (kernelmanagerd) stall[3], (60s): registry root held busy, kernelmanagerd has not checked in
// kextd stall[0], (60s): 'AppleACPIEC'                                         up to macOS 10.15
// Source: xnu iokit/Kernel/IOService.cpp, IOService::waitQuietWithOptions. The kernel prints into a
// buffer of fixed size, so a long list ends anywhere.

namespace panicscan::analysis {
namespace {

constexpr FactField kBusyFields[] = {
    {"kind", ValueType::text, "busy-timeout, kernelmanagerd-stall or kextd-stall"},
    {"index", ValueType::number, "which extension of the deadline ran out, from 0"},
    {"waited", ValueType::seconds, "how long this round waited"},
    {"depth", ValueType::number, "length of the termination queue, when printed"},
    {"entries", ValueType::number, "how many entries the message lists"},
    {"names", ValueType::list, "names of the busy entries, each once"},
    {"root_held", ValueType::boolean, "whether only the root of the registry is busy"},
    {"checked_in", ValueType::boolean, "for root_held: whether kernelmanagerd has checked in"},
    {"all_inactive", ValueType::boolean,
     "whether every entry with state words is inactive (terminated)"},
    {"any_starting", ValueType::boolean, "whether an entry is being matched or started"},
    {"any_terminating", ValueType::boolean, "whether an entry is in a phase of termination"},
    {"any_thunderbolt", ValueType::boolean, "whether a name belongs to Thunderbolt"},
    {"truncated", ValueType::boolean, "whether the list ends in the middle of an entry"},
};
constexpr FactSchema kBusySchema{"iokit.busy", "The I/O registry did not come to rest in time.",
                                 kBusyFields};

constexpr FactField kEntryFields[] = {
    {"name", ValueType::text, "name of the registry entry; for a driver extension its class"},
    {"state0", ValueType::hex, "first state word of the IOService"},
    {"state1", ValueType::hex, "second state word"},
    {"busy_count", ValueType::number, "low ten bits of the second word"},
    {"phase", ValueType::text,
     "what the words say it is doing: starting, terminating, inactive-held, module-stall, busy or "
     "unknown"},
    {"flags", ValueType::list, "names of all bits that are set"},
};
constexpr FactSchema kEntrySchema{"iokit.busy_entry", "One entry that keeps the I/O registry busy.",
                                  kEntryFields};

constexpr const FactSchema* kSchemas[] = {&kBusySchema, &kEntrySchema};

struct Entry {
  std::string_view name;
  std::optional<IoState> state;
  std::string_view whole;
};

/// The message, taken apart; parts are views into it.
struct Busy {
  std::string_view kind, whole;
  std::uint64_t index = 0;
  std::optional<std::uint64_t> waited, depth;
  bool root_held = false, checked_in = false, truncated = false;
  std::uint64_t entries = 0;  ///< all of them
  std::vector<Entry> listed;  ///< at most kMaxEntries of them
};
/// More than the kernel's buffer can hold; a list that is longer was not written by a kernel.
constexpr std::size_t kMaxEntries = 500;

struct Kind {
  std::string_view text, name;
};
constexpr std::array kKinds{
    Kind{"busy timeout[", "busy-timeout"},
    Kind{"IOKit Daemon (kernelmanagerd) stall[", "kernelmanagerd-stall"},
    Kind{"kextd stall[", "kextd-stall"},
};

/// " (1e,4020001)"; nothing when there is no pair, or only the beginning of one.
std::optional<IoState> consume_state(std::string_view& text) {
  std::string_view rest = text;
  if (!consume(rest, " (")) return std::nullopt;
  const auto first = consume_hex_digits(rest);
  if (!first || !consume(rest, ",")) return std::nullopt;
  const auto second = consume_hex_digits(rest);
  if (!second || !consume(rest, ")")) return std::nullopt;
  text = rest;
  return IoState{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*second)};
}

void parse_entries(std::string_view text, Busy& busy) {
  while (text.starts_with("'")) {
    Entry entry;
    const std::string_view start = text;
    text.remove_prefix(1);
    const auto name = consume_until(text, "'");
    if (!name) {
      busy.truncated = true;
      return;
    }
    entry.name = *name;
    entry.state = consume_state(text);
    entry.whole = consumed(start, text);
    ++busy.entries;
    if (busy.listed.size() < kMaxEntries) busy.listed.push_back(entry);
    if (!entry.state && text.starts_with(" (")) {
      busy.truncated = true;
      return;
    }
    if (!consume(text, ", ")) {
      busy.truncated = busy.truncated || !trim(text.substr(0, text.find('\n'))).empty();
      return;
    }
  }
  busy.truncated = true;
}

std::optional<Busy> parse(const Message& message) {
  std::string_view text = message.text();
  Busy busy;
  const auto kind =
      std::ranges::find_if(kKinds, [&](const Kind& k) { return consume(text, k.text); });
  if (kind == kKinds.end()) return std::nullopt;
  busy.kind = kind->name;
  busy.whole = message.first_line();
  const auto index = consume_decimal(text);
  if (!index || !consume(text, "], (")) return std::nullopt;
  busy.index = *index;
  busy.waited = consume_decimal(text);
  if (!consume(text, "s): ")) return busy;

  if (consume(text, "registry root held busy, kernelmanagerd has")) {
    busy.root_held = true;
    busy.checked_in = !text.starts_with(" not");
    return busy;
  }
  if (consume(text, "multiple entries holding the registry busy, IOKit termination queue depth ")) {
    busy.depth = consume_decimal(text);
    consume(text, ": ");
  }
  parse_entries(text, busy);
  return busy;
}

template <std::size_t N>
void add_bits(const IoStateBit (&bits)[N], std::uint32_t word, std::vector<std::string>& names) {
  for (const IoStateBit& bit : bits)
    if ((word & bit.mask) != 0) names.emplace_back(bit.name);
}

std::vector<std::string> bit_names(IoState state) {
  std::vector<std::string> names;
  add_bits(kIoFirstBits, state.first, names);
  add_bits(kIoSecondBits, state.second, names);
  return names;
}

std::string joined(const std::vector<std::string>& words) { return format(Value::list(words)); }

Fact entry_fact(const Entry& entry, const Message& message) {
  Fact fact(kEntrySchema);
  const std::string_view phase = entry.state ? io_phase(*entry.state) : "unknown";
  fact.set("name", Value::text(std::string(entry.name)));
  fact.set("phase", Value::text(std::string(phase)));
  if (entry.state) {
    const IoState state = *entry.state;
    const std::uint32_t count = state.second & kIoBusyMask;
    fact.set("state0", Value::hex(state.first));
    fact.set("state1", Value::hex(state.second));
    fact.set("busy_count", Value::number(count));
    fact.set("flags", Value::list(bit_names(state)));
    std::vector<std::string> first, second;
    add_bits(kIoFirstBits, state.first, first);
    add_bits(kIoSecondBits, state.second, second);
    second.insert(second.begin(), "busy count " + std::to_string(count));
    fact.decoded.push_back({"state[0]", hex(state.first), joined(first)});
    fact.decoded.push_back({"state[1]", hex(state.second), joined(second)});
  }
  fact.decoded.push_back({"phase", std::string(phase), std::string(io_phase_meaning(phase))});
  fact.because.push_back(
      message.says("'" + std::string(entry.name) + "' holds the registry busy", entry.whole));
  return fact;
}

/// What the entries have in common.
void summarize(const Busy& busy, Fact& fact) {
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  bool all_inactive = false, starting = false, terminating = false, thunderbolt = false;
  bool any_state = false, any_active = false;
  for (const Entry& entry : busy.listed) {
    if (seen.insert(entry.name).second) names.emplace_back(entry.name);
    thunderbolt = thunderbolt || entry.name.find("Thunderbolt") != std::string_view::npos;
    if (!entry.state) continue;
    any_state = true;
    any_active = any_active || (entry.state->first & 1) == 0;
    starting = starting || io_phase(*entry.state) == "starting";
    terminating = terminating || io_phase(*entry.state) == "terminating";
  }
  all_inactive = any_state && !any_active;
  fact.set("entries", Value::number(busy.entries));
  fact.set("names", Value::list(std::move(names)));
  fact.set("any_thunderbolt", Value::boolean(thunderbolt));
  if (!any_state) return;
  fact.set("all_inactive", Value::boolean(all_inactive));
  fact.set("any_starting", Value::boolean(starting));
  fact.set("any_terminating", Value::boolean(terminating));
}

void decode(const Busy& busy, Fact& fact) {
  auto& rows = fact.decoded;
  rows.push_back({"deadline", std::to_string(busy.index),
                  busy.index == 0 ? "the first deadline; none was extended"
                                  : "after that many extensions of the deadline"});
  if (busy.depth)
    rows.push_back(
        {"termination queue", std::to_string(*busy.depth),
         *busy.depth == 0
             ? "nothing waits to be terminated"
             : "that many terminations wait for the one terminate thread: it is blocked"});
  if (busy.root_held)
    rows.push_back({"kernelmanagerd", busy.checked_in ? "has checked in" : "has not checked in",
                    busy.checked_in ? "it runs, but the boot-time matching is not done"
                                    : "it never started, crashed, or could not read its files"});
  if (busy.truncated)
    rows.push_back({"list", "cut off", "the kernel's buffer was full; more entries may be busy"});
  if (busy.entries > busy.listed.size())
    rows.push_back({"list", std::to_string(busy.entries), "only the first are taken apart here"});
}

void run(const Input& input, Facts& facts) {
  const Message message(input.report);
  const auto busy = parse(message);
  if (!busy) return;

  Fact fact(kBusySchema);
  fact.set("kind", Value::text(std::string(busy->kind)));
  fact.set("index", Value::number(busy->index));
  if (busy->waited) fact.set("waited", Value::of(ValueType::seconds, *busy->waited));
  if (busy->depth) fact.set("depth", Value::number(*busy->depth));
  fact.set("root_held", Value::boolean(busy->root_held));
  if (busy->root_held) fact.set("checked_in", Value::boolean(busy->checked_in));
  fact.set("truncated", Value::boolean(busy->truncated));
  summarize(*busy, fact);
  decode(*busy, fact);
  fact.because.push_back(message.says("the I/O registry stayed busy", busy->whole));
  facts.all.push_back(std::move(fact));
  for (const Entry& entry : busy->listed) facts.all.push_back(entry_fact(entry, message));
}

}  // namespace

constinit const Analysis kRegistryBusy{"registry_busy", kSchemas, run};

}  // namespace panicscan::analysis
