#include "symbolicator/worker/dwarf_stream.h"

#include <llvm/ADT/StringMap.h>
#include <llvm/DebugInfo/DWARF/DWARFCompileUnit.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "symbolicator/worker/die_names.h"
#include "symbolicator/worker/unit_walk.h"
#include "symbolicator/worker/units.h"

namespace panicscan::symbolizer {
namespace {

using symbols::NameFrame;

/// Units: bytes of .debug_info. Below this, starting another thread costs more than it saves.
constexpr std::uint64_t kWorthAThread = 2u << 20;
/// Inlining nests some ten deep in real code. What a damaged file claims beyond this is dropped.
constexpr std::size_t kLongestChain = 256;
/// Units: bytes.
constexpr std::size_t kLongestComplaint = 500;
/// A text that was not looked for yet.
constexpr std::uint32_t kUnknown = ~std::uint32_t{0};

/// How Mach-O spells the sections (at most sixteen characters), and how LLVM asks for them.
struct DwarfSection {
  std::string_view macho, dwarf;
};
constexpr std::array kDwarfSections{
    DwarfSection{"__debug_info", "debug_info"},
    DwarfSection{"__debug_abbrev", "debug_abbrev"},
    DwarfSection{"__debug_line", "debug_line"},
    DwarfSection{"__debug_line_str", "debug_line_str"},
    DwarfSection{"__debug_str", "debug_str"},
    DwarfSection{"__debug_str_offs", "debug_str_offsets"},
    DwarfSection{"__debug_addr", "debug_addr"},
    DwarfSection{"__debug_ranges", "debug_ranges"},
    DwarfSection{"__debug_rnglists", "debug_rnglists"},
    DwarfSection{"__debug_aranges", "debug_aranges"},
};

using Sections = llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>>;

/// Those of the sections whose name begins so.
Sections dwarf_sections(const ImageSlice& slice, std::string_view prefix) {
  Sections sections;
  for (const Section& section : slice.image.sections) {
    const auto known = std::ranges::find(kDwarfSections, section.name, &DwarfSection::macho);
    if (section.segment != "__DWARF" || known == kDwarfSections.end()) continue;
    if (!known->dwarf.starts_with(prefix)) continue;
    sections[known->dwarf] =
        llvm::MemoryBuffer::getMemBuffer(part_of(slice.bytes, section.content), "", false);
  }
  return sections;
}

/// The addresses of a unit, and where in the whole batch they stand.
struct UnitJob {
  std::uint64_t unit = 0;  ///< offset in .debug_info
  std::vector<FileAddress> wanted;
  std::vector<std::size_t> positions;
};

/// One thread's view of the image.
class Reader {
 public:
  Reader(const Sections& sections, const Sections& aranges)
      : context_(context_of(sections)), aranges_(context_of(aranges)) {}

  std::vector<UnitJob> group(std::span<const FileAddress> addresses, std::uint64_t& bytes);
  void answer(const UnitJob& job, std::uint32_t part, std::vector<DwarfNames::Chain>& chains);

  DwarfNames::Part take_part() { return {std::move(strings_), std::move(frames_)}; }
  const std::string& complaint() const { return complaint_; }

 private:
  std::unique_ptr<llvm::DWARFContext> context_of(const Sections& sections);
  void complain(llvm::Error error);
  void complain(std::string message);
  /// The number of a file's path, given its index in the unit's line table.
  std::uint32_t file_name(const llvm::DWARFDebugLine::LineTable* lines, const char* folder,
                          std::uint32_t index);

