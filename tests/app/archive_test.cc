#include "app/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include "app/support.h"
#include "catch.h"

using namespace panicscan;
using namespace panicscan::app;

namespace {

struct Member {
  std::string name, text;
  unsigned type = AE_IFREG;
};

/// An archive of these members: "tar", "tar.gz", "tar.xz", "tar.zst", "zip".
std::string packed(const std::vector<Member>& members, const std::string& how = "tar.gz") {
  std::string bytes(64 << 20, '\0');
  std::size_t used = 0;
  archive* out = archive_write_new();
  if (how == "zip")
    archive_write_set_format_zip(out);
  else
    archive_write_set_format_pax_restricted(out);
  if (how == "tar.gz") archive_write_add_filter_gzip(out);
  if (how == "tar.xz") archive_write_add_filter_xz(out);
  if (how == "tar.zst") archive_write_add_filter_zstd(out);
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  for (const Member& member : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, member.type);
    archive_entry_set_perm(entry, 0644);
    if (member.type == AE_IFLNK)
      archive_entry_set_symlink(entry, member.text.c_str());
    else
      archive_entry_set_size(entry, static_cast<la_int64_t>(member.text.size()));
    archive_write_header(out, entry);
    if (member.type == AE_IFREG) archive_write_data(out, member.text.data(), member.text.size());
    archive_entry_free(entry);
  }
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

struct Read {
  std::vector<Source> members;
  ArchiveResult result;
};

Read read(std::string bytes, const Limits& limits = {}) {
  Read read;
  auto result = read_archive(source_from_text("a.tar.gz", std::move(bytes)), limits,
                             [&](Source member) { read.members.push_back(std::move(member)); });
  REQUIRE(result.has_value());
  read.result = *std::move(result);
  return read;
}

const std::string kPanic =
    "panic(cpu 1 caller 0xfffffe0012345678): example @x.c:1\nDebugger message: panic\n";

}  // namespace

TEST_CASE("the reports of an archive are handed on, in every packing") {
  for (const std::string how : {"tar", "tar.gz", "tar.xz", "tar.zst", "zip"}) {
    INFO(how);
    const std::string bytes = packed(
        {{"sysdiagnose/README.txt", "some words\n"}, {"./sysdiagnose/a.panic", kPanic}}, how);
    CHECK(is_archive_file("/nonexistent") == false);
    const Read all = read(bytes);
    CHECK(all.result.members == 2);
    CHECK(all.result.cut.empty());
    REQUIRE(all.members.size() == 1);
    CHECK(all.members[0].path == "a.tar.gz!sysdiagnose/a.panic");
    CHECK(*all.members[0].bytes == kPanic);
  }
}

TEST_CASE("names that lead out of the archive and links are ignored and said") {
  const Read all = read(packed({{"/etc/a.panic", kPanic},
                                {"b/../../c.panic", kPanic},
                                {"link.panic", "/etc/passwd", AE_IFLNK},
                                {"..d.panic", kPanic}}));
  REQUIRE(all.members.size() == 1);
  CHECK(all.members[0].path == "a.tar.gz!..d.panic");
  REQUIRE(all.result.remarks.size() == 2);
  CHECK(all.result.remarks[0] == "a.tar.gz: ignored links and devices: 1, the first is link.panic");
  CHECK(all.result.remarks[1] ==
        "a.tar.gz: ignored names that lead out of the archive: 2, the first is /etc/a.panic");
}

TEST_CASE("a single compressed report is a member without a name") {
  std::string bytes(1 << 16, '\0');
  std::size_t used = 0;
  archive* out = archive_write_new();
  archive_write_set_format_raw(out);
  archive_write_add_filter_xz(out);
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(out, entry);
  archive_write_data(out, kPanic.data(), kPanic.size());
  archive_entry_free(entry);
  archive_write_close(out);
  archive_write_free(out);
  bytes.resize(used);
  const Read all = read(bytes);
  REQUIRE(all.members.size() == 1);
  CHECK(all.members[0].path == "a.tar.gz");
  CHECK(*all.members[0].bytes == kPanic);
}

TEST_CASE("an archive inside an archive is not opened") {
  const Read all = read(packed({{"inner.tar.gz", packed({{"a.panic", kPanic}})}}));
  CHECK(all.members.empty());
  REQUIRE(all.result.remarks.size() == 1);
  CHECK(all.result.remarks[0].find("inner.tar.gz") != std::string::npos);
}

TEST_CASE("a bomb ends at the ratio, the total, or the number of members, with what came before") {
  const std::string zeros(32 << 20, '\0');
  const std::string bomb = packed({{"a.panic", kPanic}, {"zeros", zeros}});
  REQUIRE(bomb.size() < 200'000);
  const Read by_ratio = read(bomb);
  CHECK(by_ratio.members.size() == 1);
  CHECK(by_ratio.result.cut ==
        "a.tar.gz: each packed byte unpacks to more than the limit of 200 (--limit-unpack-ratio); "
        "what stands behind it is not read");
  Limits limits;
  limits.unpack_ratio = 100'000;
  limits.archive_total = 1 << 20;
  CHECK(
      read(bomb, limits).result.cut ==
      "a.tar.gz: the unpacked members are more than the limit of 1M (--limit-archive-total); what "
      "stands behind it is not read");
  limits = {};
  limits.archive_members = 1;
  const Read by_count = read(packed({{"a.panic", kPanic}, {"b.panic", kPanic}}), limits);
  CHECK(by_count.members.size() == 1);
  CHECK(by_count.result.cut.find("--limit-archive-members") != std::string::npos);
}

TEST_CASE("a member beyond the limit of an input is left out and said") {
  Limits limits;
  limits.input = 100'000;
  const Read all =
      read(packed({{"a.panic", kPanic + std::string(200'000, 'x')}, {"b.panic", kPanic}}, "tar"),
           limits);
  REQUIRE(all.members.size() == 1);
  CHECK(all.members[0].path == "a.tar.gz!b.panic");
  CHECK(all.result.remarks[0] ==
        "a.tar.gz: ignored members beyond --limit-input: 1, the first is a.panic");
}

TEST_CASE("an archive that ends early gives what came before its end") {
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 300'000; ++i) {
    x = x * 1664525 + 1013904223;
    noise += static_cast<char>(x >> 24);
  }
  const std::string bytes = packed({{"a.panic", kPanic}, {"noise", noise}});
  const Read all = read(bytes.substr(0, bytes.size() / 2));
  CHECK(all.members.size() == 1);
  CHECK(all.result.cut.find("damaged or ends early") != std::string::npos);
}
