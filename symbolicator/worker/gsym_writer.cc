#include "symbolicator/worker/gsym_writer.h"

#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>
#include <llvm/DebugInfo/GSYM/FileWriter.h>
#include <llvm/DebugInfo/GSYM/FunctionInfo.h>
#include <llvm/DebugInfo/GSYM/GsymCreator.h>
#include <llvm/DebugInfo/GSYM/OutputAggregator.h>
#include <llvm/Support/Path.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <tuple>

#include "base/threads.h"
#include "symbolicator/gsym_file.h"
#include "symbolicator/worker/die_names.h"
#include "symbolicator/worker/dwarf_view.h"
#include "symbolicator/worker/gsym_piece.h"
#include "symbolicator/worker/gsym_text.h"
#include "symbolicator/worker/unit_code.h"

namespace panicscan::symbolizer {
namespace {

using llvm::gsym::FunctionInfo;
using llvm::gsym::InlineInfo;
using symbols::CodeRange;

/// Units: bytes of .debug_info that are read for one reply; they become about a third of that.
constexpr std::uint64_t kReadForAReply = 32u << 20;
/// Units: bytes, roughly, without texts. Small pieces cost texts twice, large ones cost lookups.
constexpr std::size_t kPieceSize = 12u << 10;
/// Rows of the line table in one part of a function: as many are decoded for an address at most.
constexpr std::ptrdiff_t kRowsOfPart = 24;
/// Inlining nests some ten deep in real code, and GSYM is written and read by recursion.
constexpr int kDeepest = 64;
/// Apple's paths, on whatever system this runs.
constexpr auto kStyle = llvm::sys::path::Style::posix;

/// A stretch of a unit's code about which one thing can be said.
struct Stretch {
  enum class What { function, lines, ask };
  std::uint64_t begin = 0, end = 0;
  What what = What::ask;
  std::uint32_t scope = 0;  ///< of a function
};

/// Sorts; what overlaps becomes one stretch that the DWARF is to be asked about.
void part_overlaps(std::vector<Stretch>& stretches) {
  std::ranges::sort(stretches, {},
                    [](const Stretch& s) { return std::tuple(s.begin, s.end, s.scope); });
  std::size_t kept = 0;
  for (const Stretch& next : stretches) {
    if (kept == 0 || next.begin >= stretches[kept - 1].end) {
      stretches[kept++] = next;
      continue;
    }
    Stretch& last = stretches[kept - 1];
    const bool is_same = last.begin == next.begin && last.end == next.end;
    // Equal code folded into one: the function that stands last in the unit counts, as in
    // unit_walk.
    if (is_same && last.what == Stretch::What::function && next.what == Stretch::What::function)
      last.scope = next.scope;
    else
      last = {last.begin, std::max(last.end, next.end), Stretch::What::ask, 0};
  }
  stretches.resize(kept);
}

std::vector<Stretch> functions_of(const UnitCode& code) {
  std::vector<Stretch> functions;
  for (std::uint32_t i = 0; i < code.scopes.size(); ++i) {
    if (code.scopes[i].parent >= 0) continue;
    for (const llvm::AddressRange& range : code.ranges_of(i))
      functions.push_back({range.start(), range.end(), Stretch::What::function, i});
  }
  part_overlaps(functions);
  return functions;
}

/// Adds what the line table covers and no function does.
void add_lines_without_function(const UnitLines& lines, std::vector<Stretch>& stretches) {
  if (lines.table() == nullptr) return;
  std::vector<Stretch> found;
  for (const auto& sequence : lines.table()->Sequences) {
    std::uint64_t from = sequence.LowPC;
    auto at = std::ranges::upper_bound(stretches, from, {}, &Stretch::end);
    for (; at != stretches.end() && at->begin < sequence.HighPC; ++at) {
      if (from < at->begin) found.push_back({from, at->begin, Stretch::What::lines, 0});
      from = at->end;
    }
    if (from < sequence.HighPC) found.push_back({from, sequence.HighPC, Stretch::What::lines, 0});
  }
  stretches.insert(stretches.end(), found.begin(), found.end());
  part_overlaps(stretches);
}

/// Where the row of an address may be another than that of the address before.
std::vector<std::uint64_t> row_starts(const UnitLines& lines) {
  std::vector<std::uint64_t> starts;
  if (lines.table() == nullptr) return starts;
  starts.reserve(lines.table()->Rows.size());
  for (const auto& row : lines.table()->Rows) starts.push_back(row.Address.Address);
  std::ranges::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

/// What became of some units.
struct Written {
  std::vector<std::string> chunks;
  std::vector<CodeRange> ranges;
};

/// One piece of GSYM that grows function by function.
class Piece {
 public:
  bool is_empty() const { return stretches_.empty(); }
  bool is_full() const { return size_ >= kPieceSize; }

  std::uint32_t text(std::string_view text) { return gsym_.insertString(text); }
  /// The number of a file; nothing when GSYM cannot spell its path.
  std::optional<std::uint32_t> file(const UnitLines& lines, std::uint32_t index);
  /// The file of code that has no line.
  std::uint32_t no_file() { return gsym_.insertFile(kNoText, kStyle); }
  /// Adds a part of a function that begins at `start`.
  void add(const Stretch& part, std::uint64_t start, FunctionInfo function, std::size_t size);
  /// Ends the piece.
  void finish(Written& written);

 private:
  llvm::gsym::GsymCreator gsym_{true};
  std::map<std::uint32_t, std::optional<std::uint32_t>> files_;
  std::vector<Stretch> stretches_;
  std::vector<std::uint64_t> starts_;
  std::size_t size_ = 0;
};

std::optional<std::uint32_t> Piece::file(const UnitLines& lines, std::uint32_t index) {
  const auto [known, is_new] = files_.try_emplace(index);
  if (!is_new) return known->second;
  std::string path = lines.path(index);
  if (path == kNoText) return std::nullopt;
  if (path.empty()) path = kNoText;
  const llvm::StringRef folder = llvm::sys::path::parent_path(path, kStyle);
  if (joined(folder, llvm::sys::path::filename(path, kStyle)) == path)
    known->second = gsym_.insertFile(path, kStyle);
  return known->second;
}

void Piece::add(const Stretch& part, std::uint64_t start, FunctionInfo function, std::size_t size) {
  gsym_.addFunctionInfo(std::move(function));
  stretches_.push_back(part);
  if (starts_.empty() || starts_.back() != start) starts_.push_back(start);
  size_ += size;
}

void Piece::finish(Written& written) {
  llvm::gsym::OutputAggregator nobody(nullptr);
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::gsym::FileWriter file(stream, llvm::endianness::little);
  llvm::Error failed = gsym_.finalize(nobody);
  if (!failed) failed = gsym_.encode(file);
  const bool is_written = !failed;
  llvm::consumeError(std::move(failed));
  const auto chunk =
      is_written ? static_cast<std::uint32_t>(written.chunks.size()) : CodeRange::kAskDwarf;
  if (is_written) written.chunks.push_back(join_piece(starts_, bytes.str()));
  std::uint64_t end = 0;
  for (const Stretch& stretch : stretches_) {
    if (&stretch != &stretches_.front() && stretch.begin == end)
      written.ranges.back().length += stretch.end - stretch.begin;
    else
      written.ranges.push_back({{stretch.begin}, stretch.end - stretch.begin, chunk});
    end = stretch.end;
  }
}

/// One thread's view of the image.
class Writer {
 public:
  explicit Writer(const DwarfSections& sections) : view_(sections) {}

  DwarfView& view() { return view_; }
  Written write(std::uint32_t unit);

 private:
  bool owns(std::uint64_t address) { return view_.units().of_code({address}) == unit_; }
  /// Leaves out, or marks, what read_dwarf would not look for in this unit.
  bool is_ours(Stretch& stretch);
  /// Adds a function, or code without one, part by part.
  void add(Stretch stretch, Written& written);
  /// Where the part ends that begins with a stretch.
  std::uint64_t end_of_part(const Stretch& stretch) const;
  void add_part(const Stretch& part, std::uint64_t start, Written& written);
  std::optional<FunctionInfo> function(const Stretch& stretch);
  bool add_lines(const Stretch& stretch, FunctionInfo& function);
  bool add_inlined(const Stretch& stretch, std::uint32_t scope, InlineInfo& into, int depth);

  DwarfView view_;
  StringTable strings_;
  DieNames names_{view_.units(), strings_};
  // Of the unit being written.
  llvm::DWARFUnit* unit_ = nullptr;
  UnitCode code_;
  const UnitLines* lines_ = nullptr;
  std::vector<std::uint64_t> row_starts_;
  std::unique_ptr<Piece> piece_;
  std::size_t size_ = 0;  ///< bytes, roughly, of the function being made
};

bool Writer::is_ours(Stretch& stretch) {
  const bool first = owns(stretch.begin), last = owns(stretch.end - 1);
  if (!first && !last && stretch.what == Stretch::What::lines) return false;
  if (!first || !last) stretch.what = Stretch::What::ask;
  return true;
}

bool Writer::add_lines(const Stretch& stretch, FunctionInfo& function) {
  llvm::gsym::LineTable& table = function.OptLineTable.emplace();
  const auto add = [&](std::uint64_t address) {
    const auto* const row = lines_->row({address});
    std::optional<std::uint32_t> file, position;
    if (row != nullptr) {
      file = piece_->file(*lines_, row->File);
      position = pack({row->Line, row->Column});
    } else {
      file = piece_->no_file();
      position = 0;
    }
    if (!file || !position) return false;
    const auto last = table.last();
    if (last && last->File == *file && last->Line == *position) return true;
    table.push({address, *file, *position});
    size_ += 4;
    return true;
  };
  if (!add(stretch.begin)) return false;
  auto next = std::ranges::upper_bound(row_starts_, stretch.begin);
  for (; next != row_starts_.end() && *next < stretch.end; ++next)
    if (!add(*next)) return false;
  return true;
}

bool Writer::add_inlined(const Stretch& stretch, std::uint32_t scope, InlineInfo& into, int depth) {
  std::vector<llvm::AddressRange> taken;
  for (const std::uint32_t child : code_.children_of(scope)) {
    InlineInfo info;
    for (const llvm::AddressRange& whole : code_.ranges_of(child)) {
      const std::uint64_t begin = std::max(whole.start(), stretch.begin);
      const std::uint64_t end = std::min(whole.end(), stretch.end);
      if (begin >= end) continue;
      if (!into.Ranges.contains(llvm::AddressRange(begin, end))) return false;
      info.Ranges.insert({begin, end});
      taken.emplace_back(begin, end);
    }
    if (info.Ranges.empty()) continue;
    const Scope& call = code_.scopes[child];
    const auto file = piece_->file(*lines_, call.call_file);
    const auto position = pack({call.call_line, call.call_column});
    if (!file || !position || depth >= kDeepest) return false;
    info.Name = piece_->text(strings_.text(names_.of(*unit_, call.die)));
    info.CallFile = *file;
    info.CallLine = *position;
    size_ += 12 + 4 * info.Ranges.size();
    if (!add_inlined(stretch, child, info, depth + 1)) return false;
    into.Children.push_back(std::move(info));
  }
  // Of callees that overlap, GSYM would name the first, and unit_walk the last.
  std::ranges::sort(taken, {}, &llvm::AddressRange::start);
  return std::ranges::adjacent_find(taken, [](const auto& a, const auto& b) {
           return b.start() < a.end();
         }) == taken.end();
}

std::optional<FunctionInfo> Writer::function(const Stretch& stretch) {
  std::string_view name = kNoFunction;
  if (stretch.what == Stretch::What::function) {
    name = strings_.text(names_.of(*unit_, code_.scopes[stretch.scope].die));
    if (name == kNoText || name == kNoFunction) return std::nullopt;
    if (name.empty()) name = kNoText;
  }
  if (stretch.end - stretch.begin > ~std::uint32_t{0}) return std::nullopt;
  FunctionInfo function(stretch.begin, stretch.end - stretch.begin, piece_->text(name));
  size_ = 32;
  if (!add_lines(stretch, function)) return std::nullopt;
  if (stretch.what != Stretch::What::function || code_.children_of(stretch.scope).empty())
    return function;
  InlineInfo& inlined = function.Inline.emplace();
  inlined.Name = function.Name;
  inlined.Ranges.insert(function.Range);
  if (!add_inlined(stretch, stretch.scope, inlined, 0)) return std::nullopt;
  return function;
}

std::uint64_t Writer::end_of_part(const Stretch& stretch) const {
  const auto next = std::ranges::upper_bound(row_starts_, stretch.begin);
  if (row_starts_.end() - next < kRowsOfPart) return stretch.end;
  return std::min(stretch.end, next[kRowsOfPart - 1]);
}

void Writer::add(Stretch stretch, Written& written) {
  const std::uint64_t start = stretch.begin, end = stretch.end;
  for (; stretch.begin < end; stretch.begin = stretch.end) {
    stretch.end = end;
    if (stretch.what != Stretch::What::ask) stretch.end = end_of_part(stretch);
    add_part(stretch, start, written);
  }
}

void Writer::add_part(const Stretch& part, std::uint64_t start, Written& written) {
  std::optional<FunctionInfo> made;
  if (part.what != Stretch::What::ask) made = function(part);
  if (!made) {
    written.ranges.push_back({{part.begin}, part.end - part.begin, CodeRange::kAskDwarf});
    return;
  }
  piece_->add(part, start, *std::move(made), size_);
  if (!piece_->is_full()) return;
  piece_->finish(written);
  piece_ = std::make_unique<Piece>();
}

Written Writer::write(std::uint32_t number) {
  Written written;
  unit_ = view_.units().at(view_.context().getUnitAtIndex(number)->getOffset());
  if (unit_ == nullptr) return written;  // a type unit
  view_.forget_complaint();
  code_ = read_unit_code(*unit_);
  const UnitLines lines(view_.context(), *unit_);
  lines_ = &lines;
  row_starts_ = row_starts(lines);
  std::vector<Stretch> stretches = functions_of(code_);
  add_lines_without_function(lines, stretches);
  std::erase_if(stretches, [&](Stretch& stretch) { return !is_ours(stretch); });

  piece_ = std::make_unique<Piece>();
  for (const Stretch& stretch : stretches) add(stretch, written);
  if (!piece_->is_empty()) piece_->finish(written);
  view_.context().clearLineTableForUnit(unit_);
  if (!code_.damaged && view_.complaint().empty()) return written;

  // Whoever asks about a damaged unit is to be told of the damage.
  Written damaged;
  for (const Stretch& stretch : stretches)
    damaged.ranges.push_back({{stretch.begin}, stretch.end - stretch.begin, CodeRange::kAskDwarf});
  auto all = unit_->collectAddressRanges();
  if (!all) llvm::consumeError(all.takeError());
  if (all)
    for (const auto& range : *all)
      if (range.LowPC < range.HighPC)
        damaged.ranges.push_back({{range.LowPC}, range.HighPC - range.LowPC, CodeRange::kAskDwarf});
  return damaged;
}

}  // namespace

Expected<symbols::ConvertReply> write_gsym(const ImageSlice& slice, std::uint32_t first_unit,
                                           unsigned threads) {
  const DwarfSections sections = dwarf_sections(slice);
  Writer first(sections);
  symbols::ConvertReply reply;
  reply.units = first.view().context().getNumCompileUnits();
  (void)first.view().units().of_code({0});  // reads where each unit's code is
  if (!first.view().complaint().empty())
    return Error{ErrorCode::malformed, "its DWARF is damaged: " + first.view().complaint(), {}};
  reply.next_unit = std::min(first_unit, reply.units);
  for (std::uint64_t read = 0; reply.next_unit < reply.units && read < kReadForAReply;)
    read += first.view().context().getUnitAtIndex(reply.next_unit++)->getLength();

  const std::size_t count = reply.next_unit - std::min(first_unit, reply.next_unit);
  std::vector<Written> written(count);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> is_first_taken = false;
  run_on_threads(std::min<unsigned>(threads, static_cast<unsigned>(count)), [&] {
    std::unique_ptr<Writer> own;
    if (is_first_taken.exchange(true)) own = std::make_unique<Writer>(sections);
    Writer& writer = own ? *own : first;
    for (std::size_t i = next++; i < count; i = next++)
      written[i] = writer.write(first_unit + static_cast<std::uint32_t>(i));
  });
  for (Written& unit : written) {
    const auto base = static_cast<std::uint32_t>(reply.chunks.size());
    std::ranges::move(unit.chunks, std::back_inserter(reply.chunks));
    for (CodeRange& range : unit.ranges) {
      if (range.chunk != CodeRange::kAskDwarf) range.chunk += base;
      reply.ranges.push_back(range);
    }
  }
  symbols::sort_ranges(reply.ranges);
  return reply;
}

}  // namespace panicscan::symbolizer
