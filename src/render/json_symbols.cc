// "symbols": what became of each image, and names of addresses that are no frames.

#include "base/uuid.h"
#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_image(JsonWriter& json, const ImageSymbols& image) {
  json.inline_begin().begin_object();
  put_text(json, "name", image.image);
  if (image.uuid) json.member("uuid", to_string(*image.uuid));
  json.member("status", to_string(image.status));
  put_text(json, "path", image.path);
  put_text(json, "remedy", image.remedy);
  json.member("frames", image.frames).member("named", image.named);
  json.end_object().inline_end();
}

void put_address(JsonWriter& json, const AddressSymbols& address) {
  json.inline_begin().begin_object().hex_member("address", address.address.value);
  json.member("status", to_string(address.status));
  if (!address.names.empty()) put_names(json.key("symbols"), address.names);
  json.end_object().inline_end();
}

}  // namespace

void put_symbols(const JsonStory& story) {
  const Symbols& symbols = story.subject.symbols;
  if (symbols.images.empty() && symbols.notes.empty()) return;
  JsonWriter& json = story.json;
  json.key("symbols").begin_object();
  json.key("images").begin_array();
  for (const ImageSymbols& image : symbols.images) put_image(json, image);
  json.end_array();
  json.key("addresses").begin_array();
  for (const AddressSymbols& address : symbols.others) put_address(json, address);
  json.end_array();
  put_list(json, "notes", symbols.notes);
  json.end_object();
}

}  // namespace panicscan::render
