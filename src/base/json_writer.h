#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan {

/// Writes JSON in the order it is told, indented by two blanks, into a stream or a string.
///
/// Bytes that are no UTF-8 become U+FFFD; control characters are escaped; so the result is
/// always valid JSON whatever a report contained. A value inside `inline_begin()`…`inline_end()`
/// stays on one line.
class JsonWriter {
 public:
  /// Keeps everything until take().
  JsonWriter() = default;
  /// Hands what is written on to `sink`, in pieces; finish() hands on the last one.
  explicit JsonWriter(std::ostream& sink) : sink_(&sink) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// The name of the member that follows.
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint32_t number) { return value(std::uint64_t{number}); }
  JsonWriter& value(int number) { return value(std::int64_t{number}); }
  JsonWriter& value(bool truth);
  JsonWriter& null();
  /// A value as another writer made it, on one line.
  JsonWriter& written(std::string_view json);
  /// A number as the string "0x…", lower case, without padding.
  JsonWriter& hex(std::uint64_t number);
  /// Arrays and objects that are begun before the matching inline_end() stay on one line.
  JsonWriter& inline_begin() { return ++inline_depth_, *this; }
  JsonWriter& inline_end() { return --inline_depth_, *this; }

  /// key and value in one.
  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  JsonWriter& hex_member(std::string_view name, std::uint64_t number) {
    return key(name).hex(number);
  }

  /// The text; complete when every begin has had its end. Not for a writer with a sink.
  std::string take() && { return std::move(out_); }
  /// Hands the rest on to the sink.
  void finish();

 private:
  void before_value();
  void open(char bracket);
  void close(char bracket);
  void new_line();
  void write_string(std::string_view text);

  std::ostream* sink_ = nullptr;
  std::string out_;
  /// An array or object that is being written.
  struct Level {
    bool is_inline = false;
    bool has_elements = false;
  };
  std::vector<Level> levels_;
  bool after_key_ = false;
  int inline_depth_ = 0;
};

}  // namespace panicscan
