#include "symbolicator/worker/line_program.h"

#include <llvm/DebugInfo/DWARF/DWARFUnit.h>

#include <algorithm>
#include <array>

namespace panicscan::symbolizer {
namespace {

using Header = llvm::DWARFDebugLine::Prologue;

/// Reads the operands of a program. After its end everything is zero, and ok() is false.
class Operands {
 public:
  explicit Operands(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint8_t u8() {
    if (at_ == end_) return ok_ = false, std::uint8_t{0};
    return static_cast<std::uint8_t>(*at_++);
  }
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{u8()} << (8 * i);
    return value;
  }
  std::uint64_t uleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = u8();
      if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) return value;
    }
  }
  std::int64_t sleb() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = u8();
      if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) != 0) continue;
      if ((byte & 0x40) != 0 && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
      return static_cast<std::int64_t>(value);
    }
  }
  const char* text() {
    const char* const start = at_;
    at_ = std::find(at_, end_, '\0');
    if (at_ == end_) return ok_ = false, "";
    ++at_;
    return start;
  }
  /// Goes on so many bytes behind `start`, a place that left() gave.
  void resume(std::size_t start, std::size_t length) {
    const std::size_t done = start - left();
    if (length > start) return ok_ = false, at_ = end_, void();
    at_ += static_cast<std::ptrdiff_t>(length) - static_cast<std::ptrdiff_t>(done);
  }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

/// The state machine of DWARF 5, 6.2.2, without what nobody here asks for.
class Machine {
 public:
  Machine(Header& header, std::string_view program, std::span<const FileAddress> wanted)
      : header_(header),
        operands_(program),
        wanted_(wanted),
        rows_(wanted.size()),
        ends_(wanted.size(), ~std::uint64_t{0}) {
    for (unsigned opcode = header.OpcodeBase; opcode < 256 && header.LineRange != 0; ++opcode) {
      const unsigned adjusted = opcode - header.OpcodeBase;
      steps_[opcode] = {static_cast<std::uint8_t>(adjusted / header.LineRange),
                        header.LineBase + static_cast<int>(adjusted % header.LineRange)};
    }
  }

  std::vector<std::optional<LineRow>> run() &&;

 private:
  /// What a special opcode adds.
  struct Step {
    std::uint8_t operations = 0;
    int lines = 0;
  };
  /// An address of the sequence, until its end shows that the sequence is whole.
  struct Found {
    std::size_t wanted = 0;
    LineRow row;
  };

  void standard(std::uint8_t opcode);
  void extended();
  void advance(std::uint64_t operations);
  /// A row of the table: the one before reaches to it.
  void add_row();
  void end_sequence();

  Header& header_;
  Operands operands_;
  std::span<const FileAddress> wanted_;
  std::vector<std::optional<LineRow>> rows_;
  std::vector<std::uint64_t> ends_;  ///< of the sequence that each row is from
  std::array<Step, 256> steps_{};
  // Registers.
  std::uint64_t address_ = 0, operation_ = 0;
  LineRow row_;
  bool is_removed_ = false;  ///< the linker removed this code
  // The sequence.
  bool has_rows_ = false;
  std::uint64_t low_ = 0;
  LineRow last_;
  std::size_t next_ = 0;  ///< the first wanted address that no row reached yet
  std::vector<Found> found_;
};

void Machine::advance(std::uint64_t operations) {
  const std::uint64_t most = header_.getVersion() >= 4 ? header_.MaxOpsPerInst : 1;
  if (most <= 1) {
    address_ += header_.MinInstLength * operations;
    return;
  }
  address_ += header_.MinInstLength * ((operation_ + operations) / most);
  operation_ = (operation_ + operations) % most;
}

void Machine::add_row() {
  if (is_removed_) return;
  if (!has_rows_) {
    has_rows_ = true;
    low_ = address_;
    next_ = static_cast<std::size_t>(std::ranges::lower_bound(wanted_, FileAddress{low_}) -
                                     wanted_.begin());
  } else {
    for (; next_ < wanted_.size() && wanted_[next_].value < address_; ++next_)
      found_.push_back({next_, last_});
  }
  last_ = row_;
}

void Machine::end_sequence() {
  add_row();
  for (const Found& found : found_) {
    if (wanted_[found.wanted].value >= address_ || address_ >= ends_[found.wanted]) continue;
    rows_[found.wanted] = found.row;
    ends_[found.wanted] = address_;
  }
  found_.clear();
  has_rows_ = false;
  address_ = operation_ = 0;
  row_ = {};
}

