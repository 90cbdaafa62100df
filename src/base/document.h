#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan {

/// A place for people: line and column count from 1, offset from 0, all in bytes.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t offset = 0;
};

/// A text with a map back to the text it was taken from.
///
/// The file itself is a document without a parent. A panic string is decoded from JSON
/// escapes, a pasted text is cleaned of quotes and entities: each is a document of its own,
/// and every byte of it knows where in its parent it came from, so that evidence can point at
/// the original bytes. Example: the JSON text `"a\nb"` at offset 10 becomes the document
/// "a⏎b" with runs {0→11, 1→12, 2→14}.
class Document {
 public:
  /// From `offset` on, text maps to `parent_offset` on, byte for byte, until the next run.
  struct Run {
    std::uint32_t offset = 0;
    std::uint32_t parent_offset = 0;
  };
  static constexpr std::uint32_t kNoParent = 0xffffffff;

  /// A document that is the file itself.
  explicit Document(std::shared_ptr<const std::string> text);
  /// A text taken from document number `parent`; `runs` are sorted by offset and start at 0.
  Document(std::string text, std::uint32_t parent, std::vector<Run> runs);

  /// A text that was unpacked from what stands at `parent_offset`: all of it maps to there.
  Document(std::string text, std::uint32_t parent, std::uint32_t parent_offset);

  std::string_view text() const { return *text_; }
  bool has_parent() const { return parent_ != kNoParent; }
  std::uint32_t parent() const { return parent_; }
  /// The offset in the parent of the byte at `offset`; the end of the text maps to the end.
  std::uint32_t to_parent(std::uint32_t offset) const;

 private:
  std::shared_ptr<const std::string> text_;
  std::uint32_t parent_ = kNoParent;
  std::vector<Run> runs_;
  bool is_unpacked_ = false;
};

/// Writes a Document piece by piece while its source is being transformed.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(std::uint32_t parent) : parent_(parent) {}

  /// Appends bytes that stand at `parent_offset` of the parent, unchanged.
  void copy(std::string_view bytes, std::uint32_t parent_offset);
  /// Appends bytes that replace whatever stands at `parent_offset` (an escape, an entity).
  void replace(std::string_view bytes, std::uint32_t parent_offset);
  std::size_t size() const { return text_.size(); }
  Document build() &&;

 private:
  std::uint32_t parent_;
  std::string text_;
  std::vector<Document::Run> runs_;
};

/// Turns offsets of one text into lines and columns; built once, then each lookup is a search.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  Position at(std::uint32_t offset) const;

 private:
  std::vector<std::uint32_t> starts_;
};

}  // namespace panicscan
