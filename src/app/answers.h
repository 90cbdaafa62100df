#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "symbolicator/protocol.h"

namespace panicscan::app {

/// The answers to one request as text: "function\nfile:line:column\n" for each frame of an address,
/// innermost first, and an empty line. It is the text that llvm-symbolizer writes.
class Answers {
 public:
  Answers() = default;
  /// Writes on as many threads.
  Answers(const symbols::LookupReply& reply, unsigned threads);

  /// That of an address, counted from 0. Stays as long as all of them.
  std::string_view of(std::size_t address) const;

 private:
  /// The answers of some addresses, one after the other.
  struct Some {
    std::string text;
    std::vector<std::size_t> ends;  ///< where each ends in the text
  };

  std::vector<Some> all_;
};

}  // namespace panicscan::app
