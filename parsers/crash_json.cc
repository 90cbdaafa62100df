// The body of a crash report:
//   {"procName": …, "pid": …, "exception": {…}, "termination": {…}, "asi": {"libsystem_c.dylib":
//    ["abort() called"]}, "faultingThread": 0, "threads": [{"id": …, "frames": [{"imageIndex": 1,
//    "imageOffset": 4660, "symbol": "start", "symbolLocation": 12}, …]}, …],
//    "usedImages": [{"base": …, "size": …, "uuid": …, "path": …}, …], …}
// Parts may be missing or null, numbers may be texts; what is odd costs a note.

#include "parsers/crash_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/crash_json_threads.h"
#include "parsers/image_table.h"
#include "parsers/json_fields.h"
#include "parsers/stackshot_json.h"

namespace panicscan::parsers {
namespace {

constexpr std::array<std::string_view, 7> kCrashMembers{
    "exception",  "termination",           "usedImages", "threads", "faultingThread",
    "legacyInfo", "lastExceptionBacktrace"};

/// A library of a process that leaves more notes than this has gone mad; the rest is counted.
constexpr std::size_t kMostNotes = 256;

class CrashBodyReader {
 public:
  CrashBodyReader(const IpsBody& body, const IpsHeader& header, ReportBuilder& out)
      : body_(body), header_(header), document_(body.document()), out_(out), crash_(out.crash()) {}

  void read() {
    crash_.where = {document_, 0, 0};
    read_machine();
    for (const IpsBody::Member& member : body_.members()) read_member(member);
    finish_identity();
    const CrashImages images =
        CrashImages::read(body_["usedImages"], body_["sharedCache"], document_, out_);
    read_threads(images);
    crash_.exception_backtrace =
        read_crash_frames(body_["lastExceptionBacktrace"], false, images, document_, out_);
    read_nested_stackshot();
  }

 private:
  using Reader = void (CrashBodyReader::*)(JsonValue);
  struct Part {
    std::string_view name;
    Reader read;
  };
  struct TextSlot {
    std::string_view name;
    std::string Crash::* slot;
  };
  struct PidSlot {
    std::string_view name;
    std::optional<ProcessId> Crash::* slot;
  };
  static const std::array<Part, 16> kParts;
  static const std::array<TextSlot, 9> kTexts;
  static const std::array<PidSlot, 2> kPids;

  void read_machine();
  void read_member(const IpsBody::Member& member);
  void finish_identity();
  void read_threads(const CrashImages& images);
  void choose_crashed_thread(const std::vector<Index<Thread>>& triggered);
  void read_nested_stackshot();

  void elsewhere(JsonValue) {}
  void read_exception(JsonValue value);
  void read_termination(JsonValue value);
  void read_asi(JsonValue value);
  void read_notes(JsonValue value);
  void read_bundle(JsonValue value);
  void read_backtraces(JsonValue value);
  void read_corpse(JsonValue value) { crash_.is_corpse = is_set(value); }
  void read_translated(JsonValue value) { crash_.is_translated = is_set(value); }
  void read_not_fatal(JsonValue value) {
    if (is_set(value)) crash_.is_fatal = false;
  }
  void add_note(const std::string& library, JsonValue text);

  /// What a known object holds beyond the members that were read.
  void keep_others(JsonValue object, std::span<const std::string_view> known) {
    const std::string prefix = object.key() + ".";
    object.for_each([&](JsonValue member) {
      if (std::ranges::find(known, member.key()) == known.end())
        add_json_field(out_, prefix + member.key(), member, document_);
    });
  }

