// "crash": what a crash report says of its process and how it ended.

#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_exception(const JsonStory& story, const Exception& exception) {
  JsonWriter& json = story.json;
  json.key("exception").begin_object();
  put_text(json, "type", exception.type);
  put_text(json, "subtype", exception.subtype);
  put_text(json, "signal", exception.signal);
  put_text(json, "message", exception.message);
  if (!exception.codes.empty()) {
    json.key("codes").inline_begin().begin_array();
    for (const std::uint64_t code : exception.codes) json.hex(code);
    json.end_array().inline_end();
  }
  put_where(story, exception.where);
  json.end_object();
}

void put_termination(const JsonStory& story, const Termination& termination) {
  JsonWriter& json = story.json;
  json.key("termination").begin_object();
  put_text(json, "namespace", termination.name_space);
  if (termination.code) json.hex_member("code", *termination.code);
  if (termination.flags) json.hex_member("flags", *termination.flags);
  put_text(json, "indicator", termination.indicator);
  put_text(json, "by_process", termination.by_process);
  if (termination.by_pid) json.member("by_pid", termination.by_pid->value);
  put_list(json, "reasons", termination.reasons);
  put_list(json, "details", termination.details);
  put_where(story, termination.where);
  json.end_object();
}

void put_notes_of_libraries(const JsonStory& story, const std::vector<ApplicationNote>& notes) {
  if (notes.empty()) return;
  JsonWriter& json = story.json;
  json.key("application_info").begin_array();
  for (const ApplicationNote& note : notes) {
    json.begin_object();
    put_text(json, "library", note.library);
    json.member("text", note.text.value);
    put_where(story, note.text.where);
    json.end_object();
  }
  json.end_array();
}

void put_registers(JsonWriter& json, const RegisterSet& set) {
  json.key("registers").begin_object();
  for (const Register& reg : set.registers) json.hex_member(reg.name, reg.value);
  json.end_object();
}

void put_process(JsonWriter& json, const Crash& crash) {
  put_text(json, "process", crash.process);
  if (crash.pid) json.member("pid", crash.pid->value);
  put_text(json, "path", crash.path);
  put_text(json, "bundle", crash.bundle_id);
  put_text(json, "version", crash.version);
  put_text(json, "parent", crash.parent);
  if (crash.parent_pid) json.member("parent_pid", crash.parent_pid->value);
  put_text(json, "coalition", crash.coalition);
  put_text(json, "launched", crash.launch_time);
  put_text(json, "time", crash.time);
  if (crash.is_corpse) json.member("corpse", true);
  if (crash.is_translated) json.member("translated", true);
  if (!crash.is_fatal) json.member("fatal", false);
}

}  // namespace

void put_crash(const JsonStory& story) {
  if (!story.report().crash) return;
  const Crash& crash = *story.report().crash;
  JsonWriter& json = story.json;
  json.key("crash").begin_object();
  put_process(json, crash);
  if (const Finding* finding = leading_finding(story.subject)) {
    json.member("family", finding->rule);
    if (!finding->captures.empty()) {
      json.key("fields").begin_object();
      for (const auto& [name, value] : finding->captures) put_value(json.key(name), value);
      json.end_object();
    }
  }
  if (crash.exception) put_exception(story, *crash.exception);
  if (crash.termination) put_termination(story, *crash.termination);
  std::vector<Decoded> rows;
  for (const Fact& fact : story.subject.facts.all)
    if (fact.schema->name.starts_with("crash."))
      rows.insert(rows.end(), fact.decoded.begin(), fact.decoded.end());
  put_decoded(json, rows);
  put_notes_of_libraries(story, crash.notes);
  put_text(json, "kernel_triage", crash.kernel_triage);
  put_text(json, "vm_region", crash.vm_region);
  if (crash.crashed_thread) json.member("thread", std::uint64_t{crash.crashed_thread->value});
  put_text(json, "fault", crash.fault);
  if (crash.registers) put_registers(json, *crash.registers);
  if (!crash.other_registers.empty()) {
    json.key("other_registers").begin_array();
    for (const ThreadRegisters& each : crash.other_registers) {
      json.begin_object();
      json.member("thread", std::uint64_t{each.thread.value});
      put_registers(json, each.set);
      json.end_object();
    }
    json.end_array();
  }
  put_frames(story, "exception_backtrace", crash.exception_backtrace);
  json.end_object();
}

}  // namespace panicscan::render
