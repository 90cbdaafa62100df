#include "model/placement.h"

#include <chrono>
#include <utility>

#include "catch.h"
#include "model/report_builder.h"

using namespace panicscan;

namespace {

constexpr std::uint64_t kSlide = 0x1c4d0000;
constexpr std::uint64_t kTextExec = 0xfffffe0024094000;

template <typename T>
Sourced<T> said(std::uint64_t value) {
  return {T{value}, {}};
}

Uuid uuid_of(std::uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

Image image_of(ImageKind kind, std::uint64_t base, std::string name = {}) {
  Image image;
  image.kind = kind;
  image.base = {base};
  image.name = std::move(name);
  return image;
}

Frame frame_at(std::uint64_t address) {
  Frame frame;
  frame.address = {address};
  return frame;
}

/// The layout lines of a fileset kernel on Apple silicon, and one kext with a dependency.
ReportBuilder arm_report() {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::arm64;
  builder.report().machine.kernel_uuid = Sourced<Uuid>{uuid_of(0x11), {}};
  Panic& panic = builder.panic();
  panic.layout.kernelcache_slide = said<Slide>(kSlide);
  panic.layout.kernelcache_base = said<Address>(0xfffffe00234d4000);
  panic.layout.kernel_slide = said<Slide>(0x1c4d8000);
  panic.layout.kernel_text_base = said<Address>(0xfffffe00234dc000);
  panic.layout.text_exec_slide = said<Slide>(0x1d090000);
  panic.layout.text_exec_base = said<Address>(kTextExec);
  panic.caller = said<Address>(0xfffffe00240b1238);
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = "com.example.driver.Foo";
  kext.uuid = uuid_of(0x22);
  kext.start = Address{0xfffffe0025a00000};
  kext.last = Address{0xfffffe0025a0ffff};
  panic.kexts.push_back(kext);
  kext.list = KextList::dependency;
  kext.bundle_id = "com.apple.iokit.IOPCIFamily";
  kext.start = Address{0xfffffe0026000000};
  kext.last = Address{0xfffffe002602ffff};
  panic.kexts.push_back(kext);
  return builder;
}

Placement in_text(const Report& report, std::uint64_t address) {
  return Placer(report).place({address}, AddressSpace::panic_text);
}

}  // namespace

TEST_CASE("the three slide lines of a fileset agree on the link base") {
  const Report report = arm_report().build();
  const KernelLayout& layout = report.panic->layout;
  CHECK((layout.kernelcache_base->value - layout.kernelcache_slide->value).value ==
        0xfffffe0007004000);
  CHECK((layout.kernel_text_base->value - layout.kernel_slide->value).value == 0xfffffe0007004000);
  CHECK((layout.text_exec_base->value - layout.text_exec_slide->value).value == 0xfffffe0007004000);
}

TEST_CASE("an address of the panic text counts from the kernel's code base") {
  const Placement placement = in_text(arm_report().build(), 0xfffffe00240b1234);
  CHECK(placement.status == PlacementStatus::placed);
  CHECK(placement.image == "kernel");
  CHECK(placement.uuid == uuid_of(0x11));
  CHECK(placement.in_kernel_space);
  CHECK(placement.is_guess);
  CHECK(placement.offset.value == 0x1d234);
  CHECK(placement.unslid == Address{0xfffffe0007be1234});
  // With the code of the kernel linked at 0xfffffe00072d0000:
  CHECK(0xfffffe00072d0000 + placement.offset.value == 0xfffffe00072ed234);
}

TEST_CASE("an address in a printed kext range counts from the range") {
  const Report report = arm_report().build();
  const Placement placement = in_text(report, 0xfffffe0025a01ab8);
  CHECK(placement.image == "com.example.driver.Foo");
  CHECK_FALSE(placement.is_guess);
  // __TEXT_EXEC of such a kext is linked at 0x4000.
  CHECK(placement.offset.value + 0x4000 == 0x5ab8);
}

TEST_CASE("the end of a kext range is inclusive") {
  const Report report = arm_report().build();
  CHECK(in_text(report, 0xfffffe0025a0ffff).image == "com.example.driver.Foo");
  CHECK(in_text(report, 0xfffffe0025a10000).image.empty());
  CHECK(in_text(report, 0xfffffe0025a10000).status == PlacementStatus::no_image);
  CHECK(in_text(report, 0xfffffe0026000000).image == "com.apple.iokit.IOPCIFamily");
}

TEST_CASE("the guess for the kernel ends where the next kext begins") {
  ReportBuilder builder = arm_report();
  Kext kext;
  kext.list = KextList::in_backtrace;
  kext.bundle_id = "com.apple.driver.Near";
  kext.start = Address{0xfffffe0024800000};
  kext.last = Address{0xfffffe00248fffff};
  builder.panic().kexts.push_back(kext);
  const Report report = std::move(builder).build();
  CHECK(in_text(report, kTextExec).offset.value == 0);
  CHECK(in_text(report, kTextExec - 4).image.empty());
  CHECK(in_text(report, 0xfffffe00247fffff).image == "kernel");
  CHECK(in_text(report, 0xfffffe0024900000).image.empty());
}

TEST_CASE("without a next kext the guess ends after the size of a kernel") {
  const Report report = arm_report().build();
  CHECK(in_text(report, kTextExec + 0x8fffff).image == "kernel");
  CHECK(in_text(report, 0xfffffe00259fffff).status == PlacementStatus::no_image);
  CHECK(in_text(report, 0xfffffe00259fffff).in_kernel_space);
}

TEST_CASE("frames of the stackshot are unslid and fall into its own rows") {
  ReportBuilder builder = arm_report();
  Image row = image_of(ImageKind::kernel_text_exec, kTextExec - kSlide);
  row.uuid = uuid_of(0x11);
  REQUIRE(row.base == Address{0xfffffe0007bc4000});
  builder.add_image(row);
  row = image_of(ImageKind::kernel_text_exec, 0xfffffe0009530000);
  row.uuid = uuid_of(0x22);
  builder.add_image(row);
  builder.add_image(image_of(ImageKind::kernelcache, 0xfffffe0007004000));
  const Report report = std::move(builder).build();
  const Placer placer(report);

  const Placement kernel = placer.place({0xfffffe0007be1234}, AddressSpace::stackshot_kernel);
  CHECK(kernel.image == "kernel");
  CHECK(kernel.offset.value == 0x1d234);
  CHECK(kernel.unslid == Address{0xfffffe0007be1234});
  CHECK(kernel.index == Index<Image>{0});

  SECTION("a kext's row gets its name from the UUID in the panic text") {
    const Placement kext = placer.place({0xfffffe0009530010}, AddressSpace::stackshot_kernel);
    CHECK(kext.image == "com.example.driver.Foo");
    CHECK(kext.offset.value == 0x10);
  }
  SECTION("a row never reaches into the next one") {
    CHECK(placer.place({0xfffffe000952ffff}, AddressSpace::stackshot_kernel).image == "kernel");
  }
  SECTION("the whole collection is the last resort, even when the report names it") {
    CHECK(placer.place({0xfffffe0007100000}, AddressSpace::stackshot_kernel).image ==
          "kernelcache");
    CHECK(
        placer.place({0xfffffe0007be1234}, AddressSpace::stackshot_kernel, Index<Image>{2}).image ==
        "kernel");
  }
  SECTION("rows also end the kernel's code in the panic text") {
    const Placement slid = placer.place({0xfffffe0009540000 + kSlide}, AddressSpace::panic_text);
    CHECK(slid.image == "com.example.driver.Foo");
    CHECK(slid.is_guess);
    CHECK(slid.offset.value == 0x10000);
  }
  SECTION("zero is what the kernel writes for an address in no kext") {
    CHECK(placer.place({0}, AddressSpace::stackshot_kernel).status == PlacementStatus::not_code);
  }
}

TEST_CASE("signed pointers of Apple silicon lose their signature") {
  const Report report = arm_report().build();
  const Placer placer(report);
  CHECK(placer.strip({0xcaa8fe002775e8c4}).value == 0xfffffe002775e8c4);
  CHECK(placer.strip({0x0ef37e0010c7e790}).value == 0xfffffe0010c7e790);
  CHECK(placer.strip({0xf4fffe1812345678}).value == 0xfffffe1812345678);
}

TEST_CASE("bit 55 tells that a pointer is none of the kernel's, whatever its other bits") {
  const Report report = arm_report().build();
  const Placer placer(report);
  CHECK(placer.strip({0x8a2ffe0024f1c0d0}).value == 0x24f1c0d0);
  CHECK_FALSE(placer.is_kernel_address({0x8a2ffe0024f1c0d0}));
  CHECK(placer.place({0x8a2ffe0024f1c0d0}, AddressSpace::panic_text).status ==
        PlacementStatus::not_code);
}

TEST_CASE("phones have narrower kernel addresses") {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::arm64;
  builder.panic().caller = said<Address>(0xfffffff02667d3f0);
  const Report report = std::move(builder).build();
  const Placer placer(report);
  CHECK(placer.strip({0xddf82e7025f5d4d0}).value == 0xfffffff025f5d4d0);
  CHECK(placer.is_code_region({0xfffffff025f5d4d0}));
  CHECK_FALSE(placer.is_code_region({0xffffffe8157d3a40}));
}

TEST_CASE("a phone's kernel that is linked alone moves as a whole and may be large") {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::arm64;
  builder.panic().layout.kernel_slide = said<Slide>(0x29970000);
  builder.panic().layout.kernel_text_base = said<Address>(0xfffffff030974000);
  const Report report = std::move(builder).build();
  const Placement place = Placer(report).place({0xfffffff032273724}, AddressSpace::panic_text);
  CHECK(place.image == "kernel");
  CHECK(place.is_guess);
  CHECK(place.offset == Offset{0x18ff724});
  CHECK(place.unslid == Address{0xfffffff008903724});
}

TEST_CASE("without a panic text the first row of kernel code is taken for the kernel") {
  ReportBuilder builder;
  builder.add_image(image_of(ImageKind::process, 0x100000000, "exampled"));
  Image first = image_of(ImageKind::kernel_text_exec, 0xfffffe0007bc4000);
  first.uuid = uuid_of(1);
  const auto kernel = builder.add_image(first);
  Image second = image_of(ImageKind::kernel_text_exec, 0xfffffe0009000000);
  second.uuid = uuid_of(2);
  const auto kext = builder.add_image(second);
  const auto place = [](const Report& report, std::uint64_t address, Index<Image> image) {
    return Placer(report).place({address}, AddressSpace::stackshot_kernel, image);
  };
  const Placement placed = place(builder.report(), 0xfffffe0007bc4100, kernel);
  CHECK(placed.image == "kernel");
  CHECK(placed.is_guess);
  CHECK(place(builder.report(), 0xfffffe0009000010, kext).image == to_string(uuid_of(2)));
  // A report that names its kernel's UUID leaves nothing to guess.
  builder.report().machine.kernel_uuid = Sourced<Uuid>{uuid_of(2), {}};
  CHECK(place(builder.report(), 0xfffffe0007bc4100, kernel).image == to_string(uuid_of(1)));
}

TEST_CASE("an Intel address counts from the slid link base") {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::x86_64;
  builder.panic().layout.kernel_slide = said<Slide>(0x9000000);
  const Report report = std::move(builder).build();
  const Placement placement = in_text(report, 0xffffff80093a1b2b);
  CHECK(placement.image == "kernel");
  CHECK(placement.unslid == Address{0xffffff80003a1b2b});
  CHECK(placement.offset.value == 0x1a1b2b);
  // Nothing is signed there: garbage stays recognisable.
  CHECK(Placer(report).strip({0xc0ffee340fc235fc}).value == 0xc0ffee340fc235fc);
  CHECK(in_text(report, 0xc0ffee340fc235fc).status == PlacementStatus::not_code);
}

TEST_CASE("an Intel kernel in a fileset counts from its own base, not from the collection's") {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::x86_64;
  KernelLayout& layout = builder.panic().layout;
  layout.kernelcache_slide = said<Slide>(0x1a00000);
  layout.kernelcache_base = said<Address>(0xffffff8001c00000);
  layout.kernel_slide = said<Slide>(0x1a10000);
  layout.kernel_text_base = said<Address>(0xffffff8001c10000);
  const Report report = std::move(builder).build();
  const Placement placement = in_text(report, 0xffffff8001c20000);
  CHECK(placement.offset.value == 0x10000);
  CHECK(placement.unslid == Address{0xffffff8000220000});
}

TEST_CASE("the last started kext is code on Intel and none on Apple silicon") {
  Kext kext;
  kext.list = KextList::last_started;
  kext.bundle_id = "com.example.driver.Foo";
  kext.size = 0x10000;
  SECTION("Intel") {
    ReportBuilder builder;
    builder.report().machine.arch = Arch::x86_64;
    kext.start = Address{0xffffff7f8c000000};
    builder.panic().kexts.push_back(kext);
    const Placement placement = in_text(std::move(builder).build(), 0xffffff7f8c00ffff);
    CHECK(placement.status == PlacementStatus::placed);
    CHECK(placement.image == "com.example.driver.Foo");
  }
  SECTION("Apple silicon") {
    ReportBuilder builder = arm_report();
    kext.start = Address{0xfffffe0023a00000};
    builder.panic().kexts.push_back(kext);
    CHECK(in_text(std::move(builder).build(), 0xfffffe0023a00010).status ==
          PlacementStatus::not_code);
  }
}

TEST_CASE("heap and stack addresses are never code") {
  const Report report = arm_report().build();
  CHECK(in_text(report, 0xfffffe1234560000).status == PlacementStatus::not_code);
  CHECK(in_text(report, 0xfffffe3fffff1000).status == PlacementStatus::not_code);
  CHECK(in_text(report, 0).status == PlacementStatus::not_code);
}

TEST_CASE("user frames keep the image that the stackshot states") {
  ReportBuilder builder = arm_report();
  Image main = image_of(ImageKind::process, 0x104a14000);
  main.uuid = uuid_of(0x33);
  builder.add_image(main);
  builder.add_image(image_of(ImageKind::shared_cache, 0x180000000));
  builder.add_image(image_of(ImageKind::absolute, 0));
  builder.add_image(image_of(ImageKind::cached_library, 0x182000000, "libdispatch.dylib"));
  const Report report = std::move(builder).build();
  const Placer placer(report);
  const auto place = [&](std::uint64_t address, std::uint32_t image) {
    return placer.place({address}, AddressSpace::user, Index<Image>{image});
  };
  CHECK(place(0x104a15000, 0).image == to_string(uuid_of(0x33)));
  CHECK(place(0x104a15000, 0).offset.value == 0x1000);
  CHECK_FALSE(place(0x104a15000, 0).is_guess);
  CHECK(place(0x180001000, 1).status == PlacementStatus::shared_cache);
  CHECK(place(0x7ff123456789abcd, 2).status == PlacementStatus::absolute);
  CHECK(place(0x182000010, 3).image == "libdispatch.dylib");

  SECTION("without one, the next lower base is a guess") {
    const Placement guess = placer.place({0x182000010}, AddressSpace::user);
    CHECK(guess.image == "libdispatch.dylib");
    CHECK(guess.is_guess);
    CHECK(placer.place({0x600000000000}, AddressSpace::user).status == PlacementStatus::no_image);
  }
  SECTION("an image index out of range is no trouble") {
    CHECK(place(0x104a15000, 4000000).image == to_string(uuid_of(0x33)));
  }
}

TEST_CASE("several panics in a file have a slide each") {
  ReportBuilder builder = arm_report();
  builder.begin_another_panic();
  builder.panic().layout.text_exec_base = said<Address>(0xfffffe0011000000);
  builder.panic().backtraces.push_back(
      {BacktraceKind::panicked, {}, builder.add_frames({frame_at(0xfffffe0011000100)}), {}, {}});
  const Report report = std::move(builder).build();
  const auto placements = place_frames(report);
  REQUIRE(placements.size() == 1);
  CHECK(placements[0].image == "kernel");
  CHECK(placements[0].offset.value == 0x100);
}

TEST_CASE("ranges at the end of the address space do not wrap") {
  ReportBuilder builder;
  builder.report().machine.arch = Arch::arm64;
  Kext kext;
  kext.list = KextList::last_started;
  kext.start = Address{0xfffffffffffffff0};
  kext.size = ~std::uint64_t{0};
  builder.panic().kexts.push_back(kext);
  kext.list = KextList::in_backtrace;
  kext.start = Address{10};
  kext.last = Address{5};
  builder.panic().kexts.push_back(kext);
  builder.panic().layout.text_exec_base = said<Address>(0xffffffffffffff00);
  builder.add_image(image_of(ImageKind::kernel, 0xffffffffffffffff));
  const Report report = std::move(builder).build();
  CHECK(in_text(report, 0xffffffffffffffff).status == PlacementStatus::not_code);
}

TEST_CASE("placing a stackshot costs next to nothing", "[.bench]") {
  ReportBuilder builder = arm_report();
  for (std::uint64_t i = 0; i < 555; ++i) {
    const bool kernel = i % 2 == 0;
    Image image = image_of(kernel ? ImageKind::kernel_text_exec : ImageKind::process,
                           (kernel ? 0xfffffe0007bc4000 : 0x100000000) + i * 0x40000);
    image.uuid = uuid_of(static_cast<std::uint8_t>(i));
    builder.add_image(image);
  }
  for (int thread = 0; thread < 140000; ++thread) {
    Thread t;
    t.kernel_stack = builder.add_frames(std::vector<Frame>(
        10, frame_at(0xfffffe0007be1234 + static_cast<std::uint64_t>(thread) * 16)));
    builder.add_thread(t);
  }
  const Report report = std::move(builder).build();
  const auto begin = std::chrono::steady_clock::now();
  const auto placements = place_frames(report);
  const auto end = std::chrono::steady_clock::now();
  const double spent = std::chrono::duration<double, std::milli>(end - begin).count();
  WARN(placements.size() << " frames in " << spent << " ms");
}
