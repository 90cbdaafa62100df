#include "parsers/kcdata_types.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "parsers/kcdata_type_table.h"

namespace panicscan::parsers {

static_assert(std::ranges::is_sorted(kKcdataTypes, std::ranges::less{}, &KcdataType::number));

const KcdataType* find_kcdata_type(std::uint32_t number) {
  const auto row = std::ranges::lower_bound(kKcdataTypes, number, {}, &KcdataType::number);
  return row != kKcdataTypes.end() && row->number == number ? &*row : nullptr;
}

std::uint64_t KcdataField::at(std::uint32_t n) const {
  constexpr unsigned kBits = 8, kAll = 64;
  std::uint64_t value = 0;
  for (std::uint32_t i = 0; i < size; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[n * size + i])} << (kBits * i);
  const unsigned unused = kAll - kBits * size;
  if (kind != 'u' && unused > 0)
    value = static_cast<std::uint64_t>(static_cast<std::int64_t>(value << unused) >> unused);
  return value;
}

std::string_view KcdataField::text() const { return bytes.substr(0, bytes.find('\0')); }

std::optional<KcdataField> KcdataFields::next() {
  constexpr std::uint32_t kBits = 8;
  if (rest_.empty()) return std::nullopt;
  KcdataField field;
  field.name = *consume_until(rest_, ":");
  field.kind = rest_.front();
  rest_.remove_prefix(1);
  field.size = static_cast<std::uint32_t>(consume_decimal(rest_).value_or(kBits)) / kBits;
  std::uint64_t count = 1;
  if (consume(rest_, "[")) {
    count = consume_decimal(rest_).value_or(1);
    consume(rest_, "]");
  }
  skip_blanks(rest_);
  const std::uint64_t there = std::min<std::uint64_t>(count, data_.size() / field.size);
  if (there == 0) {
    rest_ = {};
    return std::nullopt;
  }
  field.count = static_cast<std::uint32_t>(there);
  field.bytes = data_.substr(0, field.count * field.size);
  data_.remove_prefix(field.bytes.size());
  return field;
}

std::optional<KcdataField> kcdata_field(std::uint32_t type, std::string_view data,
                                        std::string_view name) {
  const KcdataType* row = find_kcdata_type(type);
  if (row == nullptr) return std::nullopt;
  KcdataFields fields(*row, data);
  while (auto field = fields.next())
    if (name.empty() || field->name == name) return field;
  return std::nullopt;
}

std::optional<std::uint64_t> kcdata_number(std::uint32_t type, std::string_view data,
                                           std::string_view name) {
  const auto field = kcdata_field(type, data, name);
  return field ? std::optional(field->at(0)) : std::nullopt;
}

std::string kcdata_text(std::uint32_t type, std::string_view data, std::string_view name) {
  const auto field = kcdata_field(type, data, name);
  return field ? std::string(field->text()) : std::string();
}

}  // namespace panicscan::parsers
