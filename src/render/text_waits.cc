// CYCLE: which threads wait for each other, step by step; WAITS: when there is no ring, where the
// waits that matter end, and what nobody can tell.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownCycles = 4, kShownChains = 3, kShownCalls = 4, kShownMissing = 4;

/// Facts of panics that happened because something did not end in time.
constexpr std::array<std::string_view, 6> kPatience{"iokit.busy",         "power.setpowerstate",
                                                    "sleepwake.timeout",  "watchdog.kernel",
                                                    "watchdog.userspace", "reset.forced"};

bool is_about_waiting(const Story& story) {
  return !story.report().panic || std::ranges::any_of(kPatience, [&](std::string_view name) {
    return story.facts().find(name) != nullptr;
  });
}

TerminalText sureness_words(WaitSureness sureness) {
  switch (sureness) {
    case WaitSureness::reported:
      return say("reported by the kernel");
    case WaitSureness::evident:
      return say("inferred");
    case WaitSureness::weak:
      break;
  }
  return say("inferred, by exclusion");
}

/// "kernel mutex 0xa1" of a link, else nothing.
TerminalText object_words(const WaitLink& link) {
  if (!link.object || link.kind == WaitKind::turnstile || link.kind == WaitKind::workloop)
    return {};
  std::string kind(to_string(link.kind));
  std::ranges::replace(kind, '_', ' ');
  return say("{} {}", kind, hex(link.object->value));
}

void write_node(const Story& story, const WaitNode& node, const WaitLink& in, bool is_first) {
  const Report& report = story.report();
  const Painter& paint = story.page.paint();
  TerminalText head = paint(Role::strong, escape(words(report, node)));
  if (node.thread) {
    const Thread& thread = report.threads[node.thread->value];
    if (!thread.queue.empty()) head += say(", serves queue {}", thread.queue);
  }
  const TerminalText holds = object_words(in);
  if (!holds.empty() && node.kind == WaitNodeKind::thread) head += say(", holds {}", holds);
  if (node.process && story.subject.owners.is_own(report.processes[node.process->value].name))
    head += paint(Role::foreign, say(" << your own code"));
  else if (node.process && is_third_party(report.processes[node.process->value].name))
    head += paint(Role::foreign, say(" << third party"));
  story.page.paragraph(head, is_first ? 0 : 2, 4);
}

void write_link(const Story& story, const WaitGraph& graph, const WaitLink& link, bool closes) {
  const Report& report = story.report();
  TerminalText text = say("└ waits for {}", words(report, graph.nodes[link.to.value]));
  if (closes) text += say(" again");
  text += say(": {}", reason_of(report, link));
  text += story.page.paint()(Role::quiet, say(" [{}]", sureness_words(link.sureness)));
  story.page.paragraph(text, 2, 4);
}

/// The functions of a thread that say most: its innermost ones that are not the system's.
void write_functions(const Story& story, const WaitNode& node) {
  if (!node.thread) return;
  const Thread& thread = story.report().threads[node.thread->value];
  constexpr std::size_t kShown = 2;
  std::size_t shown = 0;
  for (const IndexRange<Frame> stack : {thread.kernel_stack, thread.user_stack}) {
    for (std::uint32_t i = stack.begin; i < stack.end && shown < kShown; ++i) {
      for (const Symbol& symbol : story.subject.symbols.of({i})) {
        const Placement* place = placement_of(story.subject, i);
        if (place == nullptr || is_apple(place->image) || symbol.file.empty()) continue;
        story.page.line(say("in {} at {}:{}", symbol.function, symbol.file, symbol.line), 4);
        ++shown;
        break;
      }
    }
  }
}

