#include "symbolicator/symbol_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "catch.h"
#include "symbolicator/kdk.h"
#include "symbolicator/macho_headers.h"
#include "symbolicator/symbol_commands.h"
#include "symbolicator/temporary_folder.h"

namespace panicscan::symbols {
namespace {

namespace fs = std::filesystem;
using namespace test;

/// A folder of symbols, and the store over it.
struct World {
  TemporaryFolder folder;
  TemporaryFolder cache;
  StoreOptions options{.kdks = {},
                       .dsyms = {},
                       .folders = {folder.path()},
                       .standard_places = false,
                       .use_index = true,
                       .cache_folder = cache.path()};

  SymbolStore store() const { return SymbolStore::open(options); }
  void write_dsym(const std::string& bundle, const std::string& name, std::uint32_t uuid) const {
    folder.write(bundle + ".dSYM/Contents/Resources/DWARF/" + name, dsym(uuid_of(uuid)));
  }
};

std::vector<std::string> paths(const std::vector<SymbolFile>& files) {
  std::vector<std::string> result;
  for (const SymbolFile& file : files) result.push_back(file.path);
  return result;
}

bool has_note(const SymbolStore& store, std::string_view text) {
  return std::ranges::any_of(
      store.notes(), [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

std::string system_version(const std::string& build) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n"
         "\t<key>ProductBuildVersion</key>\n\t<string>" +
         build + "</string>\n</dict>\n</plist>\n";
}

TEST_CASE("a dSYM beside or inside a kext comes before the kext itself") {
  const World world;
  world.folder.write("Widget.kext/Contents/MacOS/Widget", kext(uuid_of(1)));
  world.folder.write("Gadget.kext/Contents/MacOS/Gadget", kext(uuid_of(2)));
  world.write_dsym("Widget.kext", "Widget", 1);
  world.write_dsym("Gadget.kext/Contents/MacOS/Gadget", "Gadget", 2);
  const SymbolStore store = world.store();
  CHECK(store.notes().empty());
  for (const std::uint32_t number : {1u, 2u}) {
    const auto files = store.find(uuid_of(number));
    REQUIRE(files.size() == 2);
    CHECK(files[0].kind == SymbolFileKind::dsym);
    CHECK(files[1].kind == SymbolFileKind::image);
    CHECK(files[0].name == files[1].name);
    CHECK(files[0].arch == "arm64e");
  }
  CHECK(store.find(uuid_of(3)).empty());
}

TEST_CASE("what a bundle is called does not matter") {
  const World world;
  world.write_dsym("Renamed by hand", "Widget", 1);
  world.folder.write("Widget-dsym-backup/Contents/Resources/DWARF/Widget", dsym(uuid_of(2)));
  world.folder.write("Odd.dSYM/Widget", dsym(uuid_of(3)));
  const SymbolStore store = world.store();
  for (const std::uint32_t number : {1u, 2u, 3u}) {
    REQUIRE(store.find(uuid_of(number)).size() == 1);
    CHECK(store.find(uuid_of(number))[0].name == "Widget");
  }
}

TEST_CASE("every image of universal files and kernel collections is found") {
  const World world;
  world.folder.write("Universal", universal({{0x0100000c, 2, kext(uuid_of(1))},
                                             {0x0100000c, 0, kext(uuid_of(2))}}));
  std::string collection = image(12, uuid_of(10), {fileset_entry("com.example.Widget", 4096)});
  collection.resize(4096);
  world.folder.write("Boot.kc", collection + kext(uuid_of(11)));
  const SymbolStore store = world.store();
  CHECK(store.all().size() == 4);
  CHECK(store.find(uuid_of(2)).size() == 1);
  REQUIRE(store.find(uuid_of(11)).size() == 1);
  CHECK(store.find(uuid_of(11))[0].kind == SymbolFileKind::kernel_collection);
  CHECK(store.find(uuid_of(11))[0].name == "com.example.Widget");
}

TEST_CASE("a KDK's build comes from inside it, else from its name") {
  const World world;
  const std::string kernel = "/System/Library/Kernels/kernel.release.t6000";
  world.folder.write("KDK_15.5_24F74.kdk" + kernel, image(2, uuid_of(1)));
  world.folder.write("my copy" + kernel, image(2, uuid_of(2)));
  world.folder.write("my copy/System/Library/CoreServices/SystemVersion.plist",
                     system_version("24G84"));
  world.folder.write("KDK_15.6_24G1.kdk" + kernel, image(2, uuid_of(3)));
  world.folder.write("KDK_15.6_24G1.kdk/System/Library/CoreServices/SystemVersion.plist",
                     system_version("24G90"));
  const SymbolStore store = world.store();
  CHECK(store.kdk_builds() == std::vector<std::string>{"24F74", "24G84", "24G90"});
  CHECK(store.find(uuid_of(1))[0].kdk_build == "24F74");
  CHECK(store.find(uuid_of(2))[0].kdk_build == "24G84");
  CHECK(has_note(store, "24G90, whatever its name says"));
  CHECK(store.near("kernel.release.t6000").size() == 3);
  CHECK(store.near("kernel").size() == 3);
  CHECK(store.near("t6000").empty());
}

TEST_CASE("--kdk takes a KDK or a folder of them, and nothing else in it") {
  World world;
  world.folder.write("KDKs/KDK_15.5_24F74.kdk/System/Library/Kernels/kernel", kext(uuid_of(1)));
  world.folder.write("KDKs/other/kernel", kext(uuid_of(2)));
  world.options.folders = {};
  world.options.kdks = {world.folder.at("KDKs")};
  CHECK(world.store().all().size() == 1);
  world.options.kdks = {world.folder.at("KDKs/KDK_15.5_24F74.kdk/")};
  CHECK(world.store().all().size() == 1);
  world.options.kdks = {world.folder.at("KDKs/other"), world.folder.at("nowhere")};
  const SymbolStore store = world.store();
  CHECK(store.empty());
  CHECK(has_note(store, "other: no KDK is there"));
  CHECK(has_note(store, "nowhere: No such file"));
}

TEST_CASE("trees sorted by UUID are read, and what stands in the wrong place is told") {
  const World world;
  const std::string blob = world.folder.write("blobs/some.blob", dsym(uuid_of(1)));
  fs::create_directories(world.folder.at("map/AB00/0000/0000/0000/0000"));
  fs::create_symlink(blob, world.folder.at("map/AB00/0000/0000/0000/0000/000000000001"));
  world.folder.write("unified/ab/000000000000000000000000000002/debuginfo", dsym(uuid_of(2)));
  world.folder.write("unified/ab/000000000000000000000000000003/executable", kext(uuid_of(4)));
  const SymbolStore store = world.store();
  CHECK(store.all().size() == 3);
  CHECK(paths(store.find(uuid_of(1))) == std::vector{blob});
  CHECK(store.find(uuid_of(2))[0].name.empty());
  CHECK(has_note(store, "where UUID AB000000-0000-0000-0000-000000000003 belongs"));
}

TEST_CASE("a link into another folder is followed, also when only the link is searched") {
  const World world;
  const TemporaryFolder elsewhere;
  elsewhere.write("deep/Widget.dSYM/Contents/Resources/DWARF/Widget", dsym(uuid_of(1)));
  elsewhere.write("single", dsym(uuid_of(2)));
  fs::create_symlink(elsewhere.at("deep"), world.folder.at("first"));
  fs::create_symlink(elsewhere.at("deep"), world.folder.at("second"));
  fs::create_symlink(elsewhere.at("single"), world.folder.at("one"));
  for (int run = 0; run < 2; ++run) {
    const SymbolStore store = world.store();
    CHECK(store.all().size() == 2);
    CHECK(store.notes().empty());
  }
}

TEST_CASE("loops of links end, and are told when they lead out") {
  const World world;
  world.write_dsym("a/b/Widget", "Widget", 1);
  fs::create_directory_symlink(world.folder.at("a"), world.folder.at("a/b/up"));
  fs::create_directory_symlink(world.folder.path(), world.folder.at("a/self"));
  fs::create_directory_symlink(fs::path(world.folder.path()).parent_path(),
                               world.folder.at("a/out"));
  fs::create_directory_symlink("/", world.folder.at("a/everything"));
  fs::create_symlink("ring2", world.folder.at("ring1"));
  fs::create_symlink("ring1", world.folder.at("ring2"));
  const SymbolStore store = world.store();
  CHECK(store.all().size() == 1);
  CHECK(has_note(store, "a/out: a link to a folder above"));
  CHECK(has_note(store, "a/everything: a link to a folder above"));
  CHECK(has_note(store, "ring1: the link leads nowhere"));
  CHECK(store.notes().size() == 4);
}

TEST_CASE("pipes, empty files and text files are passed over") {
  const World world;
  world.write_dsym("Widget", "Widget", 1);
  world.folder.write("README", "nothing to see");
  world.folder.write("empty", "");
  world.folder.write("Info.plist", dsym(uuid_of(2)));
  REQUIRE(::mkfifo(world.folder.at("pipe").c_str(), 0600) == 0);
  fs::create_symlink(world.folder.at("pipe"), world.folder.at("link to pipe"));
  const SymbolStore store = world.store();
  CHECK(store.all().size() == 1);
  CHECK(store.notes().empty());
}

TEST_CASE("a folder and a file that cannot be read are told, and are read once they can be") {
  const World world;
  world.write_dsym("Widget", "Widget", 1);
  world.folder.write("closed/Widget", dsym(uuid_of(2)));
  const std::string file = world.folder.write("secret", dsym(uuid_of(3)));
  const bool root = ::geteuid() == 0;
  if (root) {  // root reads everything, so be somebody else
    REQUIRE(::chown(world.folder.path().c_str(), 65534, 65534) == 0);
    REQUIRE(::chown(world.cache.path().c_str(), 65534, 65534) == 0);
  }
  ::chmod(world.folder.at("closed").c_str(), 0);
  ::chmod(file.c_str(), 0);
  if (root) REQUIRE(::seteuid(65534) == 0);
  for (int run = 0; run < 2; ++run) {
    const SymbolStore store = world.store();
    CHECK(store.all().size() == 1);
    CHECK(has_note(store, "closed: Permission denied"));
    CHECK(has_note(store, "secret: Permission denied"));
  }
  if (root) REQUIRE(::seteuid(0) == 0);
  ::chmod(world.folder.at("closed").c_str(), 0700);
  ::chmod(file.c_str(), 0600);
  CHECK(world.store().all().size() == 3);
}

TEST_CASE("damage is told in every run, not only in the one that read the file") {
  const World world;
  world.folder.write("cut", kext(uuid_of(1)).substr(0, 70));
  for (int run = 0; run < 2; ++run) {
    const SymbolStore store = world.store();
    CHECK(store.empty());
    CHECK(has_note(store, "cut: the load commands are cut short"));
    CHECK(has_note(store, "no Mach-O file with a UUID there"));
  }
}

TEST_CASE("files given by name are taken whatever they are called") {
  World world;
  world.options.folders = {};
  world.options.dsyms = {world.folder.write("x.plist", dsym(uuid_of(1))),
                         world.folder.write("not.macho", std::string(100, 'x')),
                         world.folder.at("gone.dSYM")};
  world.write_dsym("Widget", "Widget", 2);
  world.options.dsyms.push_back(world.folder.at("Widget.dSYM"));
  for (int run = 0; run < 2; ++run) {
    const SymbolStore store = world.store();
    CHECK(store.all().size() == 2);
    CHECK(has_note(store, "not.macho: no Mach-O file"));
    CHECK(has_note(store, "gone.dSYM: No such file"));
    CHECK(store.notes().size() == 2);
  }
}

TEST_CASE("the index follows files that change, come and go") {
  const World world;
  const std::string first = world.folder.write("first", dsym(uuid_of(1)));
  world.folder.write("second", dsym(uuid_of(2)));
  CHECK(world.store().all().size() == 2);
  world.folder.write("first", kext(uuid_of(3)));
  world.folder.write("third", kext(uuid_of(4)));
  fs::remove(world.folder.at("second"));
  const SymbolStore store = world.store();
  CHECK(store.find(uuid_of(1)).empty());
  CHECK(store.find(uuid_of(2)).empty());
  CHECK(paths(store.find(uuid_of(3))) == std::vector{first});
  CHECK(store.find(uuid_of(4)).size() == 1);
}

TEST_CASE("5,000 files give the same store with, without and with a damaged index") {
  World world;
  for (std::uint32_t i = 0; i < 5000; ++i)
    world.write_dsym("folder" + std::to_string(i % 70) + "/Driver" + std::to_string(i),
                     "Driver" + std::to_string(i), i);
  const std::string cold = list(world.store());
  CHECK(std::ranges::count(cold, '\n') == 5001);
  CHECK(list(world.store()) == cold);
  std::string index = bytes_of(world.cache.at("uuid-index.sqlite"));
  CHECK(index.size() > 5000 * 100);
  for (std::size_t at = 4000; at < index.size(); at += 5000) index[at] ^= 0x55;
  world.cache.write("uuid-index.sqlite", index);
  CHECK(list(world.store()) == cold);
  world.options.use_index = false;
  CHECK(list(world.store()) == cold);
}

TEST_CASE("a cache folder that cannot be written is told and costs nothing else") {
  World world;
  world.write_dsym("Widget", "Widget", 1);
  world.cache.write("file", "x");
  world.options.cache_folder = world.cache.at("file/cache");
  const SymbolStore store = world.store();
  CHECK(store.all().size() == 1);
  CHECK(has_note(store, "symbol index not written"));
}

/// Opens the store in several processes at once; how many of them did not see all images.
int processes_that_miss_images(const World& world, std::size_t images) {
  constexpr int kProcesses = 4;
  for (int process = 0; process < kProcesses; ++process)
    if (::fork() == 0) ::_exit(world.store().all().size() == images ? 0 : 1);
  int missed = 0;
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    if (::wait(&status) < 0 || status != 0) ++missed;
  }
  return missed;
}

TEST_CASE("processes that open the store at once all see everything") {
  const World world;
  for (std::uint32_t i = 0; i < 200; ++i)
    world.write_dsym("Driver" + std::to_string(i), "Driver", i);
  CHECK(processes_that_miss_images(world, 200) == 0);
  // Also when all of them find that the index has to be made anew.
  world.cache.write("uuid-index.sqlite", "no database at all");
  CHECK(processes_that_miss_images(world, 200) == 0);
  CHECK(world.store().all().size() == 200);
}

TEST_CASE("the bundles of dSYMs are known, but not those of a KDK or of mere images") {
  const World world;
  const auto with_plist = [&](const std::string& folder, const std::string& bundle) {
    world.folder.write(
        folder + "/Contents/Info.plist",
        "<plist><dict><key>CFBundleIdentifier</key><string>" + bundle + "</string></dict></plist>");
  };
  world.write_dsym("Port.dext", "Port", 1);
  with_plist("Port.dext.dSYM", "com.apple.xcode.dsym.com.example.port");
  world.write_dsym("arm64e/Port.dext", "Port", 2);
  with_plist("arm64e/Port.dext.dSYM", "com.apple.xcode.dsym.com.example.port");
  world.write_dsym("Nameless.dext", "Nameless", 3);
  world.folder.write("Other.kext/Contents/MacOS/Other", kext(uuid_of(4)));
  with_plist("Other.kext", "com.example.other");
  world.folder.write("KDK_15.6_24G1.kdk/System/Library/CoreServices/SystemVersion.plist",
                     system_version("24G1"));
  world.write_dsym("KDK_15.6_24G1.kdk/System/Library/Extensions/Family.kext", "Family", 5);
  with_plist("KDK_15.6_24G1.kdk/System/Library/Extensions/Family.kext.dSYM",
             "com.apple.xcode.dsym.com.example.family");
  const SymbolStore store = world.store();
  REQUIRE(store.find(uuid_of(5)).size() == 1);
  CHECK(store.find(uuid_of(5))[0].bundle_id == "com.example.family");
  CHECK(store.dsym_bundles() == std::vector<std::string>{"com.example.port"});
}

TEST_CASE("the same image of another build is found by name or bundle id") {
  const World world;
  world.write_dsym("IOWidgetFamily.kext", "IOWidgetFamily", 1);
  world.write_dsym("Other.kext", "Executable", 2);
  world.folder.write("Other.kext.dSYM/Contents/Info.plist",
                     "<plist><dict><key>CFBundleIdentifier</key>"
                     "<string>com.apple.xcode.dsym.com.example.other</string></dict></plist>");
  const SymbolStore store = world.store();
  CHECK(store.near("com.apple.iokit.IOWidgetFamily").size() == 1);
  CHECK(store.near("IOWidgetFamily").size() == 1);
  REQUIRE(store.near("com.example.other").size() == 1);
  CHECK(store.near("com.example.other")[0].name == "Executable");
  CHECK(store.near("").empty());
  CHECK(store.near("Family").empty());
}

TEST_CASE("dsym-for-uuid answers as LLDB expects") {
  const World world;
  world.write_dsym("R&D <1>", "Widget", 1);
  world.folder.write("Widget", kext(uuid_of(1)));
  const SymbolStore store = world.store();
  const std::string found = dsym_for_uuid(store, uuid_of(1));
  CHECK(found.find("<key>AB000000-0000-0000-0000-000000000001</key>") != std::string::npos);
  CHECK(found.find("<key>DBGArchitecture</key>\n\t\t<string>arm64e</string>") != std::string::npos);
  CHECK(found.find("/R&amp;D &lt;1&gt;.dSYM/Contents/Resources/DWARF/Widget</string>") !=
        std::string::npos);
  CHECK(found.find("<key>DBGSymbolRichExecutable</key>") != std::string::npos);
  CHECK(found.find("DBGError") == std::string::npos);
  CHECK(dsym_for_uuid(store, uuid_of(9)).find("<key>DBGError</key>") != std::string::npos);
}

TEST_CASE("file names cannot change the terminal or the property list") {
  const World world;
  world.folder.write("\x1b[2J\xff\n", dsym(uuid_of(1)));
  const SymbolStore store = world.store();
  const std::string lines = list(store);
  CHECK(std::ranges::count(lines, '\n') == 2);
  CHECK(lines.find("\\x1b[2J\\xff\\x0a") != std::string::npos);
  CHECK(dsym_for_uuid(store, uuid_of(1)).find("<key>DBGError</key>") != std::string::npos);
}

}  // namespace
}  // namespace panicscan::symbols
