#include "parsers/paste.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace panicscan::parsers {

std::span<const PasteRepair> paste_repairs() {
  static constexpr std::array kRepairs{
      PasteRepair{
          "the text holds \"\\n\" in place of line ends, as inside JSON; they were put back",
          undo_json_escapes},
      PasteRepair{"HTML entities and tags were taken out", undo_html},
      PasteRepair{"typographic quotes, dashes and arrows were read as plain ones",
                  undo_smart_punctuation},
      PasteRepair{"quote marks or an indentation in front of every line were taken off",
                  undo_quoting},
      PasteRepair{"a log's time stamps in front of the lines were taken off", undo_log_prefixes},
      PasteRepair{"Markdown fences, emphasis and escapes were taken out", undo_markdown},
      PasteRepair{"line ends were lost; they were put back before every known word",
                  undo_flattening},
      PasteRepair{"lines that were wrapped were joined again", undo_wrapping},
  };
  return kRepairs;
}

bool is_landmark_line(std::string_view line) {
  constexpr std::array<std::string_view, 20> kLandmarks{
      "panic(cpu ",
      "Debugger message:",
      "Memory ID:",
      "OS release type:",
      "OS version:",
      "Mac OS version:",
      "Kernel version:",
      "Kernel UUID:",
      "Kernel slide:",
      "Kernel text base:",
      "KernelCache base:",
      "Boot session UUID:",
      "Paniclog version:",
      "Panicked task 0x",
      "Panicked thread:",
      "Backtrace (CPU ",
      "BSD process name corresponding",
      "System model name:",
      "last started kext at ",
      "loaded kexts:",
  };
  return std::ranges::any_of(kLandmarks,
                             [&](std::string_view mark) { return line.starts_with(mark); });
}

}  // namespace panicscan::parsers
