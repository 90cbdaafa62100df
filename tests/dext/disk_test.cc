#include "refdext/PSRefDisk.h"

#include <string>
#include <vector>

#include "catch.h"

namespace {

struct Fixture {
  std::vector<std::uint8_t> store = std::vector<std::uint8_t>(4 * PSRefDisk::kBlockSize);
  std::vector<std::uint8_t> data = std::vector<std::uint8_t>(2 * PSRefDisk::kBlockSize);

  PSRefDisk::Outcome run(std::uint8_t command, std::uint8_t block = 0, std::uint8_t count = 0,
                         std::size_t room = 1024) {
    const std::uint8_t cdb[16] = {command, 0, 0, 0, 0, block, 0, 0, count};
    return PSRefDisk(store.data(), store.size()).Execute(cdb, data.data(), room);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "what is written is read back") {
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 7);
  const auto written = data;
  CHECK(run(0x2a, 1, 2).transferred == 1024);
  data.assign(data.size(), 0);
  CHECK(run(0x28, 1, 2).transferred == 1024);
  CHECK(data == written);
}

TEST_CASE_METHOD(Fixture, "a block beyond the end is an illegal request, and nothing moves") {
  for (const std::uint8_t command : {std::uint8_t{0x28}, std::uint8_t{0x2a}}) {
    const auto outcome = run(command, 3, 2);
    CHECK(outcome.status == 0x02);
    CHECK(outcome.sense_key == 0x05);
    CHECK(outcome.asc == 0x21);
    CHECK(outcome.transferred == 0);
  }
}

TEST_CASE_METHOD(Fixture, "an answer never exceeds the room for it") {
  data.assign(data.size(), 0xee);
  CHECK(run(0x12, 0, 0, 5).transferred == 5);
  CHECK(data[5] == 0xee);
  CHECK(run(0x28, 0, 2, 100).transferred == 100);
  CHECK(data[100] == 0xee);
}

TEST_CASE_METHOD(Fixture, "the disk says who it is and how large") {
  REQUIRE(run(0x12).transferred == 36);
  CHECK(std::string(data.begin() + 8, data.begin() + 36) == "PSREF   REFERENCE DISK  0001");
  REQUIRE(run(0x25).transferred == 8);
  CHECK(data[3] == 3);
  CHECK(data[6] == 2);
  CHECK(run(0x00).status == 0);
  CHECK(run(0xff).asc == 0x20);
}
