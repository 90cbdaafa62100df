// "bplist00", objects, a table of where each of them begins, and a trailer of 32 bytes:
//   5 unused bytes, sort version, size of table entries, size of references,
//   u64 number of objects, u64 top object, u64 offset of the table; all big-endian.
// An object begins with a marker, whose upper half is its type and whose lower half its size; 15
// means that an integer object with the size follows. Containers refer to objects by number, so
// that one object may stand in many places, and a hostile list in itself.

#include "parsers/binary_plist.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/utf8.h"

namespace panicscan::parsers {
namespace {

constexpr std::string_view kMagic = "bplist00";
constexpr std::size_t kTrailer = 32;

/// A big-endian number of `size` bytes at `at`, of longer ones the lower 64 bits; nothing when it
/// lies outside.
std::optional<std::uint64_t> number_at(std::string_view bytes, std::uint64_t at,
                                       std::uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : bytes.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size)))
    value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_character(std::uint32_t c, std::string& xml) {
  const bool is_in_xml =
      c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xfffe) || c > 0xffff;
  if (c == '&' || c == '<')
    xml += c == '&' ? "&amp;" : "&lt;";
  else
    utf8_append(xml, is_in_xml ? c : 0xfffd);
}

void append_utf16(std::string_view bytes, std::string& xml) {
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    auto unit = static_cast<std::uint32_t>(*number_at(bytes, i, 2));
    const auto next = number_at(bytes, i + 2, 2).value_or(0);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + static_cast<std::uint32_t>(next - 0xdc00);
      i += 2;
    }
    append_character(unit, xml);
  }
}

void append_base64(std::string_view bytes, std::string& xml) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view part = bytes.substr(i, 3);
    const auto bits = *number_at(part, 0, part.size()) << 8 * (3 - part.size());
    for (std::size_t digit = 0; digit < 4; ++digit)
      xml += digit > part.size() ? '=' : kDigits[bits >> (18 - 6 * digit) & 63];
  }
}

