#include "symbolicator/protocol.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace panicscan::symbols {
namespace {

/// A message's number on the wire is its place in the variant; requests and replies differ in
/// how long they may be.
constexpr std::array<std::size_t, std::variant_size_v<Message>> kLimits{
    kMaxText,      // Hello
    kMaxText,      // Ready
    kMaxText,      // IdentifyRequest
    kMaxReply,     // IdentifyReply
    kMaxRequest,   // LookupRequest
    kMaxReply,     // LookupReply
    2 * kMaxText,  // Failure
    kMaxText,      // ConvertRequest
    kMaxReply      // ConvertReply
};

// --- writing ------------------------------------------------------------------------------------

void write(WireWriter& out, const Hello& m) {
  out.u32(m.version);
  out.u64(m.memory);
  out.u32(m.cpu_seconds);
  out.u32(m.threads);
}

void write(WireWriter& out, const Ready& m) {
  out.u32(m.version);
  out.text(m.llvm);
  out.boolean(m.files_sealed);
  out.boolean(m.network_sealed);
}

void write(WireWriter& out, const IdentifyRequest& m) { out.text(m.path); }

void write(WireWriter& out, const MachImage& m) {
  out.text(m.name);
  out.boolean(m.uuid.has_value());
  out.uuid(m.uuid.value_or(Uuid{}));
  out.text(m.arch);
  out.u32(m.file_type);
  out.boolean(m.has_dwarf);
  out.boolean(m.has_symbols);
  out.count(m.segments.size());
  for (const Segment& s : m.segments) {
    out.text(s.name);
    out.u64(s.address.value);
    out.u64(s.size);
    out.u32(s.protection);
  }
}

void write(WireWriter& out, const IdentifyReply& m) {
  out.count(m.slices.size());
  for (const Slice& slice : m.slices) {
    write(out, slice.image);
    out.count(slice.entries.size());
    for (const MachImage& entry : slice.entries) write(out, entry);
  }
}

void write(WireWriter& out, const LookupRequest& m) {
  out.text(m.path);
  out.text(m.cache);
  out.uuid(m.uuid);
  out.boolean(m.symbol_table_only);
  out.boolean(m.linkage_names);
  out.count(m.addresses.size());
  out.reserve(m.addresses.size() * 8);
  for (const FileAddress address : m.addresses) out.u64(address.value);
}

constexpr std::size_t kFrameSize = 5 * 4 + 2 + 8;

void write(WireWriter& out, const LookupReply& m) {
  out.reserve(m.strings.all().size() + m.strings.size() * 4 + m.frames.size() * kFrameSize +
              m.chain_end.size() * 4);
  out.count(m.strings.size());
  for (std::uint32_t i = 0; i < m.strings.size(); ++i) out.text(m.strings[i]);
  out.count(m.frames.size());
  for (const NameFrame& f : m.frames) {
    out.numbers(f.function, f.linkage, f.file, f.line, f.column,
                static_cast<std::uint8_t>(f.inlined ? 1 : 0), static_cast<std::uint8_t>(f.from),
                f.start.value);
  }
  out.count(m.chain_end.size());
  for (const std::uint32_t end : m.chain_end) out.u32(end);
  out.count(m.notes.size());
  for (const std::string& note : m.notes) out.text(note);
  out.u8(static_cast<std::uint8_t>(m.cache));
}

void write(WireWriter& out, const Failure& m) {
  out.u8(static_cast<std::uint8_t>(m.kind));
  out.text(std::string_view(m.message).substr(0, kMaxText));
}

void write(WireWriter& out, const ConvertRequest& m) {
  out.text(m.path);
  out.uuid(m.uuid);
  out.u32(m.first_unit);
}

constexpr std::size_t kRangeSize = 8 + 8 + 4;

void write(WireWriter& out, const ConvertReply& m) {
  out.count(m.chunks.size());
  for (const std::string& chunk : m.chunks) out.text(chunk);
  out.count(m.ranges.size());
  out.reserve(m.ranges.size() * kRangeSize);
  for (const CodeRange& range : m.ranges) {
    out.u64(range.begin.value);
    out.u64(range.length);
    out.u32(range.chunk);
  }
  out.u32(m.next_unit);
  out.u32(m.units);
}

// --- reading ------------------------------------------------------------------------------------

std::string read_path_or_none(WireReader& in) {
  std::string path = in.text(kMaxText);
  if (path.find('\0') != std::string::npos) in.fail();
  return path;
}

std::string read_path(WireReader& in) {
  std::string path = read_path_or_none(in);
  if (path.empty()) in.fail();
  return path;
}

/// An enumerator no greater than `last`.
template <typename Enum>
Enum read_enum(WireReader& in, Enum last) {
  const std::uint8_t value = in.u8();
  if (value > static_cast<std::uint8_t>(last)) in.fail();
  return in.ok() ? static_cast<Enum>(value) : Enum{};
}

void read(WireReader& in, Hello& m) {
  m.version = in.u32();
  m.memory = in.u64();
  m.cpu_seconds = in.u32();
  m.threads = in.u32();
}

void read(WireReader& in, Ready& m) {
  m.version = in.u32();
  m.llvm = in.text(kMaxText);
  m.files_sealed = in.boolean();
  m.network_sealed = in.boolean();
}

void read(WireReader& in, IdentifyRequest& m) { m.path = read_path(in); }

constexpr std::size_t kSmallestSegment = 4 + 8 + 8 + 4;
constexpr std::size_t kSmallestImage = 4 + 1 + 16 + 4 + 4 + 1 + 1 + 4;

void read(WireReader& in, MachImage& m) {
  m.name = in.text(kMaxText);
  const bool has_uuid = in.boolean();
  const Uuid uuid = in.uuid();
  if (has_uuid) m.uuid = uuid;
  if (!has_uuid && !uuid.is_zero()) in.fail();
  m.arch = in.text(kMaxText);
  m.file_type = in.u32();
  m.has_dwarf = in.boolean();
  m.has_symbols = in.boolean();
  m.segments.resize(in.count(kSmallestSegment));
  for (Segment& s : m.segments) {
    s.name = in.text(kMaxText);
    s.address.value = in.u64();
    s.size = in.u64();
    s.protection = in.u32();
  }
}

void read(WireReader& in, IdentifyReply& m) {
  m.slices.resize(in.count(kSmallestImage + 4));
  for (Slice& slice : m.slices) {
    read(in, slice.image);
    slice.entries.resize(in.count(kSmallestImage));
    for (MachImage& entry : slice.entries) read(in, entry);
  }
}

void read(WireReader& in, LookupRequest& m) {
  m.path = read_path(in);
  m.cache = read_path_or_none(in);
  m.uuid = in.uuid();
  m.symbol_table_only = in.boolean();
  m.linkage_names = in.boolean();
  m.addresses.resize(in.count(8));
  for (FileAddress& address : m.addresses) address.value = in.u64();
  if (std::ranges::adjacent_find(m.addresses, std::greater_equal{}) != m.addresses.end()) in.fail();
}

void read(WireReader& in, LookupReply& m) {
  const std::uint32_t texts = in.count(4);
  if (texts == 0 || !in.view(kMaxReply).empty()) in.fail();
  m.strings.reserve(in.left());
  for (std::uint32_t i = 1; i < texts; ++i) m.strings.add(in.view(kMaxReply));
  m.frames.resize(in.count(kFrameSize));
  for (NameFrame& f : m.frames) {
    std::uint8_t inlined = 0, from = 0;
    in.numbers(f.function, f.linkage, f.file, f.line, f.column, inlined, from, f.start.value);
    f.inlined = inlined == 1;
    f.from = static_cast<NameOrigin>(from);
    if (inlined > 1 || from > static_cast<std::uint8_t>(NameOrigin::symbol_table)) in.fail();
    if (f.function >= texts || f.linkage >= texts || f.file >= texts) in.fail();
  }
  m.chain_end.resize(in.count(4));
  for (std::uint32_t& end : m.chain_end) end = in.u32();
  const std::uint32_t last = m.chain_end.empty() ? 0 : m.chain_end.back();
  if (!std::ranges::is_sorted(m.chain_end) || last != m.frames.size()) in.fail();
  m.notes.resize(in.count(4));
  for (std::string& note : m.notes) note = in.text(kMaxText);
  m.cache = read_enum(in, CacheUse::useless);
}

void read(WireReader& in, Failure& m) {
  m.kind = read_enum(in, FailureKind::wrong_version);
  m.message = in.text(kMaxText);
}

void read(WireReader& in, ConvertRequest& m) {
  m.path = read_path(in);
  m.uuid = in.uuid();
  m.first_unit = in.u32();
}

void read(WireReader& in, ConvertReply& m) {
  m.chunks.resize(in.count(4));
  for (std::string& chunk : m.chunks) chunk = in.text(kMaxReply);
  m.ranges.resize(in.count(kRangeSize));
  std::uint64_t covered = 0;
  for (CodeRange& range : m.ranges) {
    range.begin.value = in.u64();
    range.length = in.u64();
    range.chunk = in.u32();
    const bool is_known = range.chunk == CodeRange::kAskDwarf || range.chunk < m.chunks.size();
    if (range.length == 0 || range.begin.value < covered || range.end() < range.begin.value ||
        !is_known)
      in.fail();
    covered = range.end();
  }
  m.next_unit = in.u32();
  m.units = in.u32();
}

template <std::size_t Kind = 0>
Message read_kind(WireReader& in, std::size_t kind) {
  if constexpr (Kind < std::variant_size_v<Message>) {
    if (kind != Kind) return read_kind<Kind + 1>(in, kind);
    std::variant_alternative_t<Kind, Message> message;
    read(in, message);
    return message;
  } else {
    in.fail();
    return Failure{};
  }
}

Error malformed(std::string_view what) {
  return Error{ErrorCode::malformed, "symbolizer protocol: " + std::string(what), {}};
}

}  // namespace

