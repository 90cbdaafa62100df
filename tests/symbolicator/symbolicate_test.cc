#include "symbolicator/symbolicate.h"

#include <map>

#include "catch.h"
#include "model/report_builder.h"
#include "symbolicator/remedy.h"

using namespace panicscan;
using namespace panicscan::symbols;

namespace {

constexpr std::uint64_t kTextExec = 0xfffffe0024094000;
constexpr std::uint64_t kKernelCode = 0xfffffe00072d0000;  // where the file has its __TEXT_EXEC
constexpr std::uint64_t kFoo = 0xfffffe0025a00000;

Uuid uuid_of(std::uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

Frame frame_at(std::uint64_t address, AddressKind kind = AddressKind::return_address) {
  Frame frame;
  frame.address = {address};
  frame.kind = kind;
  return frame;
}

MachImage image_of(std::uint8_t uuid, std::uint64_t text, std::uint64_t code) {
  MachImage image;
  image.uuid = uuid_of(uuid);
  image.segments = {{"__TEXT", {text}, 0x4000, 1}, {"__TEXT_EXEC", {code}, 0x800000, 5}};
  return image;
}

/// A kernel panic in the kernel (UUID 11…) and in com.example.driver.Foo (22…).
ReportBuilder report_with(std::vector<Frame> frames) {
  ReportBuilder builder;
  Machine& machine = builder.report().machine;
  machine.arch = Arch::arm64;
  machine.build = Sourced<std::string>{"25F71", {}};
  machine.kernel_version = Sourced<std::string>{
      "Darwin Kernel Version 25.5.0: x; root:xnu-1.2.3~1/RELEASE_ARM64_T8132", {}};
  machine.kernel_uuid = Sourced<Uuid>{uuid_of(0x11), {}};
  Panic& panic = builder.panic();
  panic.layout.text_exec_base = Sourced<Address>{{kTextExec}, {}};
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = "com.example.driver.Foo";
  kext.uuid = uuid_of(0x22);
  kext.start = Address{kFoo};
  kext.last = Address{kFoo + 0xffff};
  panic.kexts.push_back(kext);
  Backtrace trace;
  trace.frames = builder.add_frames(std::move(frames));
  builder.panic().backtraces.push_back(trace);
  return builder;
}

/// Files that are not there: function names tell the address that was asked.
struct FakeSources {
  std::vector<SymbolFile> files, others;
  std::map<std::string, MachImage> content;
  std::map<std::string, Refusal> refusals;
  std::vector<LookupRequest> requests;

  void add(std::string path, MachImage image) {
    files.push_back({path, *image.uuid, "arm64e", "", "", "", SymbolFileKind::dsym});
    content.emplace(std::move(path), std::move(image));
  }

  LookupReply reply_to(const LookupRequest& request) {
    requests.push_back(request);
    LookupReply reply;
    for (const FileAddress address : request.addresses) {
      NameFrame frame;
      frame.function = reply.strings.add("at_" + std::to_string(address.value));
      frame.line = 7;
      frame.start = {address.value & ~std::uint64_t{0xff}};
      reply.frames.push_back(frame);
      reply.chain_end.push_back(static_cast<std::uint32_t>(reply.frames.size()));
    }
    return reply;
  }

  SymbolSources sources() {
    const auto refusal = [this](const std::string& path) {
      const auto found = refusals.find(path);
      return found == refusals.end() ? nullptr : &found->second;
    };
    return {.find =
                [this](const Uuid& uuid) {
                  std::vector<SymbolFile> found;
                  for (const SymbolFile& f : files)
                    if (f.uuid == uuid) found.push_back(f);
                  return found;
                },
            .near = [this](const std::string&) { return others; },
            .identify = [this](const std::string& path) -> Answer<IdentifyReply> {
              IdentifyReply reply;
              reply.slices.push_back({content.at(path), {}});
              return reply;
            },
            .look_up = [this, refusal](const LookupRequest& request) -> Answer<LookupReply> {
              if (const Refusal* no = refusal(request.path)) return *no;
              return reply_to(request);
            },
            .kdk_builds = {},
            .notes = {}};
  }
};

Symbols names_for(const Report& report, FakeSources& fake, SymbolicateOptions options = {}) {
  return symbolicate(report, place_frames(report), fake.sources(), options);
}

std::string name(const Symbols& symbols, std::uint32_t frame) {
  const auto names = symbols.of({frame});
  return names.empty() ? "" : names.front().function;
}

std::string at(std::uint64_t address) { return "at_" + std::to_string(address); }

}  // namespace

TEST_CASE("each image's addresses are asked for once, ascending and without doubles") {
  const Report report =
      report_with({frame_at(kTextExec + 0x200), frame_at(kFoo + 0x10), frame_at(kTextExec + 0x100),
                   frame_at(kTextExec + 0x200), frame_at(kTextExec + 0x1ff, AddressKind::pc)})
          .build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  fake.add("foo", image_of(0x22, 0, 0x4000));
  const Symbols symbols = names_for(report, fake);
  REQUIRE(fake.requests.size() == 2);
  CHECK(fake.requests[0].addresses ==
        std::vector<FileAddress>{{kKernelCode + 0xff}, {kKernelCode + 0x1ff}});
  CHECK(fake.requests[1].addresses == std::vector<FileAddress>{{0x400f}});
  CHECK(name(symbols, 0) == at(kKernelCode + 0x1ff));
  CHECK(name(symbols, 1) == at(0x400f));
  CHECK(symbols.status({3}) == SymbolStatus::named);
  // What is shown counts from the report's number, not from the byte that was looked up.
  CHECK(symbols.of({0}).front().offset == 0x100);
  CHECK(symbols.of({4}).front().offset == 0xff);
  REQUIRE(symbols.images.size() == 2);
  CHECK(symbols.images[0].image == "kernel");
  CHECK(symbols.images[0].frames == 4);
  CHECK(symbols.images[0].named == 4);
  CHECK(symbols.images[0].path == "kernel");
  CHECK(symbols.images[0].remedy.empty());
}

TEST_CASE("an image without a file says what to get") {
  const Report report = report_with({frame_at(kTextExec + 0x200), frame_at(kFoo + 0x10)}).build();
  FakeSources fake;
  const Symbols symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::no_symbols);
  REQUIRE(symbols.images.size() == 2);
  const ImageSymbols& foo = symbols.images[0];
  CHECK(foo.image == "com.example.driver.Foo");
  CHECK(foo.remedy ==
        "need the dSYM or the binary of com.example.driver.Foo with UUID "
        "22222222-2222-2222-2222-222222222222: give it with --dsym or --symbols");
  CHECK(symbols.images[1].remedy ==
        "need KDK build 25F71 (kernel.release.t8132, UUID 11111111-1111-1111-1111-111111111111): "
        "not installed");
}

