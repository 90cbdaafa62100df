#include "rules/view.h"

#include <algorithm>
#include <array>

namespace panicscan::rules {
namespace {

constexpr std::size_t kScopeCount = 6;
constexpr std::size_t slot(StackScope scope) { return static_cast<std::size_t>(scope); }

/// Scopes that hold the backtraces of one kind only.
struct ScopeRow {
  BacktraceKind kind;
  StackScope scope;
};
constexpr std::array kScopeOf{
    ScopeRow{BacktraceKind::panicked, StackScope::panicked_thread},
    ScopeRow{BacktraceKind::allocation, StackScope::allocation},
    ScopeRow{BacktraceKind::freed, StackScope::freed},
    ScopeRow{BacktraceKind::nested, StackScope::nested},
};

}  // namespace

View::View(const Subject& subject, const LiteralSet& message_literals) : subject_(subject) {
  const Report& report = subject.report;
  scan_ = message_literals.scan(message().value_or(std::string_view()));
  for (std::uint32_t i = 0; i < report.fields.size(); ++i)
    fields_[report.fields[i].name].push_back(i);
  for (const Fact& fact : subject.facts.all)
    if (fact.schema != nullptr) facts_[fact.schema->name].push_back(&fact);
  for (std::uint32_t i = 0; i < report.threads.size(); ++i)
    threads_.try_emplace(report.threads[i].id.value, i);
  for (std::uint32_t i = 0; i < report.waits.size(); ++i)
    waits_[report.waits[i].waiter.value].push_back(i);
  index_stacks();
}

void View::index_stacks() {
  const Report& report = subject_.report;
  stacks_.resize(kScopeCount);
  auto& everything = stacks_[slot(StackScope::any_thread)];
  if (report.panic) {
    for (const Backtrace& backtrace : report.panic->backtraces) {
      // Branch records are addresses that were jumped to, not a stack.
      if (backtrace.kind == BacktraceKind::last_branch) continue;
      const Stack stack{backtrace.frames, {}};
      for (const ScopeRow& row : kScopeOf)
        if (row.kind == backtrace.kind) stacks_[slot(row.scope)].push_back(stack);
      stacks_[slot(StackScope::any_backtrace)].push_back(stack);
      everything.push_back(stack);
    }
  }
  // Where a language exception was thrown says more than where abort() was called for it.
  if (report.crash && !report.crash->exception_backtrace.empty()) {
    const Stack stack{report.crash->exception_backtrace, {}};
    stacks_[slot(StackScope::panicked_thread)].push_back(stack);
    everything.push_back(stack);
  }
  const auto panicked = subject_.facts.panicked_thread;
  for (std::uint32_t i = 0; i < report.threads.size(); ++i) {
    const Thread& thread = report.threads[i];
    for (const IndexRange<Frame> frames :
         {thread.kernel_stack, thread.user_stack, thread.async_stack}) {
      if (frames.empty()) continue;
      const Stack stack{frames, thread.id};
      everything.push_back(stack);
      if (panicked && panicked->value == i)
        stacks_[slot(StackScope::panicked_thread)].push_back(stack);
    }
  }
}

std::optional<std::string_view> View::message() const {
  if (!subject_.report.panic) return std::nullopt;
  return subject_.report.panic->message.value;
}

SourceRef View::message_piece(std::uint32_t offset, std::uint32_t length) const {
  const SourceRef whole = subject_.report.panic->message.where;
  if (!whole.known() || offset + length > whole.length) return whole;
  return {whole.document, whole.offset + offset, length};
}

bool View::message_may_hold(std::span<const std::string> literals) const {
  return literals.empty() || std::ranges::any_of(literals, [&](const std::string& literal) {
           return scan_.first(literal).has_value();
         });
}

std::span<const std::uint32_t> View::fields(std::string_view name) const {
  const auto found = fields_.find(name);
  if (found == fields_.end()) return {};
  return found->second;
}

std::span<const Fact* const> View::facts(std::string_view name) const {
  const auto found = facts_.find(name);
  if (found == facts_.end()) return {};
  return found->second;
}

const std::vector<View::Stack>& View::stacks(StackScope scope) const {
  return stacks_[slot(scope)];
}

std::string_view View::image_of(Index<Frame> frame) const {
  if (frame.value < subject_.placements.size()) {
    const Placement& placement = subject_.placements[frame.value];
    if (placement.status == PlacementStatus::placed) return placement.image;
  }
  const Report& report = subject_.report;
  if (frame.value < report.frames.size())
    if (const auto image = report.frames[frame.value].image;
        image && image->value < report.images.size())
      return report.images[image->value].name;
  return {};
}

Vendor View::vendor_at(Index<Frame> frame) const {
  const auto& images = subject_.report.images;
  if (frame.value < subject_.placements.size())
    if (const auto index = subject_.placements[frame.value].index;
        index && index->value < images.size() && !images[index->value].path.empty())
      return vendor_of(images[index->value].path);
  return vendor_of(image_of(frame));
}

bool View::is_nameless(Index<Frame> frame) const {
  return frame.value < subject_.placements.size() &&
         subject_.placements[frame.value].status == PlacementStatus::not_code;
}

bool View::has_stackshot() const {
  return !subject_.report.threads.empty() || !subject_.report.waits.empty();
}

const Thread* View::thread(ThreadId id) const {
  const auto found = threads_.find(id.value);
  return found == threads_.end() ? nullptr : &subject_.report.threads[found->second];
}

std::span<const std::uint32_t> View::waits(ThreadId waiter) const {
  const auto found = waits_.find(waiter.value);
  if (found == waits_.end()) return {};
  return found->second;
}

}  // namespace panicscan::rules
