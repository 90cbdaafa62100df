#include "symbolicator/address_map.h"

#include "catch.h"
#include "model/report_builder.h"

using namespace panicscan;
using namespace panicscan::symbols;

namespace {

// A kernel on Apple silicon: what the report says of it, and how its symbol file is linked.
constexpr std::uint64_t kCacheSlide = 0x1c4d0000;
constexpr std::uint64_t kKernelText = 0xfffffe00234dc000;
constexpr std::uint64_t kTextExec = 0xfffffe0024094000;
constexpr std::uint64_t kCaller = 0xfffffe00240b1238;

template <typename T>
Sourced<T> said(std::uint64_t value) {
  return {T{value}, {}};
}

Segment segment_of(std::string name, std::uint64_t address, std::uint64_t size,
                   std::uint32_t protection) {
  return {std::move(name), {address}, size, protection};
}

MachImage image_of(std::vector<Segment> segments) {
  MachImage image;
  image.segments = std::move(segments);
  return image;
}

MachImage arm_kernel() {
  return image_of({segment_of("__TEXT", 0xfffffe0007004000, 0x100000, 1),
                   segment_of("__TEXT_EXEC", 0xfffffe00072d0000, 0x800000, 5)});
}

MachImage arm_kext() {
  return image_of(
      {segment_of("__TEXT", 0, 0x4000, 1), segment_of("__TEXT_EXEC", 0x4000, 0x8000, 5)});
}

MachImage intel_kernel() {
  return image_of({segment_of("__HIB", 0xffffff8000100000, 0x1000, 7),
                   segment_of("__TEXT", 0xffffff8000200000, 0xa00000, 5)});
}

MachImage intel_kext() { return image_of({segment_of("__TEXT", 0, 0x8000, 5)}); }

ReportBuilder arm_report() {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::arm64;
  KernelLayout& layout = builder.panic().layout;
  layout.kernelcache_slide = said<Slide>(kCacheSlide);
  layout.kernelcache_base = said<Address>(0xfffffe00234d4000);
  layout.kernel_slide = said<Slide>(0x1c4d8000);
  layout.kernel_text_base = said<Address>(kKernelText);
  layout.text_exec_slide = said<Slide>(0x1d090000);
  layout.text_exec_base = said<Address>(kTextExec);
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = "com.example.driver.Foo";
  kext.start = Address{0xfffffe0025a00000};
  kext.last = Address{0xfffffe0025a0ffff};
  builder.panic().kexts.push_back(kext);
  return builder;
}

ReportBuilder intel_report() {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::x86_64;
  return builder;
}

Image row_of(ImageKind kind, std::uint64_t base) {
  Image image;
  image.kind = kind;
  image.base = {base};
  return image;
}

/// The whole way: placed in the report, found in the file.
std::optional<std::uint64_t> in_file(const Report& report, std::uint64_t address,
                                     const MachImage& image, AddressKind kind,
                                     AddressSpace space = AddressSpace::panic_text) {
  const Placement placement = Placer(report).place({address}, space);
  const Panic* panic = report.panic ? &*report.panic : nullptr;
  const auto code = code_address(report, panic, placement, kind);
  if (!code) return std::nullopt;
  const auto found = file_address(*code, image);
  return found ? std::optional(found->value) : std::nullopt;
}

constexpr auto kPc = AddressKind::pc;
constexpr auto kReturn = AddressKind::return_address;

}  // namespace

TEST_CASE("the kernel's code counts from the text exec base, whatever the slide lines say") {
  const Report report = arm_report().build();
  CHECK(in_file(report, kCaller - 4, arm_kernel(), kPc) == 0xfffffe00072ed234);
}

TEST_CASE("a return address is looked up one byte earlier, inside the call instruction") {
  const Report report = arm_report().build();
  const auto found = in_file(report, kCaller, arm_kernel(), kReturn);
  CHECK(found == 0xfffffe00072ed237);
  CHECK((*found & ~std::uint64_t{3}) == 0xfffffe00072ed234);
}

TEST_CASE("a noreturn callee at the end of a function leads to the caller, not to its neighbour") {
  const Report report = arm_report().build();
  // The call is the last instruction before 0xfffffe00072ed238, where the next function begins.
  CHECK(*in_file(report, kCaller, arm_kernel(), kReturn) < 0xfffffe00072ed238);
  CHECK(*in_file(report, kCaller, arm_kernel(), kPc) == 0xfffffe00072ed238);
}