TEST_CASE("the remedy for a kernel names the KDKs that do not match") {
  const Report report = report_with({}).build();
  WantedImage kernel{"kernel", uuid_of(0x11), true, true, {}};
  CHECK(remedy_for(kernel, report.machine, {}, {"25F70"}) ==
        "need KDK build 25F71 (kernel.release.t8132, UUID 11111111-1111-1111-1111-111111111111): "
        "not installed; installed: 25F70 does not match");
  CHECK(remedy_for(kernel, report.machine, {}, {"25F70", "25F71"}) ==
        "need KDK build 25F71 (kernel.release.t8132, UUID 11111111-1111-1111-1111-111111111111): "
        "KDK 25F71 is installed but holds no file with this UUID");
}

TEST_CASE("the kernel's file is named after its variant and SoC") {
  Machine machine;
  CHECK(kernel_file_name(machine) == "kernel");
  const auto named = [&](std::string version) {
    machine.kernel_version = Sourced<std::string>{std::move(version), {}};
    return kernel_file_name(machine);
  };
  CHECK(named("x; root:xnu-1~1/RELEASE_ARM64_T6000") == "kernel.release.t6000");
  CHECK(named("x; root:xnu-1~1/DEVELOPMENT_ARM64_T8103") == "kernel.development.t8103");
  CHECK(named("x; root:xnu-1~1/RELEASE_X86_64") == "kernel");
  CHECK(named("x; root:xnu-1~1/DEVELOPMENT_X86_64") == "kernel.development");
  CHECK(named("x") == "kernel");
}

