#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/analyze.h"
#include "catch.h"
#include "model/placement.h"
#include "model/report_builder.h"
#include "model/symbols.h"

namespace panicscan {

/// A report that says `message` and nothing else; more may be added before analysing it.
inline ReportBuilder report_saying(std::string_view message) {
  ReportBuilder builder(std::make_shared<const std::string>(message));
  builder.panic().message = {std::string(message),
                             {0, 0, static_cast<std::uint32_t>(message.size())}};
  return builder;
}

inline Facts facts_of(const Report& report) {
  return analysis::analyze(report, place_frames(report), symbols_in_report(report));
}

inline Facts facts_of(std::string_view message) { return facts_of(report_saying(message).build()); }

/// The threads that are in a ring of waits.
inline std::set<std::uint64_t> deadlocked_threads(const Facts& facts) {
  std::set<std::uint64_t> ids;
  for (const Deadlock& deadlock : facts.waits.deadlocks)
    for (const Index<WaitNode> member : deadlock.members)
      if (facts.waits.nodes[member.value].kind == WaitNodeKind::thread)
        ids.insert(facts.waits.nodes[member.value].id);
  return ids;
}

/// A field as it is printed; "-" when there is no such fact or the field is not known.
inline std::string field(const Facts& facts, std::string_view fact, std::string_view name) {
  const Fact* found = facts.find(fact);
  const Value* value = found != nullptr ? found->find(name) : nullptr;
  return value != nullptr ? format(*value) : "-";
}

/// The meaning of a decoded row of a fact; "-" when it has no such row.
inline std::string decoded(const Facts& facts, std::string_view fact, std::string_view row) {
  if (const Fact* found = facts.find(fact))
    for (const Decoded& part : found->decoded)
      if (part.name == row) return part.value + ": " + part.meaning;
  return "-";
}

inline std::size_t count(const Facts& facts, std::string_view name) {
  std::size_t found = 0;
  for (const Fact& fact : facts.all) found += fact.schema->name == name ? 1 : 0;
  return found;
}

/// The bytes that the first evidence of a fact points at.
inline std::string evidence(const Report& report, const Facts& facts, std::string_view fact,
                            std::size_t index = 0) {
  const Fact* found = facts.find(fact);
  if (found == nullptr || index >= found->because.size()) return "-";
  return std::string(bytes_at(report, found->because[index].where));
}

template <typename T>
Sourced<T> said(std::uint64_t value) {
  return {T{value}, {}};
}

/// Gives a report the layout lines of an Apple silicon kernel whose code is at 0xfffffe0024094000.
inline void add_arm_layout(ReportBuilder& builder) {
  builder.report().machine.arch = Arch::arm64;
  KernelLayout& layout = builder.panic().layout;
  layout.kernelcache_slide = said<Slide>(0x1c4d0000);
  layout.kernelcache_base = said<Address>(0xfffffe00234d4000);
  layout.text_exec_base = said<Address>(0xfffffe0024094000);
}

inline Kext kext_in_backtrace(std::string bundle, std::uint64_t start, std::uint64_t last) {
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = std::move(bundle);
  kext.version = "1.2.3";
  kext.start = Address{start};
  kext.last = Address{last};
  return kext;
}

inline Frame frame_at(std::uint64_t address) {
  Frame frame;
  frame.address = {address};
  return frame;
}

/// Frames that the report names; `next` counts them, so that no two have the same address.
inline IndexRange<Frame> add_named_frames(ReportBuilder& builder,
                                          const std::vector<std::string>& names,
                                          std::uint64_t& next) {
  std::vector<Frame> frames;
  for (const std::string& name : names) {
    Frame frame = frame_at(0xfffffe0008000000 + 16 * next++);
    frame.reported_symbol = name;
    frames.push_back(std::move(frame));
  }
  return builder.add_frames(std::move(frames));
}

inline void add_backtrace(ReportBuilder& builder, const std::vector<std::uint64_t>& addresses) {
  std::vector<Frame> frames;
  for (const std::uint64_t address : addresses) frames.push_back(frame_at(address));
  Backtrace trace;
  trace.frames = builder.add_frames(std::move(frames));
  builder.panic().backtraces.push_back(trace);
}

inline void add_registers(ReportBuilder& builder, std::vector<Register> registers) {
  builder.panic().registers.push_back({std::move(registers), false, {}});
}

}  // namespace panicscan
