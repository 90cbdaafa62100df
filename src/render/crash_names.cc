// Where names go in a crash report. A row of text loses its base and offset for the name, and each
// further name gets a row of its own:
//
//     1   Example   0x0000000104a004a0 0x104a00000 + 1184
//     1   Example   0x0000000104a004a0 inner() + 8 (Driver.h:31) [inlined]
//     1   Example   0x0000000104a004a0 Driver::start() + 36 (Driver.cpp:42)
//
// A frame object keeps its members and gets the keys that Apple's own reports use:
//
//     {"imageOffset":1184,"imageIndex":0}
//     {"imageOffset":1184,"imageIndex":0,"symbol":"inner()","symbolLocation":8,"inline":true,…},{…}
//
// Source of the keys: Apple, "Interpreting the JSON format of a crash report", the Frame object.

#include "render/crash_names.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json_tree.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/symbol_words.h"

namespace panicscan::render {
namespace {

/// The members that a name replaces.
constexpr std::array<std::string_view, 5> kNameKeys{"symbol", "symbolLocation", "sourceFile",
                                                    "sourceLine", "inline"};

std::string quoted_json(std::string_view text) {
  JsonWriter json;
  json.inline_begin().value(text);
  json.inline_end();
  return std::move(json).take();
}

/// The frame object once for each name.
std::optional<std::string> frame_objects(std::string_view object, std::span<const Symbol> names,
                                         SymbolStatus status) {
  const auto tree = JsonTree::parse(object, 0);
  if (!tree || tree->root().kind() != JsonKind::object) return std::nullopt;
  std::string kept;
  tree->root().for_each([&](JsonValue member) {
    if (std::ranges::find(kNameKeys, member.key()) != kNameKeys.end()) return;
    kept += (kept.empty() ? "" : ",") + quoted_json(member.key()) + ":" + std::string(member.raw());
  });
  std::string text;
  for (const Symbol& symbol : names) {
    text += text.empty() ? "{" : ",{";
    text += kept;
    text += (kept.empty() ? "" : ",") + std::string("\"symbol\":") + quoted_json(symbol.function);
    text += ",\"symbolLocation\":" + std::to_string(symbol.offset);
    if (symbol.is_inlined) text += ",\"inline\":true";
    if (!symbol.file.empty()) text += ",\"sourceFile\":" + quoted_json(base_name(symbol.file));
    if (symbol.line != 0) text += ",\"sourceLine\":" + std::to_string(symbol.line);
    if (status == SymbolStatus::near_match) text += ",\"otherBuild\":true";
    text += "}";
  }
  return text;
}

/// Where the address of a row ends: its word is the one whose value is the frame's.
std::optional<std::size_t> end_of_address(std::string_view row, Address address) {
  for (std::size_t at = row.find("0x"); at != std::string_view::npos; at = row.find("0x", at + 2)) {
    std::string_view rest = row.substr(at);
    const auto value = consume_hex(rest);
    if (value && *value == address.value) return row.size() - rest.size();
  }
  return std::nullopt;
}

std::optional<Splice> row_splice(std::string_view row, const Frame& frame,
                                 std::span<const Symbol> names, SymbolStatus status) {
  while (!row.empty() && is_space(row.back())) row.remove_suffix(1);
  const auto end = end_of_address(row, frame.address);
  if (!end) return std::nullopt;
  Splice splice{frame.where.offset + static_cast<std::uint32_t>(*end),
                static_cast<std::uint32_t>(row.size() - *end),
                {}};
  for (const std::string& words : chain_words(names, status)) {
    if (!splice.text.empty()) splice.text += "\n" + std::string(row.substr(0, *end));
    splice.text += " " + words;
  }
  return splice;
}

/// The same change in a document that the frame's was taken from; nothing when it is another's.
std::optional<Splice> in_document(const Report& report, Splice change, std::uint32_t here,
                                  std::uint32_t document) {
  std::uint32_t end = change.offset + change.removed;
  while (here != document) {
    if (here >= report.documents.size() || !report.documents[here].has_parent())
      return std::nullopt;
    const Document& from = report.documents[here];
    change.offset = from.to_parent(change.offset);
    end = end == 0 ? from.to_parent(0) : from.to_parent(end - 1) + 1;
    here = from.parent();
  }
  if (end < change.offset) return std::nullopt;
  change.removed = end - change.offset;
  return change;
}

}  // namespace

std::vector<Splice> crash_name_splices(const Case& subject, std::uint32_t document) {
  const Report& report = subject.report;
  std::vector<Splice> splices;
  if (!report.crash) return splices;
  const auto add = [&](std::uint32_t index) {
    const Frame& frame = report.frames[index];
    const auto names = found_names(subject.symbols, Index<Frame>{index});
    if (names.empty() || !frame.where.known()) return;
    const SymbolStatus status = subject.symbols.status({index});
    const std::string_view bytes = bytes_at(report, frame.where);
    std::optional<Splice> splice;
    if (!trim(bytes).starts_with('{')) {
      splice = row_splice(bytes, frame, names, status);
    } else if (auto objects = frame_objects(bytes, names, status)) {
      splice = Splice{frame.where.offset, frame.where.length, *std::move(objects)};
    }
    if (!splice) return;
    if (auto moved = in_document(report, *std::move(splice), frame.where.document, document))
      splices.push_back(*std::move(moved));
  };
  const auto add_stack = [&](IndexRange<Frame> stack) {
    for (std::uint32_t i = stack.begin; i < stack.end; ++i) add(i);
  };
  for (const Thread& thread : report.threads) add_stack(thread.user_stack);
  add_stack(report.crash->exception_backtrace);
  return splices;
}

}  // namespace panicscan::render
