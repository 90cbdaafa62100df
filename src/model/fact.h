#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_ref.h"
#include "model/ids.h"
#include "model/report.h"
#include "model/value.h"
#include "model/wait_graph.h"

namespace panicscan {

/// One field of a fact: its name in rules, its type, its meaning in a sentence.
struct FactField {
  std::string_view name;
  ValueType type = ValueType::text;
  std::string_view meaning;
};

/// What a kind of fact is and which fields it has. Every analysis file holds its schemas as
/// constexpr tables; they drive load-time checks of rules and the reference page.
struct FactSchema {
  std::string_view name;     ///< "dart.error"
  std::string_view meaning;  ///< one sentence
  std::span<const FactField> fields;
};

/// A sentence that supports a claim, and what it rests on.
struct Evidence {
  std::string says;
  SourceRef where;
  std::optional<Index<Frame>> frame;
  std::optional<ThreadId> thread;
};

/// A number or word of the report, taken apart: "s1 0x1812001 — busy 1, terminating (phase 2, 3)".
struct Decoded {
  std::string name;
  std::string value;
  std::string meaning;
};

/// Something that follows from a report by computation; it has no opinion on severity or fixes.
struct Fact {
  const FactSchema* schema = nullptr;
  Origin origin = Origin::reported;
  /// Whose documents the evidence points into: 0 = the report's, n = those of the n-th companion.
  std::uint32_t companion = 0;
  std::vector<std::optional<Value>> values;  ///< parallel to schema->fields; nothing = not known
  std::vector<Decoded> decoded;              ///< for people: what the numbers in it mean
  std::vector<Evidence> because;

  Fact() = default;
  explicit Fact(const FactSchema& s) : schema(&s), values(s.fields.size()) {}

  /// The value of a field; null when the schema has no such field or it is not known.
  const Value* find(std::string_view field) const;
  /// Sets a field; asserts that the schema has it and that the type is the declared one.
  Fact& set(std::string_view field, Value value);
};

/// How completely the input was there to be read.
enum class IntegrityState { complete, truncated, damaged, repaired };
struct Integrity {
  IntegrityState state = IntegrityState::complete;
  std::vector<std::string> reasons;
};

/// Whose code is to blame, as far as can be told.
enum class Verdict { own, third_party, apple, hardware, unknown };
struct Culprit {
  Verdict verdict = Verdict::unknown;
  std::string image;   ///< function's image or device, "" when unknown
  std::string bundle;  ///< bundle id
  std::string version;
  std::string team;       ///< who looks after it, by the user's file of owners; else empty
  std::string messenger;  ///< who only reported it: "watchdogd", "kernel_task"…
  std::optional<ThreadId> thread;
  std::optional<Index<Frame>> frame;
  std::vector<Evidence> because;
};

/// Everything that was computed from a report, in the order of the table in analysis/analyze.cc.
struct Facts {
  std::vector<Fact> all;
  std::optional<Index<Thread>> panicked_thread;  ///< the stackshot's thread of the panic
  Integrity integrity;
  Culprit culprit;
  WaitGraph waits;  ///< who waits for whom

  /// The first fact of that name; null when there is none.
  const Fact* find(std::string_view name) const;
};

}  // namespace panicscan
