#include "parsers/kcdata_json.h"

#include <map>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "parsers/kcdata.h"
#include "parsers/kcdata_report.h"
#include "parsers/kcdata_types.h"
#include "parsers/unpack.h"

namespace panicscan::parsers {
namespace {

/// A key of an object: what stands under it, from one item or from several arrays.
struct Member {
  std::map<std::string, Member> members;  ///< of an object
  std::vector<const KcdataNode*> nodes;   ///< items of a value
  std::optional<KcdataField> field;       ///< of the item only this field
};
using Members = std::map<std::string, Member>;

class Shaper {
 public:
  explicit Shaper(const KcdataTree& tree) : tree_(tree) {}

  void fill(const KcdataNode& parent, Members& into) const {
    tree_.for_each(parent, [&](const KcdataNode& node) { add(node, into); });
  }

  static std::string name_of(std::uint32_t type) {
    const KcdataType* row = find_kcdata_type(type);
    return row != nullptr ? std::string(row->name) : "Type_" + hex(type);
  }

 private:
  /// A second item of one name stands under "name (2)"; xnu's decoder gives up on those.
  static Member& fresh(Members& into, const std::string& key) {
    std::string name = key;
    for (int n = 2; into.contains(name); ++n) name = key + " (" + std::to_string(n) + ")";
    return into[name];
  }

  void add(const KcdataNode& node, Members& into) const {
    const KcdataType* type = find_kcdata_type(node.type);
    if (node.kind == KcdataKind::buffer) {
      const auto kind = kcdata_class(tree_.data(node));
      if (kind) fill(node, fresh(into, std::string(to_string(*kind))).members);
    } else if (node.kind == KcdataKind::container) {
      const std::string name =
          type != nullptr ? std::string(type->name) : std::to_string(node.type);
      fill(node, fresh(into[name].members, std::to_string(node.id)).members);
    } else if (node.kind == KcdataKind::array) {
      into[name_of(node.type)].nodes.push_back(&node);
    } else if (type != nullptr && type->shape == KcdataShape::described) {
      const std::string key = kcdata_text(node.type, tree_.data(node), "desc");
      Member& member = fresh(into, key);
      member.nodes.push_back(&node);
      member.field = kcdata_field(node.type, tree_.data(node), "data");
    } else if (type != nullptr && type->shape != KcdataShape::structure) {
      KcdataFields fields(*type, tree_.data(node));
      while (auto field = fields.next()) {
        Member& member = fresh(into, std::string(field->name));
        member.nodes.push_back(&node);
        member.field = *field;
      }
    } else {
      fresh(into, name_of(node.type)).nodes.push_back(&node);
    }
  }

  const KcdataTree& tree_;
};

class Writer {
 public:
  explicit Writer(const KcdataTree& tree) : tree_(tree) {}

  std::string write(const std::string& root, const Members& members) && {
    out_.begin_object().key(root);
    put(members);
    out_.end_object();
    return std::move(out_).take() + "\n";
  }

 private:
  void put(const Members& members) {
    out_.begin_object();
    for (const auto& [name, member] : members) {
      out_.key(name);
      if (member.nodes.empty())
        put(member.members);
      else if (member.field)
        put(*member.field);
      else if (member.nodes.front()->kind == KcdataKind::array)
        put_arrays(member.nodes);
      else
        put(member.nodes.front()->type, tree_.data(*member.nodes.front()), false);
    }
    out_.end_object();
  }

  void put_arrays(const std::vector<const KcdataNode*>& nodes) {
    out_.begin_array();
    for (const KcdataNode* node : nodes) {
      if (node->kind != KcdataKind::array) {
        put(node->type, tree_.data(*node), true);
        continue;
      }
      for (std::uint32_t i = 0; i < node->count; ++i)
        put(node->type, tree_.element(*node, i), true);
    }
    out_.end_array();
  }

  /// The fields of a structure; of an element whose type is one value, that value.
  void put(std::uint32_t number, std::string_view data, bool is_element) {
    const KcdataType* type = find_kcdata_type(number);
    if (type == nullptr)
      return put(KcdataField{{}, 'u', 1, static_cast<std::uint32_t>(data.size()), data});
    if (is_element && type->shape == KcdataShape::value) {
      const auto field = kcdata_field(number, data, {});
      if (field)
        put(*field);
      else
        out_.null();
      return;
    }
    out_.begin_object();
    KcdataFields fields(*type, data);
    while (const auto field = fields.next()) {
      out_.key(field->name);
      put(*field);
    }
    out_.end_object();
  }

  void put(const KcdataField& field) {
    if (field.kind == 'c') {
      out_.value(field.text());
      return;
    }
    if (field.count == 1) return put_number(field, 0);
    out_.inline_begin().begin_array();
    for (std::uint32_t i = 0; i < field.count; ++i) put_number(field, i);
    out_.end_array().inline_end();
  }

  void put_number(const KcdataField& field, std::uint32_t n) {
    if (field.kind == 'i')
      out_.value(static_cast<std::int64_t>(field.at(n)));
    else
      out_.value(field.at(n));
  }

  const KcdataTree& tree_;
  JsonWriter out_;
};

}  // namespace

Expected<KcdataText> kcdata_json(const Source& source, const Limits& limits) {
  KcdataText text;
  auto unpacked = unpack(*source.bytes, limits);
  if (!unpacked) return with_context(std::move(unpacked).error(), source.path);
  std::string_view bytes = *source.bytes;
  if (unpacked->has_value()) {
    bytes = (*unpacked)->bytes;
    text.notes = (*unpacked)->remarks;
    for (const std::string& cut : (*unpacked)->cuts) text.notes.push_back(cut);
  }
  const auto at = find_kcdata(bytes);
  if (!at)
    return Error{ErrorCode::unknown_format, source.path + ": no kcdata buffer begins here", {}};
  const KcdataTree tree = KcdataTree::parse(bytes.substr(*at), limits);
  for (const KcdataDamage& damage : tree.damage())
    text.notes.push_back("at byte " + std::to_string(*at + damage.offset) + ": " + damage.what);
  Members members;
  Shaper(tree).fill(tree.root(), members);
  const auto kind = static_cast<KcdataClass>(tree.root().type);
  text.json = Writer(tree).write(std::string(to_string(kind)), members);
  return text;
}

}  // namespace panicscan::parsers
