#pragma once

#include <cstdint>
#include <optional>

#include "model/placement.h"
#include "model/report.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbols {

// From the number in a report to the number that symbol files speak of, in two steps: the report
// says how far an address is behind the start of something, the file says where that was linked.
// No slide that the report prints is ever subtracted where a base is known: collections move the
// segments of a kernel apart, so that one slide never fits both __TEXT and __TEXT_EXEC.

/// What the offset of a CodeAddress counts from.
enum class Anchor {
  code,    ///< __TEXT_EXEC, where arm64 has all code of kernel and kexts; without one, __TEXT
  text,    ///< __TEXT, the first segment of a whole image
  linked,  ///< nothing: the offset is the address as linked
};

/// An address of the report that can be found in any file with the UUID of its image.
struct CodeAddress {
  Anchor from = Anchor::text;
  std::uint64_t offset = 0;  ///< of the byte to look up: return addresses are one less
  friend constexpr auto operator<=>(const CodeAddress&, const CodeAddress&) = default;
};

/// How addresses placed by a Placer relate to their image. `panic` is the one whose slides were
/// used: that of the report, one of the further ones, or null.
///
/// Nothing when the placement names no image, or one whose addresses no file knows (the shared
/// cache as a whole, absolute numbers, code made at run time).
/// Source: the slide lines of xnu osfmk/kern/debug.c; libkern/c++/OSKext.cpp, the ranges of "Kernel
/// Extensions in backtrace".
std::optional<CodeAddress> code_address(const Report& report, const Panic* panic,
                                        const Placement& placement, AddressKind kind);

/// The same address as the file has it; nothing when the file lacks the segment.
std::optional<FileAddress> file_address(CodeAddress address, const MachImage& image);

/// Whether code can be there. In a file that says of none of its segments that code runs in it,
/// anywhere in a segment.
bool is_in_code(const MachImage& image, FileAddress address);

/// Where the code of the image ends; nothing when it has none.
std::optional<FileAddress> end_of_code(const MachImage& image);

/// Whether the code can have been loaded at that base: segments move by whole pages only.
bool is_plausible_base(Address base, const MachImage& image);

}  // namespace panicscan::symbols