  /// The first by the alphabet: threads come in any order. Before the context, whose making may
  /// already complain.
  std::string complaint_;
  std::unique_ptr<llvm::DWARFContext> context_, aranges_;
  Units units_{*context_, *aranges_};
  StringTable strings_;
  DieNames names_{units_, strings_};
  std::vector<NameFrame> frames_;
  // Of the unit being answered.
  std::unordered_map<std::uint32_t, std::uint32_t> files_;
  std::vector<std::uint32_t> scope_names_;
};

std::unique_ptr<llvm::DWARFContext> Reader::context_of(const Sections& sections) {
  const auto note = [this](llvm::Error e) { complain(std::move(e)); };
  return llvm::DWARFContext::create(sections, 8, true, note, note);
}

void Reader::complain(llvm::Error error) { complain(llvm::toString(std::move(error))); }

void Reader::complain(std::string message) {
  message.resize(std::min(message.size(), kLongestComplaint));
  if (complaint_.empty() || message < complaint_) complaint_ = std::move(message);
}

std::vector<UnitJob> Reader::group(std::span<const FileAddress> addresses, std::uint64_t& bytes) {
  std::map<std::uint64_t, UnitJob> by_unit;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    llvm::DWARFUnit* unit = units_.of_code(addresses[i]);
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

std::uint32_t Reader::file_name(const llvm::DWARFDebugLine::LineTable* lines, const char* folder,
                                std::uint32_t index) {
  if (lines == nullptr) return 0;
  const auto [known, is_new] = files_.try_emplace(index, 0);
  if (!is_new) return known->second;
  std::string path;
  using Kind = llvm::DILineInfoSpecifier::FileLineInfoKind;
  if (lines->getFileNameByIndex(index, folder, Kind::AbsoluteFilePath, path))
    known->second = strings_.add(path);
  return known->second;
}

void Reader::answer(const UnitJob& job, std::uint32_t part,
                    std::vector<DwarfNames::Chain>& chains) {
  llvm::DWARFUnit* const unit = units_.at(job.unit);
  if (unit == nullptr) return;
  const UnitScopes found = walk_unit(*unit, job.wanted);
  if (found.damaged) complain("a compile unit cannot be read to its end");
  const auto* lines = context_->getLineTableForUnit(unit);
  const char* const folder = unit->getCompilationDir();
  const char* const base = folder != nullptr ? folder : "";
  files_.clear();
  scope_names_.assign(found.scopes.size(), kUnknown);

  for (std::size_t i = 0; i < job.wanted.size(); ++i) {
    NameFrame frame;
    bool has_row = false;
    if (lines != nullptr) {
      const std::uint32_t row =
          lines->lookupAddress({job.wanted[i].value, llvm::object::SectionedAddress::UndefSection});
      if (row != lines->UnknownRowIndex) {
        has_row = true;
        frame.line = lines->Rows[row].Line;
        frame.column = lines->Rows[row].Column;
        frame.file = file_name(lines, base, lines->Rows[row].File);
      }
    }
    std::int32_t scope = found.places[i].scope;
    if (scope < 0 && !has_row) continue;

    const auto first = static_cast<std::uint32_t>(frames_.size());
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
      frames_.push_back(frame);
      if (here.parent < 0) break;
      frame.file = file_name(lines, base, here.call_file);
      frame.line = here.call_line;
      frame.column = here.call_column;
      scope = here.parent;
    } while (frames_.size() - first < kLongestChain);
    chains[job.positions[i]] = {part, first, static_cast<std::uint32_t>(frames_.size()) - first};
  }
  context_->clearLineTableForUnit(unit);
}

}  // namespace

DwarfNames read_dwarf(const ImageSlice& slice, std::span<const FileAddress> addresses,
                      unsigned threads) {
  DwarfNames result;
  result.chains.resize(addresses.size());
  const Sections sections = dwarf_sections(slice, "debug_");
  const Sections aranges = dwarf_sections(slice, "debug_aranges");

  std::vector<std::unique_ptr<Reader>> readers;
  readers.push_back(std::make_unique<Reader>(sections, aranges));
  std::uint64_t bytes = 0;
  const std::vector<UnitJob> jobs = readers.front()->group(addresses, bytes);

  // Each address belongs to one job, so the threads write to different chains.
  std::atomic<std::size_t> next_job = 0;
  const auto work = [&](std::uint32_t part) {
    for (std::size_t job = next_job++; job < jobs.size(); job = next_job++)
      readers[part]->answer(jobs[job], part, result.chains);
  };
  const std::uint64_t useful = std::min<std::uint64_t>(jobs.size(), 1 + bytes / kWorthAThread);
  const auto count = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(useful, 1, threads));
  while (readers.size() < count) readers.push_back(std::make_unique<Reader>(sections, aranges));
  {
    std::vector<std::jthread> helpers;
    try {
      for (std::uint32_t part = 1; part < count; ++part) helpers.emplace_back(work, part);
    } catch (const std::system_error&) {
      // No room for another thread: those that there are do the work.
    }
    work(0);
  }

  std::string complaint;
  for (const auto& reader : readers) {
    const std::string& other = reader->complaint();
    if (complaint.empty() || (!other.empty() && other < complaint)) complaint = other;
    result.parts.push_back(reader->take_part());
  }
  if (!complaint.empty()) result.notes.push_back("some of the DWARF is damaged: " + complaint);
  return result;
}

}  // namespace panicscan::symbolizer