std::span<const NameFrame> LookupReply::chain(std::size_t address) const {
  if (address >= chain_end.size()) return {};
  const std::size_t first = address == 0 ? 0 : chain_end[address - 1];
  return std::span(frames).subspan(first, chain_end[address] - first);
}

Expected<Bytes> encode(const Message& message) {
  WireWriter out;
  out.u32(0);
  out.u16(static_cast<std::uint16_t>(message.index()));
  out.u16(0);
  std::visit([&](const auto& m) { write(out, m); }, message);
  const std::size_t length = out.size() - kHeaderSize;
  if (length > kLimits[message.index()])
    return Error{
        ErrorCode::limit,
        "symbolizer protocol: a message of " + std::to_string(length) + " bytes is too long",
        {}};
  out.patch_u32(0, static_cast<std::uint32_t>(length));
  return out.take();
}

Expected<std::size_t> decode_header(ByteView header) {
  WireReader in(header.subspan(0, std::min(header.size(), kHeaderSize)));
  const std::size_t length = in.u32();
  const std::size_t kind = in.u16();
  const std::uint16_t zero = in.u16();
  if (!in.finished() || kind >= kLimits.size() || zero != 0)
    return malformed("this is no message header");
  if (length > kLimits[kind])
    return Error{ErrorCode::limit,
                 "symbolizer protocol: a message announces " + std::to_string(length) + " bytes",
                 {}};
  return length;
}

Expected<Message> decode(ByteView bytes) {
  const auto length = decode_header(bytes);
  if (!length) return length.error();
  if (bytes.size() - kHeaderSize != *length) return malformed("the length does not match");
  WireReader in(bytes.subspan(kHeaderSize));
  Message message = read_kind(in, bytes[4]);
  if (!in.finished()) return malformed("a field is missing, left over or out of range");
  return message;
}

}  // namespace panicscan::symbols
