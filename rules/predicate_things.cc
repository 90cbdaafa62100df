// Questions about images, kexts and threads.

#include <algorithm>

#include "model/names.h"
#include "rules/predicates.h"

namespace panicscan::rules {
namespace {

/// Fills in a pattern that may be absent; false when a reference has no value.
bool ready(const std::optional<Pattern>& pattern, const Bindings& bound,
           std::optional<Matcher>& matcher) {
  if (!pattern) return true;
  matcher = pattern->with(bound);
  return matcher.has_value();
}

/// Whether a name fits a pattern that may be absent; what it captures is added.
bool fits(const std::optional<Matcher>& matcher, std::string_view name, const Bindings& bound,
          std::vector<Binding>& binds) {
  if (!matcher) return true;
  const auto match = matcher->fits(name);
  if (!match || !bound.agree(match->captures)) return false;
  binds.insert(binds.end(), match->captures.begin(), match->captures.end());
  return true;
}

OwnerKind owner_kind(const Owner& owner) {
  if (std::holds_alternative<ThreadId>(owner)) return OwnerKind::thread;
  if (std::holds_alternative<ProcessId>(owner)) return OwnerKind::process;
  return OwnerKind::nobody;
}

bool fits_wait(const ThreadAsks& asks, const WaitEdge& wait) {
  return (!asks.wait || wait.kind == *asks.wait) &&
         (!asks.owner || owner_kind(wait.owner) == *asks.owner);
}

Outcome thread_holds(const std::string& as, const View& view, ThreadId id, const Thread* thread,
                     const WaitEdge* wait, std::vector<Binding> binds) {
  Outcome outcome;
  outcome.truth = Truth::yes;
  outcome.binds = std::move(binds);
  std::string says = "thread " + std::to_string(id.value);
  SourceRef where = wait != nullptr ? wait->where : SourceRef{};
  if (!as.empty())
    outcome.binds.push_back(
        {as + ".id", Value::of(ValueType::tid, id.value), std::to_string(id.value)});
  if (thread != nullptr) {
    const auto& processes = view.subject().report.processes;
    const std::string process = thread->process.value < processes.size()
                                    ? processes[thread->process.value].name
                                    : std::string();
    bind_part(outcome.binds, as, "name", thread->name);
    bind_part(outcome.binds, as, "process", process);
    bind_part(outcome.binds, as, "queue", thread->queue);
    if (!process.empty()) says += " of " + process;
    if (!thread->name.empty()) says += " (" + thread->name + ")";
    if (!where.known()) where = thread->where;
  }
  if (wait != nullptr) {
    bind_part(outcome.binds, as, "wait", to_string(wait->kind));
    says += ": " + (wait->phrase.empty() ? std::string(to_string(wait->kind)) : wait->phrase);
  }
  outcome.reasons.push_back({quoted(says), 0, where});
  return outcome;
}

}  // namespace

Outcome ask(const ImageAsks& asks, const std::string& as, const View& view, const Bindings& bound) {
  std::optional<Matcher> name, bundle;
  if (!ready(asks.name, bound, name) || !ready(asks.bundle, bound, bundle))
    return Outcome::unknown();
  const Report& report = view.subject().report;
  if (report.images.empty()) return Outcome::unknown();
  for (const Image& image : report.images) {
    std::vector<Binding> binds;
    const std::size_t slash = image.name.rfind('/');
    const std::string_view last =
        std::string_view(image.name).substr(slash == std::string::npos ? 0 : slash + 1);
    if ((asks.kind && image.kind != *asks.kind) || (asks.uuid && image.uuid != *asks.uuid))
      continue;
    if (!fits(name, image.name, bound, binds) && !fits(name, last, bound, binds)) continue;
    if (!fits(bundle, image.name, bound, binds)) continue;
    Outcome outcome;
    outcome.truth = Truth::yes;
    outcome.binds = std::move(binds);
    bind_part(outcome.binds, as, "name", image.name);
    bind_part(outcome.binds, as, "kind", to_string(image.kind));
    if (image.uuid) bind_part(outcome.binds, as, "uuid", to_string(*image.uuid));
    outcome.reasons.push_back({"image " + quoted(image.name), 0, image.where});
    return outcome;
  }
  return {};
}

Outcome ask(const KextAsks& asks, const std::string& as, const View& view, const Bindings& bound) {
  std::optional<Matcher> bundle;
  if (!ready(asks.bundle, bound, bundle)) return Outcome::unknown();
  const Report& report = view.subject().report;
  if (!report.panic) return Outcome::unknown();
  for (const Kext& kext : report.panic->kexts) {
    std::vector<Binding> binds;
    if (asks.list && kext.list != *asks.list) continue;
    if (asks.vendor && vendor_of(kext.bundle_id) != *asks.vendor) continue;
    if (!fits(bundle, kext.bundle_id, bound, binds)) continue;
    Outcome outcome;
    outcome.truth = Truth::yes;
    outcome.binds = std::move(binds);
    bind_part(outcome.binds, as, "bundle", kext.bundle_id);
    bind_part(outcome.binds, as, "version", kext.version);
    std::string says = "kext " + kext.bundle_id;
    if (!kext.version.empty()) says += " " + kext.version;
    outcome.reasons.push_back(
        {quoted(says) + " (" + std::string(to_string(kext.list)) + ")", 0, kext.where});
    return outcome;
  }
  return {};
}

Outcome ask(const ThreadAsks& asks, const std::string& as, const View& view,
            const Bindings& bound) {
  std::optional<Matcher> name, queue, process;
  if (!ready(asks.name, bound, name) || !ready(asks.queue, bound, queue) ||
      !ready(asks.process, bound, process))
    return Outcome::unknown();
  if (!view.has_stackshot()) return Outcome::unknown(Lack::stackshot);
  const Report& report = view.subject().report;
  const bool asks_thread = !asks.state.empty() || name || queue || process;
  const bool asks_wait = asks.wait || asks.owner;
  if (asks_wait && report.waits.empty()) return Outcome::unknown();
  if (!asks_thread) {
    // Waiters need not be among the threads: stackshots drop some.
    for (const WaitEdge& wait : report.waits)
      if (fits_wait(asks, wait))
        return thread_holds(as, view, wait.waiter, view.thread(wait.waiter), &wait, {});
    return {};
  }
  if (report.threads.empty()) return Outcome::unknown(Lack::stackshot);
  for (const Thread& thread : report.threads) {
    std::vector<Binding> binds;
    if (!asks.state.empty() && std::ranges::find(thread.state, asks.state) == thread.state.end())
      continue;
    const std::string_view of = thread.process.value < report.processes.size()
                                    ? std::string_view(report.processes[thread.process.value].name)
                                    : std::string_view();
    if (!fits(name, thread.name, bound, binds) || !fits(queue, thread.queue, bound, binds) ||
        !fits(process, of, bound, binds))
      continue;
    if (!asks_wait) return thread_holds(as, view, thread.id, &thread, nullptr, std::move(binds));
    for (const std::uint32_t index : view.waits(thread.id))
      if (fits_wait(asks, report.waits[index]))
        return thread_holds(as, view, thread.id, &thread, &report.waits[index], std::move(binds));
  }
  return {};
}

}  // namespace panicscan::rules
