// Where names go in a panic text. A row of a backtrace gets the innermost name behind it and, when
// that code was inlined, a further row for each caller:
//
//     lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1000 inner(Queue*) + 240 (Queue.h:34) [inlined]
//         outer() + 240 (Driver.cpp:50)
//
// Rows that already have a name, and lines that hold several addresses, get it in brackets. The
// readers in parsers/ take all of this back.

#include "render/panic_text_names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "render/symbol_words.h"

namespace panicscan::render {
namespace {

void add_row(std::vector<NamedRow>& rows, SourceRef where, std::vector<std::string> names) {
  if (where.known() && !names.empty()) rows.push_back({where, std::move(names)});
}

void add_backtraces(const Case& subject, const Panic& panic, std::vector<NamedRow>& rows) {
  for (const Backtrace& trace : panic.backtraces) {
    for (std::uint32_t i = trace.frames.begin; i < trace.frames.end; ++i) {
      const Frame& frame = subject.report.frames[i];
      auto names =
          chain_words(found_names(subject.symbols, Index<Frame>{i}), subject.symbols.status({i}));
      if (!frame.reported_symbol.empty() && !names.empty()) {
        std::string all = " [";
        for (const std::string& name : names) all += (&name == &names.front() ? "" : "; ") + name;
        names = {all + "]"};
      }
      if (!names.empty() && names.front().front() != ' ') names.front().insert(0, " ");
      add_row(rows, frame.where, std::move(names));
    }
  }
}

/// An address that stands in a line with others, and what it is called there.
struct Labelled {
  std::string_view label;
  std::optional<Address> address;
};

/// " [pc example + 12 (a.c:3); lr …]": all that is known of a line with several addresses.
std::vector<std::string> bracketed(const Symbols& symbols, std::span<const Labelled> addresses) {
  std::string all;
  for (const auto& [label, address] : addresses) {
    const auto names = address ? found_names(symbols, *address) : std::span<const Symbol>();
    for (const Symbol& symbol : names) {
      all += all.empty() ? " [" : "; ";
      if (&symbol == &names.front()) all += std::string(label) + ' ';
      all += symbol_words(symbol, symbols.find(*address)->status);
    }
  }
  if (all.empty()) return {};
  return {all + "]"};
}

void add_cores(const Case& subject, const Panic& panic, std::vector<NamedRow>& rows) {
  for (const Core& core : panic.cores) {
    const std::string_view line = bytes_at(subject.report, core.where);
    const bool is_retired = line.find("PC=") == std::string_view::npos;
    if (is_retired) {
      const std::array found{Labelled{"pc", core.retired}};
      add_row(rows, core.where, bracketed(subject.symbols, found));
    } else {
      const std::array found{Labelled{"pc", core.pc}, Labelled{"lr", core.lr}};
      add_row(rows, core.where, bracketed(subject.symbols, found));
    }
  }
}

void add_registers(const Case& subject, const Panic& panic, std::vector<NamedRow>& rows) {
  constexpr std::array<std::string_view, 4> kNamed{"pc", "lr", "rip", "eip"};
  for (const RegisterSet& set : panic.registers) {
    LineReader lines(bytes_at(subject.report, set.where));
    while (const auto line = lines.next()) {
      const std::string_view row = trim(line->text);
      const std::string lower = to_lower(row);
      std::vector<Labelled> found;
      for (const std::string_view name : kNamed) {
        const auto value = set.find(name);
        if (value && lower.find(std::string(name) + ":") != std::string::npos)
          found.push_back({name, Address{*value}});
      }
      const auto begin = static_cast<std::uint32_t>(row.data() - line->text.data());
      const SourceRef where{set.where.document, set.where.offset + line->offset + begin,
                            static_cast<std::uint32_t>(row.size())};
      add_row(rows, where, bracketed(subject.symbols, found));
    }
  }
}

/// A text as it has to stand inside a JSON string. Names are printable already.
std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// A document that names are written into, and how the panic text lies in it.
class Target {
 public:
  Target(const Report& report, std::uint32_t document)
      : report_(report), document_(document), raw_(report.documents[document].text()) {}

  std::optional<Splice> splice(const NamedRow& row) const;

 private:
  /// The offset in the target of a byte of one of the documents taken from it.
  std::optional<std::uint32_t> offset(std::uint32_t document, std::uint32_t at) const {
    while (document != document_) {
      if (document >= report_.documents.size() || !report_.documents[document].has_parent())
        return std::nullopt;
      at = report_.documents[document].to_parent(at);
      document = report_.documents[document].parent();
    }
    return std::min(at, static_cast<std::uint32_t>(raw_.size()));
  }
  std::optional<std::uint32_t> end_of(SourceRef row) const;
  std::string line_break_near(SourceRef row) const;
  std::string indentation_of(SourceRef row, std::string_view line_break) const;

