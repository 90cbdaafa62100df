#pragma once

#include <llvm/Support/Error.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace panicscan::symbolizer {

/// What LLVM says went wrong, as an Error of ours; LLVM's is used up.
inline Error from_llvm(llvm::Error error, std::string_view doing) {
  return {ErrorCode::malformed, std::string(doing) + ": " + llvm::toString(std::move(error)), {}};
}

}  // namespace panicscan::symbolizer
