#pragma once

// Private to json_tree.cc: the bytes of a JSON text as the grammar should see them.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_tree.h"

namespace panicscan {

/// Walks a JSON text for a parser that knows nothing of positions and forgives nothing.
///
/// It hands out one character at a time and remembers where the tokens begin and end:
/// - a string is handed out as two quotes; what stands between them is looked at here. So raw
///   control characters, broken escapes and bytes that are no UTF-8, all seen in real reports,
///   never reach the parser;
/// - of a whole number that surely fits 64 bits, the first digit is enough for the parser;
/// - blanks, and comments where those are allowed, are left out;
/// - a comma with nothing but blanks before the closing bracket is a blank.
/// Cost: every byte is looked at twice at most.
class JsonCursor {
 public:
  JsonCursor(std::string_view text, std::size_t start, bool allow_comments,
             std::vector<JsonDamage>& damage)
      : begin_(text.data()),
        at_(text.data() + start),
        end_(text.data() + text.size()),
        allow_comments_(allow_comments),
        damage_(&damage) {
    load();
  }

  char current() const { return current_; }
  bool at_end() const { return at_ == end_; }
  /// Whether the parser asked for more when there was nothing left.
  bool was_exhausted() const { return was_exhausted_; }
  /// Moves past the current character.
  void advance();

  /// Where the latest string, bracket or other punctuation began.
  std::uint32_t token_begin() const { return offset(token_); }
  /// Behind the latest string or bracket.
  std::uint32_t token_end() const { return offset(token_end_); }
  /// The latest number, true, false or null. The parser reads one character past a number.
  std::uint32_t scalar_begin() const { return offset(scalar_); }
  std::uint32_t scalar_end() const { return offset(scalar_end_); }
  /// Whether the latest string holds a backslash.
  bool has_escapes() const { return has_escapes_; }
  /// Whether the text ended inside a string.
  bool in_open_string() const { return in_string_ && at_ == end_; }

  void report(const char* where, std::string what);

 private:
  friend class JsonCursorIterator;
  std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
  void load();
  void skip_string();
  const char* skip_integer(const char* p) const;
  const char* skip_blanks(const char* p) const;
  const char* skip_comment(const char* p) const;

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* token_ = begin_;
  const char* token_end_ = begin_;
  const char* scalar_ = begin_;
  const char* scalar_end_ = begin_;
  char current_ = 0;
  bool was_exhausted_ = false;
  bool in_scalar_ = false;
  bool in_string_ = false;
  bool has_escapes_ = false;
  bool allow_comments_;
  std::vector<JsonDamage>* damage_;
};

/// The cursor as an iterator; all copies walk the one cursor. A default one is the end.
class JsonCursorIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  JsonCursorIterator() = default;
  explicit JsonCursorIterator(JsonCursor& cursor) : cursor_(&cursor) {}

  char operator*() const { return cursor_->current(); }
  JsonCursorIterator& operator++() {
    cursor_->advance();
    return *this;
  }
  friend bool operator==(JsonCursorIterator a, JsonCursorIterator b) {
    return a.at_end() && b.at_end();
  }

 private:
  bool at_end() const {
    if (cursor_ == nullptr) return true;
    return cursor_->at_end() && (cursor_->was_exhausted_ = true);
  }

  JsonCursor* cursor_ = nullptr;
};

namespace json_bytes {
constexpr bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
/// A character of a number, true, false or null (or of what stands where one should).
constexpr bool is_scalar(char c) {
  return !is_blank(c) && c != ',' && c != ':' && c != '"' && c != '[' && c != ']' && c != '{' &&
         c != '}';
}
}  // namespace json_bytes

inline void JsonCursor::advance() {
  if (json_bytes::is_scalar(current_)) {
    if (in_scalar_) {
      ++at_;
    } else {
      scalar_ = at_;
      in_scalar_ = true;
      at_ = skip_integer(at_);
    }
    scalar_end_ = at_;
    if (at_ != end_) load();
    return;
  }
  in_scalar_ = false;
  if (current_ == '"' && !in_string_) {
    token_ = at_;
    skip_string();
    return;
  }
  if (!in_string_ && !json_bytes::is_blank(current_)) token_ = at_;
  in_string_ = false;
  token_end_ = ++at_;
  load();
}

inline void JsonCursor::load() {
  if (at_ == end_) return;
  current_ = *at_;
  if (json_bytes::is_blank(current_) || (current_ == '/' && allow_comments_)) {
    const char* next = skip_blanks(at_);
    if (next == at_) return;
    // "1 2" must not become 12, all other blanks are of no use to the parser.
    if (next == end_ || (in_scalar_ && json_bytes::is_scalar(*next))) {
      at_ = next - 1;
      current_ = ' ';
      return;
    }
    at_ = next;
    current_ = *next;
  }
  if (current_ == ',') {
    const char* next = skip_blanks(at_ + 1);
    if (next != end_ && (*next == ']' || *next == '}')) {
      report(at_, "a comma before a closing bracket was ignored");
      current_ = ' ';
    }
  }
}

inline const char* JsonCursor::skip_blanks(const char* p) const {
  for (;;) {
    while (p != end_ && json_bytes::is_blank(*p)) ++p;
    if (!allow_comments_ || p == end_ || *p != '/') return p;
    const char* behind = skip_comment(p);
    if (behind == p) return p;
    p = behind;
  }
}

inline const char* JsonCursor::skip_comment(const char* p) const {
  const std::string_view rest(p, static_cast<std::size_t>(end_ - p));
  if (rest.starts_with("//")) {
    const auto line_end = rest.find('\n');
    return line_end == std::string_view::npos ? end_ : p + line_end + 1;
  }
  if (rest.starts_with("/*")) {
    const auto close = rest.find("*/", 2);
    return close == std::string_view::npos ? p : p + close + 2;
  }
  return p;
}

/// Behind the digits at `p` when they are all there is to a number of up to 19 digits, else behind
/// the first character.
inline const char* JsonCursor::skip_integer(const char* p) const {
  constexpr std::ptrdiff_t kDigitsThatFit = 19;
  const char* digit = p;
  if (*p != '0')
    while (digit != end_ && *digit >= '0' && *digit <= '9') ++digit;
  const bool is_all = digit == end_ || !json_bytes::is_scalar(*digit);
  return is_all && digit != p && digit - p <= kDigitsThatFit ? digit : p + 1;
}

/// From an opening quote to the closing one (or to the end of the text).
inline void JsonCursor::skip_string() {
  has_escapes_ = false;
  in_string_ = true;
  const char* raw_control = nullptr;
  const char* p = at_ + 1;
  for (; p != end_ && *p != '"'; ++p) {
    if (*p == '\\') {
      has_escapes_ = true;
      if (++p == end_) break;
    } else if (static_cast<unsigned char>(*p) < 0x20 && raw_control == nullptr) {
      raw_control = p;
    }
  }
  if (raw_control != nullptr) report(raw_control, "a string holds raw control characters");
  at_ = p;
  current_ = '"';
}

inline void JsonCursor::report(const char* where, std::string what) {
  // Hostile text can be odd at every byte; past this many the picture does not get clearer.
  constexpr std::size_t kMaxDamage = 100;
  if (damage_->size() < kMaxDamage) damage_->push_back({offset(where), std::move(what)});
}

}  // namespace panicscan
