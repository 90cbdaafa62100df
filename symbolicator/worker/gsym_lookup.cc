#include "symbolicator/worker/gsym_lookup.h"

#include <fcntl.h>
#include <llvm/DebugInfo/GSYM/GsymReader.h>
#include <llvm/DebugInfo/GSYM/LookupResult.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include "symbolicator/gsym_file.h"
#include "symbolicator/worker/gsym_text.h"

namespace panicscan::symbolizer {
namespace {

using llvm::gsym::GsymReader;
using symbols::Bytes;
using symbols::CodeRange;
using symbols::NameFrame;

/// A cache file. It is read, not mapped: what was checked is what is used, whatever becomes of the
/// file meanwhile.
class GsymFile {
 public:
  GsymFile() = default;
  ~GsymFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  GsymFile(const GsymFile&) = delete;
  GsymFile& operator=(const GsymFile&) = delete;

  /// False when it is of no use.
  bool open(const std::string& path, const std::string& source, const symbols::FileStamp& stamp,
            const Uuid& uuid);
  const symbols::GsymIndex& index() const { return index_; }
  /// Null when the piece is damaged.
  const GsymReader* piece(std::uint32_t chunk);

 private:
  std::optional<Bytes> read(std::uint64_t offset, std::uint64_t size) const;

  int fd_ = -1;
  symbols::GsymIndex index_;
  std::unordered_map<std::uint32_t, GsymReader> pieces_;
};

std::optional<Bytes> GsymFile::read(std::uint64_t offset, std::uint64_t size) const {
  Bytes bytes(size);
  std::size_t got = 0;
  while (got < size) {
    const auto count =
        ::pread(fd_, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (count <= 0) return std::nullopt;
    got += static_cast<std::size_t>(count);
  }
  return bytes;
}

bool GsymFile::open(const std::string& path, const std::string& source,
                    const symbols::FileStamp& stamp, const Uuid& uuid) {
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat about{};
  if (fd_ < 0 || ::fstat(fd_, &about) != 0 || !S_ISREG(about.st_mode)) return false;
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size < symbols::kGsymHeaderSize) return false;
  const auto first = read(0, symbols::kGsymHeaderSize);
  const auto header = first ? symbols::decode_gsym_header(*first) : std::nullopt;
  if (!header || header->uuid != uuid || header->source != source ||
      header->source_size != stamp.size || header->source_mtime != stamp.mtime)
    return false;
  const std::uint64_t index_size = symbols::GsymIndex::size(header->ranges, header->chunks);
  if (header->index_offset > size || index_size != size - header->index_offset) return false;
  const auto bytes = read(header->index_offset, index_size);
  auto index = bytes ? symbols::decode_gsym_index(*bytes, *header) : std::nullopt;
  if (!index) return false;
  index_ = *std::move(index);
  return true;
}

const GsymReader* GsymFile::piece(std::uint32_t chunk) {
  if (const auto known = pieces_.find(chunk); known != pieces_.end()) return &known->second;
  const symbols::GsymChunk& place = index_.chunks[chunk];
  const auto bytes = read(place.offset, place.size);
  if (!bytes || symbols::checksum_of(*bytes) != place.checksum) return nullptr;
  auto reader = GsymReader::copyBuffer(
      llvm::StringRef(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
  if (!reader) {
    llvm::consumeError(reader.takeError());
    return nullptr;
  }
  return &pieces_.emplace(chunk, std::move(*reader)).first->second;
}

/// The names of an address, and undoes what gsym_text.h describes.
bool add_chain(const GsymReader& piece, FileAddress address, DwarfNames::Part& part) {
  auto found = piece.lookup(address.value);
  if (!found) {
    llvm::consumeError(found.takeError());
    return false;
  }
  for (const llvm::gsym::SourceLocation& at : found->Locations) {
    NameFrame frame;
    const bool is_last = &at == &found->Locations.back();
    const bool has_function = !is_last || at.Name != llvm::StringRef(kNoFunction);
    if (has_function && !(is_last && at.Name == llvm::StringRef(kNoText)))
      frame.linkage = part.strings.add(at.Name);
    if (!at.Dir.empty() || at.Base != llvm::StringRef(kNoText))
      frame.file = part.strings.add(joined(at.Dir, at.Base));
    const SourcePosition position = unpack(at.Line);
    frame.line = position.line;
    frame.column = position.column;
    frame.inlined = !is_last;
    frame.from = symbols::NameOrigin::gsym;
    if (found->FuncName != llvm::StringRef(kNoFunction)) frame.start = {found->FuncRange.start()};
    part.frames.push_back(frame);
  }
  return true;
}

}  // namespace

std::optional<GsymNames> read_gsym(const std::string& path, const std::string& source,
                                   const symbols::FileStamp& stamp, const Uuid& uuid,
                                   std::span<const FileAddress> addresses) {
  GsymFile file;
  if (!file.open(path, source, stamp, uuid)) return std::nullopt;
  GsymNames result;
  result.names.chains.resize(addresses.size());
  DwarfNames::Part& part = result.names.parts.emplace_back();
  const auto& ranges = file.index().ranges;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto after = std::ranges::upper_bound(ranges, addresses[i], {}, &CodeRange::begin);
    if (after == ranges.begin() || addresses[i].value >= std::prev(after)->end()) continue;
    const std::uint32_t chunk = std::prev(after)->chunk;
    if (chunk == CodeRange::kAskDwarf) {
      result.to_ask.push_back(i);
      continue;
    }
    const GsymReader* piece = file.piece(chunk);
    const auto first = static_cast<std::uint32_t>(part.frames.size());
    if (piece == nullptr || !add_chain(*piece, addresses[i], part)) return std::nullopt;
    result.names.chains[i] = {0, first, static_cast<std::uint32_t>(part.frames.size()) - first};
  }
  return result;
}

}  // namespace panicscan::symbolizer
