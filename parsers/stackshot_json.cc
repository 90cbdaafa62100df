#include "parsers/stackshot_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "parsers/json_fields.h"
#include "parsers/snapshot_flags.h"
#include "parsers/stackshot_context.h"
#include "parsers/stackshot_thread.h"

namespace panicscan::parsers {
namespace {

/// Keys of a task that are read elsewhere, or that are accounting without a place in the model.
constexpr std::array<std::string_view, 31> kQuietTaskKeys{
    "pid",
    "procname",
    "flags",
    "residentMemoryBytes",
    "asid",
    "codeSigningAuxiliaryInfo",
    "copyOnWriteFaults",
    "csFlags",
    "csTrustLevel",
    "donatingPids",
    "groupID",
    "jetsamCoalition",
    "jitEndAddress",
    "jitStartAddress",
    "pageFaults",
    "pageIns",
    "pageTables",
    "portlabels",
    "rawFlags",
    "suspendCount",
    "suspension_count",
    "suspension_duration_secs",
    "suspension_last_end",
    "suspension_last_start",
    "suspension_sources",
    "systemTimeTask",
    "timesDidThrottle",
    "timesThrottled",
    "userID",
    "userTimeTask",
    "uniqueProcessID",
};

/// The number and name of a task; the key may be the task's unique id (kcdata.py writes that),
/// the pid is inside. A damaged report has pid -1.
void read_process(JsonValue task, StackshotContext& context) {
  Process process;
  process.where = context.where(task);
  const std::string key = task.key();
  const auto pid = task["pid"].as_number_like();
  const auto key_number = parse_number(key);
  process.id = {static_cast<std::int64_t>(pid.value_or(key_number.value_or(0)))};
  process.name = scalar_text(task["procname"]);
  process.resident_bytes = task["residentMemoryBytes"].as_unsigned();
  std::string shown = "process " + (pid ? std::to_string(process.id.value) : key);
  if (!process.name.empty()) shown += " (" + process.name + ")";
  context.enter_process(std::move(shown));
  if (task.kind() != JsonKind::object) return context.note_once("not an object, so not read", task);
  if (!pid && !key_number) context.note_once("it has no number; taken as 0", task);
  read_flags(task["flags"], task_flag_names(), process.flags);
  context.out.begin_process(std::move(process));

  task.for_each([&](JsonValue member) {
    const std::string name = member.key();
    if (name == "threadById")
      member.for_each([&](JsonValue thread) { read_stackshot_thread(thread, context); });
    else if (name == "waitInfo" || name == "turnstileInfo")
      read_wait_lines(member, std::nullopt, context);
    else if (std::ranges::find(kQuietTaskKeys, name) == kQuietTaskKeys.end())
      context.keep_unknown("processByPid.*.", member);
  });
}

}  // namespace

void read_stackshot(JsonValue process_by_pid, const ImageTable& images, std::uint32_t document,
                    NoteKind trouble, ReportBuilder& out) {
  if (images.empty() && process_by_pid.size() > 0)
    out.note(trouble,
             "the stackshot has no table of images, so its frames show offsets in unknown images",
             where_of(process_by_pid, document));
  StackshotContext context(images, document, trouble, out);
  process_by_pid.for_each([&](JsonValue task) { read_process(task, context); });
}

}  // namespace panicscan::parsers
