#include "parsers/stackshot_data.h"

#include <utility>

#include "base/text.h"
#include "parsers/json_fields.h"
#include "parsers/kcdata_report.h"
#include "parsers/unpack.h"

namespace panicscan::parsers {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Written in place of data; hand-typed variants of its end exist, so only the beginning counts.
constexpr std::string_view kNoStackshot = "no on disk or sleep/wake failure";

}  // namespace

std::string decode_base64(std::string_view text, std::size_t limit) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (bytes.size() >= limit) break;
    if (is_space(c)) continue;
    const auto digit = kBase64Digits.find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

void read_stackshot_data(std::string_view name, JsonValue value, std::uint32_t document,
                         bool has_threads, ReportBuilder& out) {
  constexpr std::size_t kLongestSentence = 256;
  constexpr std::size_t kDigitsOfGroup = 4, kBytesOfGroup = 3;
  const SourceRef where = where_of(value, document);
  const std::string encoded = scalar_text(value);
  const std::string begin = decode_base64(encoded, kLongestSentence);
  if (begin.starts_with(kNoStackshot)) {
    out.note(NoteKind::remark, std::string(name) + ": " + begin, where);
    out.add_field(std::string(name), begin, where);
    return;
  }
  if (encoded.starts_with(kNoStackshot) || trim(encoded).empty()) {
    out.add_field(std::string(name), encoded, where);
    return;
  }
  const std::size_t bytes = encoded.size() / kDigitsOfGroup * kBytesOfGroup;
  out.add_field(std::string(name),
                "a binary stackshot of about " + std::to_string(bytes) + " bytes", where);
  if (has_threads) return;
  auto unpacked = unpack(encoded, out.limits());
  if (!unpacked || !unpacked->has_value() || !find_kcdata((*unpacked)->bytes)) {
    out.note(NoteKind::damaged,
             std::string(name) + ": the binary stackshot cannot be read, so threads are missing" +
                 (unpacked ? "" : ": " + unpacked.error().message),
             where);
    return;
  }
  for (const std::string& cut : (*unpacked)->cuts)
    out.note(NoteKind::truncated, std::string(name) + ": " + cut, where);
  const std::uint32_t inner =
      out.add_document(Document(std::move((*unpacked)->bytes), document, where.offset));
  read_kcdata(inner, *find_kcdata(out.text(inner)), out);
}

}  // namespace panicscan::parsers
