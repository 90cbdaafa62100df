// The containers of Apple's reports: one JSON object that says what a file is, and behind it the
// body, which is another JSON object, or text. Neither "the first line" nor the file's name nor the
// bug type alone tell them apart: mailers wrap lines, people cut headers off, and numbers differ
// between platforms.

#include "parsers/ips.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/json_tree.h"
#include "base/text.h"
#include "parsers/crash_json.h"
#include "parsers/ips_body.h"
#include "parsers/ips_header.h"
#include "parsers/jetsam.h"
#include "parsers/json_fields.h"
#include "parsers/json_salvage.h"
#include "parsers/kscrash.h"
#include "parsers/panic_full.h"
#include "parsers/panic_text.h"
#include "parsers/text_report.h"

namespace panicscan::parsers {
namespace {

/// Members that only bodies have.
constexpr std::array<std::string_view, 21> kBodyMembers{
    "panicString",  "macOSPanicString", "bridgeOSPanicString", "macOSProcessedStackshotData",
    "processByPid", "stackshot",        "binaryImages",        "threads",
    "usedImages",   "memoryStatus",     "processes",           "string",
    "otherString",  "panicFlags",       "largestProcess",      "kernel",
    "exception",    "termination",      "faultingThread",      "legacyInfo",
    "binary_images"};
/// Members that headers have.
constexpr std::array<std::string_view, 4> kHeaderMembers{"bug_type", "os_version", "incident_id",
                                                         "timestamp"};
/// Members that a report can be found by when something else stands before it.
constexpr std::array<std::string_view, 6> kFindingMembers{"bug_type",
                                                          "panicString",
                                                          "macOSPanicString",
                                                          "bridgeOSPanicString",
                                                          "macOSProcessedStackshotData",
                                                          "faultingThread"};

/// What a bug type says about the body, for bodies that do not say it themselves.
/// Source: the submission table of OSAnalytics; numbers seen in published reports.
struct BugType {
  std::string_view number;
  ReportKind kind;
};
constexpr std::array kBugTypes{
    BugType{"210", ReportKind::kernel_panic}, BugType{"410", ReportKind::kernel_panic},
    BugType{"110", ReportKind::kernel_panic}, BugType{"10", ReportKind::kernel_panic},
    BugType{"31", ReportKind::kernel_panic},  BugType{"151", ReportKind::forced_reset},
    BugType{"115", ReportKind::forced_reset}, BugType{"288", ReportKind::stackshot},
    BugType{"188", ReportKind::stackshot},    BugType{"186", ReportKind::stackshot},
    BugType{"509", ReportKind::stackshot},    BugType{"309", ReportKind::crash},
    BugType{"308", ReportKind::crash},        BugType{"109", ReportKind::crash},
    BugType{"9", ReportKind::crash},          BugType{"385", ReportKind::crash},
    BugType{"327", ReportKind::crash},        BugType{"227", ReportKind::crash},
    BugType{"409", ReportKind::crash},
};

ReportKind kind_of_bug_type(std::string_view bug_type) {
  const auto row = std::ranges::find(kBugTypes, bug_type, &BugType::number);
  return row == kBugTypes.end() ? ReportKind::other : row->kind;
}

template <typename Object, std::size_t N>
bool has_any(const Object& object, const std::array<std::string_view, N>& names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return object[name].exists(); });
}

/// What a body is: by its members first, by its bug type second.
ReportKind kind_of_body(const IpsBody& body, std::string_view bug_type) {
  const ReportKind by_number = kind_of_bug_type(bug_type);
  if (by_number == ReportKind::forced_reset) return by_number;
  if (has_panic_text(body) || body["macOSProcessedStackshotData"].exists())
    return ReportKind::kernel_panic;
  if (by_number == ReportKind::kernel_panic) return by_number;
  // 409: a process that the watchdog ended, with the stackshot taken before.
  if (by_number == ReportKind::crash && looks_like_crash(body)) return by_number;
  if (has_stackshot(body)) return ReportKind::stackshot;
  if (body["usedImages"].exists() || (body["threads"].exists() && looks_like_crash(body)))
    return ReportKind::crash;
  const bool counts_resets = std::ranges::any_of(
      body.members(), [](const IpsBody::Member& m) { return m.name.starts_with("reset"); });
  if (bug_type.empty() && counts_resets && body["socId"].exists()) return ReportKind::forced_reset;
  return by_number;
}

