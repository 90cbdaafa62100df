// {"binary_images": [{"image_addr": …, "image_size": …, "name": "/path", "uuid": …}, …],
//  "system": {"process_name": …, "CFBundleIdentifier": …, …},
//  "crash": {"error": {"mach": {"exception_name": …, "code": …}, "signal": {"name": …}, "reason":
//  …},
//            "threads": [{"index": 0, "crashed": true, "backtrace": {"contents":
//              [{"object_name": …, "object_addr": …, "symbol_name": …, "symbol_addr": …,
//                "instruction_addr": …}, …]}, "registers": {"basic": {"x0": …}}}, …]}, …}

#include "parsers/kscrash.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/ips_header.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {
namespace {

using ImagesByBase = std::map<std::uint64_t, Index<Image>>;

ImagesByBase read_images(JsonValue rows, std::uint32_t document, ReportBuilder& out) {
  ImagesByBase images;
  rows.for_each([&](JsonValue row) {
    const auto base = row["image_addr"].as_number_like();
    if (!base || !out.has_room_for_image()) return;
    Image image;
    image.kind = ImageKind::process;
    image.base = {*base};
    if (const auto size = row["image_size"].as_number_like(); size && *size > 0) image.size = size;
    image.uuid = parse_uuid(scalar_text(row["uuid"]));
    image.path = scalar_text(row["name"]);
    image.name = image.path.substr(image.path.rfind('/') + 1);
    image.where = where_of(row, document);
    images.emplace(*base, out.add_image(std::move(image)));
  });
  return images;
}

IndexRange<Frame> read_frames(JsonValue rows, const ImagesByBase& images, std::uint32_t document,
                              ReportBuilder& out) {
  std::vector<Frame> frames;
  rows.for_each([&](JsonValue row) {
    const auto address = row["instruction_addr"].as_number_like();
    if (!address) return;
    Frame frame;
    frame.address = {*address};
    frame.where = where_of(row, document);
    const auto image = images.find(row["object_addr"].as_number_like().value_or(0));
    if (image != images.end()) frame.image = image->second;
    frame.reported_symbol = scalar_text(row["symbol_name"]);
    const auto symbol = row["symbol_addr"].as_number_like();
    if (!frame.reported_symbol.empty() && symbol && *symbol <= *address)
      frame.reported_symbol += " + " + std::to_string(*address - *symbol);
    if (const std::string name = scalar_text(row["object_name"]); !frame.image && !name.empty())
      frame.reported_place = out.add_place({name, {}, 0});
    frames.push_back(std::move(frame));
  });
  set_address_kinds(frames, true);
  return out.add_frames(std::move(frames));
}

RegisterSet read_registers(JsonValue registers, std::uint32_t document) {
  RegisterSet set;
  set.where = where_of(registers, document);
  for (const char* group : {"basic", "exception"})
    registers[group].for_each([&](JsonValue value) {
      if (const auto number = value.as_number_like())
        set.registers.push_back({to_lower(value.key()), *number});
    });
  return set;
}

void read_error(JsonValue error, std::uint32_t document, Crash& crash) {
  Exception exception;
  exception.type = scalar_text(error["mach"]["exception_name"]);
  exception.signal = scalar_text(error["signal"]["name"]);
  exception.subtype = scalar_text(error["mach"]["code_name"]);
  for (const char* code : {"code", "subcode"})
    if (const auto number = error["mach"][code].as_number_like())
      exception.codes.push_back(*number);
  exception.where = where_of(error, document);
  crash.exception = std::move(exception);
  for (const JsonValue text : {error["nsexception"]["name"], error["cpp_exception"]["name"],
                               error["user_reported"]["name"], error["reason"]})
    if (text.kind() == JsonKind::string)
      crash.notes.push_back({"", {scalar_text(text), where_of(text, document)}});
}

void read_system(JsonValue system, std::uint32_t document, ReportBuilder& out) {
  Machine& machine = out.report().machine;
  Crash& crash = out.crash();
  const auto pid = [&](const char* name) -> std::optional<ProcessId> {
    const auto number = system[name].as_number_like();
    return number ? std::optional(ProcessId{static_cast<std::int64_t>(*number)}) : std::nullopt;
  };
  crash.process = scalar_text(system["process_name"]);
  crash.path = scalar_text(system["CFBundleExecutablePath"]);
  crash.bundle_id = scalar_text(system["CFBundleIdentifier"]);
  crash.version = scalar_text(system["CFBundleShortVersionString"]);
  crash.launch_time = scalar_text(system["app_start_time"]);
  crash.pid = pid("process_id");
  crash.parent_pid = pid("parent_process_id");
  crash.where = where_of(system, document);
  std::string os = scalar_text(system["system_name"]) + " " + scalar_text(system["system_version"]);
  if (const std::string build = scalar_text(system["os_version"]); !build.empty())
    os += " (" + build + ")";
  if (!trim(os).empty()) set_os(machine, {std::string(trim(os)), crash.where});
  if (system["machine"].exists()) machine.product = sourced_text(system["machine"], document);
  if (system["kernel_version"].exists())
    machine.kernel_version = sourced_text(system["kernel_version"], document);
  machine.arch = arch_of_code_type(scalar_text(system["cpu_arch"]));
}

}  // namespace

bool read_kscrash(const IpsBody& body, ReportBuilder& out) {
  const JsonValue error = body["crash"]["error"], threads = body["crash"]["threads"];
  if (error.kind() != JsonKind::object || body["binary_images"].kind() != JsonKind::array)
    return false;
  const std::uint32_t document = body.document();
  read_system(body["system"], document, out);
  Crash& crash = out.crash();
  crash.time = scalar_text(body["report"]["timestamp"]);
  if (const auto uuid = parse_uuid(scalar_text(body["report"]["id"])))
    out.report().machine.incident = {*uuid, where_of(body["report"]["id"], document)};
  read_error(error, document, crash);
  for (const char* name : {"report", "process", "system", "user"})
    if (body[name].exists()) add_json_field(out, name, body[name], document);

  const ImagesByBase images = read_images(body["binary_images"], document, out);
  Process process;
  process.id = crash.pid.value_or(ProcessId{});
  process.name = crash.process;
  process.where = crash.where;
  out.begin_process(std::move(process));
  threads.for_each([&](JsonValue row) {
    Thread thread;
    thread.id = {row["index"].as_number_like().value_or(0)};
    thread.name = scalar_text(row["name"]);
    thread.queue = scalar_text(row["dispatch_queue"]);
    thread.where = where_of(row, document);
    thread.user_stack = read_frames(row["backtrace"]["contents"], images, document, out);
    const Index<Thread> added = out.add_thread(std::move(thread));
    RegisterSet set = read_registers(row["registers"], document);
    const bool is_crashed = is_set(row["crashed"]) && !crash.crashed_thread;
    if (is_crashed) crash.crashed_thread = added;
    if (set.registers.empty()) return;
    if (is_crashed)
      crash.registers = std::move(set);
    else
      crash.other_registers.push_back({added, std::move(set)});
  });
  return true;
}

}  // namespace panicscan::parsers
