#include "symbolicator/symbol_commands.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "symbolicator/plist.h"

namespace panicscan::symbols {
namespace {

constexpr std::string_view kind_name(SymbolFileKind kind) {
  switch (kind) {
    case SymbolFileKind::dsym:
      return "dSYM";
    case SymbolFileKind::image:
      return "image";
    case SymbolFileKind::kernel_collection:
      return "collection";
  }
  return "";
}

/// A file may be called anything: what would move the cursor, or turn the reading direction
/// around, and what is no UTF-8, becomes \xff byte by byte.
std::string printable(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::uint32_t point = length == 0 ? 0 : utf8_decode(text, length);
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0) ||
                         (point >= 0x200b && point <= 0x200f) ||
                         (point >= 0x2028 && point <= 0x202e) ||
                         (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(length, 1));
    if (control) {
      for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        safe += "\\x";
        safe += kDigits[byte >> 4];
        safe += kDigits[byte & 15];
      }
    } else {
      safe += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return safe;
}

constexpr std::size_t kColumns = 6;
using Row = std::array<std::string, kColumns>;

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }

void add_string(std::string& xml, std::string_view key, std::string_view text) {
  xml +=
      "\t\t<key>" + std::string(key) + "</key>\n\t\t<string>" + std::string(text) + "</string>\n";
}

}  // namespace

std::string list(const SymbolStore& store) {
  std::vector<Row> rows{{"UUID", "ARCH", "KIND", "BUILD", "NAME", "PATH"}};
  for (const SymbolFile& file : store.all())
    rows.push_back({to_string(file.uuid), printable(file.arch), std::string(kind_name(file.kind)),
                    or_dash(printable(file.kdk_build)), or_dash(printable(file.name)),
                    printable(file.path)});
  if (rows.size() == 1) return {};
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < kColumns; ++i)
      text += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    text += row.back() + '\n';
  }
  return text;
}

std::string dsym_for_uuid(const SymbolStore& store, const Uuid& uuid) {
  std::optional<std::string> dsym;
  std::optional<std::string> image;
  std::string arch;
  bool unwritable = false;
  for (const SymbolFile& file : store.find(uuid)) {
    if (file.kind == SymbolFileKind::kernel_collection) continue;
    std::optional<std::string>& wanted = file.kind == SymbolFileKind::dsym ? dsym : image;
    if (wanted) continue;
    wanted = xml_text(file.path);
    if (!wanted) unwritable = true;
    if (wanted && arch.empty()) arch = file.arch;
  }
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
      "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
      "<plist version=\"1.0\">\n<dict>\n\t<key>" +
      to_string(uuid) + "</key>\n\t<dict>\n";
  if (!arch.empty()) add_string(xml, "DBGArchitecture", xml_text(arch).value_or(std::string{}));
  if (dsym) add_string(xml, "DBGDSYMPath", *dsym);
  if (image) add_string(xml, "DBGSymbolRichExecutable", *image);
  if (!dsym && !image) {
    add_string(xml, "DBGError",
               unwritable ? "the path of the symbol file cannot be written as XML"
                          : "panicscan knows no file with this UUID; see: panicscan symbols list");
  }
  return xml + "\t</dict>\n</dict>\n</plist>\n";
}

}  // namespace panicscan::symbols
