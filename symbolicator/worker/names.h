#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "symbolicator/worker/symbol_table.h"

namespace panicscan::symbolizer {

/// A linkage name for people: "_ZN4Ring4slotEj" as "Ring::slot(unsigned int)". What is not mangled,
/// or too long to be demangled safely, stays as it is.
std::string demangled(std::string_view linkage);

/// The classes of an image that DriverKit's interface generator (iig) wrote code for.
///
/// A method that a dext's author writes as IMPL(Foo, Start) is compiled as Foo::Start_Impl, and the
/// generator adds Foo::Start_Invoke, which unpacks the message, and Foo::_Dispatch, which chooses.
/// The last is the evidence: without it, a name that ends in _Impl may be anybody's own.
class IigClasses {
 public:
  IigClasses() = default;
  explicit IigClasses(std::span<const FunctionSymbol> functions);

  /// The name as the author wrote it, "Foo::Start"; nothing when iig did not make this one.
  std::optional<std::string> as_written(std::string_view linkage) const;

 private:
  std::set<std::string, std::less<>> scopes_;  ///< as mangled: "3Foo", "2ns3Foo"
};

/// Whether a linkage name looks as if iig had made it, so that IigClasses is worth building.
bool may_be_iig(std::string_view linkage);

}  // namespace panicscan::symbolizer
