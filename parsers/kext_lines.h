#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/panic.h"
#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// Undoes the abbreviations of Intel's kext lists: ">usb.!UXHCI" is
/// "com.apple.driver.usb.AppleUSBXHCI". Other names come back as they are.
/// Source: xnu libkern/kext_panic_report.h, the substitution table.
std::string expand_kext_name(std::string_view name);

/// Reads "com.example.Foo(1.2)[UUID]@0xlo->0xhi"; UUID and range may be missing.
/// `hi` is inclusive. Nothing when the line is of another shape.
std::optional<Kext> read_kext_range(std::string_view line);

/// Reads "com.example.Foo<TAB>1.2", or with blanks where the TAB was lost.
std::optional<Kext> read_loaded_kext(std::string_view line);

/// Takes a full range line outside of its list (an excerpt); false when the line is none.
bool take_lone_kext_range(PanicState& state, const TextLine& line);

/// Takes the two lines on a driver extension that macOS 26 appends to some messages:
/// "com.example.driver:" and "( id: com.example.driver; path: /…; state: loaded )".
bool take_dext_line(PanicState& state, const TextLine& line);

}  // namespace panicscan::parsers
