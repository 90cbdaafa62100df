#include "parsers/normalise.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/utf8.h"
#include "parsers/paste.h"

namespace panicscan::parsers {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

// Blanks that look like a blank and are none, and characters that nobody sees.
struct Substitute {
  std::string_view from, to;
};
constexpr std::array kSubstitutes{
    Substitute{"\xC2\xA0", " "},     Substitute{"\xE2\x80\x87", " "},  // no-break, figure blank
    Substitute{"\xE2\x80\xAF", " "},                                   // narrow no-break blank
    Substitute{"\xE2\x80\x8B", ""},  Substitute{"\xE2\x80\x8C", ""},   // zero width
    Substitute{"\xE2\x80\x8D", ""},  Substitute{"\xE2\x81\xA0", ""},   // zero width, word joiner
    Substitute{kUtf8Mark, ""}};

const Substitute* substitute_at(std::string_view text) {
  const auto known = std::ranges::find_if(
      kSubstitutes, [&](const Substitute& s) { return text.starts_with(s.from); });
  return known == kSubstitutes.end() ? nullptr : &*known;
}

bool may_need_work(char c) {
  return c == '\r' || c == '\0' || c == '\xC2' || c == '\xE2' || c == '\xEF';
}

/// The first byte that has to change; npos when the text is fine.
std::size_t first_change(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!may_need_work(text[at])) continue;
    if (text[at] == '\r' || text[at] == '\0' || substitute_at(text.substr(at)) != nullptr)
      return at;
  }
  return std::string_view::npos;
}

/// UTF-16 with a byte-order mark as UTF-8; nothing for other texts.
std::optional<Document> from_utf16(std::string_view text, std::uint32_t parent) {
  const bool is_little = text.starts_with("\xFF\xFE");
  if (!is_little && !text.starts_with("\xFE\xFF")) return std::nullopt;
  const auto unit_at = [&](std::size_t at) -> std::uint32_t {
    const std::uint32_t first = static_cast<unsigned char>(text[at]);
    const std::uint32_t second = static_cast<unsigned char>(text[at + 1]);
    return is_little ? first | second << 8U : first << 8U | second;
  };
  // A run for each character costs eight bytes; very large texts are mapped line by line.
  const bool is_large = text.size() > (std::size_t{16} << 20);
  std::string out;
  out.reserve(text.size() / 2);
  std::vector<Document::Run> runs;
  bool needs_run = true;
  const auto map_to = [&](std::size_t offset, std::size_t at) {
    runs.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(at)});
  };
  for (std::size_t at = 2; at + 1 < text.size(); at += 2) {
    const std::size_t start = at;
    const std::size_t begin = out.size();
    std::uint32_t point = unit_at(at);
    const bool is_high = point >= 0xD800 && point < 0xDC00 && at + 3 < text.size();
    if (is_high && unit_at(at + 2) >= 0xDC00 && unit_at(at + 2) < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10U) + (unit_at(at + 2) - 0xDC00);
      at += 2;
    }
    utf8_append(out, point);
    if (needs_run || !is_large) map_to(begin, start);
    // All bytes of a longer character go back to where it begins.
    for (std::size_t more = begin + 1; more < out.size(); ++more) map_to(more, start);
    needs_run = point == '\n' || point >= 0x80;
  }
  if (runs.empty()) runs.push_back({0, 0});
  return Document(std::move(out), parent, std::move(runs));
}

/// Copies the text with every change made; `nuls` counts NULs inside the text.
Document with_changes(std::string_view text, std::size_t first, std::uint32_t parent,
                      std::size_t& nuls) {
  DocumentBuilder out(parent);
  std::size_t copied = 0;
  for (std::size_t at = first; at < text.size(); ++at) {
    const char c = text[at];
    if (!may_need_work(c)) continue;
    std::size_t length = 1;
    std::string_view to;
    if (c == '\r') {
      const bool is_pair = at + 1 < text.size() && text[at + 1] == '\n';
      to = is_pair ? "" : "\n";
    } else if (c == '\0') {
      to = " ";
      ++nuls;
    } else if (const Substitute* known = substitute_at(text.substr(at))) {
      length = known->from.size();
      to = known->to;
    } else {
      continue;
    }
    out.copy(text.substr(copied, at - copied), static_cast<std::uint32_t>(copied));
    out.replace(to, static_cast<std::uint32_t>(at));
    copied = at + length;
    at = copied - 1;
  }
  out.copy(text.substr(copied), static_cast<std::uint32_t>(copied));
  return std::move(out).build();
}

}  // namespace

std::uint32_t normalise(std::uint32_t document, ReportBuilder& out) {
  if (auto decoded = from_utf16(out.text(document), document)) {
    out.note(NoteKind::repaired, "the text is UTF-16; it was read as UTF-8", {document, 0, 2});
    document = out.add_document(*std::move(decoded));
  }
  std::string_view text = out.text(document);
  const std::size_t size = text.size();
  const std::size_t last = text.find_last_not_of('\0');
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  const std::size_t padding = size - text.size();
  const std::size_t first = first_change(text);
  if (first == std::string_view::npos && padding == 0) return document;
  if (padding > 0)
    out.note(
        NoteKind::repaired, std::to_string(padding) + " NUL bytes at the end were left out",
        {document, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(padding)});
  std::size_t nuls = 0;
  Document changed = with_changes(text, std::min(first, text.size()), document, nuls);
  if (nuls > 0)
    out.note(NoteKind::damaged,
             std::to_string(nuls) + " NUL bytes inside the text were read as blanks",
             {document, 0, static_cast<std::uint32_t>(text.size())});
  return out.add_document(std::move(changed));
}

std::uint32_t normalise_paste(std::uint32_t document, ReportBuilder& out) {
  for (const PasteRepair& repair : paste_repairs()) {
    const std::string_view text = out.text(document);
    auto repaired = repair.apply(text, document);
    if (!repaired) continue;
    out.note(NoteKind::repaired, std::string(repair.what),
             {document, 0, static_cast<std::uint32_t>(text.size())});
    document = out.add_document(*std::move(repaired));
  }
  return document;
}

}  // namespace panicscan::parsers
