#include "rules/describe.h"

#include <algorithm>
#include <array>

#include "model/names.h"

namespace panicscan::rules {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string reads(const Pattern& pattern) {
  return (pattern.is_regex() ? "fits the expression " : "reads ") + in_quotes(pattern.text());
}

std::string_view scope_words(StackScope scope) {
  constexpr std::array<std::string_view, 6> kWords{
      "the panicked thread",      "a backtrace of the panic text", "any thread",
      "the allocation backtrace", "the backtrace of the free",     "the nested panic's backtrace"};
  return kWords[static_cast<std::size_t>(scope)];
}

std::string_view compare_words(Compare how) {
  switch (how) {
    case Compare::equal:
      return " = ";
    case Compare::greater:
      return " > ";
    case Compare::greater_equal:
      return " >= ";
    case Compare::less:
      return " < ";
    case Compare::less_equal:
      return " <= ";
    case Compare::in:
      return " one of ";
    case Compare::contains:
      return " contains ";
    case Compare::matches:
      return " fits ";
    case Compare::exists:
      return " is known";
  }
  return " ";
}

std::string vendor_words(Vendor vendor) {
  return vendor == Vendor::apple ? "Apple's" : "not Apple's";
}

std::string list_of(const std::vector<Predicate>& predicates, std::string_view between) {
  std::string text;
  for (const Predicate& predicate : predicates)
    text += (text.empty() ? std::string() : std::string(between)) + describe(predicate);
  return text;
}

std::string words(const MessageAsks& asks) {
  return std::string(asks.first_line ? "the first line of the panic message "
                                     : "the panic message ") +
         reads(asks.pattern);
}

std::string words(const FieldAsks& asks) {
  if (!asks.pattern) return "the report has a field " + in_quotes(asks.name);
  return "the field " + in_quotes(asks.name) + " " + reads(*asks.pattern);
}

std::string words(const FactAsks& asks) {
  std::string text = "the fact " + asks.name;
  for (std::size_t i = 0; i < asks.where.size(); ++i) {
    const Comparison& comparison = asks.where[i];
    text += (i == 0 ? " with " : ", ") + comparison.field;
    if (comparison.how == Compare::exists) {
      text += comparison.constants.front() == Value::boolean(true) ? " known" : " not known";
      continue;
    }
    text += compare_words(comparison.how);
    if (comparison.pattern) text += in_quotes(comparison.pattern->text());
    for (std::size_t k = 0; k < comparison.constants.size(); ++k)
      text += (k == 0 ? "" : " | ") + format(comparison.constants[k]);
  }
  return text;
}

std::string words(const FrameAsks& asks) {
  std::string text = "a frame of " + std::string(scope_words(asks.in));
  if (asks.top)
    text = "one of the top " + std::to_string(*asks.top) + " frames of " +
           std::string(scope_words(asks.in));
  std::string which;
  const auto add = [&](const std::string& part) {
    which += (which.empty() ? " is " : ", ") + part;
  };
  if (asks.function) add("in function " + in_quotes(asks.function->text()));
  if (asks.image) add("in image " + in_quotes(asks.image->text()));
  if (asks.vendor) add("in code that is " + vendor_words(*asks.vendor));
  return text + which;
}

std::string words(const StackAsks& asks) {
  std::string text;
  for (const auto& segment : asks.segments) {
    if (!text.empty()) text += ", …";
    for (const Pattern& pattern : segment)
      text += (text.empty() ? "" : ", ") + in_quotes(pattern.text());
  }
  return "in " + std::string(scope_words(asks.in)) +
         " these functions follow each other, innermost first: " + text;
}

std::string words(const ImageAsks& asks) {
  std::string text = "an image";
  if (asks.kind) text += " of kind " + std::string(to_string(*asks.kind));
  if (asks.name) text += " named " + in_quotes(asks.name->text());
  if (asks.bundle) text += " with the bundle id " + in_quotes(asks.bundle->text());
  if (asks.uuid) text += " with the UUID " + to_string(*asks.uuid);
  return text + " is in the report";
}

std::string words(const KextAsks& asks) {
  std::string text = "a kext";
  if (asks.bundle) text += " " + in_quotes(asks.bundle->text());
  if (asks.vendor) text += " that is " + vendor_words(*asks.vendor);
  return text + " is listed" +
         (asks.list ? " under " + std::string(to_string(*asks.list)) : std::string());
}

std::string words(const ThreadAsks& asks) {
  constexpr std::array<std::string_view, 3> kOwners{"nobody", "a thread", "a process"};
  std::string text = "a thread";
  if (asks.name) text += " named " + in_quotes(asks.name->text());
  if (asks.process) text += " of process " + in_quotes(asks.process->text());
  if (asks.queue) text += " on queue " + in_quotes(asks.queue->text());
  if (!asks.state.empty()) text += " in state " + asks.state;
  if (asks.wait || asks.owner)
    text += " waits" + (asks.wait ? " for " + std::string(to_string(*asks.wait)) : std::string()) +
            (asks.owner ? " held by " + std::string(kOwners[static_cast<std::size_t>(*asks.owner)])
                        : std::string());
  else
    text += " is in the stackshot";
  return text;
}

std::string words(const CompanionAsks& asks) {
  return "the companion file " + in_quotes(asks.kind) + " " + reads(asks.pattern);
}

std::string words(const GroupAsks& asks) {
  switch (asks.kind) {
    case GroupKind::any:
      return "one of: " + list_of(asks.of, "; ");
    case GroupKind::all:
      return list_of(asks.of, ", and ");
    case GroupKind::none:
      return "none of: " + list_of(asks.of, "; ");
  }
  return {};
}

}  // namespace

std::string describe(const Predicate& predicate) {
  return std::visit([](const auto& asks) { return words(asks); }, predicate.asks);
}

Certainty certainty_of(int points) {
  if (points >= 80) return Certainty::confirmed;
  if (points >= 55) return Certainty::likely;
  return Certainty::possible;
}

}  // namespace panicscan::rules
