// The body of a panic-full report:
//   {"build": …, "product": …, "kernel": …, "panicString": "panic(cpu 3 caller 0x…): …",
//    "panicFlags": "0x802", "otherString": …, "memoryStatus": {…}, "notes": […],
//    "binaryImages": [[uuid, base, "T"], …], "processByPid": {"0": {…}, …}}
// Machines with a T2 chip have two panic texts: the chip's own in panicString, and that of the
// Intel side in macOSPanicString. One of them is the panic of this report, the other is kept.

#include "parsers/panic_full.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/image_table.h"
#include "parsers/json_fields.h"
#include "parsers/normalise.h"
#include "parsers/panic_text.h"
#include "parsers/stackshot_data.h"
#include "parsers/stackshot_json.h"
#include "parsers/text_report.h"

namespace panicscan::parsers {
namespace {

/// A member that can hold the panic text, the member with its flags, and whose text it is.
struct TextMember {
  std::string_view name;
  std::string_view flags;
  bool is_intel = false;
};
constexpr std::array kTextMembers{
    TextMember{"panicString", "panicFlags"},
    TextMember{"bridgeOSPanicString", "panicFlags"},
    TextMember{"string", "panicFlags"},
    TextMember{"macOSPanicString", "macOSPanicFlags", true},
};

/// A text that is a text: "not yet set" and "BAD MAGIC! …" are written when there was none.
bool is_placeholder(std::string_view text) {
  text = trim(text);
  return text.empty() || text == "not yet set" || text.starts_with("BAD MAGIC!");
}

class PanicBodyReader {
 public:
  PanicBodyReader(const IpsBody& body, const IpsHeader& header, PanicBodyKind kind,
                  ReportBuilder& out)
      : body_(body),
        header_(header),
        document_(body.document()),
        kind_(kind),
        out_(out),
        trouble_(out.report().truncated ? NoteKind::truncated : NoteKind::damaged) {}

  void read() {
    choose_text();
    read_machine();
    read_text();
    read_rest();
    read_stackshot_part();
  }

 private:
  void choose_text();
  void read_machine();
  void read_text();
  void read_rest();
  void read_member(const IpsBody::Member& member);
  void read_stackshot_part();
  bool describes_other_side(std::string_view name) const;
  JsonValue used(std::string_view name) {
    const JsonValue value = body_[name];
    if (value.exists()) used_.push_back(name);
    return value;
  }
  bool is_used(std::string_view name) const {
    return std::ranges::find(used_, name) != used_.end();
  }

