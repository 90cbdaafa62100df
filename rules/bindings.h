#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/value.h"

namespace panicscan::rules {

/// A name and what it stands for in this report: a capture, or a part of what `as` named.
struct Binding {
  std::string name;  ///< "waited", "dext.bundle"
  Value value;
  std::string raw;  ///< the text as the report prints it
};

/// All names bound so far, in the order in which they were bound.
class Bindings {
 public:
  /// Null when the name is not bound.
  const Binding* find(std::string_view name) const;
  /// Whether all of `more` could be added: no name is bound to something else already.
  bool agree(const std::vector<Binding>& more) const;
  /// Adds those that are not bound yet.
  void add(const std::vector<Binding>& more);
  const std::vector<Binding>& all() const { return all_; }

 private:
  std::vector<Binding> all_;
};

}  // namespace panicscan::rules
