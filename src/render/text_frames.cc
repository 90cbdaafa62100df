// One frame of a stack as a row: number, address, place, name.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

/// "IOLog + 0x12 (name from the report)"
TerminalText symbol_words(const Symbol& symbol) {
  TerminalText words = escape(symbol.function);
  if (symbol.offset != 0) words += say(" + {}", hex(symbol.offset));
  if (!symbol.file.empty()) {
    words += symbol.line == 0 ? say(" {}", symbol.file) : say(" {}:{}", symbol.file, symbol.line);
  }
  if (symbol.is_inlined) words += say(" (inlined)");
  return words + say(" [{}]", to_string(symbol.from));
}

bool is_culprit(const Culprit& culprit, const Placement& place) {
  return !place.image.empty() && (place.image == culprit.bundle || place.image == culprit.image) &&
         (culprit.verdict == Verdict::own || culprit.verdict == Verdict::third_party);
}

/// What marks a frame out: whose it is, and its name if it has one.
TerminalText remark_words(const Story& story, std::uint32_t frame, const Placement* place) {
  const Painter& paint = story.page.paint();
  TerminalText words;
  if (place != nullptr && is_culprit(story.facts().culprit, *place)) {
    words = paint(Role::foreign, say("<< culprit"));
  } else if (place != nullptr && is_third_party(place->image)) {
    words = paint(Role::foreign, say("<< third party"));
  }
  for (const Symbol& symbol : story.subject.symbols.of({frame})) {
    if (!words.empty()) words += say(" ");
    words += symbol_words(symbol);
  }
  return words;
}

struct StatusWords {
  PlacementStatus status;
  std::string_view words;
};
constexpr std::array kStatuses{
    StatusWords{PlacementStatus::placed, "unnamed image"},
    StatusWords{PlacementStatus::no_image, "no image covers it"},
    StatusWords{PlacementStatus::shared_cache, "dyld shared cache"},
    StatusWords{PlacementStatus::absolute, "no image"},
    StatusWords{PlacementStatus::not_code, "not code"},
};

}  // namespace

TerminalText place_words(const Painter& paint, const Placement* placement) {
  if (placement == nullptr) return say("-");
  if (placement->image.empty()) {
    const auto row = std::ranges::find(kStatuses, placement->status, &StatusWords::status);
    const TerminalText words = escape(row->words);
    if (placement->status == PlacementStatus::shared_cache)
      return words + say(" + {}", hex(placement->offset.value));
    return paint(Role::quiet, words);
  }
  return say("{} + {}{}", placement->image, hex(placement->offset.value),
             placement->is_guess ? " ?" : "");
}

std::vector<std::vector<TerminalText>> frame_rows(const Story& story, IndexRange<Frame> frames,
                                                  std::size_t first_number) {
  std::vector<std::vector<TerminalText>> rows;
  rows.reserve(frames.size());
  for (std::uint32_t i = frames.begin; i < frames.end; ++i) {
    const Frame& frame = story.report().frames[i];
    const Placement* place = placement_of(story.subject, i);
    rows.push_back({say("#{}", first_number + (i - frames.begin)),
                    escape(hex16(frame.address.value)), place_words(story.page.paint(), place),
                    remark_words(story, i, place)});
  }
  return rows;
}

}  // namespace panicscan::render
