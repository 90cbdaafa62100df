#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/address.h"

namespace panicscan::app {

/// The lines that `symbols lookup` is given, each an address in hex or something else. A stackshot
/// has 100,000, of which most stand there often.
struct Questions {
  static constexpr std::uint32_t kNoAddress = ~std::uint32_t{0};

  std::vector<Address> addresses;        ///< in the order of the lines; most of them once
  std::vector<std::uint32_t> lines;      ///< for each line, where its address is among them
  std::vector<std::string_view> others;  ///< the lines that are kNoAddress, in order
};

/// Reads the lines of the input, which is viewed and must be shorter than 4 GiB.
Questions read_questions(std::string_view input);

/// The addresses as the linker wrote them, `slide` being what was added since: ascending, each
/// once. The lines say where theirs are among these from now on.
std::vector<FileAddress> linked_addresses(Questions& questions, Slide slide);

}  // namespace panicscan::app
