// Property lists as XML. expat calls back for each tag and keeps no stack of its own on ours, so
// nesting costs memory only, and that is bounded by a limit.

#include "parsers/plist.h"

#include <expat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "parsers/kcdata_report.h"
#include "parsers/stackshot_data.h"

namespace panicscan::parsers {
namespace {

struct Tag {
  std::string_view name;
  PlistKind kind;
};
constexpr std::array kTags{
    Tag{"dict", PlistKind::dict},     Tag{"array", PlistKind::array},
    Tag{"string", PlistKind::string}, Tag{"integer", PlistKind::integer},
    Tag{"real", PlistKind::real},     Tag{"true", PlistKind::boolean},
    Tag{"false", PlistKind::boolean}, Tag{"data", PlistKind::data},
    Tag{"date", PlistKind::date},
};

bool is_container(PlistKind kind) { return kind == PlistKind::dict || kind == PlistKind::array; }

/// What expat's callbacks share.
class Reading {
 public:
  Reading(std::string_view text, const Limits& limits)
      : text_(text), limits_(limits), parser_(XML_ParserCreate(nullptr), XML_ParserFree) {}

  Plist run() {
    if (!parser_) return {};
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const XML_Char* name, const XML_Char**) {
          static_cast<Reading*>(self)->begin(name);
        },
        [](void* self, const XML_Char* name) { static_cast<Reading*>(self)->end(name); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const XML_Char* text, int length) {
      static_cast<Reading*>(self)->characters({text, static_cast<std::size_t>(length)});
    });
    XML_SetEntityDeclHandler(
        parser_.get(), [](void* self, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
                          const XML_Char*, const XML_Char*, const XML_Char*) {
          static_cast<Reading*>(self)->stop("entities of its own are not read");
        });
    const auto status =
        XML_Parse(parser_.get(), text_.data(), static_cast<int>(text_.size()), XML_TRUE);
    if (status != XML_STATUS_OK && plist_.damage.empty())
      plist_.damage = std::string("line ") +
                      std::to_string(XML_GetCurrentLineNumber(parser_.get())) + ": " +
                      XML_ErrorString(XML_GetErrorCode(parser_.get()));
    while (!open_.empty()) close();
    return std::move(plist_);
  }

 private:
  void stop(std::string why) {
    if (plist_.damage.empty()) plist_.damage = std::move(why);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::uint32_t here() const {
    const auto at = XML_GetCurrentByteIndex(parser_.get());
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(at, 0, static_cast<std::int64_t>(text_.size())));
  }

  void begin(std::string_view name) {
    collected_.clear();
    if (name == "key" || name == "plist") return;
    const auto tag = std::ranges::find(kTags, name, &Tag::name);
    if (tag == kTags.end()) return stop("there is no element '" + std::string(name) + "'");
    if (open_.size() >= limits_.plist_depth)
      return stop("nested " + beyond_limit(limits_, &Limits::plist_depth));
    if (plist_.nodes.size() >= limits_.json_nodes)
      return stop("values are " + beyond_limit(limits_, &Limits::json_nodes));
    PlistNode node;
    node.kind = tag->kind;
    if (!open_.empty()) {
      node.parent = open_.back();
      if (plist_.nodes[open_.back()].kind == PlistKind::dict) node.key = std::exchange(key_, {});
    }
    if (tag->kind == PlistKind::boolean) node.text = name;
    node.offset = here();
    open_.push_back(static_cast<std::uint32_t>(plist_.nodes.size()));
    plist_.nodes.push_back(std::move(node));
  }

  void end(std::string_view name) {
    if (name == "key") {
      key_ = std::exchange(collected_, {});
    } else if (name != "plist" && !open_.empty()) {
      PlistNode& node = plist_.nodes[open_.back()];
      if (!is_container(node.kind) && node.kind != PlistKind::boolean)
        node.text = std::exchange(collected_, {});
      close();
    }
    collected_.clear();
  }

  void characters(std::string_view text) {
    const bool is_blank_between = !open_.empty() && is_container(plist_.nodes[open_.back()].kind) &&
                                  trim(text).empty() && collected_.empty();
    if (!is_blank_between) collected_ += text;
  }

  void close() {
    PlistNode& node = plist_.nodes[open_.back()];
    node.end = static_cast<std::uint32_t>(plist_.nodes.size());
    node.length = std::max(here(), node.offset) - node.offset;
    open_.pop_back();
  }

  std::string_view text_;
  const Limits& limits_;
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  Plist plist_;
  std::vector<std::uint32_t> open_;
  std::string key_, collected_;
};

}  // namespace

bool is_xml_plist(std::string_view text) {
  constexpr std::size_t kHead = 1024;
  const std::string_view head = trim(text.substr(0, kHead));
  return head.starts_with("<plist") ||
         ((head.starts_with("<?xml") || head.starts_with("<!DOCTYPE plist")) &&
          head.find("<plist") != std::string_view::npos);
}

Expected<Plist> read_plist(std::string_view text, const Limits& limits) {
  const auto start = std::min(text.find('<'), text.size());
  Plist plist = Reading(text.substr(start), limits).run();
  for (PlistNode& node : plist.nodes) node.offset += static_cast<std::uint32_t>(start);
  if (plist.nodes.empty())
    return Error{ErrorCode::malformed,
                 "the property list holds nothing" +
                     (plist.damage.empty() ? std::string() : ": " + plist.damage),
                 {}};
  return plist;
}

std::string find_packed_data(std::string_view text, std::size_t limit) {
  constexpr std::string_view kOpen = "<data>", kClose = "</data>";
  constexpr std::size_t kEnough = 64;
  for (auto at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at + 1)) {
    const std::string_view behind = text.substr(at + kOpen.size());
    const std::string head = decode_base64(behind.substr(0, 4 * kEnough), kEnough);
    if (!head.starts_with("\x1f\x8b") && !find_kcdata(head)) continue;
    return decode_base64(behind.substr(0, behind.find(kClose)), limit);
  }
  return {};
}

}  // namespace panicscan::parsers
