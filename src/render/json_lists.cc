// "images", "kexts", "dexts", "notes", "fields" and "stats".

#include "base/uuid.h"
#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_uuid(JsonWriter& json, const std::optional<Uuid>& uuid) {
  if (uuid && !uuid->is_zero()) json.member("uuid", to_string(*uuid));
}

}  // namespace

void put_images(const JsonStory& story) {
  if (story.report().images.empty()) return;
  JsonWriter& json = story.json;
  json.key("images").begin_array();
  for (const Image& image : story.report().images) {
    json.inline_begin().begin_object();
    put_text(json, "name", image.name);
    put_uuid(json, image.uuid);
    json.member("kind", to_string(image.kind)).hex_member("load_address", image.base.value);
    if (image.size) json.member("size", *image.size);
    put_text(json, "path", image.path);
    put_text(json, "bundle", image.bundle_id);
    put_text(json, "version", image.version);
    put_text(json, "arch", image.architecture);
    json.end_object().inline_end();
  }
  json.end_array();
}

void put_kexts(const JsonStory& story) {
  if (!story.report().panic || story.report().panic->kexts.empty()) return;
  JsonWriter& json = story.json;
  json.key("kexts").begin_array();
  for (const Kext& kext : story.report().panic->kexts) {
    json.inline_begin().begin_object();
    json.member("list", to_string(kext.list)).member("id", kext.bundle_id);
    put_text(json, "version", kext.version);
    put_uuid(json, kext.uuid);
    if (kext.start) json.hex_member("start", kext.start->value);
    if (kext.last) json.hex_member("last", kext.last->value);
    if (kext.size) json.member("size", *kext.size);
    if (kext.at_ticks) json.member("at_ticks", *kext.at_ticks);
    json.end_object().inline_end();
  }
  json.end_array();
}

void put_dexts(const JsonStory& story) {
  if (!story.report().panic || story.report().panic->dexts.empty()) return;
  JsonWriter& json = story.json;
  json.key("dexts").begin_array();
  for (const Dext& dext : story.report().panic->dexts) {
    json.begin_object().member("id", dext.bundle_id);
    put_text(json, "path", dext.path);
    put_text(json, "state", dext.state);
    put_where(story, dext.where);
    json.end_object();
  }
  json.end_array();
}

void put_notes(const JsonStory& story) {
  JsonWriter& json = story.json;
  json.key("notes").begin_array();
  for (const Note& note : story.report().notes) {
    json.begin_object().member("kind", to_string(note.kind)).member("text", note.text);
    put_where(story, note.where);
    json.end_object();
  }
  json.end_array();
}

void put_fields(const JsonStory& story) {
  JsonWriter& json = story.json;
  json.key("fields").begin_array();
  for (const Field& field : story.report().fields) {
    json.inline_begin().begin_object();
    json.member("name", field.name).member("value", field.value);
    json.end_object().inline_end();
  }
  json.end_array();
}

void put_stats(const JsonStory& story) {
  const Report& report = story.report();
  JsonWriter& json = story.json;
  const auto count = [&](std::string_view name, std::size_t number) {
    json.member(name, std::uint64_t{number});
  };
  json.key("stats").begin_object();
  count("processes", report.processes.size());
  count("threads", report.threads.size());
  count("frames", report.frames.size());
  count("images", report.images.size());
  count("waits", report.waits.size());
  count("notes", report.notes.size());
  count("fields", report.fields.size());
  count("facts", story.subject.facts.all.size());
  count("findings", story.subject.findings.size());
  count("rules", story.subject.rules.size());
  json.end_object();
}

}  // namespace panicscan::render
