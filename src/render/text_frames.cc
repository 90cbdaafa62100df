// One frame of a stack as a row: number, address, place, name.

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/uuid.h"
#include "model/names.h"
#include "model/readable_name.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

/// The name of a source file; its whole path only where there is room for everything.
std::string_view file_words(const Story& story, std::string_view path) {
  const auto slash = path.rfind('/');
  return story.options.full || slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// "IOLog + 0x12", "Driver::start Driver.cpp:12 (inlined)"
TerminalText symbol_words(const Story& story, const Symbol& symbol) {
  TerminalText words = symbol.function.empty() ? say("?") : function_words(story, symbol);
  if (!symbol.file.empty()) {
    const std::string_view file = file_words(story, symbol.file);
    words += symbol.line == 0 ? say(" {}", file) : say(" {}:{}", file, symbol.line);
  } else if (symbol.offset != 0) {
    words += say(" + {}", hex(symbol.offset));
  }
  if (symbol.is_inlined) words += say(" (inlined)");
  return words;
}

/// What a frame is called: its innermost name; its address when it has none.
TerminalText frame_words(const Story& story, std::uint32_t frame) {
  const std::string address = hex16(story.report().frames[frame].address.value);
  const auto symbols = story.subject.symbols.of({frame});
  if (symbols.empty()) return escape(address);
  TerminalText words = story.options.full ? say("{} ", address) : TerminalText();
  return words + symbol_words(story, symbols.front());
}

/// Whether the reason for a missing name, or a warning about one, is worth a remark in the row:
/// what lies in no image is told where the image would stand.
bool is_remarkable(SymbolStatus status) {
  return status != SymbolStatus::named && status != SymbolStatus::not_looked_up &&
         status != SymbolStatus::no_image && status != SymbolStatus::shared_cache;
}

bool is_culprit(const Culprit& culprit, const Placement& place) {
  return !place.image.empty() && (place.image == culprit.bundle || place.image == culprit.image) &&
         (culprit.verdict == Verdict::own || culprit.verdict == Verdict::third_party);
}

/// Whose a frame is, and where its name comes from.
TerminalText remark_words(const Story& story, std::uint32_t frame, const Placement* place) {
  const Painter& paint = story.page.paint();
  TerminalText words;
  const auto symbols = story.subject.symbols.of({frame});
  // The report's own names need no mark each: the legend under WHERE says it once.
  if (!symbols.empty() && symbols.front().from != SymbolOrigin::report)
    words += paint(Role::quiet, say("[{}] ", to_string(symbols.front().from)));
  const SymbolStatus status = story.subject.symbols.status({frame});
  if (is_remarkable(status)) words += paint(Role::quiet, say("[{}] ", to_string(status)));
  if (place == nullptr) return words;
  if (is_culprit(story.facts().culprit, *place)) {
    words += paint(Role::foreign, say("<< culprit"));
  } else if (is_own_frame(story.subject, frame)) {
    words += paint(Role::foreign, say("<< your own code"));
  } else if (is_third_party(place->image)) {
    words += paint(Role::foreign, say("<< third party"));
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

/// How an image is called: of one that has only a uuid, the first part is enough for people.
TerminalText image_words(const Story& story, const Placement& place) {
  const auto& images = story.report().images;
  if (place.index && place.index->value < images.size() &&
      images[place.index->value].kind == ImageKind::shared_cache)
    return say("dyld shared cache");
  if (story.options.full || !parse_uuid(place.image)) return escape(place.image);
  return say("image {}…", std::string_view(place.image).substr(0, 8));
}

/// Where a frame lies; of one in no listed image, the image that its row names.
TerminalText frame_place_words(const Story& story, std::uint32_t frame, const Placement* place) {
  const auto stated = story.report().frames[frame].reported_place;
  const bool is_unplaced = place == nullptr || place->image.empty();
  if (is_unplaced && stated && !story.report().places[stated->value].image.empty())
    return escape(story.report().places[stated->value].image);
  return place_words(story, place);
}

}  // namespace

TerminalText function_words(const Story& story, const Symbol& symbol) {
  const bool is_linkage = symbol.from == SymbolOrigin::report && !story.report().crash;
  return is_linkage ? escape(readable_name(symbol.function)) : escape(symbol.function);
}

TerminalText place_words(const Story& story, const Placement* place) {
  if (place == nullptr) return {};
  if (place->image.empty()) {
    const auto row = std::ranges::find(kStatuses, place->status, &StatusWords::status);
    if (place->status == PlacementStatus::shared_cache)
      return say("{} + {}", row->words, hex(place->offset.value));
    return story.page.paint()(Role::quiet, escape(row->words));
  }
  return say("{} + {}{}", image_words(story, *place), hex(place->offset.value),
             place->is_guess ? " ?" : "");
}

std::vector<TerminalText> names_at(const Story& story, Address address) {
  std::vector<TerminalText> names;
  if (const AddressSymbols* known = story.subject.symbols.find(address))
    for (const Symbol& symbol : known->names) names.push_back(symbol_words(story, symbol));
  return names;
}

std::vector<std::vector<TerminalText>> frame_rows(const Story& story, IndexRange<Frame> frames,
                                                  std::size_t first_number) {
  std::vector<std::vector<TerminalText>> rows;
  rows.reserve(frames.size());
  // Stacks of a stackshot often end in a null frame, which says nothing.
  const auto& arena = story.report().frames;
  if (!story.options.full)
    while (!frames.empty() && arena[frames.end - 1].address.value == 0) --frames.end;
  for (std::uint32_t i = frames.begin; i < frames.end; ++i) {
    const Placement* place = placement_of(story.subject, i);
    rows.push_back({say("#{}", first_number + (i - frames.begin)), frame_words(story, i),
                    frame_place_words(story, i, place), remark_words(story, i, place)});
    // Whom the code of the innermost name was inlined into.
    const auto symbols = story.subject.symbols.of({i});
    for (std::size_t caller = 1; caller < symbols.size(); ++caller)
      rows.push_back({{}, say("  in ") + symbol_words(story, symbols[caller])});
  }
  return rows;
}

}  // namespace panicscan::render