  const IpsBody& body_;
  const IpsHeader& header_;
  std::uint32_t document_;
  ReportBuilder& out_;
  Crash& crash_;
  std::size_t dropped_notes_ = 0;
};

const std::array<CrashBodyReader::Part, 16> CrashBodyReader::kParts{{
    {"exception", &CrashBodyReader::read_exception},
    {"termination", &CrashBodyReader::read_termination},
    {"asi", &CrashBodyReader::read_asi},
    {"asiBacktraces", &CrashBodyReader::read_backtraces},
    {"reportNotes", &CrashBodyReader::read_notes},
    {"bundleInfo", &CrashBodyReader::read_bundle},
    {"isCorpse", &CrashBodyReader::read_corpse},
    {"translated", &CrashBodyReader::read_translated},
    {"isNonFatal", &CrashBodyReader::read_not_fatal},
    {"isSimulated", &CrashBodyReader::read_not_fatal},
    {"threads", &CrashBodyReader::elsewhere},
    {"usedImages", &CrashBodyReader::elsewhere},
    {"sharedCache", &CrashBodyReader::elsewhere},
    {"lastExceptionBacktrace", &CrashBodyReader::elsewhere},
    {"faultingThread", &CrashBodyReader::elsewhere},
    {"stackshot", &CrashBodyReader::elsewhere},
}};

const std::array<CrashBodyReader::TextSlot, 9> CrashBodyReader::kTexts{{
    {"procName", &Crash::process},
    {"procPath", &Crash::path},
    {"parentProc", &Crash::parent},
    {"coalitionName", &Crash::coalition},
    {"captureTime", &Crash::time},
    {"procLaunch", &Crash::launch_time},
    {"ktriageinfo", &Crash::kernel_triage},
    {"vmRegionInfo", &Crash::vm_region},
    {"vmregioninfo", &Crash::vm_region},
}};

const std::array<CrashBodyReader::PidSlot, 2> CrashBodyReader::kPids{{
    {"pid", &Crash::pid},
    {"parentPid", &Crash::parent_pid},
}};

std::optional<ProcessId> read_pid(JsonValue value) {
  const auto number = value.as_number_like();
  return number ? std::optional(ProcessId{static_cast<std::int64_t>(*number)}) : std::nullopt;
}

std::vector<std::string> read_texts(JsonValue value) {
  std::vector<std::string> texts;
  if (value.kind() != JsonKind::array) {
    if (std::string text = scalar_text(value); !text.empty()) texts.push_back(std::move(text));
    return texts;
  }
  value.for_each([&](JsonValue element) {
    if (std::string text = scalar_text(element); !text.empty()) texts.push_back(std::move(text));
  });
  return texts;
}

void CrashBodyReader::read_machine() {
  Machine& machine = out_.report().machine;
  if (header_.os_version) set_os(machine, *header_.os_version);
  if (const JsonValue os = body_["osVersion"]; os.kind() == JsonKind::object && !machine.os) {
    std::string text = scalar_text(os["train"]);
    const std::string build = scalar_text(os["build"]);
    if (!build.empty()) text += " (" + build + ")";
    set_os(machine, {std::move(text), where_of(os, document_)});
  }
  if (body_["modelCode"].kind() == JsonKind::string)
    machine.product = sourced_text(body_["modelCode"], document_);
  machine.arch = arch_of_code_type(scalar_text(body_["cpuType"]));
  const auto take_uuid = [&](std::string_view name, std::optional<Sourced<Uuid>>& slot) {
    const auto text = sourced_text(body_[name], document_);
    if (const auto uuid = parse_uuid(text.value)) slot = {*uuid, text.where};
  };
  take_uuid("incident", machine.incident);
  take_uuid("bootSessionUUID", machine.boot_session);
  if (!machine.incident) machine.incident = header_.incident;
}

void CrashBodyReader::read_member(const IpsBody::Member& member) {
  const auto& [name, value] = member;
  if (value.kind() == JsonKind::null) return;
  if (const auto part = std::ranges::find(kParts, name, &Part::name); part != kParts.end())
    return (this->*part->read)(value);
  if (const auto text = std::ranges::find(kTexts, name, &TextSlot::name); text != kTexts.end()) {
    crash_.*text->slot = scalar_text(value);
  } else if (const auto pid = std::ranges::find(kPids, name, &PidSlot::name); pid != kPids.end()) {
    crash_.*pid->slot = read_pid(value);
  } else if (name == "bug_type" && !out_.report().bug_type) {
    out_.report().bug_type = sourced_text(value, document_).value;
  } else {
    add_json_field(out_, name, value, document_);
  }
}

void CrashBodyReader::finish_identity() {
  if (crash_.process.empty()) crash_.process = header_.name;
  if (crash_.bundle_id.empty()) crash_.bundle_id = scalar_text(body_["bundleID"]);
  if (crash_.bundle_id.empty()) crash_.bundle_id = header_.bundle_id;
  if (crash_.version.empty()) crash_.version = header_.app_version;
  // Simulated crashes leave the process running, whether they say so or not.
  if (header_.bug_type == "308" || header_.bug_type == "385") crash_.is_fatal = false;
  if (dropped_notes_ > 0)
    out_.note(NoteKind::remark,
              std::to_string(dropped_notes_) +
                  " further lines of application-specific information were not kept",
              where_of(body_["asi"], document_));
}

void CrashBodyReader::read_bundle(JsonValue value) {
  constexpr std::array<std::string_view, 3> kKnown{"CFBundleIdentifier",
                                                   "CFBundleShortVersionString", "CFBundleVersion"};
  crash_.bundle_id = scalar_text(value[kKnown[0]]);
  crash_.version = scalar_text(value[kKnown[1]]);
  if (const std::string build = scalar_text(value[kKnown[2]]); !build.empty())
    crash_.version += crash_.version.empty() ? build : " (" + build + ")";
  keep_others(value, kKnown);
}

void CrashBodyReader::read_exception(JsonValue value) {
  constexpr std::array<std::string_view, 6> kKnown{"type",    "subtype", "signal",
                                                   "message", "codes",   "rawCodes"};
  Exception exception;
  exception.type = scalar_text(value["type"]);
  exception.subtype = scalar_text(value["subtype"]);
  exception.signal = scalar_text(value["signal"]);
  exception.message = scalar_text(value["message"]);
  value["rawCodes"].for_each([&](JsonValue code) {
    constexpr std::size_t kMostCodes = 16;
    if (const auto number = code.as_number_like(); number && exception.codes.size() < kMostCodes)
      exception.codes.push_back(*number);
  });
  if (exception.codes.empty()) exception.codes = read_exception_codes(scalar_text(value["codes"]));
  exception.where = where_of(value, document_);
  crash_.exception = std::move(exception);
  keep_others(value, kKnown);
}

void CrashBodyReader::read_termination(JsonValue value) {
  constexpr std::array<std::string_view, 8> kKnown{"namespace", "code",  "flags",   "indicator",
                                                   "byProc",    "byPid", "reasons", "details"};
  Termination termination;
  termination.name_space = scalar_text(value["namespace"]);
  termination.code = value["code"].as_number_like();
  termination.flags = value["flags"].as_number_like();
  termination.indicator = scalar_text(value["indicator"]);
  termination.by_process = scalar_text(value["byProc"]);
  termination.by_pid = read_pid(value["byPid"]);
  termination.reasons = read_texts(value["reasons"]);
  termination.details = read_texts(value["details"]);
  termination.where = where_of(value, document_);
  crash_.termination = std::move(termination);
  keep_others(value, kKnown);
}

void CrashBodyReader::add_note(const std::string& library, JsonValue text) {
  if (text.kind() == JsonKind::array)
    return text.for_each([&](JsonValue element) { add_note(library, element); });
  if (text.kind() != JsonKind::string) return;
  if (crash_.notes.size() >= kMostNotes) {
    ++dropped_notes_;
    return;
  }
  const std::uint32_t decoded = out_.add_document(text.as_document(document_));
  const std::string_view whole = out_.text(decoded);
  crash_.notes.push_back(
      {library, {std::string(whole), {decoded, 0, static_cast<std::uint32_t>(whole.size())}}});
}

/// {"libsystem_c.dylib": ["abort() called"], …}; arrays of arrays occur, and lone texts.
void CrashBodyReader::read_asi(JsonValue value) {
  if (value.kind() != JsonKind::object) return add_note("", value);
  value.for_each([&](JsonValue library) { add_note(library.key(), library); });
}

void CrashBodyReader::read_backtraces(JsonValue value) {
  value.for_each(
      [&](JsonValue backtrace) { add_line_fields(out_, "asiBacktraces", backtrace, document_); });
}

void CrashBodyReader::read_notes(JsonValue value) { add_remarks(out_, value, document_); }

void CrashBodyReader::read_threads(const CrashImages& images) {
  const JsonValue threads = body_["threads"];
  const bool has_others = body_["stackshot"]["processByPid"].exists();
  if (threads.size() == 0 && has_others) return;
  Process process;
  process.id = crash_.pid.value_or(ProcessId{});
  process.name = crash_.process;
  process.where = where_of(threads, document_);
  out_.begin_process(std::move(process));
  std::vector<Index<Thread>> triggered;
  std::vector<std::pair<Index<Thread>, JsonValue>> states;
  threads.for_each([&](JsonValue row) {
    Thread thread;
    thread.where = where_of(row, document_);
    thread.id = {row["id"].as_number_like().value_or(0)};
    thread.name = scalar_text(row["name"]);
    thread.queue = scalar_text(row["queue"]);
    thread.user_stack = read_crash_frames(row["frames"], true, images, document_, out_);
    const Index<Thread> added = out_.add_thread(std::move(thread));
    if (is_set(row["triggered"])) triggered.push_back(added);
    if (row["threadState"].exists()) states.emplace_back(added, row["threadState"]);
  });
  choose_crashed_thread(triggered);
  bool has_crashed_state = false;
  for (const auto& [thread, state] : states) {
    ThreadState read = read_thread_state(state, document_);
    const bool is_other = crash_.crashed_thread && *crash_.crashed_thread != thread;
    if (is_other || has_crashed_state) {
      if (!read.registers.registers.empty())
        crash_.other_registers.push_back({thread, std::move(read.registers)});
      continue;
    }
    has_crashed_state = true;
    if (!read.registers.registers.empty()) crash_.registers = std::move(read.registers);
    crash_.fault = std::move(read.fault);
  }
}

/// faultingThread is a position in threads, not a thread's id; simulated crashes have none, and
/// mark a thread as triggered instead.
void CrashBodyReader::choose_crashed_thread(const std::vector<Index<Thread>>& triggered) {
  if (out_.report().processes.empty()) return;
  const IndexRange<Thread> threads = out_.report().processes.back().threads;
  const auto at = [&](JsonValue value) -> std::optional<Index<Thread>> {
    const auto position = value.as_number_like();
    if (!position || *position >= threads.size()) return std::nullopt;
    return Index<Thread>{threads.begin + static_cast<std::uint32_t>(*position)};
  };
  const JsonValue stated = body_["faultingThread"];
  crash_.crashed_thread = at(stated);
  if (!crash_.crashed_thread && stated.exists() && stated.kind() != JsonKind::null)
    out_.note(NoteKind::damaged, "faultingThread is not the position of a thread",
              where_of(stated, document_));
  if (!crash_.crashed_thread && !triggered.empty()) crash_.crashed_thread = triggered.front();
  if (!crash_.crashed_thread)
    crash_.crashed_thread = at(body_["legacyInfo"]["threadTriggered"]["index"]);
  if (!triggered.empty() && crash_.crashed_thread &&
      std::ranges::find(triggered, *crash_.crashed_thread) == triggered.end())
    out_.note(NoteKind::ambiguous,
              "faultingThread and the thread marked as triggered differ; the former was taken",
              where_of(stated, document_));
}

/// 409: the stackshot that the system's watchdog took before it ended the process.
void CrashBodyReader::read_nested_stackshot() {
  JsonValue processes, binary_images;
  body_["stackshot"].for_each([&](JsonValue member) {
    const std::string name = member.key();
    if (name == "processByPid")
      processes = member;
    else if (name == "binaryImages")
      binary_images = member;
    else
      add_json_field(out_, "stackshot." + name, member, document_);
  });
  if (!processes.exists()) return;
  const ImageTable images = ImageTable::read(binary_images, document_, out_);
  const NoteKind trouble = out_.report().truncated ? NoteKind::truncated : NoteKind::damaged;
  read_stackshot(processes, images, document_, trouble, out_);
}

}  // namespace

bool looks_like_crash(const IpsBody& body) {
  return std::ranges::any_of(kCrashMembers,
                             [&](std::string_view name) { return body[name].exists(); });
}

void read_crash_json(const IpsBody& body, const IpsHeader& header, ReportBuilder& out) {
  CrashBodyReader(body, header, out).read();
}

}  // namespace panicscan::parsers
