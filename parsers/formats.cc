// Which format an input is, decided by its bytes and never by its name.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"
#include "model/driver_extension.h"
#include "parsers/driver_source.h"
#include "parsers/format.h"
#include "parsers/ioreg.h"
#include "parsers/ips.h"
#include "parsers/kcdata_report.h"
#include "parsers/log_text.h"
#include "parsers/normalise.h"
#include "parsers/panic_text.h"
#include "parsers/sniff.h"
#include "parsers/text_report.h"
#include "parsers/unpack.h"

namespace panicscan::parsers {
namespace {

constexpr std::array kFormats{
    Format{"ips-panic", "kernel panic as JSON (.ips, .panic): header, panic text, stackshot"},
    Format{"ips-forced-reset", "forced reset as JSON (bug type 151), with the text of its log"},
    Format{"ips-stackshot", "stackshot as JSON without a panic (bug types 288, 409)"},
    Format{"ips-text", "JSON header with a text behind it: an older panic or crash report"},
    Format{"kcdata-stackshot", "stackshot of the kernel in binary (kcdata)"},
    Format{"kcdata-crash", "corpse or exit reason of a process in binary (kcdata)"},
    Format{"kcdata-other", "other kcdata: kept as fields"},
    Format{"ips-crash", "process crash as JSON (bug types 309, 109, 308, 385, 327, 409)"},
    Format{"ips-jetsam",
           "memory pressure event as JSON (bug type 298): processes and their memory"},
    Format{"ips-other", "any other report with a JSON header: kept as fields"},
    Format{"panic-text", "kernel panic as text: .panic files, serial logs, pasted excerpts"},
    Format{"log", "lines of the system log: log show in any style, Console, syslog, dmesg"},
    Format{"ioreg", "the I/O registry, as ioreg prints it: text (-l -w0) or property list (-a)"},
    Format{kDriverSourceFormat, "source of a driver extension (.iig, .cpp), joined with its crash"},
    Format{"crash-text", "process crash as text (.crash), macOS and iOS"},
    Format{"kscrash", "process crash as the KSCrash library writes it in an application (JSON)"},
    Format{"sampled-text", "stacks sampled over time: spindump, sample, resource reports (.diag)"},
};

/// Bytes that say what a file is, and why it cannot be read as it is.
struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view is;
};
using namespace std::string_view_literals;
constexpr std::string_view kDecompress = "; decompress it first and give the report inside";
constexpr std::array kCompressed{
    Magic{0, "\xfd\x37zXZ\0"sv, "xz"}, Magic{0, "PK\x03\x04"sv, "zip"},
    Magic{0, "BZh"sv, "bzip2"},        Magic{0, "\x28\xb5\x2f\xfd"sv, "zstd"},
    Magic{257, "ustar"sv, "tar"},
};
constexpr std::array kOtherBinaries{
    Magic{0, "\xcf\xfa\xed\xfe"sv, "a Mach-O file"},
    Magic{0, "\xca\xfe\xba\xbe"sv, "a universal Mach-O file"},
    Magic{0, "\x7f\x45LF"sv, "an ELF file"},
};

bool has_magic(std::string_view bytes, const Magic& magic) {
  return bytes.size() > magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes);
}

/// From this score of score_panic_text() on, bytes that look binary are read as text all the same.
constexpr int kBeyondDoubt = 60;

Error unknown(const Source& source, std::string_view why) {
  return Error{ErrorCode::unknown_format, source.path + ": " + std::string(why), {}};
}

/// Why bytes of a known other kind are not read; nothing for bytes that may be a report.
std::optional<std::string> why_not_a_report(std::string_view bytes) {
  for (const Magic& magic : kCompressed)
    if (has_magic(bytes, magic))
      return std::string("compressed or packed (") + std::string(magic.is) + ")" +
             std::string(kDecompress);
  for (const Magic& magic : kOtherBinaries)
    if (has_magic(bytes, magic)) return "is " + std::string(magic.is) + ", not a report";
  // A folder of reports often holds our own results too.
  constexpr std::size_t kHead = 80;
  const std::string_view head = bytes.substr(0, kHead);
  if (head.starts_with('{') && head.find("\"schema\": \"panicscan.") != std::string_view::npos)
    return "is a result of panicscan, not a report";
  return std::nullopt;
}

