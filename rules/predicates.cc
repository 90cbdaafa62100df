// Questions about texts, facts and groups. Frames are in predicate_frames.cc, images, kexts and
// threads in predicate_things.cc.

#include "rules/predicates.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "model/driver_extension.h"
#include "model/names.h"
#include "rules/load_where.h"

namespace panicscan::rules {
namespace {

/// Texts are quoted in sentences up to this many bytes.
constexpr std::size_t kQuotedLength = 160;

Truth from_bool(bool holds) { return holds ? Truth::yes : Truth::no; }

/// The first fit of a pattern whose captures agree with what is bound already.
std::optional<PatternMatch> find(const Matcher& matcher, std::string_view text, bool first_line,
                                 const Bindings& bound) {
  return matcher.find_in(text, first_line,
                         [&](const PatternMatch& m) { return bound.agree(m.captures); });
}

std::optional<Value> field_value(const Fact& fact, const std::string& field) {
  if (field == kOriginField) return Value::text(std::string(to_string(fact.origin)));
  const Value* value = fact.find(field);
  if (value == nullptr) return std::nullopt;
  return *value;
}

bool equal(const Value& a, const Value& b) {
  const auto x = a.as_number();
  const auto y = b.as_number();
  return x && y ? *x == *y : a.data == b.data;
}

bool contains(const Value& value, const Value& constant) {
  const std::string wanted = format(constant);
  if (const auto* items = std::get_if<std::vector<std::string>>(&value.data))
    return std::ranges::find(*items, wanted) != items->end();
  const auto* text = std::get_if<std::string>(&value.data);
  return text != nullptr && text->find(wanted) != std::string::npos;
}

bool matches(const Value& value, const Pattern& pattern) {
  const auto matcher = pattern.with({});
  if (!matcher) return false;
  const auto any = [](const PatternMatch&) { return true; };
  if (const auto* items = std::get_if<std::vector<std::string>>(&value.data))
    return std::ranges::any_of(*items, [&](const std::string& item) {
      return matcher->find_in(item, false, any).has_value();
    });
  const auto* text = std::get_if<std::string>(&value.data);
  return text != nullptr && matcher->find_in(*text, false, any).has_value();
}

bool compare(const Comparison& comparison, const Value& value) {
  const auto number = value.as_number();
  const auto constant =
      comparison.constants.empty() ? std::nullopt : comparison.constants.front().as_number();
  const bool both = number && constant;
  switch (comparison.how) {
    case Compare::equal:
      return equal(value, comparison.constants.front());
    case Compare::greater:
      return both && *number > *constant;
    case Compare::greater_equal:
      return both && *number >= *constant;
    case Compare::less:
      return both && *number < *constant;
    case Compare::less_equal:
      return both && *number <= *constant;
    case Compare::in:
      return std::ranges::any_of(comparison.constants,
                                 [&](const Value& c) { return equal(value, c); });
    case Compare::contains:
      return contains(value, comparison.constants.front());
    case Compare::matches:
      return matches(value, *comparison.pattern);
    case Compare::exists:
      return comparison.constants.front() == Value::boolean(true);
  }
  return false;
}

Truth test(const Comparison& comparison, const Fact& fact) {
  const auto value = field_value(fact, comparison.field);
  if (comparison.how == Compare::exists)
    return from_bool(value.has_value() == (comparison.constants.front() == Value::boolean(true)));
  if (!value) return Truth::unknown;
  if (compare(comparison, *value)) return Truth::yes;
  // "unknown" is how an analysis says that it could not tell.
  const auto* text = std::get_if<std::string>(&value->data);
  return text != nullptr && *text == "unknown" ? Truth::unknown : Truth::no;
}

std::string fact_sentence(const FactAsks& asks, const Fact& fact) {
  std::vector<std::string> fields;
  for (const Comparison& comparison : asks.where)
    if (std::ranges::find(fields, comparison.field) == fields.end())
      fields.push_back(comparison.field);
  std::string says;
  for (const std::string& field : fields)
    if (const auto value = field_value(fact, field))
      says += (says.empty() ? ": " : ", ") + field + " " + quoted(format(*value));
  if (says.empty() && !fact.because.empty()) return fact.because.front().says;
  return asks.name + says;
}

/// Whether a companion is of a kind that rules ask for.
bool is_companion(const Companion& companion, std::string_view kind) {
  struct Row {
    std::string_view kind;
    ReportKind report;
  };
  constexpr std::array kRows{Row{"log", ReportKind::log}, Row{"ioreg", ReportKind::device_tree},
                             Row{"dext_crash", ReportKind::crash}};
  if (kind == "source") return companion.report.format == kDriverSourceFormat;
  if (kind == "sysdiagnose") return companion.source.path.find('!') != std::string::npos;
  const auto row = std::ranges::find(kRows, kind, &Row::kind);
  return row != kRows.end() && row->report == companion.report.kind;
}

}  // namespace

Outcome Outcome::unknown(Lack lack) {
  Outcome outcome;
  outcome.truth = Truth::unknown;
  outcome.lack = lack;
  return outcome;
}

void bind_part(std::vector<Binding>& binds, const std::string& as, std::string_view part,
               std::string_view text) {
  if (as.empty() || text.empty()) return;
  binds.push_back(
      {as + "." + std::string(part), Value::text(std::string(text)), std::string(text)});
}

std::string quoted(std::string_view text) {
  text = trim(text);
  if (const std::size_t end = text.find('\n'); end != std::string_view::npos)
    return quoted(text.substr(0, end)) + "…";
  if (text.size() <= kQuotedLength) return std::string(text);
  std::size_t end = kQuotedLength;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

Outcome ask(const MessageAsks& asks, const std::string&, const View& view, const Bindings& bound) {
  const auto message = view.message();
  if (!message) return Outcome::unknown();
  if (!view.message_may_hold(asks.pattern.literals())) return {};
  const auto matcher = asks.pattern.with(bound);
  if (!matcher) return Outcome::unknown();
  auto match = find(*matcher, *message, asks.first_line, bound);
  if (!match) return {};
  Outcome outcome;
  outcome.truth = Truth::yes;
  outcome.reasons.push_back(
      {"the panic message reads \"" + quoted(message->substr(match->offset, match->length)) + "\"",
       0, view.message_piece(match->offset, match->length)});
  outcome.binds = std::move(match->captures);
  return outcome;
}

Outcome ask(const FieldAsks& asks, const std::string&, const View& view, const Bindings& bound) {
  std::optional<Matcher> matcher;
  if (asks.pattern) {
    matcher = asks.pattern->with(bound);
    if (!matcher) return Outcome::unknown();
  }
  for (const std::uint32_t index : view.fields(asks.name)) {
    const Field& field = view.subject().report.fields[index];
    PatternMatch match;
    match.length = static_cast<std::uint32_t>(field.value.size());
    if (matcher) {
      auto found = find(*matcher, field.value, false, bound);
      if (!found) continue;
      match = *std::move(found);
    }
    Outcome outcome;
    outcome.truth = Truth::yes;
    outcome.reasons.push_back(
        {"the report says \"" + asks.name + ": " +
             quoted(std::string_view(field.value).substr(match.offset, match.length)) + "\"",
         0, field.where});
    outcome.binds = std::move(match.captures);
    return outcome;
  }
  return {};
}

Outcome ask(const FactAsks& asks, const std::string& as, const View& view, const Bindings&) {
  Outcome outcome;
  for (const Fact* fact : view.facts(asks.name)) {
    Truth truth = Truth::yes;
    for (const Comparison& comparison : asks.where)
      truth = std::min(truth, test(comparison, *fact));
    if (truth == Truth::unknown) outcome = Outcome::unknown();
    if (truth != Truth::yes) continue;

    Outcome holds;
    holds.truth = Truth::yes;
    holds.is_inferred = fact->origin == Origin::inferred;
    const SourceRef where = fact->because.empty() ? SourceRef{} : fact->because.front().where;
    holds.reasons.push_back({fact_sentence(asks, *fact), 0, where, fact->companion});
    if (!as.empty())
      for (std::size_t i = 0; i < fact->values.size() && i < fact->schema->fields.size(); ++i)
        if (const auto& value = fact->values[i])
          holds.binds.push_back(
              {as + "." + std::string(fact->schema->fields[i].name), *value, format(*value)});
    return holds;
  }
  return outcome;
}

Outcome ask(const CompanionAsks& asks, const std::string&, const View& view,
            const Bindings& bound) {
  const auto matcher = asks.pattern.with(bound);
  if (!matcher) return Outcome::unknown();
  bool has_one = false;
  const auto companions = view.subject().companions;
  for (std::size_t i = 0; i < companions.size(); ++i) {
    if (!is_companion(companions[i], asks.kind)) continue;
    has_one = true;
    const std::string_view text = *companions[i].source.bytes;
    auto found = find(*matcher, text, false, bound);
    if (!found) continue;
    Outcome outcome;
    outcome.truth = Truth::yes;
    // Positions are those of the file, unless it was packed.
    SourceRef where;
    if (!companions[i].report.documents.empty() &&
        companions[i].report.documents.front().text().size() == text.size())
      where = {0, found->offset, found->length};
    outcome.reasons.push_back({"the joined " + asks.kind + " says \"" +
                                   quoted(text.substr(found->offset, found->length)) + "\"",
                               0, where, static_cast<std::uint32_t>(i + 1)});
    outcome.binds = std::move(found->captures);
    return outcome;
  }
  return has_one ? Outcome{} : Outcome::unknown(Lack::companion);
}

Outcome ask(const GroupAsks& asks, const std::string&, const View& view, const Bindings& bound) {
  if (asks.kind == GroupKind::all) return evaluate_all(asks.of, view, bound);
  Outcome unknown;
  for (const Predicate& predicate : asks.of) {
    Outcome outcome = evaluate(predicate, view, bound);
    if (outcome.truth == Truth::yes && asks.kind == GroupKind::any) return outcome;
    if (outcome.truth == Truth::yes) return {};
    if (outcome.truth == Truth::unknown && unknown.truth == Truth::no) unknown = std::move(outcome);
  }
  if (unknown.truth == Truth::unknown || asks.kind == GroupKind::any) return unknown;
  Outcome none;
  none.truth = Truth::yes;
  return none;
}

Outcome evaluate(const Predicate& predicate, const View& view, const Bindings& bound) {
  Outcome outcome = std::visit(
      [&](const auto& asks) { return ask(asks, predicate.as, view, bound); }, predicate.asks);
  if (outcome.truth != Truth::yes) return outcome;
  if (!bound.agree(outcome.binds)) return {};
  if (predicate.base) outcome.base = predicate.base;
  if (predicate.says) {
    Bindings all = bound;
    all.add(outcome.binds);
    if (const auto says = predicate.says->fill(all)) {
      Reason reason = outcome.reasons.empty() ? Reason{} : outcome.reasons.front();
      reason.says = *says;
      outcome.reasons = {std::move(reason)};
    }
  }
  return outcome;
}

Outcome evaluate_all(const std::vector<Predicate>& predicates, const View& view,
                     const Bindings& bound) {
  Outcome together;
  together.truth = Truth::yes;
  Bindings all = bound;
  Outcome unknown;
  for (const Predicate& predicate : predicates) {
    Outcome one = evaluate(predicate, view, all);
    if (one.truth == Truth::no) return one;
    if (one.truth == Truth::unknown) {
      if (unknown.truth == Truth::no) unknown = std::move(one);
      continue;
    }
    all.add(one.binds);
    together.binds.insert(together.binds.end(), one.binds.begin(), one.binds.end());
    together.reasons.insert(together.reasons.end(), one.reasons.begin(), one.reasons.end());
    together.is_inferred = together.is_inferred || one.is_inferred;
    if (one.base) together.base = one.base;
  }
  if (unknown.truth == Truth::unknown) return unknown;
  return together;
}

}  // namespace panicscan::rules