void write_cycle(const Story& story, const Deadlock& deadlock, const WaitCycle& cycle) {
  const WaitGraph& graph = story.facts().waits;
  Page& page = story.page;
  const auto threads =
      static_cast<std::size_t>(std::ranges::count_if(cycle.nodes, [&](Index<WaitNode> n) {
        return graph.nodes[n.value].kind == WaitNodeKind::thread;
      }));
  page.paragraph(page.paint()(Role::title, threads == 1
                                               ? say("1 thread waits for itself")
                                               : say("{} threads wait for each other", threads)) +
                 say(" ({})", sureness_words(cycle.sureness)));
  constexpr std::size_t kShownSteps = 16;
  const std::size_t steps =
      story.options.full ? cycle.nodes.size() : std::min(cycle.nodes.size(), kShownSteps);
  for (std::size_t i = 0; i < steps; ++i) {
    const WaitLink& in =
        graph.links[cycle.links[(i + cycle.links.size() - 1) % cycle.links.size()].value];
    const WaitNode& node = graph.nodes[cycle.nodes[i].value];
    write_node(story, node, in, true);
    write_functions(story, node);
    write_link(story, graph, graph.links[cycle.links[i].value], i + 1 == cycle.nodes.size());
  }
  if (steps < cycle.nodes.size())
    page.line(page.paint()(Role::quiet,
                           say("… {} more steps; --full shows all", cycle.nodes.size() - steps)));
  if (deadlock.behind.empty()) return;
  constexpr std::size_t kShown = 3;
  TerminalText behind = say("behind the cycle:");
  for (std::size_t i = 0; i < std::min(deadlock.behind.size(), kShown); ++i)
    behind += say("{} {}", i == 0 ? "" : ",",
                  words(story.report(), graph.nodes[deadlock.behind[i].value]));
  if (deadlock.behind.size() > kShown) behind += say(", +{}", deadlock.behind.size() - kShown);
  page.paragraph(behind, 0, 2);
}

void write_cycles(const Story& story) {
  std::size_t shown = 0, all = 0;
  for (const Deadlock& deadlock : story.facts().waits.deadlocks) {
    for (const WaitCycle& cycle : deadlock.cycles) {
      if (++all > kShownCycles && !story.options.full) continue;
      write_cycle(story, deadlock, cycle);
      ++shown;
    }
  }
  if (shown < all)
    story.page.line(story.page.paint()(
        Role::quiet, say("… {} more rings of waits; --full shows all", all - shown)));
}

/// Facts of one name: the sentence each rests on, and optionally what would settle it.
void write_facts(const Story& story, std::string_view name, std::size_t most, bool with_settles) {
  std::size_t found = 0;
  for (const Fact& fact : story.facts().all) {
    if (fact.schema->name != name || fact.because.empty()) continue;
    if (++found > most && !story.options.full) continue;
    story.page.paragraph(escape(fact.because.front().says), 0, 2);
    const std::string settles = with_settles ? text_of(&fact, "settles") : std::string();
    if (!settles.empty()) story.page.paragraph(say("would settle it: {}", settles), 2, 2);
  }
  if (found > most && !story.options.full)
    story.page.line(
        story.page.paint()(Role::quiet, say("… {} more; --full shows all", found - most)));
}

void write_chains(const Story& story) {
  std::size_t shown = 0;
  for (const Fact& fact : story.facts().all) {
    if (fact.schema->name != "wait.chain") continue;
    if (++shown > kShownChains && !story.options.full) return;
    const Value* waiters = fact.find("waiters");
    story.page.paragraph(
        say("{} {} for ", waiters != nullptr ? waiters->as_number().value_or(0) : 0,
            waiters != nullptr && waiters->as_number() == 1U ? "thread waits" : "threads wait") +
            story.page.paint()(Role::strong, escape(text_of(&fact, "end_name"))) +
            say(", which {}", fact.decoded.front().meaning),
        0, 2);
    for (const Evidence& step : fact.because) story.page.paragraph(escape(step.says), 2, 2);
    story.page.paragraph(say("would settle it: {}", text_of(&fact, "settles")), 2, 2);
  }
}

}  // namespace

void write_waits(const Story& story) {
  const WaitGraph& graph = story.facts().waits;
  if (!graph.deadlocks.empty()) {
    story.page.section("CYCLE");
    write_cycles(story);
    return;
  }
  if (!is_about_waiting(story)) return;
  story.page.section("WAITS");
  write_facts(story, "dext.call", kShownCalls, false);
  write_facts(story, "dext.launch", kShownCalls, false);
  write_chains(story);
  write_facts(story, "wait.missing", kShownMissing, true);
}

}  // namespace panicscan::render
