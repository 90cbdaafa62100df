#include "rules/bindings.h"

#include <algorithm>

namespace panicscan::rules {
namespace {

/// Numbers are equal when their values are ("0x10", "0x0010"); anything else when its text is.
bool same(const Binding& a, const Binding& b) {
  const auto x = a.value.as_number();
  const auto y = b.value.as_number();
  return x && y ? *x == *y : a.raw == b.raw;
}

}  // namespace

const Binding* Bindings::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Binding::name);
  return found == all_.end() ? nullptr : &*found;
}

bool Bindings::agree(const std::vector<Binding>& more) const {
  return std::ranges::all_of(more, [&](const Binding& b) {
    const Binding* bound = find(b.name);
    return bound == nullptr || same(*bound, b);
  });
}

void Bindings::add(const std::vector<Binding>& more) {
  for (const Binding& b : more)
    if (find(b.name) == nullptr) all_.push_back(b);
}

}  // namespace panicscan::rules