TEST_CASE("a file of another build is used only when that is allowed, and every frame says so") {
  const Report report = report_with({frame_at(kTextExec + 0x200)}).build();
  FakeSources fake;
  fake.add("other", image_of(0x33, 0xfffffe0007004000, kKernelCode));
  fake.others = fake.files;
  Symbols symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::uuid_mismatch);
  CHECK(name(symbols, 0).empty());
  CHECK(symbols.images[0].path == "other");
  CHECK(fake.requests.empty());
  symbols = names_for(report, fake, {.allow_near_match = true});
  CHECK(symbols.status({0}) == SymbolStatus::near_match);
  CHECK(name(symbols, 0) == at(kKernelCode + 0x1ff));
  CHECK(symbols.images[0].status == SymbolStatus::near_match);
  CHECK_FALSE(symbols.images[0].remedy.empty());
}

TEST_CASE("a file that ends the symbolizer costs its own image only") {
  const Report report = report_with({frame_at(kTextExec + 0x200), frame_at(kFoo + 0x10)}).build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  fake.add("foo", image_of(0x22, 0, 0x4000));
  fake.refusals["kernel"] = {Refusal::Reason::symbolizer_failed, {}, "ended by signal 11"};
  Symbols symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::symbolizer_failed);
  CHECK(symbols.status({1}) == SymbolStatus::named);
  CHECK(symbols.notes == std::vector<std::string>{"kernel: ended by signal 11"});
  // Another file with the same UUID is the next choice.
  fake.add("kernel copy", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::named);
  CHECK(symbols.images[0].status == SymbolStatus::named);
}

TEST_CASE("without a symbolizer nothing is looked up, and one note says why") {
  const Report report = report_with({frame_at(kTextExec + 0x200), frame_at(kFoo + 0x10)}).build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  fake.add("foo", image_of(0x22, 0, 0x4000));
  for (const char* path : {"kernel", "foo"})
    fake.refusals[path] = {Refusal::Reason::not_installed, {}, "no such program"};
  const Symbols symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::not_looked_up);
  CHECK(symbols.status({1}) == SymbolStatus::not_looked_up);
  CHECK(symbols.notes.size() == 1);
}

TEST_CASE("an address outside the file's code makes the slide look wrong") {
  const Report report = report_with({frame_at(kFoo + 0x9000), frame_at(kFoo + 0x100)}).build();
  FakeSources fake;
  MachImage small = image_of(0x22, 0, 0x4000);
  small.segments[1].size = 0x8000;
  fake.add("foo", small);
  const Symbols symbols = names_for(report, fake);
  CHECK(symbols.status({0}) == SymbolStatus::outside_image);
  CHECK(symbols.status({1}) == SymbolStatus::named);
  REQUIRE(symbols.notes.size() == 1);
  CHECK(symbols.notes[0].find("slide looks wrong") != std::string::npos);
}

TEST_CASE("a base of the kernel within a page makes the slide look wrong") {
  ReportBuilder builder = report_with({frame_at(kTextExec + 0x200)});
  builder.panic().layout.text_exec_base->value.value += 4;
  const Report report = std::move(builder).build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  const Symbols symbols = names_for(report, fake);
  REQUIRE(symbols.notes.size() == 1);
  CHECK(symbols.notes[0].find("slide looks wrong") != std::string::npos);
}

TEST_CASE("names of the report stay where no file has a better one") {
  Frame frame = frame_at(kTextExec + 0x200);
  frame.reported_symbol = "IOLog + 0x12";
  const Report report = report_with({frame}).build();
  FakeSources fake;
  Symbols symbols = names_for(report, fake);
  CHECK(name(symbols, 0) == "IOLog");
  CHECK(symbols.status({0}) == SymbolStatus::not_looked_up);
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  symbols = names_for(report, fake);
  CHECK(name(symbols, 0) == at(kKernelCode + 0x1ff));
  CHECK(symbols.status({0}) == SymbolStatus::named);
}

