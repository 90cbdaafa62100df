// The report again with names: as the JSON file that it was. Nothing is parsed and printed anew:
// names are written into the bytes of the file.
//
// Frames of a stackshot are pairs [image, offset] and have no place for a name. Theirs stand in a
// member of their own, under the two numbers as the pair spells them, innermost first, with the
// keys that Apple's crash reports use:
//
//     "panicscanSymbols": {
//       "schema": "panicscan.symbols/1",
//       "returnAddresses": {
//         "0": {"119348": [{"symbol": "outer()", "symbolLocation": 36, "sourceFile": "a.cpp",
//                           "sourceLine": 42, "inline": true}, …], …}
//       },
//       "programCounters": {…}
//     }
//
// The same pair can be both: a return address is looked up one byte earlier. Source of the keys:
// Apple, "Interpreting the JSON format of a crash report", the Frame object.

#include <algorithm>
#include <sstream>
#include <tuple>

#include "base/json_tree.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/crash_names.h"
#include "render/panic_text_names.h"
#include "render/symbol_words.h"
#include "render/symbolicated.h"

namespace panicscan::render {
namespace {

constexpr std::string_view kMember = "panicscanSymbols";

/// A pair [image, offset] of the stackshot that has names.
struct NamedPair {
  AddressKind kind = AddressKind::return_address;
  std::uint64_t image = 0, offset = 0;       ///< to sort by
  std::string_view image_text, offset_text;  ///< as the report spells them
  std::span<const Symbol> names;
  SymbolStatus status = SymbolStatus::named;

  auto order() const { return std::tuple(kind, image, offset, image_text, offset_text); }
};

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return text;
}

/// Reads the bytes of a frame, "[12, 119348]" or "[12, \"0x1d234\"]".
std::optional<NamedPair> read_pair(std::string_view raw) {
  raw = trim(raw);
  if (!consume(raw, "[") || !raw.ends_with(']')) return std::nullopt;
  raw.remove_suffix(1);
  const auto comma = raw.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  NamedPair pair;
  pair.image_text = unquoted(raw.substr(0, comma));
  pair.offset_text = unquoted(raw.substr(comma + 1).substr(0, raw.substr(comma + 1).find(',')));
  const auto image = parse_number(pair.image_text), offset = parse_number(pair.offset_text);
  if (!image || !offset) return std::nullopt;
  pair.image = *image;
  pair.offset = *offset;
  return pair;
}

/// Every pair that has a name, each once, by image and offset.
std::vector<NamedPair> named_pairs(const Case& subject) {
  const Report& report = subject.report;
  std::vector<NamedPair> pairs;
  const auto add = [&](const Frame& frame, std::span<const Symbol> names, SymbolStatus status) {
    if (names.empty() || frame.where.document != report.body.document) return;
    auto pair = read_pair(bytes_at(report, frame.where));
    if (!pair) return;
    pair->kind = frame.kind;
    pair->names = names;
    pair->status = status;
    pairs.push_back(*pair);
  };
  const auto add_stack = [&](IndexRange<Frame> stack) {
    for (std::uint32_t i = stack.begin; i < stack.end; ++i)
      add(report.frames[i], subject.symbols.of({i}), subject.symbols.status({i}));
  };
  for (const Thread& thread : report.threads) {
    add_stack(thread.kernel_stack);
    add_stack(thread.user_stack);
    add_stack(thread.async_stack);
    if (!thread.continuation) continue;
    const AddressSymbols* known = subject.symbols.find(thread.continuation->address);
    if (known != nullptr) add(*thread.continuation, known->names, known->status);
  }
  std::ranges::stable_sort(pairs, {}, &NamedPair::order);
  const auto same = [](const NamedPair& a, const NamedPair& b) { return a.order() == b.order(); };
  pairs.erase(std::unique(pairs.begin(), pairs.end(), same), pairs.end());
  return pairs;
}

void put_name(JsonWriter& json, const Symbol& symbol, SymbolStatus status) {
  json.begin_object();
  if (!symbol.function.empty()) json.member("symbol", symbol.function);
  json.member("symbolLocation", symbol.offset);
  if (!symbol.file.empty()) json.member("sourceFile", base_name(symbol.file));
  if (symbol.line != 0) json.member("sourceLine", symbol.line);
  if (symbol.is_inlined) json.member("inline", true);
  if (status == SymbolStatus::near_match) json.member("otherBuild", true);
  json.end_object();
}

/// Pairs of one kind: {"0": {"119348": […], …}, …}, an image a line.
void put_pairs(JsonWriter& json, std::string_view name, std::span<const NamedPair> pairs) {
  if (pairs.empty()) return;
  json.key(name).begin_object();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool begins = i == 0 || pairs[i].image_text != pairs[i - 1].image_text;
    const bool ends = i + 1 == pairs.size() || pairs[i + 1].image_text != pairs[i].image_text;
    if (begins) json.key(pairs[i].image_text).inline_begin().begin_object();
    json.key(pairs[i].offset_text).begin_array();
    for (const Symbol& symbol : pairs[i].names) put_name(json, symbol, pairs[i].status);
    json.end_array();
    if (ends) json.end_object().inline_end();
  }
  json.end_object();
}

