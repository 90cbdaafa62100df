#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/finding.h"
#include "rules/bindings.h"
#include "rules/rule.h"
#include "rules/view.h"

namespace panicscan::rules {

/// Whether a predicate holds. `unknown`: the report lacks what would be needed to tell.
enum class Truth { no, unknown, yes };

/// What a report lacks, where one sentence can say what would help: what is given to the tool
/// beside it. A value that an analysis could not tell has no such sentence.
enum class Lack { other, stackshot, names, thread_names, companion };

/// What came of one predicate.
struct Outcome {
  Truth truth = Truth::no;
  std::vector<Reason> reasons;  ///< yes: what it rests on; points are set by the caller
  std::vector<Binding> binds;   ///< yes: captures and parts
  bool is_inferred = false;     ///< yes: rests on an inferred fact
  std::optional<int> base;      ///< yes: of the alternative that decided
  Lack lack = Lack::other;      ///< unknown: what would be needed

  static Outcome unknown(Lack lack = Lack::other);
};

/// Asks one predicate of a report; `bound` are the names captured so far.
Outcome evaluate(const Predicate& predicate, const View& view, const Bindings& bound);

/// Asks all, in order, each with the captures of those before; stops at the first that does not
/// hold.
Outcome evaluate_all(const std::vector<Predicate>& predicates, const View& view,
                     const Bindings& bound);

// The parts of evaluate(), one a kind of predicate. `as` is the prefix for parts.
Outcome ask(const MessageAsks& asks, const std::string& as, const View& view,
            const Bindings& bound);
Outcome ask(const FieldAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const FactAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const FrameAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const StackAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const ImageAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const KextAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const ThreadAsks& asks, const std::string& as, const View& view, const Bindings& bound);
Outcome ask(const CompanionAsks& asks, const std::string& as, const View& view,
            const Bindings& bound);
Outcome ask(const GroupAsks& asks, const std::string& as, const View& view, const Bindings& bound);

/// Parts of what `as` names: "dext" + "bundle" → "dext.bundle". Nothing is bound without `as`.
void bind_part(std::vector<Binding>& binds, const std::string& as, std::string_view part,
               std::string_view text);

/// A text of the report, shortened to be quoted in a sentence.
std::string quoted(std::string_view text);

}  // namespace panicscan::rules
