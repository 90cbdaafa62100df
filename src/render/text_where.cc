// WHERE: the stack that panicked, without the machinery that every panic has on top.

#include <algorithm>
#include <span>

#include "base/text.h"
#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownFrames = 24;  // of one stack, unless --full

/// Where the processor was, when the panic came from a trap.
struct TrapPlace {
  std::string_view name;  ///< of the register
  std::uint64_t pc = 0;
  std::optional<std::uint64_t> lr;
};

std::optional<TrapPlace> trap_place(const Panic& panic) {
  for (const RegisterSet& set : panic.registers) {
    if (set.is_of_other_cpu) continue;
    if (const auto pc = set.find("pc")) return TrapPlace{"pc", *pc, set.find("lr")};
    if (const auto rip = set.find("rip")) return TrapPlace{"rip", *rip, std::nullopt};
    if (const auto eip = set.find("eip")) return TrapPlace{"eip", *eip, std::nullopt};
  }
  return std::nullopt;
}

/// How many frames at the front belong to trap handling and to panic() itself.
///
/// No names are needed: a panic backtrace starts inside the panic machinery and leads through the
/// function that called panic(), whose return address the head line prints ("caller 0x…"). After a
/// trap it leads on through the handlers to the interrupted code, which the registers name.
std::uint32_t machinery_frames(const Story& story, const Panic& panic, IndexRange<Frame> frames,
                               const std::optional<TrapPlace>& trap, const Placer& placer) {
  std::uint32_t count = 0;
  const auto same = [&](std::uint64_t a, std::uint64_t b) {
    return placer.strip({a}) == placer.strip({b});
  };
  for (std::uint32_t i = frames.begin; i < frames.end; ++i) {
    const std::uint64_t address = story.report().frames[i].address.value;
    const bool is_interrupted =
        trap && (same(address, trap->pc) || (trap->lr && same(address, *trap->lr)));
    if (is_interrupted) return i - frames.begin;
    if (panic.caller && same(address, panic.caller->value.value)) {
      // After a trap, the caller is the trap handler, and so machinery as well.
      count = i - frames.begin + (trap ? 1 : 0);
      if (!trap) return count;
    }
  }
  return count;
}

void write_machinery(const Story& story, IndexRange<Frame> frames) {
  if (frames.empty()) return;
  TerminalText text = frames.size() == 1 ? say("#0") : say("#0-{}", frames.size() - 1);
  text += say("  panic and trap handling");
  constexpr std::uint32_t kShownNames = 12;
  bool is_first = true;
  for (std::uint32_t i = frames.begin; i < frames.end && i < frames.begin + kShownNames; ++i) {
    const auto names = story.subject.symbols.of({i});
    if (names.empty()) continue;
    text += say("{} {}", is_first ? ":" : ",", function_words(story, names.front()));
    is_first = false;
  }
  story.page.paragraph(story.page.paint()(Role::quiet, text), 0, 4);
}

void write_stack(const Story& story, IndexRange<Frame> frames, std::uint32_t machinery) {
  if (!story.options.full) {
    write_machinery(story, {frames.begin, frames.begin + machinery});
  } else {
    machinery = 0;
  }
  IndexRange<Frame> rest{frames.begin + machinery, frames.end};
  const std::uint32_t hidden = story.options.full || rest.size() <= kShownFrames
                                   ? 0
                                   : rest.size() - static_cast<std::uint32_t>(kShownFrames);
  rest.end -= hidden;
  story.page.table(frame_rows(story, rest, machinery), 0, 60);
  if (hidden > 0)
    story.page.line(story.page.paint()(
        Role::quiet, say("… {}; --full shows all", count_of(hidden, "more frame"))));
}

/// Whether the caller of panic() that the head line prints is in the first backtrace as well.
bool holds_address(const Story& story, const Panic& panic, const Placer& placer) {
  if (panic.backtraces.empty()) return false;
  const IndexRange<Frame> frames = panic.backtraces.front().frames;
  for (std::uint32_t i = frames.begin; i < frames.end; ++i)
    if (placer.strip(story.report().frames[i].address) == placer.strip(panic.caller->value))
      return true;
  return false;
}

/// What the rows above need to be read: where names come from, and what "?" means.
void write_legend(const Story& story, const Panic& panic) {
  bool is_any_guess = false, is_any_reported = false;
  for (const Backtrace& backtrace : panic.backtraces) {
    for (std::uint32_t i = backtrace.frames.begin; i < backtrace.frames.end; ++i) {
      const Placement* place = placement_of(story.subject, i);
      is_any_guess = is_any_guess || (place != nullptr && place->is_guess);
      for (const Symbol& symbol : story.subject.symbols.of({i}))
        is_any_reported = is_any_reported || symbol.from == SymbolOrigin::report;
    }
  }
  const auto remark = [&](const TerminalText& text) {
    story.page.paragraph(story.page.paint()(Role::quiet, text));
  };
  if (is_any_reported)
    remark(
        say("names are the report's own; the kernel takes the nearest symbol below, "
            "which may be another function"));
  if (is_any_guess) remark(say("? = in the nearest image below; the report prints no end for it"));
}

TerminalText backtrace_title(const Backtrace& backtrace) {
  TerminalText title = say("backtrace ({})", to_string(backtrace.kind));
  if (backtrace.cpu) title += say(", CPU {}", *backtrace.cpu);
  return title;
}