class Writer {
 public:
  Writer(std::string_view bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {}

  Expected<Inflated> run() {
    const auto trailer = [&](std::size_t at, std::size_t size) {
      return number_at(bytes_, bytes_.size() - kTrailer + at, size).value_or(0);
    };
    if (bytes_.size() < kMagic.size() + kTrailer)
      return Error{ErrorCode::malformed, "a binary property list without its trailer", {}};
    entry_size_ = trailer(6, 1), reference_size_ = trailer(7, 1), objects_ = trailer(8, 8),
    table_ = trailer(24, 8);
    const std::uint64_t top = trailer(16, 8), room = bytes_.size() - kTrailer;
    const bool is_table = entry_size_ >= 1 && entry_size_ <= 8 && reference_size_ >= 1 &&
                          reference_size_ <= 8 && table_ <= room &&
                          objects_ <= (room - table_) / entry_size_ && top < objects_;
    if (!is_table)
      return Error{ErrorCode::malformed, "a binary property list whose trailer is damaged", {}};
    xml_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n";
    write(top);
    while (!open_.empty()) step();
    return Inflated{std::move(xml_) + "</plist>\n", std::move(cut_)};
  }

 private:
  /// A container that is being written.
  struct Open {
    std::uint64_t references, count;
    std::uint64_t next = 0;
    bool is_dict = false;
  };

  void stop(std::string why) {
    if (cut_.empty()) cut_ = "the binary property list " + why;
  }

  /// Writes the next member of the innermost container, or its end.
  void step() {
    Open& open = open_.back();
    if (open.next == open.count || !cut_.empty()) {
      xml_ += open.is_dict ? "</dict>\n" : "</array>\n";
      open_.pop_back();
      return;
    }
    const auto reference = [&](std::uint64_t n) {
      return number_at(bytes_, open.references + n * reference_size_, reference_size_).value_or(0);
    };
    const std::uint64_t value = reference(open.next + (open.is_dict ? open.count : 0));
    if (open.is_dict) {
      const std::uint64_t key = reference(open.next);
      if (!write_key(key)) return stop("has a key that is no text");
    }
    ++open.next;
    write(value);
  }

  struct Header {
    std::uint64_t data = 0, count = 0;
    unsigned type = 0, low = 0;
  };

  /// Where an object's data begin and how many elements it has; nothing when it lies outside.
  std::optional<Header> header_of(std::uint64_t object) const {
    if (object >= objects_) return std::nullopt;
    const auto at = number_at(bytes_, table_ + object * entry_size_, entry_size_);
    const auto marker = at && *at < table_ ? number_at(bytes_, *at, 1) : std::nullopt;
    if (!marker) return std::nullopt;
    Header header{*at + 1, *marker & 15, static_cast<unsigned>(*marker >> 4),
                  static_cast<unsigned>(*marker & 15)};
    if (header.type < 4 || header.type == 8 || header.low != 15) return header;
    const auto size = number_at(bytes_, header.data, 1);
    if (!size || *size >> 4 != 1 || (*size & 15) > 3) return std::nullopt;
    const std::uint64_t width = std::uint64_t{1} << (*size & 15);
    const auto count = number_at(bytes_, header.data + 1, width);
    if (!count) return std::nullopt;
    header.count = *count, header.data += 1 + width;
    return header;
  }

  /// `count` elements of `size` bytes; nothing when they reach into the table.
  std::optional<std::string_view> elements(const Header& header, std::uint64_t size) const {
    if (header.data > table_ || header.count > (table_ - header.data) / size) return std::nullopt;
    return bytes_.substr(static_cast<std::size_t>(header.data),
                         static_cast<std::size_t>(header.count * size));
  }

  bool write_key(std::uint64_t object) {
    const auto header = header_of(object);
    if (!header || (header->type != 5 && header->type != 6)) return false;
    return write_text(*header, "key");
  }

  bool write_text(const Header& header, std::string_view tag) {
    const auto data = elements(header, header.type == 6 ? 2 : 1);
    if (!data) return false;
    xml_.append("<").append(tag).append(">");
    if (header.type == 6)
      append_utf16(*data, xml_);
    else
      for (const char c : *data) append_character(static_cast<unsigned char>(c), xml_);
    xml_.append("</").append(tag).append(">");
    return true;
  }

  void write(std::uint64_t object) {
    if (!cut_.empty()) return;
    if (++written_ > limits_.json_nodes)
      return stop("has values " + beyond_limit(limits_, &Limits::json_nodes));
    if (xml_.size() > limits_.unpacked)
      return stop("grows " + beyond_limit(limits_, &Limits::unpacked));
    if (xml_.size() > std::max<std::uint64_t>(kRatioFrom, limits_.unpack_ratio * bytes_.size()))
      return stop("grows by " + beyond_limit(limits_, &Limits::unpack_ratio));
    const auto header = header_of(object);
    if (!header || !write_object(*header)) stop("refers to an object that is damaged");
  }

  bool write_object(const Header& header);
  bool open_container(const Header& header);

  std::string_view bytes_;
  const Limits& limits_;
  std::uint64_t entry_size_ = 0, reference_size_ = 0, objects_ = 0, table_ = 0, written_ = 0;
  std::vector<Open> open_;
  std::string xml_, cut_;
};

bool Writer::write_object(const Header& header) {
  const std::uint64_t width = std::uint64_t{1} << header.low;
  switch (header.type) {
    case 0:  // null, false, true, fill
      xml_ += header.low == 9   ? "<true/>\n"
              : header.low == 8 ? "<false/>\n"
                                : "<string></string>\n";
      return true;
    case 1: {
      const auto value = number_at(bytes_, header.data, width);
      if (!value || width > 16) return false;
      xml_ += "<integer>" +
              (width == 8 ? std::to_string(static_cast<std::int64_t>(*value))
                          : std::to_string(*value)) +
              "</integer>\n";
      return true;
    }
    case 2:
    case 3: {
      const auto bits = number_at(bytes_, header.data, width);
      if (!bits || (width != 4 && width != 8)) return false;
      const double value = width == 8 ? std::bit_cast<double>(*bits)
                                      : std::bit_cast<float>(static_cast<std::uint32_t>(*bits));
      std::array<char, 32> text{};
      const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
      xml_.append("<real>").append(text.data(), end).append("</real>\n");
      return true;
    }
    case 4: {
      const auto data = elements(header, 1);
      if (!data) return false;
      xml_ += "<data>";
      append_base64(*data, xml_);
      xml_ += "</data>\n";
      return true;
    }
    case 5:
    case 6:
      return write_text(header, "string");
    case 8: {
      const auto value = number_at(bytes_, header.data, header.low + 1);
      if (value) xml_ += "<integer>" + std::to_string(*value) + "</integer>\n";
      return value.has_value();
    }
    case 10:
    case 12:
    case 13:
      return open_container(header);
    default:
      return false;
  }
}

bool Writer::open_container(const Header& header) {
  const bool is_dict = header.type == 13;
  if (!elements(header, reference_size_ * (is_dict ? 2 : 1))) return false;
  if (open_.size() >= limits_.plist_depth) {
    stop("is nested " + beyond_limit(limits_, &Limits::plist_depth));
    return true;
  }
  xml_ += is_dict ? "<dict>\n" : "<array>\n";
  open_.push_back({header.data, header.count, 0, is_dict});
  return true;
}

}  // namespace

bool is_binary_plist(std::string_view bytes) { return bytes.starts_with(kMagic); }

Expected<Inflated> binary_plist_as_xml(std::string_view bytes, const Limits& limits) {
  return Writer(bytes, limits).run();
}

}  // namespace panicscan::parsers
