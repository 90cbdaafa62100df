#include "app/answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

#include "base/threads.h"
#include "render/render.h"

namespace panicscan::app {
namespace {

using symbols::LookupReply;
using symbols::NameFrame;

/// Addresses that one thread writes before it looks for more.
constexpr std::size_t kAddressesOfTurn = 1024;
constexpr std::string_view kUnknown = "??";

/// The texts of a reply as they may be printed.
class PrintableTexts {
 public:
  explicit PrintableTexts(const LookupReply& reply) : reply_(reply) {
    if (render::is_printable(reply.strings.all())) return;
    for (std::uint32_t i = 0; i < reply.strings.size(); ++i)
      escaped_.push_back(render::printable(reply.text(i)));
  }

  std::string_view operator[](std::uint32_t number) const {
    if (number == 0) return kUnknown;
    return escaped_.empty() ? reply_.text(number) : escaped_[number];
  }

 private:
  const LookupReply& reply_;
  std::vector<std::string> escaped_;  ///< only when it makes a difference
};

/// ":1234:56\n"
void append_position(const NameFrame& frame, std::string& text) {
  std::array<char, 24> position;  // two numbers of 32 bits are shorter
  char* end = position.data();
  for (const std::uint32_t number : {frame.line, frame.column}) {
    *end++ = ':';
    end = std::to_chars(end, position.end(), number).ptr;
  }
  *end++ = '\n';
  text.append(position.data(), end);
}

/// Units: bytes, of what append_chain() appends; a bit more where lines have few digits.
std::size_t size_of(std::span<const NameFrame> frames, const PrintableTexts& texts) {
  std::size_t size = 16;
  for (const NameFrame& frame : frames)
    size += texts[frame.function].size() + texts[frame.file].size() + 12;
  return size;
}

void append_chain(std::span<const NameFrame> frames, const PrintableTexts& texts,
                  std::string& text) {
  if (frames.empty()) text += "??\n??:0:0\n";
  for (const NameFrame& frame : frames) {
    text.append(texts[frame.function]).append("\n").append(texts[frame.file]);
    append_position(frame, text);
  }
  text += '\n';
}

}  // namespace

Answers::Answers(const LookupReply& reply, unsigned threads) {
  const std::size_t count = reply.chain_end.size();
  const PrintableTexts texts(reply);
  const auto end_of = [&](std::size_t turn) {
    return std::min(count, (turn + 1) * kAddressesOfTurn);
  };
  all_.resize((count + kAddressesOfTurn - 1) / kAddressesOfTurn);
  for (std::size_t turn = 0; turn < all_.size(); ++turn) {
    std::size_t size = 0;
    for (std::size_t i = turn * kAddressesOfTurn; i < end_of(turn); ++i)
      size += size_of(reply.chain(i), texts);
    all_[turn].text.reserve(size);
    all_[turn].ends.reserve(end_of(turn) - turn * kAddressesOfTurn);
  }
  for_each_on_threads(all_.size(), threads, [&](std::size_t turn) {
    Some& some = all_[turn];
    for (std::size_t i = turn * kAddressesOfTurn; i < end_of(turn); ++i) {
      append_chain(reply.chain(i), texts, some.text);
      some.ends.push_back(some.text.size());
    }
  });
}

std::string_view Answers::of(std::size_t address) const {
  const Some& some = all_[address / kAddressesOfTurn];
  const std::size_t at = address % kAddressesOfTurn;
  const std::size_t begin = at == 0 ? 0 : some.ends[at - 1];
  return std::string_view(some.text).substr(begin, some.ends[at] - begin);
}

}  // namespace panicscan::app
