// The report again with names: as text.

#include "base/text.h"
#include "base/uuid.h"
#include "render/crash_names.h"
#include "render/panic_text_names.h"
#include "render/symbol_words.h"
#include "render/symbolicated.h"

namespace panicscan::render {
namespace {

/// Writes a text line by line, each made safe for a terminal; every line ends in a line feed.
void write_safely(std::ostream& out, std::string_view text) {
  LineReader lines(text);
  while (const auto line = lines.next()) out << safe_line(line->text).view() << '\n';
}

void write_head_row(std::ostream& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string label(name);
  label += ':';
  label.resize(std::max<std::size_t>(label.size() + 1, 21), ' ');
  out << label << escape(value).view() << '\n';
}

template <typename Text>
void write_head_row(std::ostream& out, std::string_view name,
                    const std::optional<Sourced<Text>>& value) {
  if (!value) return;
  if constexpr (std::is_same_v<Text, Uuid>) {
    write_head_row(out, name, std::string_view(to_string(value->value)));
  } else {
    write_head_row(out, name, std::string_view(value->value));
  }
}

/// What the container says that the panic text need not repeat.
void write_head(std::ostream& out, const Report& report) {
  const Machine& machine = report.machine;
  write_head_row(out, "Incident Identifier", machine.incident);
  write_head_row(out, "Hardware Model", machine.product);
  write_head_row(out, "OS Version", machine.os);
  if (report.bug_type) write_head_row(out, "Report Type", std::string_view(*report.bug_type));
  if (!report.panic) write_head_row(out, "Kernel Version", machine.kernel_version);
}

void write_panic_text(std::ostream& out, const Case& subject) {
  const std::uint32_t document = subject.report.panic->where.document;
  if (document >= subject.report.documents.size()) return;
  const std::string_view text = subject.report.documents[document].text();
  out << '\n';
  write_safely(out, spliced(text, name_splices(subject.report, named_rows(subject), document)));
}

/// Whether the file is JSON whose content is known, so that there is something to lay out.
bool is_translated(const Report& report) {
  return report.body.known() && (report.panic || report.crash || !report.threads.empty());
}

}  // namespace

void render_symbolicated_text(std::ostream& out, const Case& subject, const Options& options) {
  const Report& report = subject.report;
  if (is_translated(report) && report.crash) return write_crash(out, subject);
  if (is_translated(report)) {
    write_head(out, report);
    if (report.panic) write_panic_text(out, subject);
    if (!report.processes.empty()) write_stackshot(out, subject);
    return;
  }
  const auto rows = named_rows(subject);
  // The very bytes of the file, unless names would have to be put into UTF-16.
  const bool has_news = !rows.empty() || report.crash;
  const std::uint32_t document = has_news ? readable_document(report) : 0;
  const std::string_view text =
      document == 0 ? std::string_view(*subject.source.bytes) : report.documents[document].text();
  auto changes = name_splices(report, rows, document);
  for (Splice& change : crash_name_splices(subject, document)) changes.push_back(std::move(change));
  if (options.to_terminal) {
    write_safely(out, spliced(text, std::move(changes)));
  } else {
    write_spliced(out, text, std::move(changes));
  }
}

}  // namespace panicscan::render
