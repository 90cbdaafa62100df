#include "symbolicator/worker/names.h"

#include <llvm/Demangle/Demangle.h>

#include <array>
#include <vector>

#include "base/text.h"

namespace panicscan::symbolizer {
namespace {

/// Units: bytes. LLVM's demangler recurses with the nesting of a name and can be made to print
/// very much from little; names of real kernels and drivers end well below.
constexpr std::size_t kLongestMangled = 8 << 10;

constexpr std::array<std::string_view, 2> kGenerated{"_Impl", "_Invoke"};

/// "_ZN2ns3Foo10Start_ImplEP3Bar" taken apart. Names with templates, operators, or without a
/// scope are not: iig makes none.
struct NestedName {
  std::vector<std::string_view> parts;  ///< "ns", "Foo", "Start_Impl"
  std::string_view scope;               ///< "2ns3Foo"
  std::string_view parameters;          ///< "P3Bar"
};

std::optional<NestedName> take_apart(std::string_view linkage) {
  if (!consume(linkage, "_ZN")) return std::nullopt;
  consume(linkage, "K");
  NestedName name;
  const std::string_view all = linkage;
  while (!linkage.empty() && is_digit(linkage.front())) {
    name.scope = all.substr(0, all.size() - linkage.size());
    const auto length = consume_decimal(linkage);
    if (!length || *length == 0 || *length > linkage.size()) return std::nullopt;
    name.parts.push_back(linkage.substr(0, *length));
    linkage.remove_prefix(*length);
  }
  if (name.parts.size() < 2 || !consume(linkage, "E")) return std::nullopt;
  name.parameters = linkage;
  return name;
}

/// The method's name without iig's suffix; nothing when it has none.
std::optional<std::string_view> without_suffix(std::string_view method) {
  for (const std::string_view suffix : kGenerated)
    if (method.size() > suffix.size() && method.ends_with(suffix))
      return method.substr(0, method.size() - suffix.size());
  return std::nullopt;
}

}  // namespace

std::string demangled(std::string_view linkage) {
  if (linkage.size() > kLongestMangled) return std::string(linkage);
  std::string result;
  if (llvm::nonMicrosoftDemangle(linkage, result)) return result;
  return std::string(linkage);
}

IigClasses::IigClasses(std::span<const FunctionSymbol> functions) {
  for (const FunctionSymbol& function : functions) {
    const auto name = take_apart(function.name);
    // static kern_return_t Foo::_Dispatch(Foo* self, IORPC rpc)
    if (name && name->parts.back() == "_Dispatch" && name->parameters.starts_with("PS") &&
        name->parameters.ends_with("_5IORPC"))
      scopes_.emplace(name->scope);
  }
}

std::optional<std::string> IigClasses::as_written(std::string_view linkage) const {
  const auto name = take_apart(linkage);
  if (!name || !scopes_.contains(name->scope)) return std::nullopt;
  const auto method = without_suffix(name->parts.back());
  if (!method) return std::nullopt;
  std::string written;
  for (std::size_t i = 0; i + 1 < name->parts.size(); ++i)
    written.append(name->parts[i]).append("::");
  return written.append(*method);
}

bool may_be_iig(std::string_view linkage) {
  const auto name = take_apart(linkage);
  return name && without_suffix(name->parts.back());
}

}  // namespace panicscan::symbolizer
