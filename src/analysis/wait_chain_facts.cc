#include <algorithm>

#include "analysis/wait_publish.h"
#include "base/text.h"
#include "model/driver_extension.h"
#include "model/names.h"
#include "model/vendor.h"

// Waits that end, as facts: wait.chain for each way that ends in somebody who is not known to wait,
// wait.convoy for a crowd before one thread or one lock.

namespace panicscan::analysis {
namespace {

constexpr FactField kChainFields[] = {
    {"length", ValueType::number, "threads on the longest way to the end, the end included"},
    {"threads", ValueType::list, "their ids, the first 64, the one farthest from the end first"},
    {"end", ValueType::text,
     "what is at the end: running, suspended, exiting, idle, waiting (for whom is not known), "
     "not_there, process, object or launching"},
    {"end_name", ValueType::text, "the thread, process or object at the end"},
    {"waiters", ValueType::number, "all threads that wait for the end, directly or not"},
    {"sureness", ValueType::text, "of the weakest link: reported, evident or weak"},
    {"dext", ValueType::text, "the first driver extension on the way, if there is one"},
    {"dext_vendor", ValueType::text, "apple or third_party"},
    {"settles", ValueType::text, "what would tell what the end is about"},
};
constexpr FactField kConvoyFields[] = {
    {"waiters", ValueType::number, "how many threads wait for the same"},
    {"for", ValueType::text, "the lock or thread that they wait for"},
    {"process", ValueType::text, "the process of most of them"},
    {"dext", ValueType::boolean, "whether that process is a driver extension"},
    {"is_lock", ValueType::boolean, "whether what they wait for is one lock"},
    {"owner", ValueType::tid, "the thread that holds it, when that is known"},
    {"owner_state", ValueType::text,
     "what that thread does: waiting, running, suspended, exiting or parked"},
};

constexpr std::size_t kMostThreads = 64, kMostSteps = 16;

std::string_view word(Activity activity) {
  switch (activity) {
    case Activity::waiting:
      return "waiting";
    case Activity::running:
      return "running";
    case Activity::suspended:
      return "suspended";
    case Activity::exiting:
      return "exiting";
    case Activity::parked:
      return "parked";
  }
  return {};
}

Fact chain_fact(const Report& report, const WaitGraph& graph, const WaitChain& chain) {
  Fact fact(kChainSchema);
  fact.origin = chain.sureness == WaitSureness::reported ? Origin::reported : Origin::inferred;
  std::vector<std::string> threads;
  for (const Index<WaitNode> index : chain.nodes) {
    const WaitNode& node = graph.nodes[index.value];
    const bool is_kept = node.kind == WaitNodeKind::thread && threads.size() < kMostThreads;
    if (is_kept) threads.push_back(std::to_string(node.id));
    if (fact.find("dext") != nullptr || !node.process) continue;
    const Process& process = report.processes[node.process->value];
    if (!is_driver_extension(process)) continue;
    fact.set("dext", Value::text(process.name));
    fact.set("dext_vendor", Value::text(is_apple(process.name) ? "apple" : "third_party"));
  }
  for (const Index<WaitLink> index :
       std::span(chain.links).first(std::min(chain.links.size(), kMostSteps))) {
    const WaitLink& link = graph.links[index.value];
    const std::string says = words(report, graph.nodes[link.from.value]) + " waits for " +
                             words(report, graph.nodes[link.to.value]) + " (" +
                             std::string(reason_of(report, link)) + ")";
    Evidence evidence{says, {}, link.frame, {}};
    if (link.wait) evidence.where = report.waits[link.wait->value].where;
    fact.because.push_back(std::move(evidence));
  }
  const std::string end = words(report, graph.nodes[chain.nodes.back().value]);
  fact.decoded.push_back({"ends in", end, std::string(meaning(chain.end))});
  fact.decoded.push_back({"waiters", std::to_string(chain.waiters),
                          "would settle it: " + std::string(what_would_settle(chain.end))});
  fact.set("length", Value::number(chain.nodes.size()));
  fact.set("threads", Value::list(std::move(threads)));
  fact.set("end", Value::text(std::string(to_string(chain.end))));
  fact.set("end_name", Value::text(end));
  fact.set("waiters", Value::number(chain.waiters));
  fact.set("sureness", Value::text(std::string(to_string(chain.sureness))));
  fact.set("settles", Value::text(std::string(what_would_settle(chain.end))));
  return fact;
}

/// Everything that waits directly for one node, through one object.
struct Crowd {
  std::uint32_t to = 0, kind = 0;
  std::uint64_t object = 0;
  std::vector<std::uint32_t> links;
};

bool is_lock(const WaitLink& link, const WaitNode& to) {
  if (to.kind == WaitNodeKind::lock) return true;
  return link.object &&
         (link.kind == WaitKind::kernel_mutex || link.kind == WaitKind::rwlock_read ||
          link.kind == WaitKind::rwlock_write || link.kind == WaitKind::user_lock ||
          link.kind == WaitKind::pthread_mutex);
}

std::vector<Crowd> crowds(const WaitGraph& graph) {
  struct Key {
    std::uint32_t to, kind;
    std::uint64_t object;
    std::uint32_t link;
    auto operator<=>(const Key&) const = default;
  };
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < graph.links.size(); ++i) {
    const WaitLink& link = graph.links[i];
    const WaitNode& to = graph.nodes[link.to.value];
    const bool counts = link.strength == WaitStrength::blocks || to.kind == WaitNodeKind::lock;
    if (!counts || link.kind == WaitKind::turnstile ||
        graph.nodes[link.from.value].kind != WaitNodeKind::thread)
      continue;
    keys.push_back({link.to.value, static_cast<std::uint32_t>(link.kind),
                    link.object ? link.object->value : 0, i});
  }
  std::ranges::sort(keys);
  std::vector<Crowd> found;
  for (const Key& key : keys) {
    if (found.empty() || found.back().to != key.to || found.back().kind != key.kind ||
        found.back().object != key.object)
      found.push_back({key.to, key.kind, key.object, {}});
    found.back().links.push_back(key.link);
  }
  return found;
}

Fact convoy_fact(const WaitBuilder& builder, const WaitGraph& graph, const Crowd& crowd) {
  const Report& report = builder.report();
  const WaitNode& to = graph.nodes[crowd.to];
  const WaitLink& first = graph.links[crowd.links.front()];
  Fact fact(kConvoySchema);
  fact.origin = first.origin();
  std::string what = words(report, to);
  if (first.object && to.kind == WaitNodeKind::thread) {
    std::string kind(to_string(first.kind));
    std::ranges::replace(kind, '_', ' ');
    what = kind + " " + hex(first.object->value) + ", held by " + what;
  }
  fact.set("waiters", Value::number(crowd.links.size()));
  fact.set("for", Value::text(what));
  fact.set("is_lock", Value::boolean(is_lock(first, to)));
  if (const auto process = graph.nodes[first.from.value].process) {
    fact.set("process", Value::text(report.processes[process->value].name));
    fact.set("dext", Value::boolean(is_driver_extension(report.processes[process->value])));
  }
  if (to.kind == WaitNodeKind::thread) {
    fact.set("owner", Value::of(ValueType::tid, to.id));
    if (to.thread)
      fact.set("owner_state", Value::text(std::string(word(builder.activity(*to.thread)))));
  }
  Evidence evidence{
      std::to_string(crowd.links.size()) + " threads wait for " + what, {}, first.frame, {}};
  if (first.wait) evidence.where = report.waits[first.wait->value].where;
  fact.because.push_back(std::move(evidence));
  return fact;
}

}  // namespace

