#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.h"

namespace panicscan::app {

/// The lines that `symbols lookup` is given, each an address in hex or something else. A stackshot
/// has 100,000, of which most stand there often.
struct Questions {
  static constexpr std::uint32_t kNoAddress = ~std::uint32_t{0};

  std::vector<Address> addresses;    ///< in the order of the lines; most of them once
  std::vector<std::uint32_t> lines;  ///< for each line, where its address is among them
  std::vector<std::string> others;   ///< the lines that are kNoAddress, in order
};

/// Reads questions from text that comes in pieces, cut anywhere.
class QuestionReader {
 public:
  QuestionReader();
  ~QuestionReader();

  void take(std::string_view piece);
  /// What was asked by all pieces together.
  Questions finish();

 private:
  class RecentLines;

  void take_line(std::string_view line);

  std::unique_ptr<RecentLines> recent_;
  std::string rest_;  ///< of a line that goes on in the next piece
  Questions questions_;
};

/// The addresses as the linker wrote them, `slide` being what was added since: ascending, each
/// once. The lines say where theirs are among these from now on.
std::vector<FileAddress> linked_addresses(Questions& questions, Slide slide);

}  // namespace panicscan::app
