#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/fact.h"
#include "model/finding.h"
#include "model/image.h"
#include "model/panic.h"
#include "model/report.h"
#include "model/value.h"
#include "model/vendor.h"
#include "model/wait.h"
#include "rules/pattern.h"
#include "rules/template.h"

namespace panicscan::rules {

/// Which stacks a predicate looks at.
enum class StackScope {
  panicked_thread,  ///< the panicked backtrace, and the panicked thread of the stackshot
  any_backtrace,    ///< every backtrace of the panic text
  any_thread,       ///< everything
  allocation,
  freed,
  nested,
};

struct MessageAsks {
  Pattern pattern;
  bool first_line = false;
};

struct FieldAsks {
  std::string name;
  std::optional<Pattern> pattern;  ///< none: the field has to exist
};

enum class Compare {
  equal,
  greater,
  greater_equal,
  less,
  less_equal,
  in,
  contains,
  matches,
  exists
};

/// One comparison of a fact's field with constants.
struct Comparison {
  std::string field;
  Compare how = Compare::equal;
  std::vector<Value> constants;    ///< one, or several for `in`
  std::optional<Pattern> pattern;  ///< for `matches`
};

struct FactAsks {
  std::string name;
  const FactSchema* schema = nullptr;
  std::vector<Comparison> where;
};

struct FrameAsks {
  StackScope in = StackScope::panicked_thread;
  std::optional<std::uint32_t> top;
  std::optional<Pattern> function, image;
  std::optional<Vendor> vendor;
};

struct StackAsks {
  StackScope in = StackScope::panicked_thread;
  std::vector<std::vector<Pattern>> segments;  ///< neighbours; "..." stands between segments
};

struct ImageAsks {
  std::optional<Pattern> name, bundle;
  std::optional<ImageKind> kind;
  std::optional<Uuid> uuid;
};

struct KextAsks {
  std::optional<KextList> list;
  std::optional<Vendor> vendor;
  std::optional<Pattern> bundle;
};

enum class OwnerKind { nobody, thread, process };

struct ThreadAsks {
  std::string state;  ///< empty: any
  std::optional<WaitKind> wait;
  std::optional<OwnerKind> owner;
  std::optional<Pattern> name, queue, process;
};

/// Of a file that was joined with the report; cannot be evaluated when there is none of its kind.
struct CompanionAsks {
  std::string kind;
  Pattern pattern;
};

struct Predicate;
enum class GroupKind { any, all, none };
struct GroupAsks {
  GroupKind kind = GroupKind::any;
  std::vector<Predicate> of;
};

using Asks = std::variant<FieldAsks, MessageAsks, FactAsks, FrameAsks, StackAsks, ImageAsks,
                          KextAsks, ThreadAsks, CompanionAsks, GroupAsks>;

/// One question to a report.
struct Predicate {
  Asks asks;
  std::string as;                ///< prefix of what it binds; empty: binds no parts
  std::optional<HoleText> says;  ///< the author's sentence
  std::optional<int> base;       ///< of an alternative
  std::uint32_t offset = 0;      ///< in the rule file
};

struct EvidenceRule {
  Predicate predicate;  ///< its `says` is always there
  int points = 0;
  std::optional<HoleText> says_missing;
  std::optional<HoleText> says_nameless;  ///< the stackshot is there, names for it are not
};

struct CauseRule {
  HoleText text;
  std::string likelihood;
  std::optional<HoleText> distinguish;
  std::vector<HoleText> fix;
};

/// Other words for a special case; empty parts keep those of the rule.
struct VariantRule {
  std::vector<Predicate> when;
  std::string title;
  std::optional<Severity> severity;
  std::vector<HoleText> explain, fix;
  std::vector<CauseRule> causes;
};

struct ExampleKext {
  std::string bundle, version;
  KextList list = KextList::in_backtrace;
};
struct ExampleDext {
  std::string bundle, path, state;
};
struct ExampleImage {
  std::string name;
  ImageKind kind = ImageKind::kext;
  std::string uuid;
};
/// A thread of the stackshot; threads of one process follow each other.
struct ExampleThread {
  std::uint64_t id = 0;
  std::string name, process, queue;
  std::uint64_t pid = 0;
  std::vector<std::string> state, kernel, user;  ///< stacks: functions, innermost first
};
/// A capture that must have this value: text as written in the rule file.
struct Expectation {
  std::string name, value;
  std::uint32_t offset = 0;
};

/// A report in miniature; see README part 7.
struct Example {
  bool must_match = true;
  std::string name;
  std::uint32_t offset = 0;
  std::optional<std::string> message, panic_text, sample, joined;
  std::string source, process;
  ReportKind kind = ReportKind::kernel_panic;
  Arch arch = Arch::unknown;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, std::vector<std::string>>> stacks;
  std::vector<ExampleThread> threads;
  std::vector<std::string> waits;
  std::vector<ExampleImage> images;
  std::vector<ExampleKext> kexts;
  std::vector<ExampleDext> dexts;
  std::vector<Expectation> expect;
  std::optional<Certainty> certainty;
  std::string superseded_by;
};

/// A rule as loaded; immutable from then on.
struct Rule {
  std::string id, title;
  std::string status = "experimental";
  Severity severity = Severity::critical;
  std::vector<ReportKind> applies_to;
  std::vector<Predicate> match;
  int base = 0;
  std::vector<EvidenceRule> evidence;
  std::vector<HoleText> explain, fix;
  std::vector<CauseRule> causes;
  std::vector<VariantRule> variants;
  std::vector<std::string> supersedes, false_positives, references, formerly;
  bool has_false_positives = false;  ///< the key is there, even if empty
  bool fallback = false;
  std::vector<Example> examples;

  std::string origin;  ///< "built-in", or the file's path
  std::string file;    ///< how problems name it
  std::string text;    ///< of the file
};

}  // namespace panicscan::rules