constinit const FactSchema kChainSchema{
    "wait.chain", "A line of threads, each waiting for the next, that ends.", kChainFields};
constinit const FactSchema kConvoySchema{
    "wait.convoy", "Three threads or more that wait for the same lock or thread.", kConvoyFields};

void publish_chains(const WaitBuilder& builder, const WaitGraph& graph, Facts& facts) {
  constexpr std::size_t kMostChains = 8, kMostConvoys = 8, kCrowd = 3;
  std::size_t published = 0;
  for (const WaitChain& chain : graph.chains) {
    Fact fact = chain_fact(builder.report(), graph, chain);
    // Who waits for work is no news, unless a driver extension waits for it.
    if (chain.end == ChainEnd::idle && fact.find("dext") == nullptr) continue;
    facts.all.push_back(std::move(fact));
    if (++published == kMostChains) break;
  }
  std::vector<Crowd> found = crowds(graph);
  std::erase_if(found, [](const Crowd& crowd) { return crowd.links.size() < kCrowd; });
  std::ranges::stable_sort(found, std::greater(),
                           [](const Crowd& crowd) { return crowd.links.size(); });
  for (std::size_t i = 0; i < std::min(found.size(), kMostConvoys); ++i)
    facts.all.push_back(convoy_fact(builder, graph, found[i]));
}

}  // namespace panicscan::analysis