// The ways of reading, in the order of trying; each gets a report of its own. They return the name
// of a row above, nothing when the text is nothing for them.
using Reading = Expected<std::string_view>;
Error nothing() { return Error{ErrorCode::unknown_format, "", {}}; }

Reading read_json(std::uint32_t document, ReportBuilder& out) {
  const auto start = find_ips(out.text(document));
  return start ? read_ips(document, *start, out) : Reading(nothing());
}

/// What is told by its first lines; whoever does not know them leaves the report as it was.
Reading read_structured(std::uint32_t document, ReportBuilder& out) {
  if (read_ioreg_text(document, out) || read_ioreg_plist(document, out)) return Reading("ioreg");
  if (read_log(document, out)) return Reading("log");
  if (read_driver_source(document, out)) return Reading(kDriverSourceFormat);
  return read_json(document, out);
}

/// Entities and smart quotes hide JSON from the first look.
Reading read_pasted_json(std::uint32_t document, ReportBuilder& out) {
  const std::uint32_t cleaned = normalise_paste(document, out);
  return cleaned == document ? Reading(nothing()) : read_json(cleaned, out);
}

Reading read_text(std::uint32_t document, ReportBuilder& out) {
  const auto format = read_text_report(document, out);
  return format ? Reading(*format) : Reading(nothing());
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

Expected<Report> parse(const Source& packed, const Limits& limits) {
  if (packed.bytes->empty()) return unknown(packed, "the file is empty");
  auto unpacked = unpack(*packed.bytes, limits);
  if (!unpacked)
    return unpacked.error().code == ErrorCode::limit ? with_context(unpacked.error(), packed.path)
                                                     : unknown(packed, unpacked.error().message);
  const bool was_packed = unpacked->has_value();
  const Source source =
      was_packed ? source_from_text(packed.path, std::move((*unpacked)->bytes)) : packed;
  const auto begin = [&] {
    ReportBuilder out(source.bytes, limits);
    if (!was_packed) return out;
    for (const std::string& remark : (*unpacked)->remarks) out.note(NoteKind::remark, remark);
    for (const std::string& cut : (*unpacked)->cuts) out.note(NoteKind::truncated, cut);
    return out;
  };
  // What is refused because little of it was unpacked is refused for that.
  if (was_packed && !(*unpacked)->cuts.empty() && is_binary(*source.bytes) &&
      !find_kcdata(*source.bytes))
    return Error{ErrorCode::limit, packed.path + ": " + (*unpacked)->cuts.front(), {}};
  const std::string_view bytes = *source.bytes;
  if (const auto at = find_kcdata(bytes)) {
    ReportBuilder out = begin();
    out.report().format = read_kcdata(0, *at, out);
    return std::move(out).build();
  }
  if (const auto why = why_not_a_report(bytes)) return unknown(source, *why);

  for (const auto read : {read_structured, read_pasted_json, read_text}) {
    ReportBuilder out = begin();
    const std::uint32_t document = normalise(0, out);
    const std::string_view text = trim(out.text(document));
    if (text.empty()) return unknown(source, "the file holds nothing but blanks");
    if (is_binary(text) && !find_ips(text) && score_panic_text(text) < kBeyondDoubt)
      return unknown(source, "binary data, and no report of a kind that panicscan knows");
    const Reading format = read(document, out);
    if (!format && format.error().code == ErrorCode::limit)
      return with_context(format.error(), source.path);
    if (!format) continue;
    out.report().format = *format;
    return std::move(out).build();
  }
  return unknown(source,
                 "no kernel panic and no other report that panicscan knows; give a .ips, .panic or "
                 ".crash file, or text that holds the line \"panic(cpu …\"");
}

}  // namespace panicscan::parsers