/// The value of the member; on one line when the body is.
std::string member_value(std::span<const NamedPair> pairs, bool on_one_line) {
  JsonWriter json;
  if (on_one_line) json.inline_begin();
  json.begin_object().member("schema", "panicscan.symbols/1");
  const auto exact = std::ranges::find(pairs, AddressKind::return_address, &NamedPair::kind);
  const auto split = static_cast<std::size_t>(exact - pairs.begin());
  put_pairs(json, "returnAddresses", pairs.subspan(split));
  put_pairs(json, "programCounters", pairs.first(split));
  json.end_object();
  if (on_one_line) json.inline_end();
  return std::move(json).take();
}
static_assert(AddressKind::pc < AddressKind::return_address, "the order of named_pairs()");

/// The member as a change to the body's document: behind its last member, or instead of the one
/// that an earlier run left. In a body whose end is missing it becomes the first.
std::optional<Splice> member_splice(const Report& report, std::span<const NamedPair> pairs) {
  const std::uint32_t begin = report.body.offset;
  const std::string_view text = report.documents[report.body.document].text();
  const auto tree = JsonTree::parse(text, begin);
  if (!tree || tree->root().kind() != JsonKind::object) return std::nullopt;
  const std::string_view body = text.substr(begin, tree->end() - begin);
  const bool on_one_line = body.find('\n') == std::string_view::npos;
  std::string value = member_value(pairs, on_one_line);
  if (const JsonValue before = tree->root()[kMember]; before.exists())
    return Splice{before.offset(), static_cast<std::uint32_t>(before.raw().size()), value};
  const std::string member = (on_one_line ? " \"" : "\n\"") + std::string(kMember) + "\": " + value;
  const bool is_whole = tree->complete() && !tree->truncated() && body.ends_with('}');
  if (!is_whole) return Splice{begin + 1, 0, member + ","};
  std::string_view rest = body.substr(0, body.size() - 1);
  while (!rest.empty() && is_space(rest.back())) rest.remove_suffix(1);
  const bool needs_comma = !rest.ends_with('{') && !rest.ends_with(',');
  return Splice{begin + static_cast<std::uint32_t>(rest.size()), 0,
                (needs_comma ? "," : "") + member};
}

/// The same change in the document that is printed, which the body's was taken from.
Splice moved_to(const Report& report, Splice change, std::uint32_t document) {
  std::uint32_t here = report.body.document;
  std::uint32_t last = change.offset + change.removed;
  while (here != document && here < report.documents.size() &&
         report.documents[here].has_parent()) {
    const Document& from = report.documents[here];
    // A change between two bytes stays behind the first of them.
    change.offset = change.offset == 0 ? from.to_parent(0) : from.to_parent(change.offset - 1) + 1;
    last = last == 0 ? from.to_parent(0) : from.to_parent(last - 1) + 1;
    here = from.parent();
  }
  change.removed = last - change.offset;
  return change;
}

}  // namespace

void render_symbolicated_ips(std::ostream& out, const Case& subject, const Options& options) {
  const Report& report = subject.report;
  std::uint32_t document = readable_document(report);
  const auto rows = named_rows(subject);
  const auto pairs = report.body.known() ? named_pairs(subject) : std::vector<NamedPair>();
  const bool has_news = std::ranges::any_of(
      pairs, [](const NamedPair& pair) { return pair.names.front().from != SymbolOrigin::report; });
  if (rows.empty() && !has_news && !report.crash) document = 0;
  const std::string_view text =
      document == 0 ? std::string_view(*subject.source.bytes) : report.documents[document].text();
  auto changes = name_splices(report, rows, document);
  for (Splice& change : crash_name_splices(subject, document)) changes.push_back(std::move(change));
  if (has_news)
    if (auto member = member_splice(report, pairs))
      changes.push_back(moved_to(report, *std::move(member), document));
  if (!options.to_terminal) return write_spliced(out, text, std::move(changes));
  LineReader lines(spliced(text, std::move(changes)));
  while (const auto line = lines.next()) out << safe_line(line->text).view() << '\n';
}

}  // namespace panicscan::render
