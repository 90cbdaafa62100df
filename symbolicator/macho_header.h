#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/uuid.h"

namespace panicscan::symbols {

// Who a Mach-O file is, from its headers alone, for the UUID index. The contents (segments,
// symbols, DWARF) are the worker's business: this reader runs inside panicscan, so it is small,
// checks every offset against what was read, and reads no more than a few KB of a file.

/// One image in a file: a thin file, a slice of a universal one, or an entry of a fileset.
struct MachoHeader {
  std::string name;  ///< a fileset entry's identifier ("com.apple.kernel"), else empty
  Uuid uuid;
  std::string arch;             ///< "arm64e"
  std::uint32_t file_type = 0;  ///< 2 executable, 10 dSYM, 11 kext, 12 fileset (mach-o/loader.h)
  bool has_dwarf = false;
  bool has_symbols = false;  ///< a symbol table with at least one entry

  friend bool operator==(const MachoHeader&, const MachoHeader&) = default;
};

inline constexpr std::uint32_t kMachoDsym = 10;
inline constexpr std::uint32_t kMachoFileset = 12;

/// What the headers of a file say.
struct MachoHeaders {
  std::vector<MachoHeader> images;  ///< those with a UUID, in the file's order
  std::string problem;              ///< what is damaged or was left unread, one phrase; else empty
};

/// Fills `into` from `offset` of a file and tells how many bytes there were; fewer at its end.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<std::uint8_t> into)>;

/// Reads the headers of a Mach-O file, thin or universal, 32 or 64 bit.
///
/// At most 64 KiB are read of an image's load commands (1 MiB of a fileset's own), 16 MiB of a
/// file. Damage is told by `problem`, next to what could be read.
/// Errors: unknown_format, when it is no Mach-O file (of a little-endian machine).
Expected<MachoHeaders> read_macho_headers(const ReadAt& read);

}  // namespace panicscan::symbols
