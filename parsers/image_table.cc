#include "parsers/image_table.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {
namespace {

struct LetterKind {
  char letter;
  ImageKind kind;
};
constexpr std::array kLetterKinds{
    LetterKind{'P', ImageKind::process},          LetterKind{'S', ImageKind::shared_cache},
    LetterKind{'C', ImageKind::cached_library},   LetterKind{'K', ImageKind::kernel},
    LetterKind{'T', ImageKind::kernel_text_exec}, LetterKind{'U', ImageKind::kernelcache},
    LetterKind{'A', ImageKind::absolute},         LetterKind{'J', ImageKind::jit},
};

/// A base: a number, "0x1f…", or the same hex without "0x".
std::optional<std::uint64_t> read_base(JsonValue value) {
  if (const auto number = value.as_number_like()) return number;
  const auto text = value.as_string();
  return text ? parse_hex(trim(*text)) : std::nullopt;
}

/// Reads one row; a damaged UUID or type letter leaves an image without it.
std::optional<Image> read_row(JsonValue row, std::uint32_t document) {
  const auto base = read_base(row[1]);
  if (row.kind() != JsonKind::array || !base) return std::nullopt;
  Image image;
  image.base = {*base};
  image.where = where_of(row, document);
  image.uuid = parse_uuid(trim(scalar_text(row[std::size_t{0}])));
  if (image.uuid && image.uuid->is_zero()) image.uuid.reset();
  const std::string letter = scalar_text(row[2]);
  if (letter.size() == 1) image.letter = letter.front();
  const auto known = std::ranges::find(kLetterKinds, image.letter, &LetterKind::letter);
  if (known != kLetterKinds.end()) image.kind = known->kind;
  return image;
}

}  // namespace

ImageTable ImageTable::read(JsonValue binary_images, std::uint32_t document, ReportBuilder& out) {
  ImageTable table;
  std::size_t damaged = 0;
  SourceRef first_damaged;
  binary_images.for_each([&](JsonValue row) {
    std::optional<Image> image = read_row(row, document);
    if (image && !out.has_room_for_image()) {
      table.rows_.emplace_back();
      return;
    }
    if (image) {
      table.rows_.push_back(out.add_image(*std::move(image)));
      return;
    }
    table.rows_.emplace_back();
    if (damaged++ == 0) first_damaged = where_of(row, document);
  });
  if (damaged > 0)
    out.note(NoteKind::damaged,
             std::to_string(damaged) +
                 " rows of binaryImages are not [uuid, base, type]; frames in them have no image",
             first_damaged);
  return table;
}

}  // namespace panicscan::parsers
