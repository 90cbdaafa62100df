#include <algorithm>
#include <array>

#include "base/text.h"
#include "parsers/message_text.h"
#include "parsers/panic_head.h"
#include "parsers/paste.h"

// Forum editors that collapse all white space leave one long line. Every known word that begins a
// line of a panic begins one again; nothing inside a quoted message is touched.

namespace panicscan::parsers {
namespace {

constexpr std::size_t npos = std::string_view::npos;

constexpr std::array<std::string_view, 55> kKeywords{
    "panic(cpu ",
    "Debugger message:",
    "Memory ID:",
    "OS release type:",
    "OS version:",
    "Mac OS version:",
    "macOS version:",
    "Kernel version:",
    "Fileset Kernelcache UUID:",
    "KernelCache UUID:",
    "Kernel UUID:",
    "Boot session UUID:",
    "Boot args:",
    "iBoot version:",
    "iBoot Stage 2 version:",
    "secure boot?:",
    "roots installed:",
    "Paniclog version:",
    "Debug Header ",
    "TXM load address:",
    "TXM UUID:",
    "SPTM load address:",
    "SPTM UUID:",
    "Exclaves boot status:",
    "KernelCache slide:",
    "KernelCache base:",
    "Kernel slide:",
    "Kernel text base:",
    "Kernel text exec slide:",
    "Kernel text exec base:",
    "__HIB text base:",
    "__HIB  text base:",
    "mach_absolute_time:",
    "Epoch Time:",
    "Last Sleep:",
    "Zone info:",
    "Zone map:",
    "TPIDRx_ELy",
    "Compressor Info:",
    "Panicked task ",
    "Panicked thread:",
    "Kernel Extensions in backtrace:",
    "dependency:",
    "last started kext at ",
    "last stopped kext at ",
    "loaded kexts:",
    "lr: 0x",
    "Backtrace (CPU ",
    "BSD process name corresponding",
    "Process name corresponding",
    "System model name:",
    "System shutdown begun:",
    "System uptime",
    "** Stackshot",
    "!! ",
};

/// The keyword `text` begins with; the longest one, so "Mac OS version:" is not cut in two.
std::string_view keyword_at(std::string_view text) {
  std::string_view found;
  for (const std::string_view keyword : kKeywords)
    if (text.front() == keyword.front() && keyword.size() > found.size() &&
        text.starts_with(keyword))
      found = keyword;
  return found;
}

/// Rows of tables that only their form gives away.
bool is_row_at(std::string_view text) {
  std::string_view rest = text.substr(0, 64);
  if (consume(rest, "CORE ")) return !rest.empty() && is_digit(rest.front());
  // "0xffffff8080000000 : 0xffffff80…": a frame on Intel.
  if (rest.starts_with("0x")) {
    if (!consume_hex(rest)) return false;
    skip_blanks(rest);
    return consume(rest, ": 0x");
  }
  // "x0: 0x…", "CR0: 0x…": where a register dump begins; ". GEN0 : 0x…", "Boot : 0x…": tables.
  constexpr std::array<std::string_view, 9> kNames{
      "x0", "CR0", "Boot", "Sleep", "Wake", "Calendar", "Uptime", "Metadata", "Bitmaps"};
  const bool is_submap = consume(rest, ". ");
  const std::string_view name = rest.substr(0, rest.find_first_of(" :"));
  if (!is_submap && std::ranges::find(kNames, name) == kNames.end()) return false;
  rest.remove_prefix(name.size());
  skip_blanks(rest);
  if (!consume(rest, ":")) return false;
  skip_blanks(rest);
  return rest.starts_with("0x");
}

std::string_view word_at(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t"));
}

/// "com.example.driver.Foo(1.2)[UUID]@…"
bool is_kext_range_at(std::string_view text) {
  const std::string_view word = word_at(text.substr(0, 512));
  const std::size_t bracket = word.find(")[");
  return bracket != npos && word.find('(') < bracket;
}

/// "com.example.driver.Foo 1.2" in a flattened list of loaded kexts.
bool is_loaded_kext_at(std::string_view text) {
  constexpr std::string_view kMarks = "|>$@";
  text = text.substr(0, 512);
  const std::string_view name = word_at(text);
  const bool is_name = !name.empty() && !is_digit(name.front()) &&
                       (kMarks.find(name.front()) != npos || name.find('.') != npos);
  std::string_view version = text.substr(name.size());
  skip_blanks(version);
  return is_name && !version.empty() && is_digit(version.front());
}

/// Where the quoted message of a head line ends; the same place as `begin` when it is not quoted.
std::size_t end_of_quoted_message(std::string_view line, std::size_t begin) {
  if (begin >= line.size() || line[begin] != '"') return begin;
  for (std::size_t quote = line.find('"', begin + 1); quote != npos;
       quote = line.find('"', quote + 1)) {
    std::string_view behind = line.substr(quote + 1);
    if (behind.starts_with('@')) return quote + 1;
    skip_blanks(behind);
    if (behind.empty() || behind.starts_with('@') || !keyword_at(behind).empty() ||
        is_row_at(behind))
      return quote + 1;
  }
  return begin;
}

std::size_t end_of_message(std::string_view line) {
  const auto head = read_panic_head(line.substr(0, 4096), true);
  if (!head) return 0;
  const auto begin = static_cast<std::size_t>(head->message.data() - line.data());
  return std::max(begin, end_of_quoted_message(line, begin));
}

/// Calls `visit(offset, word and what follows)` at every word of a line.
template <typename Visit>
void for_each_word(std::string_view line, Visit visit) {
  for (std::size_t at = 0; at < line.size();) {
    at = line.find_first_not_of(" \t", at);
    if (at == npos) return;
    const std::size_t skip = visit(at, line.substr(at));
    at = std::min(line.find_first_of(" \t", at + std::max(skip, std::size_t{1}) - 1), line.size());
  }
}

bool is_flattened(std::string_view line) {
  constexpr std::size_t kShortest = 100;
  constexpr int kEnough = 3;
  if (line.size() < kShortest) return false;
  int keywords = 0;
  for_each_word(line, [&](std::size_t, std::string_view rest) {
    const std::string_view keyword = keyword_at(rest);
    keywords += keyword.empty() ? 0 : 1;
    return keyword.size();
  });
  return keywords >= kEnough;
}

void copy_broken_up(DocumentBuilder& out, std::string_view line, std::size_t offset) {
  enum class Region { other, kext_ranges, loaded_kexts } region = Region::other;
  const std::size_t end_of_quote = end_of_message(line);
  std::size_t copied = 0;
  for_each_word(line, [&](std::size_t at, std::string_view rest) -> std::size_t {
    if (at > 0 && at < end_of_quote) return word_at(rest).size();
    const std::string_view keyword = keyword_at(rest);
    const bool begins_line = !keyword.empty() || is_row_at(rest) ||
                             (region == Region::kext_ranges && is_kext_range_at(rest)) ||
                             (region == Region::loaded_kexts && is_loaded_kext_at(rest));
    if (!begins_line) return 0;
    if (keyword.starts_with("Kernel Ext")) region = Region::kext_ranges;
    if (keyword.starts_with("last st")) region = Region::other;
    if (keyword.starts_with("loaded kexts")) region = Region::loaded_kexts;
    // The kext behind "dependency:" belongs to the same line.
    const std::string_view behind = rest.substr(keyword.size());
    const std::size_t skip =
        keyword == "dependency:"
            ? keyword.size() + behind.find_first_not_of(" \t") + 1
            : std::max(keyword.size(), is_row_at(rest) ? word_at(rest).size() : 0);
    if (at == 0) return skip;
    out.copy(line.substr(copied, at - copied), static_cast<std::uint32_t>(offset + copied));
    out.replace("\n", static_cast<std::uint32_t>(offset + at));
    copied = at;
    return skip;
  });
  out.copy(line.substr(copied), static_cast<std::uint32_t>(offset + copied));
}

}  // namespace

std::optional<Document> undo_flattening(std::string_view text, std::uint32_t parent) {
  std::optional<DocumentBuilder> out;
  LineReader lines(text);
  while (const auto line = lines.next()) {
    const bool is_flat = is_flattened(line->text);
    if (is_flat && !out) {
      out.emplace(parent);
      out->copy(text.substr(0, line->offset), 0);
    }
    if (!out) continue;
    const std::size_t end = line->offset + line->text.size();
    if (is_flat)
      copy_broken_up(*out, line->text, line->offset);
    else
      out->copy(line->text, line->offset);
    if (end < text.size()) out->copy(text.substr(end, 1), static_cast<std::uint32_t>(end));
  }
  if (!out) return std::nullopt;
  return std::move(*out).build();
}

}  // namespace panicscan::parsers