/// Keeps every member as Fields; for bodies without a reader of their own.
void read_as_fields(const IpsBody& body, const IpsHeader& header, ReportKind kind,
                    ReportBuilder& out) {
  Machine& machine = out.report().machine;
  if (header.os_version) set_os(machine, *header.os_version);
  machine.incident = header.incident;
  for (const IpsBody::Member& member : body.members())
    add_json_field(out, member.name, member.value, body.document());
  out.report().kind = kind;
}

std::string_view read_body(const IpsBody& body, const IpsHeader& header, ReportBuilder& out) {
  if (read_kscrash(body, out)) return "kscrash";
  switch (const ReportKind kind = kind_of_body(body, header.bug_type)) {
    case ReportKind::kernel_panic:
      read_panic_full(body, header, PanicBodyKind::panic, out);
      return "ips-panic";
    case ReportKind::forced_reset:
      read_panic_full(body, header, PanicBodyKind::forced_reset, out);
      return "ips-forced-reset";
    case ReportKind::stackshot:
      read_panic_full(body, header, PanicBodyKind::stackshot, out);
      return "ips-stackshot";
    case ReportKind::crash:
      read_crash_json(body, header, out);
      return "ips-crash";
    case ReportKind::log:
    case ReportKind::device_tree:
    case ReportKind::other:
      read_as_fields(body, header, kind, out);
      if (read_jetsam(body, out)) return "ips-jetsam";
      break;
  }
  return "ips-other";
}

/// Keeps the lines of a text: "name: value" under that name, others under "line".
void add_text_fields(std::uint32_t document, ReportBuilder& out) {
  constexpr std::size_t kMostLines = 20'000, kLongestName = 60;
  LineReader lines(out.text(document));
  std::size_t kept = 0;
  while (const auto line = lines.next()) {
    const std::string_view text = trim(line->text);
    if (text.empty()) continue;
    const SourceRef where{document, line->offset, static_cast<std::uint32_t>(line->text.size())};
    if (++kept > kMostLines) {
      out.note(NoteKind::truncated, "only the first lines of the body were kept", where);
      return;
    }
    const std::size_t colon = text.find(": ");
    const bool is_named = colon != std::string_view::npos && colon <= kLongestName;
    out.add_field(std::string(is_named ? trim(text.substr(0, colon)) : "line"),
                  std::string(is_named ? trim(text.substr(colon + 2)) : text), where);
  }
}

/// Reads a body that is text: a panic, a crash report, or something that is kept as one Field.
std::string_view read_text_body(std::uint32_t document, std::uint32_t begin,
                                const IpsHeader& header, ReportBuilder& out) {
  if (header.os_version) set_os(out.report().machine, *header.os_version);
  out.report().machine.incident = header.incident;
  DocumentBuilder copy(document);
  copy.copy(out.text(document).substr(begin), begin);
  const std::uint32_t text = out.add_document(std::move(copy).build());
  if (read_text_report(text, out)) return "ips-text";
  if (kind_of_bug_type(header.bug_type) == ReportKind::kernel_panic) {
    parse_panic_text(text, out);
    return "ips-text";
  }
  out.note(NoteKind::remark, "the body is text of a kind that is not read; its lines are kept",
           {document, begin, 0});
  add_text_fields(text, out);
  const ReportKind kind = kind_of_bug_type(header.bug_type);
  if (kind == ReportKind::forced_reset) out.report().kind = kind;
  return "ips-other";
}

