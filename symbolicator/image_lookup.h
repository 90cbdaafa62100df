#pragma once

#include <map>
#include <string>
#include <vector>

#include "symbolicator/symbolicate.h"
#include "symbolicator/wanted.h"

namespace panicscan::symbols {

/// What a file says about the addresses of one image.
struct ImageNames {
  enum class Outcome {
    answered,       ///< the file was read; see `status`
    failed,         ///< it could not be; see `problem`
    not_installed,  ///< there is no symbolizer to ask
  };
  Outcome outcome = Outcome::answered;
  std::string problem;
  /// One for each address of the image, in its order: named, no_name or outside_image.
  std::vector<SymbolStatus> status;
  std::vector<std::uint32_t> chain;  ///< for each address: position in `chains`, when named
  std::vector<std::vector<Symbol>> chains;
  std::size_t with_lines = 0;     ///< addresses whose names are from debug information
  std::size_t outside = 0;        ///< addresses that lie outside of the file's code
  bool is_base_plausible = true;  ///< false: the base of the kernel fits no page of the file
  std::vector<std::string> notes;
};

/// Looks up all addresses of an image in one of its files, each distinct one once.
class ImageLookup {
 public:
  explicit ImageLookup(const SymbolSources& sources) : sources_(sources) {}

  /// `base` is that of the kernel's code, when the image is the kernel and the report prints it.
  ImageNames look_up(const WantedImage& image, const SymbolFile& file, std::optional<Address> base);

 private:
  const SymbolSources& sources_;
  std::map<std::string, Answer<IdentifyReply>> identified_;
};

}  // namespace panicscan::symbols