TEST_CASE("the stackshot's unslid address of the same code leads to the same place") {
  ReportBuilder builder = arm_report();
  builder.add_image(row_of(ImageKind::kernel_text_exec, kTextExec - kCacheSlide));
  const Report report = std::move(builder).build();
  CHECK(report.images[0].base == Address{0xfffffe0007bc4000});
  CHECK(in_file(report, 0xfffffe0007be1234, arm_kernel(), kPc, AddressSpace::stackshot_kernel) ==
        0xfffffe00072ed234);
  CHECK(in_file(report, kCaller - 4, arm_kernel(), kPc) == 0xfffffe00072ed234);
}

TEST_CASE("without the text exec base the kernel's row and the collection's slide replace it") {
  ReportBuilder builder = arm_report();
  builder.panic().layout.text_exec_base.reset();
  builder.add_image(row_of(ImageKind::kernel_text_exec, kTextExec - kCacheSlide));
  const Report report = std::move(builder).build();
  CHECK(in_file(report, kCaller - 4, arm_kernel(), kPc) == 0xfffffe00072ed234);
}

TEST_CASE("only the text exec base, as macOS 11 prints, is enough") {
  ReportBuilder builder = arm_report();
  KernelLayout& layout = builder.panic().layout;
  const auto base = layout.text_exec_base;
  layout = {};
  layout.text_exec_base = base;
  CHECK(in_file(std::move(builder).build(), kCaller - 4, arm_kernel(), kPc) == 0xfffffe00072ed234);
}

TEST_CASE("a kext's code counts from its printed range and its own __TEXT_EXEC") {
  const Report report = arm_report().build();
  const auto found = in_file(report, 0xfffffe0025a01abc, arm_kext(), kReturn);
  CHECK((*found & ~std::uint64_t{3}) == 0x5ab8);
  // Not every kext has its code at 0x4000.
  const MachImage far = image_of(
      {segment_of("__TEXT", 0, 0x70000, 1), segment_of("__TEXT_EXEC", 0x70000, 0x20000, 5)});
  CHECK(in_file(report, 0xfffffe0025a01ab8, far, kPc) == 0x71ab8);
}

TEST_CASE("a signed return address leads where the plain one does") {
  const Report report = arm_report().build();
  CHECK(in_file(report, 0xcaa8fe00240b1238, arm_kernel(), kReturn) == 0xfffffe00072ed237);
  CHECK_FALSE(in_file(report, 0x8a2ffe0024f1c0d0, arm_kernel(), kReturn));
}

TEST_CASE("rows of a stackshot's kexts count from the row") {
  ReportBuilder builder = arm_report();
  builder.add_image(row_of(ImageKind::kernel_text_exec, 0xfffffe0009530000));
  const Report report = std::move(builder).build();
  CHECK(in_file(report, 0xfffffe0009531ab8, arm_kext(), kPc, AddressSpace::stackshot_kernel) ==
        0x5ab8);
}

TEST_CASE("a lone Intel kernel moves by its slide") {
  ReportBuilder builder = intel_report();
  builder.panic().layout.kernel_slide = said<Slide>(0x9000000);
  const Report report = std::move(builder).build();
  CHECK(in_file(report, 0xffffff80093a1b2c, intel_kernel(), kReturn) == 0xffffff80003a1b2b);
}

TEST_CASE("an Intel kernel in a collection counts from its text base") {
  ReportBuilder builder = intel_report();
  KernelLayout& layout = builder.panic().layout;
  layout.kernelcache_slide = said<Slide>(0x9000000);
  layout.kernelcache_base = said<Address>(0xffffff8009200000);
  layout.kernel_slide = said<Slide>(0x9010000);
  layout.kernel_text_base = said<Address>(0xffffff8009210000);
  const Report report = std::move(builder).build();
  CHECK(in_file(report, 0xffffff80093b1b2c, intel_kernel(), kPc) == 0xffffff80003a1b2c);
}

TEST_CASE("an Intel kext's range is the whole image") {
  ReportBuilder builder = intel_report();
  builder.panic().layout.kernel_slide = said<Slide>(0x9000000);
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.start = Address{0xffffff7f8a000000};
  kext.last = Address{0xffffff7f8a007fff};
  builder.panic().kexts.push_back(kext);
  const Report report = std::move(builder).build();
  CHECK(in_file(report, 0xffffff7f8a001234, intel_kext(), kReturn) == 0x1233);
}