/// Keeps what the header says of a report whose body is missing or cannot be read, and why.
std::string_view read_header_only(const IpsHeader& header, Note why, ReportBuilder& out) {
  if (header.os_version) set_os(out.report().machine, *header.os_version);
  out.report().machine.incident = header.incident;
  out.report().kind = kind_of_bug_type(header.bug_type);
  if (out.report().kind == ReportKind::kernel_panic) out.panic();
  if (out.report().kind == ReportKind::crash) out.crash().process = header.name;
  out.note(why.kind, std::move(why.text), why.where);
  return "ips-other";
}

void note_trailing_text(std::uint32_t document, std::uint32_t begin, ReportBuilder& out) {
  const std::string_view rest = trim(out.text(document).substr(begin));
  if (rest.empty()) return;
  out.note(NoteKind::remark,
           std::to_string(rest.size()) + " bytes of other text behind the report were not read",
           {document, begin, 0});
}

std::uint32_t skip_spaces(std::string_view text, std::uint32_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

/// What a body without a header says of itself.
IpsHeader header_in_body(const IpsBody& body, ReportBuilder& out) {
  IpsHeader header;
  header.bug_type = sourced_text(body["bug_type"], body.document()).value;
  if (body["os_version"].exists())
    header.os_version = sourced_text(body["os_version"], body.document());
  if (!header.bug_type.empty()) out.report().bug_type = header.bug_type;
  return header;
}

}  // namespace

std::optional<std::uint32_t> find_ips(std::string_view text) {
  const std::uint32_t first = skip_spaces(text, 0);
  if (first < text.size() && text[first] == '{') return first;
  std::uint32_t member = 0xffffffff;
  for (const std::string_view name : kFindingMembers)
    if (const auto value = find_member_value(text, 0, name)) member = std::min(member, *value);
  if (member == 0xffffffff) return std::nullopt;
  for (std::size_t at = text.find('{'); at < member; at = text.find('{', at + 1)) {
    const std::uint32_t next = skip_spaces(text, static_cast<std::uint32_t>(at + 1));
    if (next < text.size() && text[next] == '"') return static_cast<std::uint32_t>(at);
  }
  // No bracket: the middle of a report. Begin at the quote that opens the member's name.
  const std::size_t name_end = text.rfind('"', member - 1);
  return static_cast<std::uint32_t>(text.rfind('"', name_end - 1));
}

Expected<std::string_view> read_ips(std::uint32_t document, std::uint32_t start,
                                    ReportBuilder& out) {
  const std::string_view text = out.text(document);
  if (!trim(text.substr(0, start)).empty())
    out.note(NoteKind::remark, "text before the report was left out", {document, 0, start});
  IpsHeader header;
  std::uint32_t body_begin = start;
  const auto first = JsonTree::parse(text, start, json_limits(out.limits()));
  const bool has_header = first && first->complete() && !has_any(first->root(), kBodyMembers) &&
                          has_any(first->root(), kHeaderMembers);
  if (has_header) {
    note_json_damage(out, *first, document);
    header = read_ips_header(first->root(), document, out);
    body_begin = skip_spaces(text, first->end());
    if (body_begin == text.size())
      return read_header_only(header,
                              {NoteKind::truncated,
                               "the file ends behind its header; the report itself is missing",
                               {document, body_begin, 0}},
                              out);
    if (text[body_begin] != '{') return read_text_body(document, body_begin, header, out);
  }
  auto body = IpsBody::read(document, body_begin, out);
  if (!body && has_header) {
    if (body.error().code != ErrorCode::limit)
      return read_text_body(document, body_begin, header, out);
    return read_header_only(header,
                            {NoteKind::damaged,
                             "the body was not read: " + body.error().message,
                             {document, body_begin, 0}},
                            out);
  }
  if (!body) return std::move(body).error();
  if (!has_header && !has_any(*body, kBodyMembers) && !has_any(*body, kHeaderMembers))
    return Error{ErrorCode::malformed, "the JSON holds no member of a report", {}};
  if (!has_header) header = header_in_body(*body, out);
  out.report().body = {body->document(), body_begin, body->end() - body_begin};
  const std::string_view format = read_body(*body, header, out);
  note_trailing_text(body->document(), body->end(), out);
  return format;
}

}  // namespace panicscan::parsers
