#include "render/wait_picture.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "model/names.h"
#include "model/vendor.h"
#include "render/case_view.h"

namespace panicscan::render {
namespace {

constexpr std::size_t kMostBehind = 8;  // of one ring, and of one chain

class Chooser {
 public:
  explicit Chooser(const Case& subject)
      : subject_(subject), graph_(subject.facts.waits), number_(graph_.nodes.size(), kNone) {}

  WaitPicture choose() {
    for (const Deadlock& deadlock : graph_.deadlocks) {
      for (const WaitCycle& cycle : deadlock.cycles) {
        for (const Index<WaitNode> node : cycle.nodes) take(node.value, true);
        for (const Index<WaitLink> link : cycle.links) in_cycle_.insert(link.value);
      }
    }
    for (const Deadlock& deadlock : graph_.deadlocks)
      for (std::size_t i = 0; i < std::min(deadlock.behind.size(), kMostBehind); ++i)
        take(deadlock.behind[i].value, false);
    for (const WaitChain& chain : graph_.chains)
      for (const Index<WaitNode> node : chain.nodes) take(node.value, false);
    take_busy_entries();
    add_links();
    std::set<std::uint32_t> in_waits;
    for (const WaitLink& link : graph_.links)
      if (link.strength == WaitStrength::blocks) in_waits.insert({link.from.value, link.to.value});
    for (const std::uint32_t node : in_waits) picture_.left_out += number_[node] == kNone ? 1 : 0;
    return std::move(picture_);
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  void take(std::uint32_t index, bool in_cycle) {
    if (number_[index] != kNone || picture_.nodes.size() == WaitPicture::kMostNodes) return;
    const Report& report = subject_.report;
    const WaitNode& node = graph_.nodes[index];
    PictureNode box;
    box.in_cycle = in_cycle;
    box.is_thread = node.kind == WaitNodeKind::thread;
    box.lines.push_back(words(report, node));
    if (node.thread) {
      const Thread& thread = report.threads[node.thread->value];
      if (!thread.queue.empty()) box.lines.push_back("queue " + thread.queue);
      if (!thread.name.empty() && thread.name != thread.queue) box.lines.push_back(thread.name);
      add_function(thread, box);
    }
    box.is_foreign = node.process && is_third_party(report.processes[node.process->value].name);
    box.is_own = node.process && subject_.owners.is_own(report.processes[node.process->value].name);
    if (box.is_own) box.lines.push_back("your own code");
    number_[index] = picture_.nodes.size();
    picture_.nodes.push_back(std::move(box));
  }

  /// Entries that keep the I/O registry busy, each with the threads that work for it.
  void take_busy_entries() {
    for (const WaitLink& link : graph_.links) {
      if (graph_.nodes[link.from.value].kind != WaitNodeKind::entry) continue;
      take(link.from.value, false);
      take(link.to.value, false);
    }
  }

  /// The innermost function that is not Apple's.
  void add_function(const Thread& thread, PictureNode& box) const {
    for (const IndexRange<Frame> stack : {thread.kernel_stack, thread.user_stack}) {
      for (std::uint32_t i = stack.begin; i < stack.end; ++i) {
        const auto names = subject_.symbols.of({i});
        const Placement* place = placement_of(subject_, i);
        if (names.empty() || place == nullptr) continue;
        if (!is_third_party(place->image) && !is_own_frame(subject_, i)) continue;
        box.lines.push_back(names.front().function);
        return;
      }
    }
  }

  void add_links() {
    std::set<std::pair<std::size_t, std::size_t>> drawn;
    for (const bool cycles : {true, false}) {
      for (std::uint32_t i = 0; i < graph_.links.size(); ++i) {
        const WaitLink& link = graph_.links[i];
        const std::size_t from = number_[link.from.value], to = number_[link.to.value];
        if (from == kNone || to == kNone || in_cycle_.contains(i) != cycles) continue;
        if (link.strength != WaitStrength::blocks || !drawn.insert({from, to}).second) continue;
        picture_.links.push_back(
            {from, to, label_of(link), cycles, link.origin() == Origin::inferred});
      }
    }
  }

  std::string label_of(const WaitLink& link) const {
    std::string label;
    if (link.kind == WaitKind::other || link.text.size() > 0) {
      label = link.text;
    } else {
      label = std::string(to_string(link.kind));
      std::ranges::replace(label, '_', ' ');
      if (link.object) label += " " + hex(link.object->value);
    }
    constexpr std::size_t kLongest = 80;
    if (label.size() > kLongest) label = label.substr(0, kLongest) + "...";
    return label;
  }

  const Case& subject_;
  const WaitGraph& graph_;
  std::vector<std::size_t> number_;  ///< by node of the graph
  std::set<std::uint32_t> in_cycle_;
  WaitPicture picture_;
};

}  // namespace

WaitPicture wait_picture(const Case& subject) { return Chooser(subject).choose(); }

}  // namespace panicscan::render
