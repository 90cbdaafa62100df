// "wait_graph": every line of waitInfo and turnstileInfo, the links concluded from names and
// labels, the rings and the chains.

#include <algorithm>
#include <map>

#include "model/names.h"
#include "render/json_parts.h"

namespace panicscan::render {
namespace {

void put_node(const JsonStory& story, std::string_view name, const WaitNode& node) {
  JsonWriter& json = story.json;
  json.key(name).begin_object();
  switch (node.kind) {
    case WaitNodeKind::thread:
      json.member("thread", node.id);
      break;
    case WaitNodeKind::process:
      if (node.name.empty()) {
        json.member("process", static_cast<std::int64_t>(node.id));
      } else {
        json.member("named", node.name);
      }
      break;
    default:
      json.member(to_string(node.kind), words(story.report(), node));
      break;
  }
  json.end_object();
}

void put_owner(JsonWriter& json, const Owner& owner) {
  if (const auto* thread = std::get_if<ThreadId>(&owner)) {
    json.key("to").begin_object().member("thread", thread->value).end_object();
  } else if (const auto* process = std::get_if<ProcessId>(&owner)) {
    json.key("to").begin_object().member("process", process->value).end_object();
  }
}

void put_edges(const JsonStory& story, const WaitGraph& graph) {
  const Report& report = story.report();
  JsonWriter& json = story.json;
  std::map<std::uint32_t, WaitGapReason> gaps;
  for (const WaitGap& gap : graph.gaps) gaps.emplace(gap.wait.value, gap.reason);
  json.key("edges").begin_array();
  for (std::uint32_t i = 0; i < report.waits.size(); ++i) {
    const WaitEdge& wait = report.waits[i];
    json.inline_begin().begin_object();
    json.key("from").begin_object().member("thread", wait.waiter.value).end_object();
    put_owner(json, wait.owner);
    json.member("kind", to_string(wait.kind));
    if (wait.object) json.hex_member("object", wait.object->value);
    put_text(json, "label", wait.label);
    json.member("origin", to_string(Origin::reported));
    put_text(json, "text", wait.phrase);
    if (const auto gap = gaps.find(i); gap != gaps.end())
      json.member("open", to_string(gap->second));
    json.end_object().inline_end();
  }
  for (const WaitLink& link : graph.links) {
    if (link.wait) continue;
    json.inline_begin().begin_object();
    put_node(story, "from", graph.nodes[link.from.value]);
    put_node(story, "to", graph.nodes[link.to.value]);
    if (link.kind != WaitKind::other) json.member("kind", to_string(link.kind));
    json.member("origin", to_string(Origin::inferred));
    json.member("sureness", to_string(link.sureness));
    put_text(json, "text", link.text);
    json.end_object().inline_end();
  }
  json.end_array();
}

/// Ids of the threads among the nodes, in their order.
void put_threads(JsonWriter& json, std::string_view name, const WaitGraph& graph,
                 const std::vector<Index<WaitNode>>& nodes) {
  json.inline_begin().key(name).begin_array();
  for (const Index<WaitNode> index : nodes)
    if (graph.nodes[index.value].kind == WaitNodeKind::thread)
      json.value(graph.nodes[index.value].id);
  json.end_array().inline_end();
}

void put_cycles(const JsonStory& story, const WaitGraph& graph) {
  if (graph.deadlocks.empty()) return;
  JsonWriter& json = story.json;
  json.key("cycles").begin_array();
  for (const Deadlock& deadlock : graph.deadlocks) {
    for (const WaitCycle& cycle : deadlock.cycles) {
      json.begin_object();
      put_threads(json, "threads", graph, cycle.nodes);
      const bool is_reported = cycle.sureness == WaitSureness::reported;
      json.member("origin", to_string(is_reported ? Origin::reported : Origin::inferred));
      json.member("sureness", to_string(cycle.sureness));
      put_list(json, "steps", cycle.steps);
      put_threads(json, "behind", graph, deadlock.behind);
      json.end_object();
    }
  }
  json.end_array();
}

void put_chains(const JsonStory& story, const WaitGraph& graph) {
  if (graph.chains.empty()) return;
  JsonWriter& json = story.json;
  json.key("chains").begin_array();
  for (const WaitChain& chain : graph.chains) {
    json.inline_begin().begin_object();
    put_threads(json, "threads", graph, chain.nodes);
    json.member("end", to_string(chain.end));
    json.member("end_name", words(story.report(), graph.nodes[chain.nodes.back().value]));
    json.member("waiters", chain.waiters).member("sureness", to_string(chain.sureness));
    json.member("settles", what_would_settle(chain.end));
    json.end_object().inline_end();
  }
  json.end_array();
}

}  // namespace

void put_wait_graph(const JsonStory& story) {
  const WaitGraph& graph = story.facts().waits;
  if (story.report().waits.empty() && graph.links.empty()) return;
  JsonWriter& json = story.json;
  json.key("wait_graph").begin_object();
  put_edges(story, graph);
  put_cycles(story, graph);
  put_chains(story, graph);
  json.end_object();
}

}  // namespace panicscan::render