TEST_CASE("the trap's pc is named exactly, its lr as a return address") {
  ReportBuilder builder = report_with({frame_at(kTextExec + 0x200)});
  RegisterSet set;
  set.registers = {{"x0", 1}, {"lr", 0xcaa8fe0024094300}, {"pc", kFoo + 0x20}};
  builder.panic().registers.push_back(set);
  const Report report = std::move(builder).build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  fake.add("foo", image_of(0x22, 0, 0x4000));
  const Symbols symbols = names_for(report, fake);
  const AddressSymbols* pc = symbols.find({kFoo + 0x20});
  REQUIRE(pc != nullptr);
  REQUIRE(pc->names.size() == 1);
  CHECK(pc->status == SymbolStatus::named);
  CHECK(pc->names[0].function == at(0x4020));
  const AddressSymbols* lr = symbols.find({0xcaa8fe0024094300});
  REQUIRE(lr != nullptr);
  REQUIRE(lr->names.size() == 1);
  CHECK(lr->names[0].function == at(kKernelCode + 0x2ff));
  CHECK(symbols.find({1}) == nullptr);
}

TEST_CASE("a row of the whole collection leads to the image inside that holds the address") {
  ReportBuilder builder = report_with({});
  Image row;
  row.kind = ImageKind::kernelcache;
  row.uuid = uuid_of(0x44);
  row.base = {0xfffffe0007004000};
  const auto index = builder.add_image(row);
  Frame frame = frame_at(0xfffffe0008000120, AddressKind::pc);
  frame.image = index;
  builder.begin_process({});
  Thread thread;
  thread.kernel_stack = builder.add_frames({frame});
  builder.add_thread(thread);
  const Report report = std::move(builder).build();
  FakeSources fake;
  MachImage whole = image_of(0x44, 0xfffffe0007004000, 0);
  whole.file_type = 12;
  fake.add("kernelcache", whole);
  SymbolSources sources = fake.sources();
  sources.identify = [&](const std::string&) -> Answer<IdentifyReply> {
    IdentifyReply reply;
    reply.slices.push_back({whole,
                            {image_of(0x55, 0xfffffe0007010000, 0xfffffe0007100000),
                             image_of(0x66, 0xfffffe0007020000, 0xfffffe0008000000)}});
    return reply;
  };
  const Symbols symbols = symbolicate(report, place_frames(report), sources);
  REQUIRE(fake.requests.size() == 1);
  CHECK(fake.requests[0].uuid == uuid_of(0x66));
  CHECK(fake.requests[0].path == "kernelcache");
  CHECK(symbols.status({0}) == SymbolStatus::named);
}

TEST_CASE("frames of a further panic count from that panic's bases") {
  ReportBuilder builder = report_with({});
  builder.begin_another_panic();
  builder.panic().layout.text_exec_base = Sourced<Address>{{kTextExec + 0x4000000}, {}};
  Backtrace trace;
  trace.frames = builder.add_frames({frame_at(kTextExec + 0x4000200)});
  builder.panic().backtraces.push_back(trace);
  const Report report = std::move(builder).build();
  FakeSources fake;
  fake.add("kernel", image_of(0x11, 0xfffffe0007004000, kKernelCode));
  CHECK(name(names_for(report, fake), 0) == at(kKernelCode + 0x1ff));
}

TEST_CASE("what is in no image says so") {
  const Report report =
      report_with({frame_at(0xfffffe0029000000), frame_at(0x12), frame_at(0x8a2ffe0024f1c0d0)})
          .build();
  FakeSources fake;
  const Symbols symbols = names_for(report, fake);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(symbols.status({i}) == SymbolStatus::no_image);
  CHECK(symbols.images.empty());
}

TEST_CASE("a request whose answer is too long for a message is asked in halves") {
  std::vector<Frame> frames;
  for (std::uint64_t i = 0; i < 100; ++i) frames.push_back(frame_at(kFoo + 0x10 + 4 * (i / 2)));
  const Report report = report_with(std::move(frames)).build();
  FakeSources fake;
  fake.add("foo", image_of(0x22, 0, 0x4000));
  SymbolSources sources = fake.sources();
  sources.look_up = [&fake](const LookupRequest& request) -> Answer<LookupReply> {
    if (request.addresses.size() > 7)
      return Refusal{Refusal::Reason::failure, FailureKind::limit, "too long"};
    return fake.reply_to(request);
  };
  const Symbols symbols = symbolicate(report, place_frames(report), sources, {});
  std::size_t asked = 0;
  for (const LookupRequest& request : fake.requests) asked += request.addresses.size();
  CHECK(asked == 50);
  for (std::uint32_t i = 0; i < 100; ++i)
    CHECK(name(symbols, i) == at(0x4000 + 0x10 + 4 * (i / 2) - 1));
}