  const IpsBody& body_;
  const IpsHeader& header_;
  std::uint32_t document_;
  PanicBodyKind kind_;
  ReportBuilder& out_;
  NoteKind trouble_;  ///< what odd values are: in a file that was cut off, a part of the cut
  std::optional<TextMember> primary_;
  std::vector<std::string_view> used_;  ///< names of members that need no Field
};

/// "0x8112", or "8132" on newer systems, as the kernel's own name spells it: "T8112", "S8000".
std::string soc_name(const std::string& id, const std::optional<Sourced<std::string>>& kernel) {
  constexpr std::size_t kDigits = 4;
  std::string_view digits = id;
  consume(digits, "0x");
  if (digits.size() != kDigits || !std::ranges::all_of(digits, is_hex_digit)) return id;
  const bool is_s = kernel && kernel->value.ends_with("_S" + std::string(digits));
  return (is_s ? "S" : "T") + std::string(digits);
}

/// The Intel side's text when the header blames it, or when it is a panic; otherwise the chip's.
void PanicBodyReader::choose_text() {
  std::optional<TextMember> own, intel;
  for (const TextMember& member : kTextMembers) {
    const JsonValue value = body_[member.name];
    if (value.kind() != JsonKind::string || is_placeholder(*value.as_string())) continue;
    auto& slot = member.is_intel ? intel : own;
    if (!slot) slot = member;
  }
  const bool intel_panicked =
      intel && (header_.caused_by == "macos" ||
                body_[intel->name].as_string()->find("panic(cpu") != std::string::npos);
  primary_ = intel_panicked || !own ? intel : own;
  if (!primary_) {
    // Placeholders only, or nothing: the first text there is, so that it can be shown.
    for (const TextMember& member : kTextMembers)
      if (!primary_ && body_[member.name].kind() == JsonKind::string) primary_ = member;
  }
}

/// With the Intel side's panic, build, product and kernel are those of the chip beside it.
bool PanicBodyReader::describes_other_side(std::string_view product) const {
  return primary_ && primary_->is_intel && product.starts_with("iBridge");
}

void PanicBodyReader::read_machine() {
  Machine& machine = out_.report().machine;
  const std::string product = scalar_text(body_["product"]);
  if (describes_other_side(product)) {
    if (header_.macos_version) set_os(machine, *header_.macos_version);
    machine.arch = Arch::x86_64;
  } else {
    const auto take = [&](std::string_view name, std::optional<Sourced<std::string>>& slot) {
      const JsonValue value = body_[name];
      if (value.kind() != JsonKind::string) return;
      slot = sourced_text(used(name), document_);
    };
    if (body_["build"].exists()) set_os(machine, sourced_text(used("build"), document_));
    take("product", machine.product);
    take("socId", machine.soc);
    take("kernel", machine.kernel_version);
    take("bootArgs", machine.boot_args);
    if (machine.kernel_version) machine.arch = arch_of_kernel(machine.kernel_version->value);
    if (machine.soc) machine.soc->value = soc_name(machine.soc->value, machine.kernel_version);
    if (header_.os_version) set_os(machine, *header_.os_version);
  }
  const auto incident = sourced_text(body_["incident"], document_);
  if (const auto uuid = parse_uuid(incident.value)) {
    machine.incident = {*uuid, incident.where};
    used("incident");
  } else {
    machine.incident = header_.incident;
  }
  if (header_.os_version && machine.os && machine.os->value != header_.os_version->value)
    out_.add_field("os_version", header_.os_version->value, header_.os_version->where);
}

void PanicBodyReader::read_text() {
  if (!primary_) {
    if (kind_ != PanicBodyKind::panic) return;
    out_.panic();
    out_.note(NoteKind::damaged, "the report holds no panic text", {document_, 0, 0});
    return;
  }
  const JsonValue value = used(primary_->name);
  const std::string text = *value.as_string();
  // A forced reset need not be a panic: its text is then some words about the reset.
  if (kind_ != PanicBodyKind::panic && text.find("panic(") == std::string::npos &&
      score_panic_text(text) < kLooksLikePanic) {
    add_line_fields(out_, primary_->name, value, document_);
    return;
  }
  Panic& panic = out_.panic();
  panic.flags_are_intel = primary_->is_intel;
  if (const auto flags = body_[primary_->flags].as_number_like())
    panic.flags = {*flags, where_of(used(primary_->flags), document_)};
  const std::uint32_t decoded = out_.add_document(value.as_document(document_));
  parse_panic_text(normalise(decoded, out_), out_);
}

void PanicBodyReader::read_rest() {
  for (const IpsBody::Member& member : body_.members())
    if (!is_used(member.name)) read_member(member);
}

void PanicBodyReader::read_member(const IpsBody::Member& member) {
  const auto& [name, value] = member;
  const auto text = std::ranges::find(kTextMembers, name, &TextMember::name);
  if (text != kTextMembers.end() && value.kind() == JsonKind::string) {
    // The other side's text: a document of its own, so that evidence can point into it.
    const std::uint32_t other = out_.add_document(value.as_document(document_));
    const std::string_view decoded = out_.text(other);
    out_.add_field(name, std::string(decoded),
                   {other, 0, static_cast<std::uint32_t>(decoded.size())});
  } else if (name == "otherString" || name == "macOSOtherString") {
    add_line_fields(out_, name, value, document_);
  } else if (name == "notes") {
    add_remarks(out_, value, document_);
  } else if (name == "macOSProcessedStackshotData" || name == "macOSUnprocessedStackshotData") {
    read_stackshot_data(name, value, document_,
                        has_stackshot(body_) || !out_.report().threads.empty(), out_);
  } else if (name == "bug_type" && !out_.report().bug_type) {
    out_.report().bug_type = sourced_text(value, document_).value;
  } else if (name != "processByPid" && name != "binaryImages" && name != "stackshot" &&
             name != "panicscanSymbols") {
    add_json_field(out_, name, value, document_);
  }
}

void PanicBodyReader::read_stackshot_part() {
  JsonValue processes = body_["processByPid"], binary_images = body_["binaryImages"];
  if (const JsonValue nested = body_["stackshot"]; nested.exists()) {
    nested.for_each([&](JsonValue member) {
      const std::string name = member.key();
      if (name == "processByPid")
        processes = member;
      else if (name == "binaryImages")
        binary_images = member;
      else
        add_json_field(out_, "stackshot." + name, member, document_);
    });
  }
  const ImageTable images = ImageTable::read(binary_images, document_, out_);
  read_stackshot(processes, images, document_, trouble_, out_);
}

}  // namespace

bool has_panic_text(const IpsBody& body) {
  return body["panicString"].exists() || body["macOSPanicString"].exists() ||
         body["bridgeOSPanicString"].exists();
}

bool has_stackshot(const IpsBody& body) {
  return body["processByPid"].exists() || body["stackshot"]["processByPid"].exists();
}

void read_panic_full(const IpsBody& body, const IpsHeader& header, PanicBodyKind kind,
                     ReportBuilder& out) {
  PanicBodyReader(body, header, kind, out).read();
  if (kind == PanicBodyKind::forced_reset) out.report().kind = ReportKind::forced_reset;
  if (kind == PanicBodyKind::stackshot) out.report().kind = ReportKind::stackshot;
}

}  // namespace panicscan::parsers
