#pragma once

#include <optional>
#include <string_view>

#include "model/frame.h"
#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// One row of a backtrace.
struct BacktraceRow {
  std::uint64_t address = 0;  ///< the return address
  std::string_view bundle;    ///< "com.example.driver.Foo", "mach_kernel" or empty
  std::string_view symbol;    ///< "name + 0x12" or empty
};

/// Reads "lr: 0x…  fp: 0x…". The printed fp is the caller's frame pointer, one frame off.
std::optional<BacktraceRow> read_arm_row(std::string_view line);
/// Reads "0xframe : 0xreturn [bundle : symbol + 0x12]". Rows of other tables look alike, so ask
/// only inside a backtrace.
std::optional<BacktraceRow> read_intel_row(std::string_view line);

/// Begins a backtrace at a row without a heading (an excerpt); false when the line is no row.
bool take_lone_backtrace_row(PanicState& state, const TextLine& line);

/// Opens a list of frames of which each row is an address alone, as heap reports print them.
void open_address_list(PanicState& state, BacktraceKind kind, std::string_view heading);

}  // namespace panicscan::parsers
