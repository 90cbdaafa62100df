// What damage does to real binary buffers. They are other people's and not part of this repository;
// PANICSCAN_CORPUS names a folder that holds them in kcdata/. A buffer written here stands in for
// them otherwise.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "base/inflate.h"
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

/// So many damaged versions of one buffer are read: all of a small one, evenly spread ones of a
/// large one. PANICSCAN_THOROUGH=1 reads all of every buffer.
std::size_t step(std::size_t size, std::size_t unit, std::size_t most) {
  if (std::getenv("PANICSCAN_THOROUGH") != nullptr) return unit;
  return std::max(unit, size / most / unit * unit);
}

}  // namespace

TEST_CASE("a kcdata buffer cut anywhere is a partial report with a note") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const std::size_t by = step(sample.bytes.size(), 64, 60);
    const std::size_t end = sample.bytes.rfind("\xed\x58\x91\xf1");
    for (std::size_t cut = by; cut < sample.bytes.size(); cut += by) {
      INFO("cut at " << cut);
      const auto report = parse(source_from_text("kcdata", sample.bytes.substr(0, cut)));
      if (!report) FAIL(report.error().message);
      CHECK(validate(*report) == std::vector<std::string>{});
      // Behind the end of the buffer there may be padding.
      if (cut <= end) CHECK_FALSE(report->notes.empty());
    }
  }
}

TEST_CASE("a kcdata buffer with any one byte changed is read or refused, never believed blindly") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const std::size_t by = step(sample.bytes.size(), 1, 60);
    // The first bytes say what it is: without them it is something else.
    for (std::size_t at = 4; at < sample.bytes.size(); at += by) {
      for (const int flip : {0xff, 0x01}) {
        INFO("byte " << at);
        std::string bytes = sample.bytes;
        bytes[at] = static_cast<char>(bytes[at] ^ flip);
        const auto report = parse(source_from_text("kcdata", std::move(bytes)));
        if (!report) continue;
        CHECK(validate(*report) == std::vector<std::string>{});
      }
    }
  }
}

}  // namespace panicscan::parsers
