// The JSON report, `panicscan.report/1`: everything that is known, in a stable order, without
// clock, host name or pointer, so that the same input gives the same bytes. Every member is
// optional for readers; report.schema.json is the contract.

#include "render/json_report.h"

#include <array>

#include "base/uuid.h"
#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

/// Every part, in the order of the report.
constexpr std::array<JsonPart, 20> kParts{
    put_input,    put_joined,  put_environment, put_panic,     put_crash,
    put_findings, put_culprit, put_wait_graph,  put_processes, put_symbols,
    put_images,   put_kexts,   put_dexts,       put_facts,     put_further_panics,
    put_log,      put_devices, put_notes,       put_fields,    put_stats,
};

void put_integrity(JsonWriter& json, const Integrity& integrity) {
  json.key("integrity").begin_object().member("state", to_string(integrity.state));
  put_list(json, "reasons", integrity.reasons);
  json.end_object();
}

template <typename T>
void put_sourced(JsonWriter& json, std::string_view name, const std::optional<Sourced<T>>& field) {
  if (!field) return;
  if constexpr (std::is_same_v<T, Uuid>) {
    json.member(name, to_string(field->value));
  } else if constexpr (std::is_same_v<T, Address> || std::is_same_v<T, Slide>) {
    json.hex_member(name, field->value.value);
  } else {
    json.member(name, field->value);
  }
}

void put_times(JsonWriter& json, const PanicTimes& times) {
  json.key("times").begin_object();
  const auto put = [&](std::string_view name, const std::optional<Sourced<EpochTime>>& time) {
    if (!time) return;
    if (const auto text = utc(time->value)) json.member(name, *text);
  };
  put("boot", times.boot);
  put("sleep", times.sleep);
  put("wake", times.wake);
  put("panic", times.calendar);
  put_sourced(json, "mach_absolute_time", times.mach_absolute_time);
  put_sourced(json, "uptime_ns", times.uptime_ns);
  json.end_object();
}

void put_layout(JsonWriter& json, const KernelLayout& layout) {
  json.key("slides").begin_object();
  put_sourced(json, "kernelcache_slide", layout.kernelcache_slide);
  put_sourced(json, "kernelcache_base", layout.kernelcache_base);
  put_sourced(json, "kernel_slide", layout.kernel_slide);
  put_sourced(json, "kernel_text_base", layout.kernel_text_base);
  put_sourced(json, "text_exec_slide", layout.text_exec_slide);
  put_sourced(json, "text_exec_base", layout.text_exec_base);
  put_sourced(json, "hib_text_base", layout.hib_text_base);
  json.end_object();
}

}  // namespace

void put_input(const JsonStory& story) {
  JsonWriter& json = story.json;
  const Report& report = story.report();
  json.key("input").begin_object();
  json.member("path", story.subject.source.path).member("sha256", story.subject.sha256);
  put_text(json, "format", report.format);
  if (report.bug_type) json.member("bug_type", *report.bug_type);
  json.member("kind", to_string(report.kind));
  put_integrity(json, story.subject.facts.integrity);
  json.end_object();
}

void put_environment(const JsonStory& story) {
  JsonWriter& json = story.json;
  const Machine& machine = story.report().machine;
  json.key("environment").begin_object();
  put_sourced(json, "os", machine.os);
  put_sourced(json, "build", machine.build);
  put_sourced(json, "product", machine.product);
  put_sourced(json, "soc", machine.soc);
  if (machine.arch != Arch::unknown) json.member("arch", to_string(machine.arch));
  put_sourced(json, "kernel_version", machine.kernel_version);
  put_sourced(json, "kernel_uuid", machine.kernel_uuid);
  put_sourced(json, "kernelcache_uuid", machine.kernelcache_uuid);
  put_sourced(json, "boot_session", machine.boot_session);
  put_sourced(json, "incident", machine.incident);
  put_sourced(json, "boot_args", machine.boot_args);
  if (story.report().panic) {
    put_times(json, story.report().panic->times);
    put_layout(json, story.report().panic->layout);
  }
  json.end_object();
}

void render_json(std::ostream& out, const Case& subject, const Options& options) {
  JsonWriter json(out);
  const Locator locator(subject);
  json.begin_object().member("schema", "panicscan.report/1");
  json.key("tool").begin_object().member("name", "panicscan");
  put_text(json, "version", options.tool_version);
  put_text(json, "rules_hash", subject.rules_hash);
  json.end_object();
  NameLists names(subject.symbols);
  const JsonStory story{subject, options, locator, json, names};
  for (const JsonPart part : kParts) part(story);
  json.end_object();
  json.finish();
  out << '\n';
}

}  // namespace panicscan::render
