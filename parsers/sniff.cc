#include "parsers/sniff.h"

#include <algorithm>
#include <array>

#include "base/inflate.h"
#include "base/text.h"
#include "base/utf8.h"
#include "parsers/binary_plist.h"
#include "parsers/ioreg.h"
#include "parsers/kcdata_report.h"
#include "parsers/log_text.h"
#include "parsers/panic_text.h"
#include "parsers/plist.h"
#include "parsers/sampled_text.h"
#include "parsers/stackshot_data.h"
#include "parsers/text_report.h"

namespace panicscan::parsers {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kGzip = "\x1f\x8b";

/// Keys of which a report in JSON has one near its start.
constexpr std::array kKeys{"\"bug_type\""sv,
                           "\"panicString\""sv,
                           "\"macOSPanicString\""sv,
                           "\"processByPid\""sv,
                           "\"usedImages\""sv,
                           "\"eventMessage\""sv,
                           "\"macOSProcessedStackshotData\""sv};

struct Magic {
  std::size_t offset;
  std::string_view bytes;
};
constexpr std::array kArchives{Magic{0, "PK\x03\x04"sv}, Magic{257, "ustar"sv},
                               Magic{0, "\xfd\x37zXZ\0"sv}, Magic{0, "\x28\xb5\x2f\xfd"sv},
                               Magic{0, "BZh"sv}};

bool has_archive_magic(std::string_view bytes) {
  return std::ranges::any_of(kArchives, [&](const Magic& magic) {
    return bytes.size() > magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes);
  });
}

/// The start of what is packed.
std::string start_of_gzip(std::string_view head) {
  Limits limits;
  limits.unpacked = kSniffed;
  limits.unpack_ratio = 1'000'000;
  auto start = inflate_bytes(head, limits);
  return start ? std::move(start->bytes) : std::string();
}

/// Whether a report's binary data may stand in the middle of the bytes.
bool holds_packed_data(std::string_view bytes) {
  constexpr std::array kStarts{"\x1f\x8b\x08"sv, "\x07\x58\xa2\x59"sv, "PMOC"sv};
  return std::ranges::any_of(
      kStarts, [&](std::string_view start) { return bytes.find(start) != std::string_view::npos; });
}

bool may_be_text_report(std::string_view text) {
  constexpr int kCrashSections = 50;
  if (text.starts_with('{') || text.starts_with('['))
    return std::ranges::any_of(
        kKeys, [&](std::string_view key) { return text.find(key) != std::string_view::npos; });
  if (is_xml_plist(text))
    return text.find("<key>IOObjectClass</key>") != std::string_view::npos ||
           !find_packed_data(text, 1).empty();
  // Asked for many files, of which few are reports: the cheap questions come first.
  constexpr std::array kPanicWords{"panic"sv, "Panic"sv, "PANIC"sv};
  const bool may_be_panic = std::ranges::any_of(kPanicWords, [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
  return (may_be_panic && score_panic_text(text) >= kLooksLikePanic) || looks_like_ioreg(text) ||
         looks_like_log(text) || looks_like_sampling(text) ||
         score_crash_text(text) >= kCrashSections;
}

}  // namespace

bool is_binary(std::string_view bytes, std::size_t sample) {
  constexpr std::size_t kOneIn = 10;
  bytes = bytes.substr(0, sample);
  std::size_t odd = 0, at = 0;
  while (at < bytes.size()) {
    const std::size_t length = utf8_length(bytes.substr(at, 4));
    const auto c = static_cast<unsigned char>(bytes[at]);
    const bool is_control = c < 0x20 && !is_space(bytes[at]) && c != 0x1b && c != 0x0c;
    if (length == 0 || is_control) ++odd;
    at += length == 0 ? 1 : length;
  }
  return odd * kOneIn > bytes.size();
}

bool may_be_report(std::string_view head) {
  if (head.starts_with(kGzip)) {
    const std::string inside = start_of_gzip(head);
    return !inside.starts_with(kGzip) && !inside.empty() && may_be_report(inside);
  }
  if (find_kcdata(head)) return true;
  if (is_binary_plist(head))
    return head.find("IOObjectClass") != std::string_view::npos || holds_packed_data(head);
  constexpr std::size_t kEnough = 64;
  const std::string decoded = decode_base64(head.substr(0, 4 * kEnough), kEnough);
  if (decoded.starts_with(kGzip) || find_kcdata(decoded)) return true;
  constexpr std::size_t kBinarySample = 2048;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  consume(head, kByteOrderMark);
  const bool is_utf16 = head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
  return is_utf16 || (!is_binary(head, kBinarySample) && may_be_text_report(trim(head)));
}

bool is_archive(std::string_view head) {
  if (!head.starts_with(kGzip)) return has_archive_magic(head);
  return has_archive_magic(start_of_gzip(head));
}

}  // namespace panicscan::parsers
