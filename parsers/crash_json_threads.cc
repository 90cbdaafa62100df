#include "parsers/crash_json_threads.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {
namespace {

/// Source: the same letters as in stackshots; see xnu tools/lldbmacros/kcdata.py.
struct LetterKind {
  std::string_view letter;
  ImageKind kind;
};
constexpr std::array kLetterKinds{
    LetterKind{"P", ImageKind::process},
    LetterKind{"S", ImageKind::shared_cache},
    LetterKind{"C", ImageKind::cached_library},
    LetterKind{"A", ImageKind::absolute},
    LetterKind{"J", ImageKind::jit},
    LetterKind{"K", ImageKind::kernel},
};

struct TextSlot {
  std::string_view name;
  std::string Image::* slot;
};
constexpr std::array kImageTexts{TextSlot{"path", &Image::path},
                                 TextSlot{"arch", &Image::architecture},
                                 TextSlot{"CFBundleIdentifier", &Image::bundle_id},
                                 TextSlot{"CFBundleShortVersionString", &Image::version}};

/// The last part of a path.
std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::optional<Uuid> read_uuid(JsonValue value) {
  const auto uuid = parse_uuid(trim(scalar_text(value)));
  return uuid && !uuid->is_zero() ? uuid : std::nullopt;
}

/// Reads a row of usedImages; compact ones hold nothing but base, source and uuid.
std::optional<Image> read_image(JsonValue row, std::uint32_t document) {
  const auto base = row["base"].as_number_like();
  if (row.kind() != JsonKind::object || !base) return std::nullopt;
  Image image;
  image.base = {*base};
  image.where = where_of(row, document);
  image.uuid = read_uuid(row["uuid"]);
  // Entries of the shared cache and unknown ones have size 0, which says nothing.
  if (const auto size = row["size"].as_number_like(); size && *size > 0) image.size = size;
  for (const TextSlot& text : kImageTexts) image.*text.slot = scalar_text(row[text.name]);
  image.name = scalar_text(row["name"]);
  if (image.name.empty()) image.name = base_name(image.path);
  const std::string letter = scalar_text(row["source"]);
  image.letter = letter.empty() ? '\0' : letter.front();
  const auto known = std::ranges::find(kLetterKinds, letter, &LetterKind::letter);
  if (known != kLetterKinds.end()) image.kind = known->kind;
  return image;
}

std::optional<Image> read_shared_cache(JsonValue cache, std::uint32_t document) {
  const auto base = cache["base"].as_number_like();
  const auto size = cache["size"].as_number_like();
  if (!base || *base == 0 || !size || *size == 0) return std::nullopt;
  Image image;
  image.kind = ImageKind::shared_cache;
  image.name = "dyld shared cache";
  image.base = {*base};
  image.size = size;
  image.uuid = read_uuid(cache["uuid"]);
  image.where = where_of(cache, document);
  return image;
}

bool holds(const Image& outer, const Image& inner) {
  return inner.base >= outer.base && inner.base.value - outer.base.value < *outer.size;
}

}  // namespace

CrashImages CrashImages::read(JsonValue used_images, JsonValue shared_cache, std::uint32_t document,
                              ReportBuilder& out) {
  CrashImages images;
  const std::optional<Image> cache = read_shared_cache(shared_cache, document);
  std::size_t damaged = 0;
  SourceRef first_damaged;
  used_images.for_each([&](JsonValue row) {
    std::optional<Image> image = read_image(row, document);
    if (!image) {
      images.rows_.emplace_back();
      if (damaged++ == 0) first_damaged = where_of(row, document);
      return;
    }
    if (cache && image->kind == ImageKind::process && holds(*cache, *image))
      image->kind = ImageKind::cached_library;
    images.rows_.push_back(
        out.has_room_for_image() ? std::optional(out.add_image(*std::move(image))) : std::nullopt);
  });
  if (cache && out.has_room_for_image()) out.add_image(*cache);
  if (damaged > 0)
    out.note(NoteKind::damaged,
             std::to_string(damaged) +
                 " rows of usedImages have no base; the addresses of frames in them are not known",
             first_damaged);
  return images;
}

ThreadState read_thread_state(JsonValue state, std::uint32_t document) {
  ThreadState result;
  result.registers.where = where_of(state, document);
  const auto take = [&](std::string name, JsonValue value) {
    if (const auto number = value["value"].as_number_like())
      result.registers.registers.push_back({std::move(name), *number});
    const std::string description = scalar_text(value["description"]);
    if (!description.empty() && result.fault.empty()) result.fault = description;
  };
  state.for_each([&](JsonValue member) {
    const std::string name = to_lower(member.key());
    if (member.kind() == JsonKind::array) {
      std::size_t number = 0;
      member.for_each([&](JsonValue value) { take(name + std::to_string(number++), value); });
    } else if (member.kind() == JsonKind::object && name != "rosetta") {
      take(name, member);
    }
  });
  // For translated processes what counts is the state of the translated code, which is outside.
  return result;
}

IndexRange<Frame> read_crash_frames(JsonValue rows, bool starts_at_pc, const CrashImages& images,
                                    std::uint32_t document, ReportBuilder& out) {
  std::vector<Frame> frames;
  std::size_t lost = 0;
  SourceRef first_lost;
  rows.for_each([&](JsonValue row) {
    const auto offset = row["imageOffset"].as_number_like();
    const auto index = row["imageIndex"].as_number_like();
    Frame frame;
    frame.where = where_of(row, document);
    if (index) frame.image = images.at(*index);
    const bool is_placed = offset && (!index || frame.image);
    if (!is_placed && lost++ == 0) first_lost = frame.where;
    if (row.kind() != JsonKind::object) return;
    if (offset) frame.address = {*offset};
    if (frame.image) frame.address.value += out.report().images[frame.image->value].base.value;
    frame.is_inline = is_set(row["inline"]);
    frame.reported_symbol = scalar_text(row["symbol"]);
    if (const auto location = row["symbolLocation"].as_number_like();
        location && !frame.reported_symbol.empty())
      frame.reported_symbol += " + " + std::to_string(*location);
    ReportedPlace place;
    place.file = scalar_text(row["sourceFile"]);
    place.line = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(row["sourceLine"].as_unsigned().value_or(0), 0xffffffff));
    if (!place.file.empty() || place.line != 0)
      frame.reported_place = out.add_place(std::move(place));
    frames.push_back(std::move(frame));
  });
  if (lost > 0)
    out.note(
        NoteKind::damaged,
        std::to_string(lost) + " frames of a stack have no offset, or an image that is not listed",
        first_lost);
  set_address_kinds(frames, starts_at_pc);
  return out.add_frames(std::move(frames));
}

}  // namespace panicscan::parsers
