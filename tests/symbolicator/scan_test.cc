#include "symbolicator/scan.h"

#include <string>
#include <vector>

#include "catch.h"
#include "symbolicator/macho_headers.h"
#include "symbolicator/symbol_paths.h"
#include "symbolicator/temporary_folder.h"

// Which files a search takes, and what their paths say.

namespace panicscan::symbols {
namespace {

using namespace test;

TEST_CASE("a search ends at its limit of folders, and says so") {
  const TemporaryFolder folder;
  for (int i = 0; i < 50; ++i) folder.write("f" + std::to_string(i) + "/x", dsym(uuid_of(1)));
  const Scan scan = scan_folders({.roots = {folder.path()}, .most_folders = 10});
  CHECK(scan.files.size() < 10);
  REQUIRE(scan.notes.size() == 1);
  CHECK(scan.notes[0].starts_with("too many folders"));
}

TEST_CASE("roots inside roots are searched once") {
  const TemporaryFolder folder;
  folder.write("a/b/x", dsym(uuid_of(1)));
  folder.write("a-c/y", dsym(uuid_of(2)));
  const Scan scan = scan_folders({.roots = {folder.at("a/b"), folder.at("a"), folder.at("a/../a-c"),
                                            folder.at("a/b/x"), folder.at("a")}});
  CHECK(scan.files.size() == 2);
  CHECK(scan.folders == std::vector{folder.at("a"), folder.at("a-c")});
  CHECK(scan.single.empty());
}

TEST_CASE("names of dexts are no endings, and those of sources are") {
  CHECK(may_be_symbol_file("com.example.driver"));
  CHECK(may_be_symbol_file("kernel.release.t6000"));
  CHECK(may_be_symbol_file("Widget"));
  CHECK_FALSE(may_be_symbol_file("Info.plist"));
  CHECK_FALSE(may_be_symbol_file("main.CPP"));
}

TEST_CASE("a path in a tree sorted by UUID says the UUID") {
  CHECK(uuid_in_path("/m/AB00/0000/0000/0000/0000/000000000007.app") == uuid_of(7));
  CHECK(uuid_in_path("ab/000000000000000000000000000007/debuginfo") == uuid_of(7));
  CHECK(uuid_in_path("/x/ab000000000000000000000000000007/executable") == uuid_of(7));
  for (const char* path : {"", "/", "debuginfo", "/zz/0000/debuginfo", "/a/b/c/d/e/000000000007",
                           "AB00/0000/0000/0000/000000000007"})
    CHECK_FALSE(uuid_in_path(path));
  CHECK(info_plist_of("/a/X.dSYM/Contents/Resources/DWARF/X") == "/a/X.dSYM/Contents/Info.plist");
  CHECK(info_plist_of("/a/X.kext/Contents/MacOS/X") == "/a/X.kext/Contents/Info.plist");
  CHECK(info_plist_of("/a/com.example.x.dext/X") == "/a/com.example.x.dext/Info.plist");
  CHECK(info_plist_of("/usr/lib/X").empty());
}

}  // namespace
}  // namespace panicscan::symbols
