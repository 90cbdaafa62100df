#include "model/fact.h"

#include <algorithm>
#include <cassert>

namespace panicscan {

const Value* Fact::find(std::string_view field) const {
  const auto found = std::ranges::find(schema->fields, field, &FactField::name);
  if (found == schema->fields.end()) return nullptr;
  const auto& value = values[static_cast<std::size_t>(found - schema->fields.begin())];
  return value ? &*value : nullptr;
}

Fact& Fact::set(std::string_view field, Value value) {
  const auto found = std::ranges::find(schema->fields, field, &FactField::name);
  assert(found != schema->fields.end());
  if (found == schema->fields.end()) return *this;
  assert(found->type == value.type);
  values[static_cast<std::size_t>(found - schema->fields.begin())] = std::move(value);
  return *this;
}

const Fact* Facts::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(all, [&](const Fact& fact) { return fact.schema->name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace panicscan
