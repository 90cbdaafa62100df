#include "app/questions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace panicscan::app {

/// The places of most lines that stand there again. Texts are compared without looking at where
/// they were read, which is out of the processor's reach by then; of those with the same hash only
/// two are remembered. Reading a line twice costs little, so that no input makes this slow.
class QuestionReader::RecentLines {
 public:
  RecentLines() : sets_(std::size_t{1} << kBits) {}

  /// The place given to a line with that text. One that is not remembered is from now on, with
  /// `otherwise()`.
  template <typename Place>
  std::uint32_t place_of(std::string_view text, const Place& otherwise) {
    if (text.size() < kShortest || text.size() > kLongest) return otherwise();
    Entry entry{.words = {word(text, 0), word(text, std::min(kWord, text.size() - kWord)),
                          word(text, text.size() - kWord)},
                .length = static_cast<std::uint32_t>(text.size())};
    Set& set = sets_[hash(entry)];
    for (const Entry& known : set.entries)
      if (known.words == entry.words && known.length == entry.length) return known.place;
    entry.place = otherwise();
    set.entries = {entry, set.entries[0]};
    return entry.place;
  }

 private:
  static constexpr unsigned kBits = 13;
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static constexpr std::size_t kShortest = kWord, kLongest = 3 * kWord;

  struct Entry {
    std::array<std::uint64_t, 3> words{};  ///< the text, where it is short some of it twice
    std::uint32_t length = 0;              ///< 0: none
    std::uint32_t place = 0;
  };

  struct alignas(64) Set {
    std::array<Entry, 2> entries;  ///< the later one first
  };

  static std::uint64_t word(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kWord);
    return word;
  }
  static std::size_t hash(const Entry& entry) {
    const std::uint64_t mixed = entry.words[1] ^ std::rotl(entry.words[2], 29);
    return (mixed * 0x9e3779b97f4a7c15) >> (64 - kBits);
  }

  std::vector<Set> sets_;
};

QuestionReader::QuestionReader() : recent_(std::make_unique<RecentLines>()) {}
QuestionReader::~QuestionReader() = default;

void QuestionReader::take_line(std::string_view line) {
  const std::uint32_t place = recent_->place_of(line, [&] {
    const auto value = parse_hex(trim(line));
    if (!value) return Questions::kNoAddress;
    questions_.addresses.push_back({*value});
    return static_cast<std::uint32_t>(questions_.addresses.size() - 1);
  });
  if (place == Questions::kNoAddress) questions_.others.emplace_back(line);
  questions_.lines.push_back(place);
}

void QuestionReader::take(std::string_view piece) {
  for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
    if (rest_.empty()) {
      take_line(piece.substr(0, end));
    } else {
      take_line(rest_.append(piece.substr(0, end)));
      rest_.clear();
    }
    piece.remove_prefix(end + 1);
  }
  rest_.append(piece);
}

Questions QuestionReader::finish() {
  if (!rest_.empty()) take_line(rest_);
  return std::move(questions_);
}

std::vector<FileAddress> linked_addresses(Questions& questions, Slide slide) {
  std::vector<FileAddress> linked;
  linked.reserve(questions.addresses.size());
  for (const Address address : questions.addresses) linked.push_back(address - slide);
  std::ranges::sort(linked);
  linked.erase(std::unique(linked.begin(), linked.end()), linked.end());
  std::vector<std::uint32_t> places;
  places.reserve(questions.addresses.size());
  for (const Address address : questions.addresses) {
    const auto at = std::ranges::lower_bound(linked, address - slide);
    places.push_back(static_cast<std::uint32_t>(at - linked.begin()));
  }
  for (std::uint32_t& place : questions.lines)
    if (place != Questions::kNoAddress) place = places[place];
  return linked;
}

}  // namespace panicscan::app
