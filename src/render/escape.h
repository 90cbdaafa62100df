#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace panicscan::render {

/// Whether all of a text is printable ASCII, which escape() leaves as it is.
bool is_plain(std::string_view text);

class TerminalText;
namespace internal {
/// Takes a text at its word; for say() and wrap.cc, which know that it is safe.
TerminalText as_safe(std::string text);
}  // namespace internal

/// Text that may be sent to a terminal: whatever a report contained, nothing in it moves the
/// cursor, changes the window title or turns the reading direction around.
///
/// Only the functions of this file and paint.h make one; a plain string does not convert to it.
/// An ESC in it is therefore always one of our own colour codes.
class TerminalText {
 public:
  TerminalText() = default;
  std::string_view view() const { return text_; }
  bool empty() const { return text_.empty(); }
  TerminalText& operator+=(const TerminalText& more) { return text_ += more.text_, *this; }
  friend TerminalText operator+(TerminalText a, const TerminalText& b) { return a += b; }

 private:
  explicit TerminalText(std::string safe) : text_(std::move(safe)) {}
  friend TerminalText escape(std::string_view untrusted);
  friend TerminalText wrap_code(std::string_view code, const TerminalText& text);
  friend TerminalText internal::as_safe(std::string text);
  std::string text_;
};

/// A one-line value of a report, made safe. Well-formed UTF-8 stays as it is, except: control
/// characters become \n, \t, \r or \x1b (C1 controls \u009b, bidirectional controls and line
/// separators \u202e); bytes that are no UTF-8 become \xff. A backslash stays a backslash.
TerminalText escape(std::string_view untrusted);

/// `text` between an SGR colour code and its reset; paint.h decides when.
TerminalText wrap_code(std::string_view code, const TerminalText& text);

/// An argument of say(), made safe: texts are escaped, TerminalText goes as it is.
class Sayable {
 public:
  explicit Sayable(const TerminalText& safe) : text_(safe) {}
  explicit Sayable(std::string_view untrusted) : text_(escape(untrusted)) {}
  explicit Sayable(std::unsigned_integral auto number)
      : text_(internal::as_safe(std::to_string(std::uint64_t{number}))) {}
  explicit Sayable(std::signed_integral auto number)
      : text_(internal::as_safe(std::to_string(std::int64_t{number}))) {}
  std::string_view view() const { return text_.view(); }

 private:
  TerminalText text_;
};

/// Our own words, with a "{}" for each argument. Only a literal becomes one, and the number of
/// holes is checked at compile time; so they cannot come from a report.
template <typename... Args>
class Words {
 public:
  template <std::size_t size>
  consteval Words(const char (&literal)[size]) : text_(literal, size - 1) {
    std::size_t holes = 0;
    for (std::size_t i = 0; i + 2 < size; ++i)
      if (literal[i] == '{' && literal[i + 1] == '}') ++holes;
    if (holes != sizeof...(Args)) throw "as many {} as arguments";
  }
  std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

namespace internal {
TerminalText fill_in(std::string_view words, std::span<const Sayable> arguments);
}  // namespace internal

/// Our own words with values of the report in them: say("{} (pid {})", name, pid).
template <typename... Args>
TerminalText say(std::type_identity_t<Words<Args...>> words, const Args&... arguments) {
  const std::array<Sayable, sizeof...(Args)> sayable{Sayable(arguments)...};
  return internal::fill_in(words.view(), sayable);
}

}  // namespace panicscan::render
