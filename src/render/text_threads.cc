// THREADS: what everything else was doing, own code first, identical stacks together.

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "render/text_sections.h"
#include "render/thread_groups.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownGroups = 12;
constexpr std::size_t kShownNames = 4;
constexpr std::size_t kShownThreads = 12;

/// Which groups are shown, by the options; their number and the reason for the rest.
std::size_t groups_to_show(const Options& options, const std::vector<ThreadGroup>& groups) {
  const auto choice = options.threads.value_or(ThreadChoice::own);
  if (options.thread_limit) {
    std::size_t threads = 0, shown = 0;
    while (shown < groups.size() && threads < *options.thread_limit)
      threads += groups[shown++].threads.size();
    return shown;
  }
  if (choice == ThreadChoice::panicked)
    return !groups.empty() && groups.front().rank == ThreadRank::panicked ? 1 : 0;
  if (options.full || choice == ThreadChoice::all) return groups.size();
  return std::min(groups.size(), kShownGroups);
}

/// "2,424 TH_WAIT, 644 TH_WAIT, TH_UNINT"
void write_counts(const Story& story, std::size_t group_count) {
  const Report& report = story.report();
  std::map<std::string, std::size_t> states;
  for (const Thread& thread : report.threads) ++states[state_words(thread)];
  std::vector<std::pair<std::string, std::size_t>> sorted(states.begin(), states.end());
  std::ranges::stable_sort(sorted,
                           [](const auto& a, const auto& b) { return a.second > b.second; });
  TerminalText text =
      say("{} of {} {}, {}:", count_of(report.threads.size(), "thread"), report.processes.size(),
          report.processes.size() == 1 ? "process" : "processes",
          count_of(group_count, "different stack"));
  if (report.crash && report.processes.size() <= 1) {
    story.page.paragraph(say("{}, {}", count_of(report.threads.size(), "thread"),
                             count_of(group_count, "different stack")));
    return;
  }
  constexpr std::size_t kShownStates = 6;
  for (std::size_t i = 0; i < std::min(sorted.size(), kShownStates); ++i)
    text += say("{} {} {}", i == 0 ? "" : ";", sorted[i].second, sorted[i].first);
  story.page.paragraph(text, 0, 2);
}

TerminalText process_words(const Report& report, Index<Process> index) {
  const Process& process = report.processes[index.value];
  if (process.name.empty()) return say("process {}", process.id.value);
  return say("{} ({})", process.name, process.id.value);
}

/// "tid 4242 "name" queue com.example.q" of one thread; ids only of many.
TerminalText thread_words(const Story& story, const ThreadGroup& group) {
  const Report& report = story.report();
  const Thread& first = report.threads[group.threads.front().value];
  TerminalText words = process_words(report, first.process);
  // A crash report is about one process; its threads are known by their number.
  if (report.crash && report.processes.size() == 1) {
    words = group.threads.size() == 1 ? say("thread") : say("threads");
    const std::size_t numbers =
        story.options.full ? group.threads.size() : std::min(group.threads.size(), kShownThreads);
    for (std::size_t i = 0; i < numbers; ++i) words += say(" {}", group.threads[i].value);
    if (numbers < group.threads.size()) words += say(" …");
  } else if (group.threads.size() == 1) {
    words += say(" tid {}", first.id.value);
  } else {
    std::vector<std::uint32_t> processes;
    for (const Index<Thread> thread : group.threads) {
      const std::uint32_t process = report.threads[thread.value].process.value;
      if (processes.empty() || processes.back() != process) processes.push_back(process);
    }
    const std::size_t shown =
        story.options.full ? processes.size() : std::min(processes.size(), kShownNames);
    for (std::size_t i = 1; i < shown; ++i)
      words += say(", ") + process_words(report, {processes[i]});
    if (shown < processes.size()) words += say(", +{}", processes.size() - shown);
    if (story.options.full || processes.size() == 1) {
      const std::size_t ids =
          story.options.full ? group.threads.size() : std::min(group.threads.size(), kShownNames);
      words += say(" tid");
      for (std::size_t i = 0; i < ids; ++i)
        words += say(" {}", report.threads[group.threads[i].value].id.value);
      if (ids < group.threads.size()) words += say(" …");
    }
  }
  if (!first.name.empty()) words += say(" \"{}\"", first.name);
  if (!first.queue.empty() && first.queue != first.name) words += say(" queue {}", first.queue);
  if (report.crash && first.state.empty()) return words;
  return words + say(" · {}", state_words(first));
}

/// How many frames of a stack are shown: all of those that matter most, a glance at the others.
std::size_t frames_to_show(const Options& options, ThreadRank rank) {
  if (options.full || rank == ThreadRank::panicked) return SIZE_MAX;
  return rank <= ThreadRank::apple_dext ? 12 : 5;
}

void write_one_stack(const Story& story, std::string_view name, IndexRange<Frame> stack,
                     std::size_t limit) {
  if (stack.empty()) return;
  IndexRange<Frame> shown = stack;
  if (stack.size() > limit) shown.end = stack.begin + static_cast<std::uint32_t>(limit);
  auto rows = frame_rows(story, shown);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].insert(rows[i].begin(), escape(i == 0 ? name : std::string_view("      ")));
  story.page.table(rows, 4, 60);
  if (shown.end < stack.end)
    story.page.line(
        story.page.paint()(Role::quiet, say("… {}", count_of(stack.end - shown.end, "more frame"))),
        12);
}

