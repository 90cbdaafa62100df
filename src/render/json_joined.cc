// "companions", "timeline", "log" and "devices".

#include "base/timestamp.h"
#include "model/names.h"
#include "render/json_parts.h"
#include "render/timeline.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kMostMoments = 2000;

void put_companion(const JsonStory& story, const Companion& companion) {
  JsonWriter& json = story.json;
  json.begin_object();
  json.member("path", companion.source.path).member("sha256", companion.sha256);
  put_text(json, "format", companion.report.format);
  json.member("kind", to_string(companion.report.kind));
  json.member("because", companion.because);
  if (!companion.report.notes.empty()) {
    json.key("notes").begin_array();
    for (const Note& note : companion.report.notes)
      json.inline_begin()
          .begin_object()
          .member("kind", to_string(note.kind))
          .member("text", note.text)
          .end_object()
          .inline_end();
    json.end_array();
  }
  json.end_object();
}

void put_timeline(const JsonStory& story) {
  const Timeline times = timeline(story.subject, kMostMoments);
  if (times.moments.empty()) return;
  JsonWriter& json = story.json;
  json.key("timeline").begin_array();
  for (const Moment& moment : times.moments) {
    json.begin_object();
    json.member("time", utc_text(moment.unix_us).value_or("")).member("says", moment.says);
    put_where(story, moment.where, moment.companion);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void put_joined(const JsonStory& story) {
  if (story.subject.companions.empty()) return;
  story.json.key("companions").begin_array();
  for (const Companion& companion : story.subject.companions) put_companion(story, companion);
  story.json.end_array();
  put_timeline(story);
}

void put_log(const JsonStory& story) {
  const Log& log = story.report().log;
  if (story.report().kind != ReportKind::log) return;
  JsonWriter& json = story.json;
  json.key("log").begin_object();
  json.member("style", log.style).member("lines", log.lines).member("unknown", log.unknown);
  json.key("events").begin_array();
  for (const LogEvent& event : log.events) {
    json.begin_object().member("kind", event.kind);
    put_text(json, "time", event.time);
    if (event.unix_us)
      if (const auto utc = utc_text(*event.unix_us)) json.member("utc", *utc);
    if (event.since_boot_us) json.member("since_boot_us", *event.since_boot_us);
    put_text(json, "process", event.process);
    if (event.pid) json.member("pid", event.pid->value);
    if (event.thread) json.member("thread", event.thread->value);
    put_text(json, "sender", event.sender);
    put_text(json, "level", event.level);
    json.member("message", event.message);
    if (!event.values.empty()) {
      json.key("values").inline_begin().begin_object();
      for (const auto& [name, value] : event.values) put_value(json.key(name), value);
      json.end_object().inline_end();
    }
    put_where(story, event.where);
    json.end_object();
  }
  json.end_array().end_object();
}

void put_devices(const JsonStory& story) {
  const auto& nodes = story.report().devices.nodes;
  if (nodes.empty()) return;
  JsonWriter& json = story.json;
  json.key("devices").begin_array();
  for (const DeviceNode& node : nodes) {
    json.inline_begin().begin_object();
    json.member("name", node.name);
    put_text(json, "class", node.class_name);
    if (node.id) json.hex_member("id", *node.id);
    if (node.parent) json.member("parent", node.parent->value);
    json.member("registered", node.is_registered).member("matched", node.is_matched);
    json.member("active", node.is_active);
    if (node.busy) json.member("busy", *node.busy);
    if (node.busy_ms) json.member("busy_ms", *node.busy_ms);
    if (node.retain) json.member("retain", *node.retain);
    if (!node.properties.empty()) {
      json.key("properties").begin_object();
      for (const auto& [name, value] : node.properties) json.member(name, value);
      json.end_object();
    }
    json.end_object().inline_end();
  }
  json.end_array();
}

}  // namespace panicscan::render
