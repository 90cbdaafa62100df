// What damage does to real binary buffers. They are other people's and not part of this repository;
// PANICSCAN_CORPUS names a folder that holds them in kcdata/. A buffer written here stands in for
// them otherwise.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <mutex>
#include <vector>

#include "base/inflate.h"
#include "base/threads.h"
#include "catch.h"
#include "model/validate.h"
#include "parsers/format.h"
#include "parsers/kcdata_writer.h"

namespace panicscan::parsers {
namespace {

namespace fs = std::filesystem;

struct Sample {
  std::string name, bytes;
};

/// An own stackshot: a task with a thread and a stack.
Sample own_sample() {
  using testing::KcdataWriter;
  KcdataWriter writer(0x59a25807);
  writer.begin(0x903, 7).item(0x30, std::string("example")).end(7);
  return {"own", writer.take()};
}

std::vector<Sample> samples() {
  std::vector<Sample> found{own_sample()};
  const char* corpus = std::getenv("PANICSCAN_CORPUS");
  if (corpus == nullptr || !fs::exists(fs::path(corpus) / "kcdata")) {
    std::cout << "SKIPPED kcdata corpus: PANICSCAN_CORPUS names no folder with kcdata\n";
    return found;
  }
  for (const auto& entry : fs::directory_iterator(fs::path(corpus) / "kcdata")) {
    if (entry.path().extension() == ".gz" || entry.path().extension() == ".plist") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    // Some were kept packed; what is looked at here is the buffer.
    if (auto unpacked = inflate_bytes(bytes, {})) bytes = std::move(unpacked->bytes);
    found.push_back({entry.path().filename().string(), std::move(bytes)});
  }
  return found;
}

/// How many bytes of one buffer are changed at most; of a large one, reading which takes long,
/// fewer. PANICSCAN_THOROUGH=1 changes every byte of all but the large ones.
std::size_t most_changes(std::size_t size) {
  constexpr std::size_t kLarge = 200'000;
  if (std::getenv("PANICSCAN_THOROUGH") != nullptr) return size > kLarge ? 20'000 : size;
  return size > kLarge ? 500 : 2000;
}

/// A step through a buffer of `size` bytes for at most `most` stops.
std::size_t step(std::size_t size, std::size_t most) {
  return std::max<std::size_t>(1, (size + most - 1) / most);
}

/// Reads many damaged buffers on all cores, and returns what was wrong with any of them.
/// `is_wrong` gets the number of a buffer, from 0 to `count`, and says what is, or nothing.
std::vector<std::string> all_that_is_wrong(
    std::size_t count, const std::function<std::string(std::size_t)>& is_wrong) {
  std::mutex mutex;
  std::vector<std::string> wrong;
  for_each_on_threads(count, default_threads(), [&](std::size_t i) {
    std::string what = is_wrong(i);
    if (what.empty()) return;
    const std::lock_guard lock(mutex);
    wrong.push_back(std::move(what));
  });
  std::ranges::sort(wrong);
  constexpr std::size_t kShown = 20;
  if (wrong.size() > kShown) wrong.resize(kShown);
  return wrong;
}

std::string first_of(const std::vector<std::string>& broken) {
  return broken.empty() ? std::string() : broken.front();
}

}  // namespace

TEST_CASE("a kcdata buffer cut at every 64th byte is a partial report with a note") {
  std::size_t cuts = 0;
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    constexpr std::size_t by = 64;
    const std::size_t end = sample.bytes.rfind("\xed\x58\x91\xf1");
    const std::size_t count = (sample.bytes.size() - 1) / by;
    cuts += count;
    const auto wrong = all_that_is_wrong(count, [&](std::size_t i) {
      const std::size_t cut = (i + 1) * by;
      const std::string at = "cut at " + std::to_string(cut) + ": ";
      const auto report = parse(source_from_text("kcdata", sample.bytes.substr(0, cut)));
      if (!report) return at + report.error().message;
      if (const auto broken = validate(*report); !broken.empty()) return at + first_of(broken);
      // Behind the end of the buffer there may be padding.
      return cut <= end && report->notes.empty() ? at + "no note" : std::string();
    });
    CHECK(wrong == std::vector<std::string>{});
  }
  std::cout << "kcdata: " << cuts << " cuts\n";
}

TEST_CASE("a kcdata buffer with any one byte changed is a report, never believed blindly") {
  std::size_t changes = 0;
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const std::size_t size = sample.bytes.size();
    const std::size_t by = step(size, most_changes(size));
    constexpr std::array kFlips{0xff, 0x01};
    // The first bytes say what it is: without them it is something else.
    constexpr std::size_t kMagic = 4;
    const std::size_t count = (size - kMagic + by - 1) / by * kFlips.size();
    changes += count;
    const auto wrong = all_that_is_wrong(count, [&](std::size_t i) {
      const std::size_t at = kMagic + i / kFlips.size() * by;
      const int flip = kFlips[i % kFlips.size()];
      std::string bytes = sample.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      const std::string what = "byte " + std::to_string(at) + " ^ " + std::to_string(flip) + ": ";
      const auto report = parse(source_from_text("kcdata", std::move(bytes)));
      if (!report) return what + report.error().message;
      const auto broken = validate(*report);
      return broken.empty() ? std::string() : what + first_of(broken);
    });
    CHECK(wrong == std::vector<std::string>{});
  }
  std::cout << "kcdata: " << changes << " changed bytes\n";
}

}  // namespace panicscan::parsers
