#include "symbolicator/plist.h"

#include <array>
#include <utility>

#include "base/source.h"
#include "base/text.h"
#include "base/utf8.h"

namespace panicscan::symbols {
namespace {

constexpr std::size_t kLargestFile = 64u << 10;

struct Entity {
  char character;
  std::string_view spelling;
};
constexpr std::array kEntities{Entity{'&', "&amp;"}, Entity{'<', "&lt;"}, Entity{'>', "&gt;"},
                               Entity{'"', "&quot;"}, Entity{'\'', "&apos;"}};

std::string without_entities(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    bool known = false;
    for (const Entity& entity : kEntities) {
      if (!consume(text, entity.spelling)) continue;
      plain += entity.character;
      known = true;
      break;
    }
    if (known) continue;
    plain += text.front();
    text.remove_prefix(1);
  }
  return plain;
}

}  // namespace

std::optional<std::string> plist_string(std::string_view xml, std::string_view key) {
  if (!consume_until(xml, "<key>" + std::string(key) + "</key>")) return std::nullopt;
  while (!xml.empty() && is_space(xml.front())) xml.remove_prefix(1);
  if (!consume(xml, "<string>")) return std::nullopt;
  const std::optional<std::string_view> text = consume_until(xml, "</string>");
  if (!text) return std::nullopt;
  return without_entities(trim(*text));
}

std::optional<std::string> plist_string_in_file(const std::string& path, std::string_view key) {
  const Expected<Source> file = read_source(path, kLargestFile);
  if (!file) return std::nullopt;
  return plist_string(*file->bytes, key);
}

std::optional<std::string> xml_text(std::string_view text) {
  std::string xml;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return std::nullopt;
    const std::uint32_t point = utf8_decode(text, length);
    // Source: XML 1.0, production 2 (Char).
    if ((point < 0x20 && point != '\t' && point != '\n' && point != '\r') || point == 0xfffe ||
        point == 0xffff)
      return std::nullopt;
    std::string_view spelling = text.substr(0, length);
    for (const Entity& entity : kEntities)
      if (length == 1 && text.front() == entity.character) spelling = entity.spelling;
    xml += spelling;
    text.remove_prefix(length);
  }
  return xml;
}

}  // namespace panicscan::symbols
