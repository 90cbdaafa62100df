// Questions about stacks: one frame, or functions in order.

#include <algorithm>

#include "base/text.h"
#include "rules/predicates.h"

namespace panicscan::rules {
namespace {

std::string_view scope_name(StackScope scope, const View& view) {
  const Report& report = view.subject().report;
  switch (scope) {
    case StackScope::panicked_thread:
      return report.crash && !report.panic ? "the crashed thread" : "the panicked thread";
    case StackScope::any_backtrace:
      return "the backtraces";
    case StackScope::any_thread:
      return "all threads";
    case StackScope::allocation:
      return "the allocation backtrace";
    case StackScope::freed:
      return "the backtrace of the free";
    case StackScope::nested:
      return "the nested panic";
  }
  return "the stack";
}

/// A function fits with or without its argument list.
std::optional<PatternMatch> fits_function(const Matcher& matcher, std::string_view function,
                                          const Bindings& bound) {
  for (const std::size_t end : {function.size(), function.find('(')}) {
    if (end == std::string_view::npos || end == 0) continue;
    auto match = matcher.fits(function.substr(0, end));
    if (match && bound.agree(match->captures)) return match;
  }
  return std::nullopt;
}

/// The patterns of a FrameAsks with their references filled in.
struct ReadyFrame {
  const FrameAsks& asks;
  std::optional<Matcher> function, image;
};

/// What one frame answers.
struct FrameAnswer {
  Truth truth = Truth::yes;
  std::vector<Binding> binds;
  std::string function;
};

FrameAnswer ask_frame(const ReadyFrame& ready, Index<Frame> frame, const View& view,
                      const Bindings& bound) {
  FrameAnswer answer;
  const auto weaken = [&](Truth truth) { answer.truth = std::min(answer.truth, truth); };
  const std::string_view image = view.image_of(frame);
  const std::span<const Symbol> names = view.subject().symbols.of(frame);
  if (!names.empty()) answer.function = names.front().function;

  if (ready.asks.vendor) {
    const Vendor vendor = view.vendor_at(frame);
    weaken(vendor == Vendor::unknown      ? Truth::unknown
           : vendor == *ready.asks.vendor ? Truth::yes
                                          : Truth::no);
  }
  if (ready.image) {
    const auto match = ready.image->fits(image);
    weaken(image.empty() ? Truth::unknown : match ? Truth::yes : Truth::no);
    if (match)
      answer.binds.insert(answer.binds.end(), match->captures.begin(), match->captures.end());
  }
  if (ready.function && answer.truth != Truth::no) {
    Truth found = names.empty() && !view.is_nameless(frame) ? Truth::unknown : Truth::no;
    for (const Symbol& symbol : names) {
      const auto match = fits_function(*ready.function, symbol.function, bound);
      if (!match) continue;
      found = Truth::yes;
      answer.function = symbol.function;
      answer.binds.insert(answer.binds.end(), match->captures.begin(), match->captures.end());
      break;
    }
    weaken(found);
  }
  return answer;
}

/// What to ask for when no stack of a scope holds and some have no names, or there is none.
Lack lack_of(StackScope scope, const View& view) {
  if (scope != StackScope::any_thread) return Lack::names;
  return view.has_stackshot() ? Lack::thread_names : Lack::stackshot;
}

/// Likewise, when the report has no stack of that scope at all.
Lack lack_of_stacks(StackScope scope, const View& view) {
  const bool is_of_threads = scope == StackScope::any_thread && !view.has_stackshot();
  return is_of_threads ? Lack::stackshot : Lack::other;
}

/// The names of a stack, inlined ones included, innermost first.
struct StackName {
  std::string_view function;
  Index<Frame> frame;
};

/// Finds the neighbours of one segment at or behind `at`; the position behind them.
std::optional<std::size_t> find_segment(const std::vector<Matcher>& segment,
                                        const std::vector<StackName>& names, std::size_t at,
                                        const Bindings& bound, std::vector<Binding>& binds) {
  for (; at + segment.size() <= names.size(); ++at) {
    std::vector<Binding> captured;
    std::size_t i = 0;
    for (; i < segment.size(); ++i) {
      const auto match = fits_function(segment[i], names[at + i].function, bound);
      if (!match) break;
      captured.insert(captured.end(), match->captures.begin(), match->captures.end());
    }
    if (i < segment.size()) continue;
    binds.insert(binds.end(), captured.begin(), captured.end());
    return at + segment.size();
  }
  return std::nullopt;
}

}  // namespace

Outcome ask(const FrameAsks& asks, const std::string& as, const View& view, const Bindings& bound) {
  ReadyFrame ready{asks, {}, {}};
  if (asks.function && !(ready.function = asks.function->with(bound))) return Outcome::unknown();
  if (asks.image && !(ready.image = asks.image->with(bound))) return Outcome::unknown();

  const auto& stacks = view.stacks(asks.in);
  if (stacks.empty()) return Outcome::unknown(lack_of_stacks(asks.in, view));
  bool some_unknown = false;
  for (const View::Stack& stack : stacks) {
    const std::uint32_t shown = std::min(stack.frames.size(), asks.top.value_or(0xffffffff));
    for (std::uint32_t i = stack.frames.begin; i < stack.frames.begin + shown; ++i) {
      FrameAnswer answer = ask_frame(ready, {i}, view, bound);
      some_unknown = some_unknown || answer.truth == Truth::unknown;
      if (answer.truth != Truth::yes || !bound.agree(answer.binds)) continue;

      const Frame& frame = view.subject().report.frames[i];
      const std::string_view image = view.image_of({i});
      Outcome outcome;
      outcome.truth = Truth::yes;
      outcome.binds = std::move(answer.binds);
      bind_part(outcome.binds, as, "function", answer.function);
      bind_part(outcome.binds, as, "image", image);
      if (!as.empty())
        outcome.binds.push_back(
            {as + ".address", Value::address(frame.address.value), hex16(frame.address.value)});
      std::string what = answer.function.empty() ? hex16(frame.address.value) : answer.function;
      if (!image.empty()) what += " in " + std::string(image);
      if (stack.thread) what += ", thread " + std::to_string(stack.thread->value);
      outcome.reasons.push_back(
          {"frame of " + std::string(scope_name(asks.in, view)) + ": " + quoted(what), 0,
           frame.where});
      return outcome;
    }
  }
  if (some_unknown || (asks.in == StackScope::any_thread && !view.has_stackshot()))
    return Outcome::unknown(lack_of(asks.in, view));
  return {};
}

Outcome ask(const StackAsks& asks, const std::string&, const View& view, const Bindings& bound) {
  std::vector<std::vector<Matcher>> segments;
  for (const auto& segment : asks.segments) {
    segments.emplace_back();
    for (const Pattern& pattern : segment) {
      auto matcher = pattern.with(bound);
      if (!matcher) return Outcome::unknown();
      segments.back().push_back(*std::move(matcher));
    }
  }
  const auto& stacks = view.stacks(asks.in);
  if (stacks.empty()) return Outcome::unknown(lack_of_stacks(asks.in, view));
  bool some_unknown = false;
  for (const View::Stack& stack : stacks) {
    std::vector<StackName> names;
    for (std::uint32_t i = stack.frames.begin; i < stack.frames.end; ++i) {
      const auto symbols = view.subject().symbols.of({i});
      if (symbols.empty() && !view.is_nameless({i})) some_unknown = true;
      if (symbols.empty()) names.push_back({{}, {i}});
      for (const Symbol& symbol : symbols) names.push_back({symbol.function, {i}});
    }
    std::optional<std::size_t> at = 0;
    std::optional<std::uint32_t> first;
    Outcome outcome;
    for (const auto& segment : segments) {
      at = find_segment(segment, names, *at, bound, outcome.binds);
      if (!at) break;
      if (!first) first = names[*at - segment.size()].frame.value;
    }
    if (!at || !bound.agree(outcome.binds)) continue;
    outcome.truth = Truth::yes;
    std::string what = "stack of " + std::string(scope_name(asks.in, view)) + ":";
    for (const auto& segment : asks.segments)
      for (const Pattern& pattern : segment) what += " " + pattern.text();
    outcome.reasons.push_back({quoted(what), 0, view.subject().report.frames[*first].where});
    return outcome;
  }
  if (some_unknown || (asks.in == StackScope::any_thread && !view.has_stackshot()))
    return Outcome::unknown(lack_of(asks.in, view));
  return {};
}

}  // namespace panicscan::rules
