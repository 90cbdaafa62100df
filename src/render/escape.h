#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace panicscan::render {

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

/// What say() makes of an argument: texts are escaped, TerminalText goes as it is, numbers too.
template <typename T>
using Sayable = std::conditional_t<std::is_arithmetic_v<T>, T, std::string>;

template <typename T>
Sayable<T> sayable(const T& argument) {
  if constexpr (std::is_arithmetic_v<T>) {
    return argument;
  } else if constexpr (std::is_same_v<T, TerminalText>) {
    return std::string(argument.view());
  } else {
    return std::string(escape(argument).view());
  }
}

/// Our own words with values of the report in them: say("{} (pid {})", name, pid). The words are
/// checked at compile time and so cannot come from a report; every text argument is escaped.
template <typename... Args>
TerminalText say(fmt::format_string<Sayable<std::decay_t<const Args&>>...> words,
                 const Args&... arguments) {
  return internal::as_safe(fmt::format(words, sayable<std::decay_t<const Args&>>(arguments)...));
}

}  // namespace panicscan::render
