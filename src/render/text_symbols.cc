// SYMBOLS: where the names come from, and what to get for the code that has none.

#include <algorithm>

#include "base/text.h"
#include "base/uuid.h"
#include "model/names.h"
#include "render/text_sections.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kShownNotes = 6;

bool is_macos(const Machine& machine) {
  return (machine.os &&
          (machine.os->value.starts_with("macOS") || machine.os->value.starts_with("Mac OS"))) ||
         (machine.product && machine.product->value.find("Mac") != std::string::npos);
}

/// "12 of 30 frames of the panic text have a name, all from the report itself"
TerminalText named_frames(const Case& subject) {
  std::size_t frames = 0, named = 0;
  for (const Backtrace& backtrace : subject.report.panic->backtraces) {
    for (std::uint32_t i = backtrace.frames.begin; i < backtrace.frames.end; ++i) {
      ++frames;
      if (!subject.symbols.of({i}).empty()) ++named;
    }
  }
  if (frames == 0) return {};
  return say("{} of the {} have a name", named, count_of(frames, "backtrace frame"));
}

/// What one would need to name the kernel's frames.
TerminalText kernel_words(const Machine& machine) {
  TerminalText words = say("kernel");
  if (machine.kernel_uuid) words += say(" UUID {}", to_string(machine.kernel_uuid->value));
  if (machine.build)
    words += say("{} build {}", machine.kernel_uuid ? "," : "", machine.build->value);
  words += say(": names come from the report only");
  if (machine.build && is_macos(machine))
    words +=
        say("; the Kernel Debug Kit (KDK) for build {} has the kernel's", machine.build->value);
  return words;
}

/// Without symbol files: what to get, by what the panic text says.
void write_unasked(const Story& story) {
  Page& page = story.page;
  const Report& report = story.report();
  if (!report.panic) return;
  if (report.machine.kernel_uuid || report.machine.build)
    page.paragraph(kernel_words(report.machine), 0, 2);
  constexpr std::size_t kShownKexts = 8;
  std::size_t shown = 0;
  for (const Kext& kext : report.panic->kexts) {
    if (shown >= kShownKexts && !story.options.full) break;
    if (kext.list != KextList::in_backtrace || !is_third_party(kext.bundle_id) || !kext.uuid)
      continue;
    ++shown;
    page.paragraph(say("{} {} UUID {}: its dSYM, from whoever built it", kext.bundle_id,
                       kext.version, to_string(*kext.uuid)),
                   0, 2);
  }
  const TerminalText counts = named_frames(story.subject);
  if (!counts.empty()) page.paragraph(page.paint()(Role::quiet, counts));
}

/// Whether an image deserves a line: code of the kernel, and what is not Apple's.
bool is_notable(const ImageSymbols& image) {
  return image.in_kernel_space || is_third_party(image.image) ||
         image.status == SymbolStatus::named || image.status == SymbolStatus::near_match;
}

/// "com.example.driver: ok, 12 of 12 frames named, /symbols/driver.dSYM/…"
void write_image(const Story& story, const ImageSymbols& image) {
  Page& page = story.page;
  TerminalText text = say("{}: {}, {} of {} named", image.image.empty() ? "?" : image.image,
                          to_string(image.status), image.named, count_of(image.frames, "frame"));
  if (!image.path.empty()) text += say(", {}", image.path);
  page.paragraph(text, 0, 2);
  if (!image.remedy.empty()) page.paragraph(escape(image.remedy), 2, 2);
}

void write_asked(const Story& story) {
  Page& page = story.page;
  const Symbols& symbols = story.subject.symbols;
  std::size_t hidden = 0, hidden_frames = 0;
  for (const ImageSymbols& image : symbols.images) {
    if (story.options.full || is_notable(image)) {
      write_image(story, image);
    } else {
      ++hidden;
      hidden_frames += image.frames;
    }
  }
  if (hidden > 0)
    page.line(page.paint()(Role::quiet, say("… {} more images with {} frames have no symbols; "
                                            "--full shows all",
                                            hidden, hidden_frames)));
  const std::size_t shown =
      story.options.full ? symbols.notes.size() : std::min(symbols.notes.size(), kShownNotes);
  for (std::size_t i = 0; i < shown; ++i) page.item(say("-"), 2, escape(symbols.notes[i]));
  if (shown < symbols.notes.size())
    page.line(page.paint()(
        Role::quiet, say("… {} more remarks; --full shows all", symbols.notes.size() - shown)));
}

}  // namespace

void write_symbols(const Story& story) {
  story.page.section("SYMBOLS");
  const Symbols& symbols = story.subject.symbols;
  if (symbols.images.empty() && symbols.notes.empty()) {
    write_unasked(story);
  } else {
    write_asked(story);
  }
}

}  // namespace panicscan::render
