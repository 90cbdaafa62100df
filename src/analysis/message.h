#pragma once

#include <string>
#include <string_view>

#include "model/fact.h"
#include "model/report.h"

namespace panicscan::analysis {

/// The clean message of the panic, with the way from any part of it back to its bytes.
class Message {
 public:
  /// The message of the report's (first) panic; empty when there is none.
  explicit Message(const Report& report);

  std::string_view text() const { return text_; }
  std::string_view first_line() const;
  /// Where a part of text() stands in the report; nowhere when the parser did not say.
  SourceRef at(std::string_view part) const;
  /// A sentence that rests on a part of text().
  Evidence says(std::string sentence, std::string_view part) const;
  /// The same, for everything from the start of one part to the end of another.
  Evidence says(std::string sentence, std::string_view first, std::string_view last) const;

 private:
  std::string_view text_;
  SourceRef where_;
};

/// Removes everything up to and including `stop`; false (and no change) when it is not there.
bool skip_past(std::string_view& text, std::string_view stop);

/// The part of `text` that was consumed when only `rest`, its tail, is left.
std::string_view consumed(std::string_view text, std::string_view rest);

/// Reads characters as long as `belongs(c)`; possibly none.
template <typename Belongs>
std::string_view consume_while(std::string_view& text, Belongs belongs) {
  std::size_t length = 0;
  while (length < text.size() && belongs(text[length])) ++length;
  const std::string_view read = text.substr(0, length);
  text.remove_prefix(length);
  return read;
}

/// Letters, digits and the characters given: names of ports, zones, services.
inline bool is_name_character(char c, std::string_view also) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         also.find(c) != std::string_view::npos;
}

/// "1 entry", "2 entries": a count with its noun.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

}  // namespace panicscan::analysis