  const Report& report_;
  std::uint32_t document_;
  std::string_view raw_;
};

/// Behind the last byte of a row, and behind the whole of the escape or entity that it is.
std::optional<std::uint32_t> Target::end_of(SourceRef row) const {
  if (row.length == 0) return std::nullopt;
  const auto last = offset(row.document, row.offset + row.length - 1);
  const auto next = offset(row.document, row.offset + row.length);
  if (!last || !next) return std::nullopt;
  if (*next <= *last + 1 || *next - *last > 16)
    return std::min(*last + 1, static_cast<std::uint32_t>(raw_.size()));
  const std::string_view between = raw_.substr(*last + 1, *next - *last - 1);
  return trim(between).empty() ? *last + 1 : *next;
}

/// How lines end there: a line feed, CR LF, or the escapes of either; empty where they do not.
std::string Target::line_break_near(SourceRef row) const {
  const std::string_view text = report_.documents[row.document].text();
  auto feed = text.find('\n', row.offset + row.length);
  if (feed == std::string_view::npos) feed = text.rfind('\n', row.offset);
  if (feed == std::string_view::npos) return {};
  const auto at = offset(row.document, static_cast<std::uint32_t>(feed));
  if (!at) return {};
  const std::string_view raw = raw_.substr(*at);
  for (const std::string_view known : {"\\r\\n", "\\n", "\r\n", "\n"}) {
    if (!raw.starts_with(known)) continue;
    const bool is_second_half = known == "\n" && *at > 0 && raw_[*at - 1] == '\r';
    return is_second_half ? "\r\n" : std::string(known);
  }
  return {};
}

/// What stands before a row on its line: blanks, escaped tabs, the marks of a quoted mail.
std::string Target::indentation_of(SourceRef row, std::string_view line_break) const {
  constexpr std::size_t kLongest = 200;
  const auto begin = offset(row.document, row.offset);
  if (!begin) return {};
  const std::size_t from = *begin > kLongest ? *begin - kLongest : 0;
  const std::string_view before = raw_.substr(from, *begin - from);
  const std::string_view end = line_break.ends_with("\\n") ? "\\n" : "\n";
  const auto line = before.rfind(end);
  if (line == std::string_view::npos) return {};
  return std::string(before.substr(line + end.size()));
}

std::optional<Splice> Target::splice(const NamedRow& row) const {
  const auto end = end_of(row.row);
  if (!end) return std::nullopt;
  const std::string line_break = line_break_near(row.row);
  // Inside a JSON string: that of the body, or of a text that was pasted with its escapes.
  const bool holds_body = report_.body.known() && document_ <= report_.body.document;
  const bool is_escaped = line_break.starts_with('\\') || holds_body;
  Splice splice{*end, 0, {}};
  std::string indentation;
  for (const std::string& name : row.names) {
    const bool is_first = &name == &row.names.front();
    if (!is_first && line_break.empty()) break;
    if (!is_first && indentation.empty())
      indentation = indentation_of(row.row, line_break) + "    ";
    if (!is_first) splice.text += line_break + indentation;
    splice.text += is_escaped ? json_escaped(name) : name;
  }
  return splice;
}

}  // namespace

std::vector<NamedRow> named_rows(const Case& subject) {
  std::vector<NamedRow> rows;
  const auto add = [&](const Panic& panic) {
    add_registers(subject, panic, rows);
    add_cores(subject, panic, rows);
    add_backtraces(subject, panic, rows);
  };
  if (subject.report.panic) add(*subject.report.panic);
  for (const Panic& panic : subject.report.further_panics) add(panic);
  return rows;
}

std::uint32_t readable_document(const Report& report) {
  if (report.documents.empty()) return 0;
  const std::string_view file = report.documents.front().text();
  if (!file.starts_with("\xFF\xFE") && !file.starts_with("\xFE\xFF")) return 0;
  for (std::uint32_t i = 1; i < report.documents.size(); ++i)
    if (report.documents[i].has_parent() && report.documents[i].parent() == 0) return i;
  return 0;
}

std::vector<Splice> name_splices(const Report& report, const std::vector<NamedRow>& rows,
                                 std::uint32_t document) {
  std::vector<Splice> splices;
  if (document >= report.documents.size()) return splices;
  const Target target(report, document);
  for (const NamedRow& row : rows)
    if (auto splice = target.splice(row)) splices.push_back(*std::move(splice));
  return splices;
}

}  // namespace panicscan::render