void Machine::extended() {
  const std::uint64_t length = operands_.uleb();
  const std::size_t start = operands_.left();
  if (length == 0 || length > start) {
    if (length > start) operands_.resume(start, start + 1);
    return;
  }
  switch (operands_.u8()) {
    case llvm::dwarf::DW_LNE_end_sequence:
      end_sequence();
      break;
    case llvm::dwarf::DW_LNE_set_address: {
      const std::uint64_t width = length - 1;
      if (width != 1 && width != 2 && width != 4 && width != 8) break;
      address_ = operands_.number(static_cast<std::size_t>(width));
      operation_ = 0;
      is_removed_ = address_ == ~std::uint64_t{0} >> (64 - 8 * width);
      break;
    }
    case llvm::dwarf::DW_LNE_define_file: {
      llvm::DWARFDebugLine::FileNameEntry file;
      file.Name =
          llvm::DWARFFormValue::createFromPValue(llvm::dwarf::DW_FORM_string, operands_.text());
      file.DirIdx = operands_.uleb();
      header_.FileNames.push_back(file);
      break;
    }
    default:
      break;
  }
  operands_.resume(start, static_cast<std::size_t>(length));
}

void Machine::standard(std::uint8_t opcode) {
  switch (opcode) {
    case llvm::dwarf::DW_LNS_copy:
      return add_row();
    case llvm::dwarf::DW_LNS_advance_pc:
      return advance(operands_.uleb());
    case llvm::dwarf::DW_LNS_advance_line:
      row_.line += static_cast<std::uint32_t>(operands_.sleb());
      return;
    case llvm::dwarf::DW_LNS_set_file:
      row_.file = static_cast<std::uint32_t>(operands_.uleb());
      return;
    case llvm::dwarf::DW_LNS_set_column:
      row_.column = static_cast<std::uint32_t>(operands_.uleb());
      return;
    case llvm::dwarf::DW_LNS_const_add_pc:
      return advance(steps_[255].operations);
    case llvm::dwarf::DW_LNS_fixed_advance_pc:
      address_ += operands_.number(2);
      operation_ = 0;
      return;
    case llvm::dwarf::DW_LNS_negate_stmt:
    case llvm::dwarf::DW_LNS_set_basic_block:
    case llvm::dwarf::DW_LNS_set_prologue_end:
    case llvm::dwarf::DW_LNS_set_epilogue_begin:
      return;
    case llvm::dwarf::DW_LNS_set_isa:
      operands_.uleb();
      return;
    default:
      // The header says how many operands an opcode has that is newer than this.
      for (std::uint8_t i = header_.StandardOpcodeLengths[opcode - 1u]; i > 0; --i)
        operands_.uleb();
  }
}

std::vector<std::optional<LineRow>> Machine::run() && {
  while (operands_.ok() && !operands_.at_end()) {
    const std::uint8_t opcode = operands_.u8();
    if (opcode == 0) {
      extended();
    } else if (opcode < header_.OpcodeBase) {
      standard(opcode);
    } else {
      row_.line += static_cast<std::uint32_t>(steps_[opcode].lines);
      advance(steps_[opcode].operations);
      add_row();
    }
  }
  return std::move(rows_);
}

}  // namespace

LineProgram::LineProgram(llvm::DWARFContext& context, llvm::DWARFUnit& unit,
                         llvm::function_ref<void(llvm::Error)> complain)
    : folder_(unit.getCompilationDir()) {
  const auto place =
      llvm::dwarf::toSectionOffset(unit.getUnitDIE().find(llvm::dwarf::DW_AT_stmt_list));
  const llvm::DWARFSection& section = unit.getLineSection();
  if (!place || *place + unit.getLineTableOffset() >= section.Data.size()) return;
  const std::uint64_t start = *place + unit.getLineTableOffset();
  const llvm::DWARFDataExtractor bytes(context.getDWARFObj(), section, unit.isLittleEndian(),
                                       unit.getAddressByteSize());
  std::uint64_t at = start;
  if (llvm::Error error = header_.parse(bytes, &at, complain, context, &unit)) {
    complain(std::move(error));
    return;
  }
  const std::uint64_t end = std::min<std::uint64_t>(
      start + header_.sizeofTotalLength() + header_.TotalLength, section.Data.size());
  if (at < end && header_.StandardOpcodeLengths.size() + 1 >= header_.OpcodeBase)
    program_ = std::string_view(section.Data.data(), section.Data.size()).substr(at, end - at);
}

std::vector<std::optional<LineRow>> LineProgram::rows_of(std::span<const FileAddress> wanted) {
  return Machine(header_, program_, wanted).run();
}

std::string LineProgram::path(std::uint32_t file) const {
  std::string path;
  using Kind = llvm::DILineInfoSpecifier::FileLineInfoKind;
  header_.getFileNameByIndex(file, folder_ != nullptr ? folder_ : "", Kind::AbsoluteFilePath, path);
  return path;
}

}  // namespace panicscan::symbolizer
