#include "app/symbol_summary.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"
#include "render/render.h"

namespace panicscan::app {
namespace {

constexpr std::size_t kShownImages = 8;
constexpr std::size_t kShownNotes = 4;

/// "812 of 900 frames have names: 700 dwarf, 112 symbol_table"
std::string counts(const Case& examined) {
  std::map<SymbolOrigin, std::size_t> by_origin;
  std::size_t named = 0;
  const auto frames = static_cast<std::uint32_t>(examined.report.frames.size());
  for (std::uint32_t i = 0; i < frames; ++i) {
    const auto names = examined.symbols.of({i});
    if (names.empty()) continue;
    ++named;
    ++by_origin[names.front().from];
  }
  std::string text = std::to_string(named) + " of " + count_of(frames, "frame") +
                     (frames == 1 ? " has a name" : " have names");
  for (const auto& [origin, count] : by_origin)
    text += (origin == by_origin.begin()->first ? ": " : ", ") + std::to_string(count) + " from " +
            std::string(to_string(origin));
  return text;
}

}  // namespace

bool has_own_symbols(const Case& examined) {
  const auto lacks = [](const ImageSymbols& image) {
    const bool matters = image.image == "kernel" || is_third_party(image.image);
    return matters && image.frames > 0 && image.status != SymbolStatus::named;
  };
  const bool was_asked = !examined.symbols.images.empty() || examined.report.frames.empty();
  return was_asked && std::ranges::none_of(examined.symbols.images, lacks);
}

std::vector<std::string> symbol_summary(const Case& examined) {
  std::vector<std::string> lines{counts(examined)};
  const Symbols& symbols = examined.symbols;
  std::size_t lacking = 0;
  for (const ImageSymbols& image : symbols.images) {
    if (image.remedy.empty() && image.named == image.frames) continue;
    if (++lacking > kShownImages) continue;
    std::string text = (image.image.empty() ? "?" : image.image) + ": " +
                       std::to_string(image.named) + " of " + count_of(image.frames, "frame") +
                       ", " + std::string(to_string(image.status));
    if (!image.remedy.empty()) text += ": " + image.remedy;
    lines.push_back(render::printable(text));
  }
  if (lacking > kShownImages)
    lines.push_back(std::to_string(lacking - kShownImages) + " more images lack names");
  for (std::size_t i = 0; i < std::min(symbols.notes.size(), kShownNotes); ++i)
    lines.push_back(render::printable(symbols.notes[i]));
  if (symbols.images.empty() && symbols.notes.empty() && !examined.report.frames.empty())
    lines.push_back("no symbol files were looked for; --kdk, --dsym and --symbols name them");
  return lines;
}

}  // namespace panicscan::app
