#include "symbolicator/worker/gsym_piece.h"

#include <algorithm>

#include "symbolicator/wire.h"

namespace panicscan::symbolizer {

std::uint64_t GsymPiece::start_of(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(starts, address);
  return after == starts.begin() ? address : *std::prev(after);
}

std::string join_piece(std::span<const std::uint64_t> starts, std::string_view gsym) {
  symbols::WireWriter out;
  out.reserve(4 + 8 * starts.size() + gsym.size());
  out.count(starts.size());
  for (const std::uint64_t start : starts) out.u64(start);
  const symbols::Bytes head = out.take();
  std::string piece(head.begin(), head.end());
  return piece += gsym;
}

std::optional<GsymPiece> split_piece(std::string_view bytes) {
  symbols::WireReader in({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  GsymPiece piece;
  piece.starts.resize(in.count(8));
  for (std::uint64_t& start : piece.starts) start = in.u64();
  if (!in.ok() || !std::ranges::is_sorted(piece.starts)) return std::nullopt;
  piece.gsym = bytes.substr(4 + 8 * piece.starts.size());
  return piece;
}

}  // namespace panicscan::symbolizer
