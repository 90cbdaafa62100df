#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace panicscan::parsers {

/// How the data of an item is shown.
enum class KcdataShape {
  value,      ///< one field, under its own name
  structure,  ///< fields under the name of the type
  merged,     ///< fields that stand beside those of other items
  described,  ///< 32 bytes of name, then a value: it carries its own key
  container,  ///< begins a container of this type
};

/// What is known of an item type: its name, and its fields as they follow one another, packed:
/// "ts_pid:i32 ts_p_comm:c[32]". Types are c (character), u8 to u64 and i8 to i64; [N] repeats at
/// most N times, as far as the data goes. Longer data than known are newer versions, shorter ones
/// older; the fields that are there are read.
struct KcdataType {
  std::uint32_t number;
  std::string_view name;
  KcdataShape shape;
  std::string_view fields;
};

/// The row of a type; null when it is not known.
const KcdataType* find_kcdata_type(std::uint32_t number);

/// A field of a type, and the bytes that the data has for it.
struct KcdataField {
  std::string_view name;
  char kind = 'u';          ///< 'c', 'u' or 'i'
  std::uint32_t size = 0;   ///< bytes of one element
  std::uint32_t count = 1;  ///< elements that are there
  std::string_view bytes;
  /// The n-th element as 64 bits, with its sign when it has one.
  std::uint64_t at(std::uint32_t n) const;
  /// Characters up to the first NUL.
  std::string_view text() const;
};

/// Walks the fields of `type` over `data`; fields beyond the end of the data are left out.
class KcdataFields {
 public:
  KcdataFields(const KcdataType& type, std::string_view data) : rest_(type.fields), data_(data) {}
  std::optional<KcdataField> next();

 private:
  std::string_view rest_;
  std::string_view data_;
};

/// One field by name; nothing when the type or the data does not have it.
std::optional<KcdataField> kcdata_field(std::uint32_t type, std::string_view data,
                                        std::string_view name);
/// The number in it, or in the first field when `name` is empty.
std::optional<std::uint64_t> kcdata_number(std::uint32_t type, std::string_view data,
                                           std::string_view name = {});
/// The text in it, or in the first field.
std::string kcdata_text(std::uint32_t type, std::string_view data, std::string_view name = {});

}  // namespace panicscan::parsers
