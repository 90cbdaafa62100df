#include "symbolicator/uuid_index.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"
#include "symbolicator/macho_headers.h"
#include "symbolicator/temporary_folder.h"

namespace panicscan::symbols {
namespace {

using namespace test;

IndexedFile file_of(std::uint32_t number) {
  IndexedFile file;
  file.stamp = {.size = number, .mtime = -5, .inode = ~std::uint64_t{0}};
  file.headers.images = {{"com.example.entry", uuid_of(number), "arm64e", 11, true, false},
                         {"", uuid_of(number + 1), "x86_64", 10, false, true}};
  file.headers.problem = "a header is cut short";
  file.bundle_id = "com.example.driver";
  return file;
}

IndexedFiles load(const UuidIndex& index, const std::string& folder = "/symbols") {
  auto files = index.load(std::vector{folder}, {});
  REQUIRE(files);
  return *std::move(files);
}

/// Stores `count` files named after their number.
void store(const UuidIndex& index, std::uint32_t count) {
  std::vector<IndexedFile> files;
  for (std::uint32_t i = 0; i < count; ++i) files.push_back(file_of(i));
  std::vector<ChangedFile> changed;
  for (std::uint32_t i = 0; i < count; ++i)
    changed.push_back({"/symbols/" + std::to_string(i), &files[i]});
  REQUIRE(index.store(changed, {}));
}

TEST_CASE("what was stored is loaded again, field by field") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.at("new/cache"));
  CHECK(load(index).empty());
  store(index, 3);
  const IndexedFiles files = load(index);
  REQUIRE(files.size() == 3);
  const IndexedFile& file = files.at("/symbols/2");
  CHECK(file.stamp == file_of(2).stamp);
  CHECK(file.headers.images == file_of(2).headers.images);
  CHECK(file.headers.problem == file_of(2).headers.problem);
  CHECK(file.bundle_id == file_of(2).bundle_id);
}

TEST_CASE("only what lies in the folders, or is asked for by path, is loaded") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  const IndexedFile file = file_of(1);
  const std::string odd = std::string("/symbols/\xff\n'; --");
  REQUIRE(index.store({{"/symbols/a", &file}, {"/symbols-2/b", &file}, {"/c", &file}, {odd, &file}},
                      {}));
  CHECK(load(index).size() == 2);
  CHECK(load(index).contains(odd));
  CHECK(load(index, "/").size() == 4);
  const auto single = index.load({}, std::vector<std::string>{"/c", "/none"});
  REQUIRE(single);
  CHECK(single->size() == 1);
}

TEST_CASE("removed files are forgotten, changed ones replaced") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  store(index, 3);
  const IndexedFile changed = file_of(50);
  REQUIRE(index.store({{"/symbols/1", &changed}}, {"/symbols/0"}));
  const IndexedFiles files = load(index);
  CHECK(files.size() == 2);
  CHECK(files.at("/symbols/1").stamp.size == 50);
}

TEST_CASE("an index damaged anywhere gives what was stored or nothing") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  store(index, 200);
  const std::string whole = bytes_of(index.path());
  for (std::size_t at = 0; at < whole.size(); at += 61) {
    std::string damaged = whole;
    for (std::size_t i = at; i < std::min(at + 3, whole.size()); ++i)
      damaged[i] = static_cast<char>(~damaged[i]);
    folder.write("uuid-index.sqlite", damaged);
    const auto files = index.load(std::vector<std::string>{"/symbols"}, {});
    if (!files) continue;
    for (const auto& [path, file] : *files) {
      const auto number = static_cast<std::uint32_t>(std::stoul(path.substr(9)));
      REQUIRE(file.stamp == file_of(number).stamp);
      REQUIRE(file.headers.images == file_of(number).headers.images);
    }
  }
}

TEST_CASE("an index cut short, emptied or foreign is made anew") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  store(index, 200);
  const std::string whole = bytes_of(index.path());
  for (const std::string& bytes :
       {std::string("this is no database, but somebody's notes\n"), std::string(),
        whole.substr(0, 4096), whole.substr(0, whole.size() / 2), whole.substr(0, 100)}) {
    folder.write("uuid-index.sqlite", bytes);
    (void)load(index);
    store(index, 5);
    CHECK(load(index).size() >= 5);
  }
}

TEST_CASE("an index of another version is replaced") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  store(index, 1);
  std::string other = bytes_of(index.path());
  other[63] = 99;  // user_version: byte 60, big-endian (SQLite's file format, 1.3)
  folder.write("uuid-index.sqlite", other);
  CHECK(load(index).empty());
  store(index, 2);
  CHECK(load(index).size() == 2);
}

TEST_CASE("a folder that cannot be written is an error, not an end") {
  const TemporaryFolder folder;
  folder.write("in_the_way", "a file");
  const UuidIndex index(folder.at("in_the_way/cache"));
  CHECK(load(index).empty());
  const IndexedFile file = file_of(1);
  const Status stored = index.store({{"/symbols/a", &file}}, {});
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == ErrorCode::unreadable);
  CHECK(stored.error().message.find(index.path()) != std::string::npos);
}

TEST_CASE("processes that write the same index at once lose nothing") {
  const TemporaryFolder folder;
  const UuidIndex index(folder.path());
  constexpr int kProcesses = 4;
  constexpr int kRounds = 10;
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    bool good = true;
    for (int round = 0; round < kRounds; ++round) {
      const IndexedFile file = file_of(static_cast<std::uint32_t>(round));
      const std::string path = "/symbols/" + std::to_string(process) + "-" + std::to_string(round);
      good = good && index.store({{path, &file}}, {}).has_value();
      good = good && index.load(std::vector<std::string>{"/symbols"}, {}).has_value();
    }
    ::_exit(good ? 0 : 1);
  }
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(load(index).size() == kProcesses * kRounds);
}

}  // namespace
}  // namespace panicscan::symbols
