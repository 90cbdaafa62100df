#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "base/uuid.h"
#include "model/address.h"
#include "symbolicator/texts.h"
#include "symbolicator/wire.h"

namespace panicscan::symbols {

// What panicscan and panicscan-symbolizer say to each other over a pair of pipes; README.md has
// the bytes. Both sides check every length and every number: a symbol file may have taken over
// the worker, and a worker that is overrun must not be able to harm the program that started it.

/// Both sides must speak the same version; it changes with every change of a message.
inline constexpr std::uint32_t kProtocolVersion = 3;
/// Units: bytes. What stands before each message: length, kind, zero.
inline constexpr std::size_t kHeaderSize = 8;
/// Units: bytes. The longest request and the longest reply, header not counted.
inline constexpr std::size_t kMaxRequest = std::size_t{64} << 20;
inline constexpr std::size_t kMaxReply = std::size_t{128} << 20;
/// Units: bytes. The longest path, name, and message of a failure.
inline constexpr std::size_t kMaxText = std::size_t{64} << 10;

/// The first message to the worker: what it may use from then on.
struct Hello {
  std::uint32_t version = kProtocolVersion;
  std::uint64_t memory = std::uint64_t{4} << 30;  ///< bytes of address space
  std::uint32_t cpu_seconds = 60;                 ///< processor time for one request
  std::uint32_t threads = 0;  ///< at most 16; 0: as there are processors, at most 8
};

/// The worker's answer to Hello.
struct Ready {
  std::uint32_t version = kProtocolVersion;
  std::string llvm;             ///< "19.1.7"
  bool files_sealed = false;    ///< the kernel lets it neither write, create nor run files
  bool network_sealed = false;  ///< the kernel lets it open no TCP connection
};

/// Asks what a file contains.
struct IdentifyRequest {
  std::string path;
};

/// A segment of an image, as linked.
struct Segment {
  std::string name;  ///< "__TEXT_EXEC"
  FileAddress address;
  std::uint64_t size = 0;        ///< bytes
  std::uint32_t protection = 0;  ///< initial protection: 1 read, 2 write, 4 execute

  /// Whether code can run there.
  bool is_executable() const { return (protection & 4) != 0; }
  bool holds(FileAddress at) const { return at >= address && at.value - address.value < size; }
};

/// One Mach-O header: a thin file, a slice of a universal one, or an image in a fileset.
struct MachImage {
  std::string name;  ///< the entry's identifier in a fileset ("com.apple.kernel"), else empty
  std::optional<Uuid> uuid;
  std::string arch;             ///< "arm64e"; "cpu 0x7" for what has no name here
  std::uint32_t file_type = 0;  ///< 2 executable, 10 dSYM, 11 kext, 12 fileset (mach-o/loader.h)
  bool has_dwarf = false;
  bool has_symbols = false;  ///< a symbol table with at least one entry
  std::vector<Segment> segments;
};

/// A slice of a file, and the images inside it when it is a fileset (a kernel collection).
struct Slice {
  MachImage image;
  std::vector<MachImage> entries;
};

struct IdentifyReply {
  std::vector<Slice> slices;
};

/// Asks for the names of addresses in the image of `path` that has the UUID.
struct LookupRequest {
  std::string path;
  Uuid uuid;                           ///< all zero: the image that has no UUID
  bool symbol_table_only = false;      ///< leave the DWARF unread
  bool linkage_names = false;          ///< these as well
  std::vector<FileAddress> addresses;  ///< ascending, none twice
  std::string cache = {};              ///< made of its DWARF (gsym_file.h); empty: none
};

/// Where the worker found a name; `gsym`: in what a cache holds of the DWARF.
enum class NameOrigin : std::uint8_t { dwarf = 0, gsym = 1, symbol_table = 2 };

/// One name of an address. Texts are indices into LookupReply::strings, 0 is the empty text.
struct NameFrame {
  std::uint32_t function = 0;  ///< for people: demangled; empty when the function has no name
  std::uint32_t linkage = 0;   ///< as the linker knows it, without Mach-O's leading underscore;
                               ///< 0 unless it was asked for
  std::uint32_t file = 0;
  std::uint32_t line = 0;  ///< 0: code of the compiler's own that belongs to no line
  std::uint32_t column = 0;
  bool inlined = false;
  NameOrigin from = NameOrigin::dwarf;
  FileAddress start;  ///< of the function that holds the code; the same for a whole chain
};

/// What became of the cache that a LookupRequest named.
enum class CacheUse : std::uint8_t {
  unused = 0,  ///< there was none, or nothing to look up in it
  used = 1,
  useless = 2  ///< damaged, or of another file: the DWARF was read instead
};

/// Names for each address of a LookupRequest, in its order.
struct LookupReply {
  Texts strings;
  std::vector<NameFrame> frames;
  std::vector<std::uint32_t> chain_end;  ///< per address, one past its last frame
  std::vector<std::string> notes;        ///< what went wrong without spoiling everything
  CacheUse cache = CacheUse::unused;

  /// The names of an address, innermost first; empty when nothing is known.
  std::span<const NameFrame> chain(std::size_t address) const;
  std::string_view text(std::uint32_t index) const { return strings[index]; }
};

/// Why a request has no answer.
enum class FailureKind : std::uint8_t {
  unreadable = 0,    ///< no such file, no permission, not a regular file
  not_macho = 1,     ///< the file is something else
  malformed = 2,     ///< damaged beyond use
  wrong_uuid = 3,    ///< none of its images has the UUID asked for
  limit = 4,         ///< the answer would exceed a limit
  bad_request = 5,   ///< the request breaks the protocol
  wrong_version = 6  ///< the other side speaks another version
};

struct Failure {
  FailureKind kind = FailureKind::bad_request;
  std::string message;
};

/// Asks for the DWARF of an image as GSYM, in parts: that of some compile units, from a number on.
struct ConvertRequest {
  std::string path;
  Uuid uuid;
  std::uint32_t first_unit = 0;
};

/// Code whose names stand in one piece of GSYM.
struct CodeRange {
  /// As `chunk`: GSYM cannot say what the DWARF says; the DWARF is to be read.
  static constexpr std::uint32_t kAskDwarf = ~std::uint32_t{0};

  FileAddress begin;
  std::uint64_t length = 0;  ///< bytes, not zero
  std::uint32_t chunk = kAskDwarf;

  std::uint64_t end() const { return begin.value + length; }
  friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

/// Pieces of GSYM, each complete in itself, and which code each is of. For addresses in none of the
/// ranges the DWARF says nothing.
struct ConvertReply {
  std::vector<std::string> chunks;
  std::vector<CodeRange> ranges;  ///< ascending, none empty, none overlapping
  std::uint32_t next_unit = 0;    ///< where to go on
  std::uint32_t units = 0;        ///< of the image; done when next_unit is not less
};

using Message = std::variant<Hello, Ready, IdentifyRequest, IdentifyReply, LookupRequest,
                             LookupReply, Failure, ConvertRequest, ConvertReply>;

/// The bytes of a message, header included.
///
/// Errors: limit, when it is longer than its kind may be.
Expected<Bytes> encode(const Message& message);

/// Reads a header and gives the number of bytes that follow it.
///
/// Errors: malformed, when it is no header of ours; limit, when the length is beyond its kind's.
Expected<std::size_t> decode_header(ByteView header);

/// Reads a whole message, header included.
///
/// Errors: malformed, when a length, count, index, order or enumerator is wrong, when bytes are
/// missing or when any are left over.
Expected<Message> decode(ByteView bytes);

}  // namespace panicscan::symbols
