// Reads JSON into a flat vector of nodes, each knowing its bytes in the text.
//
// nlohmann's SAX parser decides what is JSON; it reads through JsonCursor, which knows positions
// and forgives. For `{"a": [1, 2]}` the nodes are, in document order,
//   0 object  {"a": [1, 2]}   1 array "a" [1, 2]   2 integer 1   3 integer 2
// and siblings are chained by `next`. Numbers and strings stay text until somebody asks.

#include "base/json_tree.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/json_cursor.h"
#include "base/text.h"

namespace panicscan {

/// Receives nlohmann's SAX events and appends nodes; the methods are its interface.
class JsonTreeBuilder {
 public:
  JsonTreeBuilder(JsonTree& tree, const JsonCursor& cursor, const JsonLimits& limits)
      : tree_(tree), cursor_(cursor), limits_(limits) {}

  bool null() { return scalar(JsonKind::null); }
  bool boolean(bool) { return scalar(JsonKind::boolean); }
  bool number_integer(std::int64_t) { return scalar(JsonKind::integer); }
  bool number_unsigned(std::uint64_t) { return scalar(JsonKind::integer); }
  bool number_float(double, const std::string&) { return scalar(JsonKind::real); }
  bool string(const std::string&) { return text(cursor_.token_end()); }
  bool binary(const std::vector<std::uint8_t>&) { return false; }

  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool end_object() { return close(cursor_.token_end()); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool end_array() { return close(cursor_.token_end()); }
  bool key(const std::string&) {
    key_offset_ = cursor_.token_begin();
    key_length_ = cursor_.token_end() - key_offset_;
    key_has_escapes_ = cursor_.has_escapes();
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    // "[json.exception…] parse error at line 1, column 9: syntax error while parsing object - …"
    std::string_view what = error.what();
    consume_until(what, "while parsing ");
    error_ = what.substr(0, what.find("; last read"));
    return false;
  }

  /// After an error: keeps an unfinished string, and closes what is open.
  void finish_damaged();
  /// Which limit stopped the reading; empty when none did.
  const std::string& limit() const { return limit_; }

 private:
  struct Scope {
    std::uint32_t node = 0;
    std::uint32_t last_child = 0;  ///< 0 when there is none yet
  };

  bool append(JsonKind kind, std::uint32_t begin, std::uint32_t end);
  bool scalar(JsonKind kind) { return append(kind, cursor_.scalar_begin(), cursor_.scalar_end()); }
  bool text(std::uint32_t end) {
    if (!append(JsonKind::string, cursor_.token_begin(), end)) return false;
    tree_.nodes_.back().has_escapes = cursor_.has_escapes();
    return true;
  }
  bool open(JsonKind kind);
  bool close(std::uint32_t end);
  bool expects_value() const;
  void forget_cut_number();

  JsonTree& tree_;
  const JsonCursor& cursor_;
  const JsonLimits& limits_;
  std::vector<Scope> scopes_;
  std::uint32_t key_offset_ = 0;
  std::uint32_t key_length_ = 0;  ///< 0 when no key is waiting for its value
  bool key_has_escapes_ = false;
  std::string error_;
  std::string limit_;
};

bool JsonTreeBuilder::append(JsonKind kind, std::uint32_t begin, std::uint32_t end) {
  auto& nodes = tree_.nodes_;
  if (nodes.size() >= limits_.nodes) {
    limit_ = "more than " + std::to_string(limits_.nodes) + " values";
    return false;
  }
  const auto index = static_cast<std::uint32_t>(nodes.size());
  if (!scopes_.empty()) {
    Scope& scope = scopes_.back();
    if (scope.last_child != 0) nodes[scope.last_child].next = index;
    scope.last_child = index;
    ++nodes[scope.node].children;
  }
  JsonTree::Node node;
  node.offset = begin;
  node.length = end - begin;
  node.key_offset = key_offset_;
  node.key_length = key_length_;
  node.kind = kind;
  node.key_has_escapes = key_has_escapes_;
  nodes.push_back(node);
  key_offset_ = key_length_ = 0;
  return true;
}

bool JsonTreeBuilder::open(JsonKind kind) {
  if (scopes_.size() >= limits_.depth) {
    limit_ = "values nested deeper than " + std::to_string(limits_.depth);
    return false;
  }
  const auto index = static_cast<std::uint32_t>(tree_.nodes_.size());
  if (!append(kind, cursor_.token_begin(), cursor_.token_end())) return false;
  scopes_.push_back({index, 0});
  return true;
}

bool JsonTreeBuilder::close(std::uint32_t end) {
  JsonTree::Node& node = tree_.nodes_[scopes_.back().node];
  node.length = end - node.offset;
  scopes_.pop_back();
  return true;
}

bool JsonTreeBuilder::expects_value() const {
  if (scopes_.empty()) return true;
  return key_length_ != 0 || tree_.nodes_[scopes_.back().node].kind == JsonKind::array;
}

void JsonTreeBuilder::forget_cut_number() {
  JsonTree::Node& last = tree_.nodes_.back();
  const bool is_number = last.kind == JsonKind::integer || last.kind == JsonKind::real;
  if (is_number && last.offset + last.length == tree_.text_.size()) last.kind = JsonKind::absent;
}

void JsonTreeBuilder::finish_damaged() {
  const auto text_end = static_cast<std::uint32_t>(tree_.text_.size());
  tree_.complete_ = false;
  tree_.truncated_ = cursor_.was_exhausted();
  if (cursor_.in_open_string() && expects_value()) text(text_end);
  if (tree_.nodes_.empty()) return;
  if (tree_.truncated_) forget_cut_number();
  const std::uint32_t stop = tree_.truncated_ ? text_end : cursor_.token_begin();
  tree_.damage_.push_back({stop, tree_.truncated_
                                     ? "the JSON ends before all of its brackets are closed"
                                     : "in " + error_});
  while (!scopes_.empty()) close(std::max(stop, tree_.nodes_[scopes_.back().node].offset + 1));
}

Expected<JsonTree> JsonTree::parse(std::string_view text, std::uint32_t start,
                                   const JsonLimits& limits) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    return Error{ErrorCode::limit, "JSON texts of 4 GB and more are not read", {}};
  JsonTree tree;
  tree.text_ = text;
  // Reports hold about one value in 12 bytes; growing by doubling would need twice the memory.
  constexpr std::size_t kBytesOfValue = 12;
  tree.nodes_.reserve(std::min<std::size_t>(text.size() / kBytesOfValue + 1, limits.nodes));
  JsonCursor cursor(text, std::min<std::size_t>(start, text.size()), limits.allow_comments,
                    tree.damage_);
  JsonTreeBuilder builder(tree, cursor, limits);
  // Not strict: what stands behind the value is none of its business.
  const bool complete =
      nlohmann::json::sax_parse(JsonCursorIterator(cursor), JsonCursorIterator(), &builder,
                                nlohmann::json::input_format_t::json, /*strict=*/false);
  if (!builder.limit().empty())
    return Error{ErrorCode::limit, "the JSON holds " + builder.limit(), {}};
  if (!complete) builder.finish_damaged();
  if (tree.nodes_.empty()) return Error{ErrorCode::malformed, "no JSON value begins here", {}};
  tree.end_ = tree.nodes_[0].offset + tree.nodes_[0].length;
  return tree;
}

JsonKind JsonValue::kind() const {
  return tree_ == nullptr ? JsonKind::absent : tree_->nodes_[node_].kind;
}

JsonValue JsonValue::first() const {
  if (size() == 0) return {};
  return JsonValue(tree_, node_ + 1);
}

JsonValue JsonValue::next() const {
  if (tree_ == nullptr || tree_->nodes_[node_].next == 0) return {};
  return JsonValue(tree_, tree_->nodes_[node_].next);
}

std::size_t JsonValue::size() const { return tree_ == nullptr ? 0 : tree_->nodes_[node_].children; }

JsonValue JsonValue::operator[](std::string_view key) const {
  JsonValue found;
  if (kind() != JsonKind::object) return found;
  for (JsonValue child = first(); child.exists(); child = child.next()) {
    const JsonTree::Node& node = tree_->nodes_[child.node_];
    if (node.key_has_escapes) {
      if (child.key() == key) found = child;
    } else if (node.key_length == key.size() + 2 &&
               tree_->text_.substr(node.key_offset + 1, key.size()) == key) {
      found = child;
    }
  }
  return found;
}

JsonValue JsonValue::operator[](std::size_t index) const {
  JsonValue child = index < size() ? first() : JsonValue();
  for (; index > 0 && child.exists(); --index) child = child.next();
  return child;
}

std::optional<bool> JsonValue::as_bool() const {
  if (kind() != JsonKind::boolean) return std::nullopt;
  return raw() == "true";
}

std::optional<std::uint64_t> JsonValue::as_unsigned() const {
  if (kind() != JsonKind::integer) return std::nullopt;
  return parse_number(raw());
}

std::optional<std::int64_t> JsonValue::as_signed() const {
  if (kind() != JsonKind::integer) return std::nullopt;
  const std::string_view digits = raw();
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> JsonValue::as_double() const {
  if (kind() != JsonKind::integer && kind() != JsonKind::real) return std::nullopt;
  return std::strtod(std::string(raw()).c_str(), nullptr);
}

std::optional<std::string> JsonValue::as_string() const {
  if (kind() != JsonKind::string) return std::nullopt;
  const std::string_view quoted = raw();
  if (tree_->nodes_[node_].has_escapes)
    return std::string(decode_json_string(quoted, 0, offset()).text());
  const bool is_closed = quoted.size() > 1 && quoted.back() == '"';
  return std::string(quoted.substr(1, quoted.size() - (is_closed ? 2 : 1)));
}

std::optional<std::uint64_t> JsonValue::as_number_like() const {
  if (kind() == JsonKind::string) {
    const std::string decoded = *as_string();
    std::string_view digits = trim(decoded);
    const bool is_negative = consume(digits, "-");
    const auto number = parse_number(digits);
    return number && is_negative ? std::optional(~*number + 1) : number;
  }
  if (const auto number = as_unsigned()) return number;
  if (const auto number = as_signed()) return static_cast<std::uint64_t>(*number);
  return std::nullopt;
}

std::string_view JsonValue::raw() const {
  if (tree_ == nullptr) return {};
  const JsonTree::Node& node = tree_->nodes_[node_];
  return tree_->text_.substr(node.offset, node.length);
}

std::uint32_t JsonValue::offset() const {
  return tree_ == nullptr ? 0 : tree_->nodes_[node_].offset;
}

std::string JsonValue::key() const {
  if (tree_ == nullptr) return {};
  const JsonTree::Node& node = tree_->nodes_[node_];
  if (node.key_length < 2) return {};
  const std::string_view quoted = tree_->text_.substr(node.key_offset, node.key_length);
  if (node.key_has_escapes) return std::string(decode_json_string(quoted, 0, 0).text());
  return std::string(quoted.substr(1, quoted.size() - 2));
}

std::uint32_t JsonValue::key_offset() const {
  if (tree_ == nullptr) return 0;
  const JsonTree::Node& node = tree_->nodes_[node_];
  return node.key_length == 0 ? node.offset : node.key_offset;
}

Document JsonValue::as_document(std::uint32_t parent) const {
  return decode_json_string(kind() == JsonKind::string ? raw() : std::string_view(), parent,
                            offset());
}

}  // namespace panicscan