TEST_CASE("older rows are whole images and count from __TEXT") {
  ReportBuilder builder = intel_report();
  builder.add_image(row_of(ImageKind::kernel, 0xffffff8000210000));
  const Report report = std::move(builder).build();
  CHECK(in_file(report, 0xffffff80003b1b2c, intel_kernel(), kPc, AddressSpace::stackshot_kernel) ==
        0xffffff80003a1b2c);
}

TEST_CASE("images of processes count from __TEXT") {
  ReportBuilder builder = arm_report();
  builder.add_image(row_of(ImageKind::process, 0x104a00000));
  builder.add_image(row_of(ImageKind::cached_library, 0x1a0000000));
  const Report report = std::move(builder).build();
  const MachImage program = image_of({segment_of("__TEXT", 0x100000000, 0x8000, 5)});
  CHECK(in_file(report, 0x104a01235, program, kReturn, AddressSpace::user) == 0x100001234);
  const MachImage library = image_of({segment_of("__TEXT", 0x180000000, 0x8000, 5)});
  CHECK(in_file(report, 0x1a0001234, library, kPc, AddressSpace::user) == 0x180001234);
}

TEST_CASE("a frame that states its image keeps to it, and its signature is removed") {
  ReportBuilder builder = arm_report();
  const auto image = builder.add_image(row_of(ImageKind::process, 0x104a00000));
  const Report report = std::move(builder).build();
  const Placement placement = Placer(report).place({0x7a3f000104a01234}, AddressSpace::user, image);
  const auto code = code_address(report, nullptr, placement, kPc);
  REQUIRE(code);
  CHECK(*code == CodeAddress{Anchor::text, 0x1234});
}

TEST_CASE("what is no file has no address in one") {
  ReportBuilder builder = arm_report();
  const auto cache = builder.add_image(row_of(ImageKind::shared_cache, 0x180000000));
  const auto absolute = builder.add_image(row_of(ImageKind::absolute, 0));
  const auto jit = builder.add_image(row_of(ImageKind::jit, 0x110000000));
  const Report report = std::move(builder).build();
  const Placer placer(report);
  for (const auto image : {cache, absolute, jit}) {
    const Placement placement = placer.place({0x180001000}, AddressSpace::user, image);
    CHECK_FALSE(code_address(report, &*report.panic, placement, kPc));
  }
}

TEST_CASE("a further panic has slides of its own") {
  ReportBuilder builder = arm_report();
  builder.begin_another_panic();
  builder.panic().layout.text_exec_base = said<Address>(kTextExec + 0x4000000);
  const Report report = std::move(builder).build();
  const Panic& other = report.further_panics.front();
  const Placement placement =
      Placer(report, other).place({kCaller + 0x4000000}, AddressSpace::panic_text);
  const auto code = code_address(report, &other, placement, kReturn);
  REQUIRE(code);
  CHECK(file_address(*code, arm_kernel()) == FileAddress{0xfffffe00072ed237});
}

TEST_CASE("an address of the kernel must lie where the file has code") {
  CHECK(is_in_code(arm_kernel(), {0xfffffe00072ed234}));
  CHECK_FALSE(is_in_code(arm_kernel(), {0xfffffe0007004010}));
  CHECK_FALSE(is_in_code(arm_kernel(), {0xfffffe0007ad0000}));
  CHECK(end_of_code(arm_kernel()) == FileAddress{0xfffffe0007ad0000});
  const MachImage plain = image_of({segment_of("__TEXT", 0x1000, 0x1000, 1)});
  CHECK(is_in_code(plain, {0x1800}));
  CHECK_FALSE(is_in_code(plain, {0x2000}));
}

TEST_CASE("a base that no whole number of pages leads to is damaged") {
  CHECK(is_plausible_base({kTextExec}, arm_kernel()));
  CHECK_FALSE(is_plausible_base({kTextExec + 0x10}, arm_kernel()));
}

TEST_CASE("a file without the segment cannot say where the address is") {
  CHECK_FALSE(file_address({Anchor::text, 0x10}, image_of({})));
  CHECK(file_address({Anchor::linked, 0x10}, image_of({})) == FileAddress{0x10});
}
