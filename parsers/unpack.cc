#include "parsers/unpack.h"

#include <utility>

#include "base/inflate.h"
#include "parsers/binary_plist.h"
#include "parsers/kcdata.h"
#include "parsers/kcdata_report.h"
#include "parsers/kcdata_types.h"
#include "parsers/plist.h"
#include "parsers/stackshot_data.h"

namespace panicscan::parsers {
namespace {

constexpr std::uint32_t kHeader = 16, kNumberDescribed = 3;

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::uint32_t size) {
  return KcdataField{{}, 'u', size, 1, bytes.substr(at, size)}.at(0);
}

/// Numbers with names, then the first item of the buffer as it was, then a zlib stream that holds
/// the rest of it without its end. Source: xnu tools/lldbmacros/kcdata.py KCCompressedBufferObject.
Expected<Inflated> unpack_compressed_kcdata(std::string_view bytes, const Limits& limits) {
  std::size_t at = kHeader;
  std::uint64_t packed_size = bytes.size(), whole_size = 0;
  while (bytes.size() - at > kHeader && !kcdata_class(bytes.substr(at))) {
    const std::uint64_t type = number_at(bytes, at, 4), size = number_at(bytes, at + 4, 4);
    at += kHeader;
    if (type != kNumberDescribed || size > bytes.size() - at) break;
    const std::string_view data = bytes.substr(at, static_cast<std::size_t>(size));
    const std::string name = kcdata_text(kNumberDescribed, data, "desc");
    const auto value = kcdata_number(kNumberDescribed, data, "data").value_or(0);
    if (name == "kcd_c_totalout") packed_size = value;
    if (name == "kcd_c_totalin") whole_size = value;
    at += static_cast<std::size_t>(size);
  }
  if (bytes.size() - at <= kHeader || !kcdata_class(bytes.substr(at)))
    return Error{ErrorCode::malformed, "compressed kcdata does not say what it holds", {}};
  auto inflated =
      inflate_bytes(bytes.substr(at + kHeader, static_cast<std::size_t>(packed_size)), limits);
  if (!inflated) return inflated;
  if (inflated->bytes.size() != whole_size && inflated->cut.empty())
    inflated->cut = "compressed kcdata unpacks to " + std::to_string(inflated->bytes.size()) +
                    " bytes, not to the " + std::to_string(whole_size) + " that it claims";
  std::string whole(bytes.substr(at, kHeader));
  whole += inflated->bytes;
  if (inflated->cut.empty()) {
    whole.append((kHeader - whole.size() % kHeader) % kHeader, '\0');
    whole += std::string_view("\xed\x58\x91\xf1\0\0\0\0\0\0\0\0\0\0\0\0", kHeader);
  }
  inflated->bytes = std::move(whole);
  return inflated;
}

/// One packing undone; nothing when there is none.
Expected<std::optional<Inflated>> undo_one(std::string_view bytes, const Limits& limits,
                                           std::string& what) {
  const auto wrap = [](Expected<Inflated> done) -> Expected<std::optional<Inflated>> {
    if (!done) return std::move(done).error();
    return std::optional(*std::move(done));
  };
  if (is_gzip(bytes)) {
    what = "unpacked from gzip";
    return wrap(inflate_bytes(bytes, limits));
  }
  if (const auto at = find_kcdata(bytes)) {
    if (kcdata_class(bytes.substr(*at)) != KcdataClass::compressed)
      return std::optional<Inflated>();
    what = "unpacked from compressed kcdata";
    return wrap(unpack_compressed_kcdata(bytes.substr(*at), limits));
  }
  if (is_binary_plist(bytes)) {
    what = "written as XML from a binary property list";
    return wrap(binary_plist_as_xml(bytes, limits));
  }
  const auto unpacked_limit = static_cast<std::size_t>(limits.unpacked);
  if (is_xml_plist(bytes)) {
    std::string data = find_packed_data(bytes, unpacked_limit);
    what = "taken out of a property list";
    return data.empty() ? std::optional<Inflated>() : Inflated{std::move(data), {}};
  }
  constexpr std::size_t kEnough = 64;
  const std::string head = decode_base64(bytes.substr(0, 4 * kEnough), kEnough);
  if (!is_gzip(head) && !find_kcdata(head)) return std::optional<Inflated>();
  what = "decoded from base64";
  return std::optional(Inflated{decode_base64(bytes, unpacked_limit), {}});
}

}  // namespace

Expected<std::optional<Unpacked>> unpack(std::string_view bytes, const Limits& limits) {
  Unpacked result;
  for (std::uint64_t depth = 0;; ++depth) {
    std::string what;
    auto undone = undo_one(depth == 0 ? bytes : std::string_view(result.bytes), limits, what);
    if (!undone) return with_context(std::move(undone).error(), what);
    if (!undone->has_value())
      return depth == 0 ? std::optional<Unpacked>() : std::optional(std::move(result));
    if (depth >= limits.unpack_depth)
      return Error{ErrorCode::limit,
                   "packed inside one another " + beyond_limit(limits, &Limits::unpack_depth),
                   {}};
    result.remarks.push_back(what + "; positions are those in the bytes that this gave");
    if (!(*undone)->cut.empty()) result.cuts.push_back(std::move((*undone)->cut));
    result.bytes = std::move((*undone)->bytes);
  }
}

}  // namespace panicscan::parsers
