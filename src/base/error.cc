#include "base/error.h"

#include <utility>

namespace panicscan {

Error with_context(Error error, std::string_view doing) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

}  // namespace panicscan