/// Kernel extensions that the report found in the backtrace, third-party ones first.
void write_kexts(const Story& story, const Panic& panic) {
  std::vector<const Kext*> found;
  for (const Kext& kext : panic.kexts)
    if (kext.list == KextList::in_backtrace) found.push_back(&kext);
  std::ranges::stable_sort(found, {}, [](const Kext* k) { return is_apple(k->bundle_id); });
  if (found.empty()) return;
  story.page.line(say("kernel extensions in the backtrace:"));
  constexpr std::size_t kShownKexts = 20;
  const std::size_t shown = story.options.full ? found.size() : std::min(found.size(), kShownKexts);
  std::vector<std::vector<TerminalText>> rows;
  for (const Kext* kext : std::span(found).first(shown)) {
    const bool foreign = is_third_party(kext->bundle_id);
    rows.push_back({story.page.paint()(foreign ? Role::foreign : Role::quiet,
                                       say("{} {}", kext->bundle_id, kext->version)),
                    escape(foreign ? "<< third party" : "")});
  }
  story.page.table(rows, 2, 60);
  if (shown < found.size())
    story.page.line(
        story.page.paint()(Role::quiet, say("… {} more; --full shows all", found.size() - shown)),
        2);
}

/// What the other cores executed: all of it with --full, else what has a name or is not Apple's.
void write_cores(const Story& story, const Panic& panic, const Placer& placer) {
  std::vector<std::vector<TerminalText>> rows;
  for (const Core& core : panic.cores) {
    if (!core.pc || core.offline) continue;
    const auto names = names_at(story, *core.pc);
    const Placement place = placer.place(*core.pc, AddressSpace::panic_text);
    const bool is_telling = !core.panicked && (!names.empty() || is_third_party(place.image));
    if (!story.options.full && !is_telling) continue;
    rows.push_back({say("core {}{}{}", core.cpu, core.cluster.empty() ? "" : " ", core.cluster),
                    names.empty() ? escape(hex16(core.pc->value)) : names.front(),
                    place_words(story, &place)});
    if (core.panicked) rows.back().push_back(story.page.paint()(Role::quiet, say("panicked")));
    for (std::size_t i = 1; i < names.size(); ++i) rows.push_back({{}, say("  in ") + names[i]});
  }
  if (rows.empty()) return;
  story.page.line(say("what the cores executed:"));
  story.page.table(rows, 2, 60);
}

}  // namespace

void write_where(const Story& story) {
  if (!story.report().panic) return;
  const Panic& panic = *story.report().panic;
  Page& page = story.page;
  const Placer placer(story.report());
  page.section("WHERE");

  const auto trap = trap_place(panic);
  if (trap) {
    const Placement place = placer.place({trap->pc}, AddressSpace::panic_text);
    std::vector<std::vector<TerminalText>> rows{
        {escape(trap->name), escape(hex16(trap->pc)), place_words(story, &place),
         page.paint()(Role::quiet, say("from the registers"))}};
    for (const TerminalText& name : names_at(story, {trap->pc})) rows.push_back({{}, name});
    page.table(rows, 0, 60);
  } else if (panic.caller && !holds_address(story, panic, placer)) {
    const Placement place = placer.place(panic.caller->value, AddressSpace::panic_text);
    std::vector<std::vector<TerminalText>> rows{{say("panic() called from"),
                                                 escape(hex16(panic.caller->value.value)),
                                                 place_words(story, &place)}};
    for (const TerminalText& name : names_at(story, panic.caller->value))
      rows.push_back({{}, name});
    page.table(rows, 0, 60);
  }

  const bool only_panicked = !story.options.full;
  constexpr std::size_t kShownBacktraces = 6;
  std::size_t shown_backtraces = 0, hidden_backtraces = 0;
  bool is_first = true;
  for (const Backtrace& backtrace : panic.backtraces) {
    const bool is_panicked = backtrace.kind == BacktraceKind::panicked;
    const bool is_background =
        backtrace.kind == BacktraceKind::cpu || backtrace.kind == BacktraceKind::last_branch;
    if (only_panicked && !is_first && (is_background || shown_backtraces >= kShownBacktraces)) {
      ++hidden_backtraces;
      continue;
    }
    if (!is_panicked || !is_first) page.line(backtrace_title(backtrace) + say(":"));
    const std::uint32_t machinery =
        is_panicked ? machinery_frames(story, panic, backtrace.frames, trap, placer) : 0;
    write_stack(story, backtrace.frames, machinery);
    if (!backtrace.end_reason.empty())
      page.line(page.paint()(Role::quiet, say("ends: {}", backtrace.end_reason)));
    is_first = false;
    ++shown_backtraces;
  }
  if (panic.backtraces.empty() && story.report().threads.empty())
    page.line(page.paint()(Role::quiet, say("the report holds no backtrace")));
  if (hidden_backtraces > 0)
    page.line(page.paint()(Role::quiet,
                           say("… {} more backtraces; --full shows them", hidden_backtraces)));
  write_cores(story, panic, placer);
  write_legend(story, panic);
  write_kexts(story, panic);
  if (story.options.full)
    for (const RegisterSet& set : panic.registers) write_register_set(story, set);
}

}  // namespace panicscan::render
