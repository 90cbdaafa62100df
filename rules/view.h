#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/vendor.h"
#include "rules/literal.h"
#include "rules/rule.h"
#include "rules/rules.h"

namespace panicscan::rules {

/// A report prepared for many questions: what predicates look up, indexed once.
class View {
 public:
  /// The literals are those of the message patterns of all rules.
  View(const Subject& subject, const LiteralSet& message_literals);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  const Subject& subject() const { return subject_; }

  /// The clean panic message; nothing when the report has no panic.
  std::optional<std::string_view> message() const;
  /// A piece of the message, as a place in its document.
  SourceRef message_piece(std::uint32_t offset, std::uint32_t length) const;
  /// Whether one of the literals may occur in the message.
  bool message_may_hold(std::span<const std::string> literals) const;

  std::span<const std::uint32_t> fields(std::string_view name) const;
  std::span<const Fact* const> facts(std::string_view name) const;

  struct Stack {
    IndexRange<Frame> frames;
    std::optional<ThreadId> thread;
  };
  /// The stacks of a scope, in the order of the report.
  const std::vector<Stack>& stacks(StackScope scope) const;
  /// The image a frame lies in; empty when that is not known.
  std::string_view image_of(Index<Frame> frame) const;
  /// Whose code it is; crash reports print paths of images, which say more than names.
  Vendor vendor_at(Index<Frame> frame) const;
  /// Whether the frame can never have a name: its address is no code.
  bool is_nameless(Index<Frame> frame) const;

  bool has_stackshot() const;
  const Thread* thread(ThreadId id) const;
  std::span<const std::uint32_t> waits(ThreadId waiter) const;

 private:
  void index_stacks();

  const Subject& subject_;
  LiteralSet::Scan scan_;
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> fields_;
  std::unordered_map<std::string_view, std::vector<const Fact*>> facts_;
  std::unordered_map<std::uint64_t, std::uint32_t> threads_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> waits_;
  std::vector<std::vector<Stack>> stacks_;  ///< by StackScope
};

}  // namespace panicscan::rules
