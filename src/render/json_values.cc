#include "base/uuid.h"
#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_position(JsonWriter& json, const Position& at) {
  json.member("line", at.line).member("column", at.column).member("offset", at.offset);
}

void put_symbol(JsonWriter& json, const Symbol& symbol) {
  json.begin_object();
  json.member("function", symbol.function);
  if (symbol.offset != 0) json.hex_member("offset", symbol.offset);
  put_text(json, "file", symbol.file);
  if (symbol.line != 0) json.member("line", symbol.line);
  if (symbol.column != 0) json.member("column", symbol.column);
  if (symbol.is_inlined) json.member("inlined", true);
  json.member("from", to_string(symbol.from));
  json.end_object();
}

}  // namespace

void put_names(JsonWriter& json, std::span<const Symbol> names) {
  json.inline_begin().begin_array();
  for (const Symbol& symbol : names) put_symbol(json, symbol);
  json.end_array().inline_end();
}

const std::string& NameLists::of(Index<Frame> frame) {
  std::string& text = texts_[symbols_.list_of(frame)];
  if (text.empty()) {
    JsonWriter json;
    put_names(json, symbols_.of(frame));
    text = std::move(json).take();
  }
  return text;
}

void put_where(const JsonStory& story, SourceRef where, std::uint32_t companion) {
  const Locator& locator = story.locator.of(companion);
  const auto in_file = locator.in_file(where);
  if (!in_file) return;
  JsonWriter& json = story.json;
  json.key("where").inline_begin().begin_object();
  if (companion != 0) json.member("companion", companion);
  put_position(json, *in_file);
  if (const auto inner = locator.embedded(where)) {
    json.key("text").begin_object();
    put_position(json, inner->position);
    json.member("document", inner->document).end_object();
  }
  json.end_object().inline_end();
}

void put_value(JsonWriter& json, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    json.value(*text);
  } else if (const auto* truth = std::get_if<bool>(&value.data)) {
    json.value(*truth);
  } else if (const auto* items = std::get_if<std::vector<std::string>>(&value.data)) {
    json.inline_begin().begin_array();
    for (const std::string& item : *items) json.value(item);
    json.end_array().inline_end();
  } else {
    const std::uint64_t number = std::get<std::uint64_t>(value.data);
    const bool is_hex = value.type == ValueType::hex || value.type == ValueType::address;
    if (is_hex) {
      json.hex(number);
    } else {
      json.value(number);
    }
  }
}

void put_text(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.member(name, text);
}

void put_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& items) {
  if (items.empty()) return;
  json.key(name).begin_array();
  for (const std::string& item : items) json.value(item);
  json.end_array();
}

void put_frame(const JsonStory& story, std::uint32_t index) {
  const Frame& frame = story.report().frames[index];
  JsonWriter& json = story.json;
  json.inline_begin().begin_object();
  json.hex_member("address", frame.address.value);
  json.member("kind", to_string(frame.kind));
  if (frame.is_inline) json.member("inline", true);
  const auto symbols = story.subject.symbols.of({index});
  const bool has_stated =
      frame.reported_place && !story.report().places[frame.reported_place->value].image.empty();
  if (const Placement* place = placement_of(story.subject, index)) {
    put_text(json, "image",
             place->image.empty() && has_stated
                 ? story.report().places[frame.reported_place->value].image
                 : place->image);
    if (place->status == PlacementStatus::placed) json.hex_member("offset", place->offset.value);
    if (place->is_guess) json.member("guess", true);
    const SymbolStatus looked_up = story.subject.symbols.status({index});
    const bool lacks_names = place->status == PlacementStatus::placed && symbols.empty();
    if (place->status == PlacementStatus::placed && looked_up != SymbolStatus::not_looked_up) {
      json.member("status", to_string(looked_up));
    } else {
      json.member("status", lacks_names ? "no-symbols" : to_string(place->status));
    }
  }
  if (!symbols.empty()) json.key("symbols").written(story.names.of({index}));
  json.end_object().inline_end();
}

void put_frames(const JsonStory& story, std::string_view name, IndexRange<Frame> frames) {
  if (frames.empty()) return;
  story.json.key(name).begin_array();
  for (std::uint32_t i = frames.begin; i < frames.end; ++i) put_frame(story, i);
  story.json.end_array();
}

void put_decoded(JsonWriter& json, const std::vector<Decoded>& rows) {
  if (rows.empty()) return;
  json.key("decoded").begin_array();
  for (const Decoded& row : rows) {
    json.inline_begin().begin_object();
    json.member("name", row.name).member("value", row.value);
    put_text(json, "meaning", row.meaning);
    json.end_object().inline_end();
  }
  json.end_array();
}

void put_evidence(const JsonStory& story, const std::vector<Evidence>& because,
                  std::uint32_t companion) {
  if (because.empty()) return;
  story.json.key("because").begin_array();
  for (const Evidence& reason : because) {
    story.json.begin_object().member("says", reason.says);
    put_where(story, reason.where, companion);
    story.json.end_object();
  }
  story.json.end_array();
}

}  // namespace panicscan::render
