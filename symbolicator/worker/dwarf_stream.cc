#include "symbolicator/worker/dwarf_stream.h"

#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <unordered_map>

#include "base/threads.h"
#include "symbolicator/worker/die_names.h"
#include "symbolicator/worker/dwarf_view.h"
#include "symbolicator/worker/line_program.h"
#include "symbolicator/worker/unit_walk.h"

namespace panicscan::symbolizer {
namespace {

using symbols::NameFrame;

/// Units: bytes of .debug_info. Below this, starting another thread costs more than it saves.
constexpr std::uint64_t kWorthAThread = 2u << 20;
/// Inlining nests some ten deep in real code. What a damaged file claims beyond this is dropped.
constexpr std::size_t kLongestChain = 256;
/// A text that was not looked for yet.
constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

/// The addresses of a unit, and where in the whole batch they stand.
struct UnitJob {
  std::uint64_t unit = 0;  ///< offset in .debug_info
  std::vector<FileAddress> wanted;
  std::vector<std::size_t> positions;
};

/// What one thread does.
class Reader {
 public:
  explicit Reader(const DwarfSections& sections) : view_(sections) {}

  std::vector<UnitJob> group(std::span<const FileAddress> addresses, std::uint64_t& bytes);
  void answer(const UnitJob& job, std::uint32_t part, std::vector<DwarfNames::Chain>& chains);
  void make_names(const ImageSymbols& image) { part_.make_names(image); }

  DwarfNames::Part take_part() { return std::move(part_); }
  const std::string& complaint() const { return view_.complaint(); }

 private:
  /// The number of a file's path, given its index in the unit's line table.
  std::uint32_t file_name(const LineProgram& lines, std::uint32_t index);

  DwarfView view_;
  DwarfNames::Part part_;
  DieNames names_{view_.units(), part_.linkages};
  // Of the unit being answered.
  std::unordered_map<std::uint32_t, std::uint32_t> files_;
  std::vector<std::uint32_t> scope_names_;
};

std::vector<UnitJob> Reader::group(std::span<const FileAddress> addresses, std::uint64_t& bytes) {
  std::map<std::uint64_t, UnitJob> by_unit;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    llvm::DWARFUnit* unit = view_.units().of_code(addresses[i]);
    if (unit == nullptr) continue;
    const auto [entry, is_new] = by_unit.try_emplace(unit->getOffset());
    if (is_new) bytes += unit->getLength();
    entry->second.unit = unit->getOffset();
    entry->second.wanted.push_back(addresses[i]);
    entry->second.positions.push_back(i);
  }
  std::vector<UnitJob> jobs;
  for (auto& [offset, job] : by_unit) jobs.push_back(std::move(job));
  return jobs;
}

std::uint32_t Reader::file_name(const LineProgram& lines, std::uint32_t index) {
  const auto [known, is_new] = files_.try_emplace(index, 0);
  if (is_new) known->second = part_.files.add(lines.path(index));
  return known->second;
}

void Reader::answer(const UnitJob& job, std::uint32_t part,
                    std::vector<DwarfNames::Chain>& chains) {
  llvm::DWARFUnit* const unit = view_.units().at(job.unit);
  if (unit == nullptr) return;
  const UnitScopes found = walk_unit(*unit, job.wanted);
  if (found.damaged) view_.complain("a compile unit cannot be read to its end");
  LineProgram lines(view_.context(), *unit,
                    [this](llvm::Error e) { view_.complain(llvm::toString(std::move(e))); });
  const auto rows = lines.rows_of(job.wanted);
  files_.clear();
  scope_names_.assign(found.scopes.size(), kUnknown);

  for (std::size_t i = 0; i < job.wanted.size(); ++i) {
    NameFrame frame;
    if (rows[i]) {
      frame.line = rows[i]->line;
      frame.column = rows[i]->column;
      frame.file = file_name(lines, rows[i]->file);
    }
    std::int32_t scope = found.places[i].scope;
    if (scope < 0 && !rows[i]) continue;

    const auto first = static_cast<std::uint32_t>(part_.frames.size());
    frame.start = found.places[i].start;
    do {
      // A line outside every function still is a line: the name is looked for elsewhere.
      const auto number = static_cast<std::size_t>(scope);
      const Scope here = scope < 0 ? Scope{} : found.scopes[number];
      if (scope >= 0) {
        std::uint32_t& name = scope_names_[number];
        if (name == kUnknown) name = names_.of(*unit, here.die);
        frame.linkage = name;
      }
      frame.inlined = here.parent >= 0;
      part_.frames.push_back(frame);
      if (here.parent < 0) break;
      frame.file = file_name(lines, here.call_file);
      frame.line = here.call_line;
      frame.column = here.call_column;
      scope = here.parent;
    } while (part_.frames.size() - first < kLongestChain);
    chains[job.positions[i]] = {part, first,
                                static_cast<std::uint32_t>(part_.frames.size()) - first};
  }
}

}  // namespace

void DwarfNames::Part::make_names(const ImageSymbols& image) {
  while (names.size() < linkages.size()) names.add(image.for_people(linkages.text(names.size())));
}

DwarfNames read_dwarf(const ImageSlice& slice, const ImageSymbols& image,
                      std::span<const FileAddress> addresses, unsigned threads) {
  DwarfNames result;
  result.chains.resize(addresses.size());
  const DwarfSections sections = dwarf_sections(slice);

  std::vector<std::unique_ptr<Reader>> readers;
  readers.push_back(std::make_unique<Reader>(sections));
  std::uint64_t bytes = 0;
  const std::vector<UnitJob> jobs = readers.front()->group(addresses, bytes);

  const std::uint64_t useful = std::min<std::uint64_t>(jobs.size(), 1 + bytes / kWorthAThread);
  const auto count = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(useful, 1, threads));
  while (readers.size() < count) readers.push_back(std::make_unique<Reader>(sections));
  // Each address belongs to one job, so the threads write to different chains.
  std::atomic<std::uint32_t> next_part = 0;
  std::atomic<std::size_t> next_job = 0;
  run_on_threads(count, [&] {
    const std::uint32_t part = next_part++;
    for (std::size_t job = next_job++; job < jobs.size(); job = next_job++) {
      readers[part]->answer(jobs[job], part, result.chains);
      readers[part]->make_names(image);
    }
  });

  std::string complaint;
  result.parts.reserve(readers.size());
  for (const auto& reader : readers) {
    const std::string& other = reader->complaint();
    if (complaint.empty() || (!other.empty() && other < complaint)) complaint = other;
    result.parts.push_back(reader->take_part());
  }
  if (!complaint.empty()) result.notes.push_back("some of the DWARF is damaged: " + complaint);
  return result;
}

}  // namespace panicscan::symbolizer
