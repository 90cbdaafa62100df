#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/source_ref.h"
#include "model/address.h"
#include "model/ids.h"
#include "model/image.h"

namespace panicscan {

/// Whether an address is where the processor was, or where it will return to.
enum class AddressKind {
  pc,              ///< exact: look it up as it is
  return_address,  ///< behind a call: look up one byte earlier, show as it is
};

/// What a crash report says of a frame beyond its address and its function.
struct ReportedPlace {
  std::string image;       ///< the name in the frame's row, when the report lists no such image
  std::string file;        ///< as printed, mostly a base name
  std::uint32_t line = 0;  ///< 0 when the report does not say
};

/// One entry of a stack, innermost first; the number is the report's own.
struct Frame {
  Address address;
  AddressKind kind = AddressKind::return_address;
  std::optional<Index<Image>> image;  ///< only when the report itself names the image
  std::string reported_symbol;        ///< "name + 0x12" as the report gives it, or empty
  SourceRef where;
  bool is_inline = false;  ///< was inlined into the next frame, whose address it has
  std::optional<Index<ReportedPlace>> reported_place = std::nullopt;  ///< in Report::places
};

}  // namespace panicscan