/// Whether a line about a wait has nothing to add: there is no turnstile, or it is what stood in
/// brackets on the line before.
bool is_said_already(const WaitEdge& wait, const WaitEdge* before) {
  if (wait.kind != WaitKind::turnstile) return false;
  const bool is_same_line = before != nullptr && wait.where.known() && before->where == wait.where;
  return is_same_line || wait.detail == "no turnstile";
}

/// What the kernel says the threads of a group wait for.
void write_waits(const Story& story, const ThreadGroup& group,
                 const std::multimap<std::uint64_t, const WaitEdge*>& waits) {
  std::size_t shown = 0;
  for (const Index<Thread> thread : group.threads) {
    const auto [begin, end] = waits.equal_range(story.report().threads[thread.value].id.value);
    const WaitEdge* before = nullptr;
    for (auto at = begin; at != end; ++at) {
      if (is_said_already(*at->second, std::exchange(before, at->second))) continue;
      if (++shown > kShownNames && !story.options.full) return;
      story.page.paragraph(say("thread {} waits: {}", at->first, at->second->phrase), 4, 2);
    }
  }
}

bool has_panic_backtrace(const Story& story) {
  return story.report().panic &&
         std::ranges::any_of(story.report().panic->backtraces, [](const Backtrace& b) {
           return b.kind == BacktraceKind::panicked && !b.frames.empty();
         });
}

/// A thread that gave its kernel stack back while it waits: where it goes on.
void write_continuation(const Story& story, const Placer& placer, const Frame& continuation) {
  const Placement place =
      placer.place(continuation.address, AddressSpace::stackshot_kernel, continuation.image);
  TerminalText text = say("no stack; resumes at ");
  const auto names = names_at(story, continuation.address);
  if (!names.empty()) text += names.front() + say(", ");
  text += place.image.empty() ? say("{}", hex16(continuation.address.value))
                              : place_words(story, &place);
  story.page.line(story.page.paint()(Role::quiet, text), 4);
}

void write_group(const Story& story, const Placer& placer, const ThreadGroup& group,
                 const std::multimap<std::uint64_t, const WaitEdge*>& waits) {
  const Thread& first = story.report().threads[group.threads.front().value];
  const Painter& paint = story.page.paint();
  const bool is_panicked = group.rank == ThreadRank::panicked;
  TerminalText head = thread_words(story, group);
  if (is_panicked)
    head += paint(Role::strong, story.report().crash ? say(" << crashed") : say(" << panicked"));
  if (group.rank == ThreadRank::ring) head += paint(Role::strong, say(" << in the cycle"));
  if (group.rank == ThreadRank::caller)
    head += paint(Role::strong, say(" << waits for a driver extension"));
  const bool is_foreign = group.rank == ThreadRank::driver ||
                          is_third_party(story.report().processes[first.process.value].name);
  if (group.is_own && !story.report().crash)
    head += paint(Role::foreign, say(" << your own code"));
  else if (is_foreign && !story.report().crash)
    head += paint(Role::foreign, say(" << third party"));
  story.page.item(say("{}x", group.threads.size()), 6, head);
  write_waits(story, group, waits);
  const std::size_t limit = frames_to_show(story.options, group.rank);
  if (is_panicked && has_panic_backtrace(story) && !story.options.full) {
    story.page.line(paint(Role::quiet, say("kernel  as under WHERE")), 4);
  } else {
    write_one_stack(story, "kernel", first.kernel_stack, limit);
  }
  if (is_panicked && story.report().crash && !story.options.full) {
    story.page.line(paint(Role::quiet, say("user    as under WHERE")), 4);
  } else {
    write_one_stack(story, "user  ", first.user_stack, limit);
  }
  if (first.kernel_stack.empty() && first.user_stack.empty() && first.continuation)
    write_continuation(story, placer, *first.continuation);
}

}  // namespace

void write_threads(const Story& story) {
  Page& page = story.page;
  const Report& report = story.report();
  page.section("THREADS");
  if (report.threads.empty()) {
    const bool is_ips = report.bug_type.has_value() || report.format.starts_with("ips");
    if (report.kind == ReportKind::kernel_panic)
      page.paragraph(page.paint()(
          Role::quiet, is_ips ? say("none: this report holds no stackshot")
                              : say("none: this text holds no stackshot; the machine's .ips file "
                                    "in /Library/Logs/DiagnosticReports may hold one")));
    return;
  }
  const auto groups = group_threads(story.subject);
  write_counts(story, groups.size());
  std::multimap<std::uint64_t, const WaitEdge*> waits;
  for (const WaitEdge& wait : report.waits) waits.emplace(wait.waiter.value, &wait);

  const Placer placer(report);
  const std::size_t shown = groups_to_show(story.options, groups);
  for (std::size_t i = 0; i < shown; ++i) write_group(story, placer, groups[i], waits);
  std::size_t hidden = 0;
  for (std::size_t i = shown; i < groups.size(); ++i) hidden += groups[i].threads.size();
  if (hidden > 0)
    page.line(page.paint()(
        Role::quiet, say("… {} in {}; --threads all shows them", count_of(hidden, "more thread"),
                         count_of(groups.size() - shown, "group"))));
}

}  // namespace panicscan::render
