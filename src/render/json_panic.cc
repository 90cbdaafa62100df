// "panic" and "further_panics": what the panic text says, and what its numbers mean.

#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_registers(JsonWriter& json, const RegisterSet& set) {
  json.begin_object();
  for (const Register& reg : set.registers) json.hex_member(reg.name, reg.value);
  json.end_object();
}

void put_message(const JsonStory& story, const Panic& panic) {
  JsonWriter& json = story.json;
  json.member("message", panic.message.value);
  if (panic.raw_message != panic.message.value) put_text(json, "raw_message", panic.raw_message);
  if (panic.source_file) json.member("file", panic.source_file->value);
  if (panic.source_line) json.member("line", *panic.source_line);
  put_text(json, "reporter", panic.reporter);
  if (panic.cpu) json.member("cpu", panic.cpu->value);
  if (panic.caller) json.hex_member("caller", panic.caller->value.value);
  if (panic.flags) json.hex_member("flags", panic.flags->value);
  put_where(story, panic.message.where);
}

/// The first finding's rule, or the class of the panic when no rule knows it; and what the rule
/// read out of the report.
void put_family(const JsonStory& story) {
  JsonWriter& json = story.json;
  const Finding* finding = leading_finding(story.subject);
  put_text(json, "family",
           finding != nullptr ? finding->rule
                              : text_of(story.subject.facts.find("panic.class"), "class"));
  if (finding == nullptr || finding->captures.empty()) return;
  json.key("fields").begin_object();
  for (const auto& [name, value] : finding->captures) put_value(json.key(name), value);
  json.end_object();
}

void put_mechanism(const JsonStory& story) {
  std::vector<Decoded> rows;
  for (const MechanismFact& mechanism : mechanism_facts(story.subject.facts))
    rows.insert(rows.end(), mechanism.fact->decoded.begin(), mechanism.fact->decoded.end());
  put_decoded(story.json, rows);
}

void put_panicked(JsonWriter& json, const Panic& panic) {
  if (!panic.process && !panic.process_name && !panic.thread) return;
  json.key("panicked").begin_object();
  if (panic.process) json.member("pid", panic.process->value.value);
  if (panic.process_name) json.member("process", panic.process_name->value);
  if (panic.thread) json.member("tid", panic.thread->value.value);
  if (panic.thread_pointer) json.hex_member("thread", panic.thread_pointer->value.value);
  json.end_object();
}

void put_backtraces(const JsonStory& story, const Panic& panic) {
  if (panic.backtraces.empty()) return;
  JsonWriter& json = story.json;
  json.key("backtraces").begin_array();
  for (const Backtrace& backtrace : panic.backtraces) {
    json.begin_object().member("kind", to_string(backtrace.kind));
    if (backtrace.cpu) json.member("cpu", *backtrace.cpu);
    put_text(json, "end_reason", backtrace.end_reason);
    put_frames(story, "frames", backtrace.frames);
    put_where(story, backtrace.where);
    json.end_object();
  }
  json.end_array();
}

void put_cores(JsonWriter& json, const std::vector<Core>& cores) {
  if (cores.empty()) return;
  json.key("cores").begin_array();
  for (const Core& core : cores) {
    json.inline_begin().begin_object().member("cpu", core.cpu);
    put_text(json, "cluster", core.cluster);
    if (core.pc) json.hex_member("pc", core.pc->value);
    if (core.lr) json.hex_member("lr", core.lr->value);
    if (core.fp) json.hex_member("fp", core.fp->value);
    if (core.retired) json.hex_member("retired", core.retired->value);
    if (core.panicked) json.member("panicked", true);
    if (core.offline) json.member("offline", true);
    json.end_object().inline_end();
  }
  json.end_array();
}

void put_nested(const JsonStory& story, const std::vector<NestedPanic>& nested) {
  if (nested.empty()) return;
  JsonWriter& json = story.json;
  json.key("nested").begin_array();
  for (const NestedPanic& panic : nested) {
    json.begin_object();
    if (panic.entry_count) json.member("entry_count", *panic.entry_count);
    if (panic.caller) json.hex_member("caller", panic.caller->value);
    put_text(json, "message", panic.message);
    put_where(story, panic.where);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void put_panic(const JsonStory& story) {
  if (!story.report().panic) return;
  const Panic& panic = *story.report().panic;
  JsonWriter& json = story.json;
  json.key("panic").begin_object();
  put_message(story, panic);
  put_family(story);
  put_mechanism(story);
  if (!panic.registers.empty()) put_registers(json.key("registers"), panic.registers.front());
  if (panic.registers.size() > 1) {
    json.key("further_registers").begin_array();
    for (std::size_t i = 1; i < panic.registers.size(); ++i)
      put_registers(json, panic.registers[i]);
    json.end_array();
  }
  put_panicked(json, panic);
  put_backtraces(story, panic);
  put_cores(json, panic.cores);
  put_nested(story, panic.nested);
  json.end_object();
}

void put_further_panics(const JsonStory& story) {
  if (story.report().further_panics.empty()) return;
  story.json.key("further_panics").begin_array();
  for (const Panic& panic : story.report().further_panics) {
    story.json.begin_object();
    put_message(story, panic);
    story.json.end_object();
  }
  story.json.end_array();
}

}  // namespace panicscan::render
