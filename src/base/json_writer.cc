#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cstring>
#include <ostream>

#include "base/utf8.h"

namespace panicscan {
namespace {

/// The bytes that stand for themselves in a JSON string.
constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

/// Whether one of eight bytes does not stand for itself, all eight at once: in each byte, what
/// would set its highest bit is looked for, and a borrow only ever comes from a byte that is found.
constexpr bool has_special(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t control = eight - 0x20 * kOnes;
  const std::uint64_t quote = (eight ^ ('"' * kOnes)) - kOnes;
  const std::uint64_t backslash = (eight ^ ('\\' * kOnes)) - kOnes;
  const std::uint64_t deletion = (eight ^ (0x7f * kOnes)) - kOnes;
  return ((eight | control | quote | backslash | deletion) & 0x80 * kOnes) != 0;
}
static_assert(!has_special(0x7e7d5d5b23212020) && has_special(0x202020201f202020));
static_assert(has_special(0x2020202020202022) && has_special(0x5c20202020202020));
static_assert(has_special(0x20207f2020202020) && has_special(0x2020202020c32020));

/// Where the next byte that does not stand for itself is, from `at` on.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  std::uint64_t eight = 0;
  if (text.size() - at >= 4 && text.size() - at < sizeof eight) {
    // Two halves that may overlap: most keys are as short as this.
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, text.data() + at, sizeof first);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    if (!has_special(std::uint64_t{first} << 32 | last)) return text.size();
  }
  while (at + sizeof eight <= text.size()) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (has_special(eight)) break;
    at += sizeof eight;
  }
  const std::size_t left = text.size() - at;
  if (left > 0 && left < sizeof eight && text.size() >= sizeof eight) {
    std::memcpy(&eight, text.data() + text.size() - sizeof eight, sizeof eight);
    if (!has_special(eight)) return text.size();
  }
  while (at < text.size() && kIsPlain[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

}  // namespace

JsonWriter& JsonWriter::begin_object() { return open('{'), *this; }
JsonWriter& JsonWriter::end_object() { return close('}'), *this; }
JsonWriter& JsonWriter::begin_array() { return open('['), *this; }
JsonWriter& JsonWriter::end_array() { return close(']'), *this; }

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  write_string(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  write_string(text);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  before_value();
  char digits[20];
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  before_value();
  char digits[21];
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  before_value();
  out_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::written(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::hex(std::uint64_t number) {
  before_value();
  char digits[16];
  out_ += "\"0x";
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr);
  out_ += '"';
  return *this;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  Level& level = levels_.back();
  if (level.has_elements) out_ += level.is_inline ? ", " : ",";
  if (!level.is_inline) new_line();
  level.has_elements = true;
}

void JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  levels_.push_back({inline_depth_ > 0, false});
}

void JsonWriter::close(char bracket) {
  const Level level = levels_.back();
  levels_.pop_back();
  if (level.has_elements && !level.is_inline) new_line();
  out_ += bracket;
  constexpr std::size_t kPiece = 65536;
  if (sink_ != nullptr && out_.size() >= kPiece) finish();
}

void JsonWriter::finish() {
  sink_->write(out_.data(), static_cast<std::streamsize>(out_.size()));
  out_.clear();
}

void JsonWriter::new_line() {
  out_ += '\n';
  out_.append(2 * levels_.size(), ' ');
}

void JsonWriter::write_string(std::string_view text) {
  out_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t special = end_of_plain(text, at);
    out_.append(text.substr(at, special - at));
    at = special;
    if (at == text.size()) break;
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0x80 ? 1 : utf8_length(text.substr(at));
    if (c == '"' || c == '\\') {
      (out_ += '\\') += text[at];
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (c == '\t') {
      out_ += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      ((out_ += "\\u00") += kDigits[c >> 4]) += kDigits[c & 0xf];
    } else if (length == 0) {
      out_ += kUtf8Replacement;
    } else {
      out_.append(text.substr(at, length));
    }
    at += length == 0 ? 1 : length;
  }
  out_ += '"';
}

}  // namespace panicscan
