#pragma once

#include <memory>
#include <string>

#include "model/report_builder.h"
#include "parsers/normalise.h"
#include "parsers/panic_text.h"

namespace panicscan {

/// Reads a panic text as it comes out of JSON: clean.
inline Report read_panic(std::string text) {
  ReportBuilder builder(std::make_shared<const std::string>(std::move(text)));
  parsers::parse_panic_text(0, builder);
  return std::move(builder).build();
}

/// Reads a panic text that somebody pasted.
inline Report read_pasted_panic(std::string text) {
  ReportBuilder builder(std::make_shared<const std::string>(std::move(text)));
  const auto document = parsers::normalise_paste(parsers::normalise(0, builder), builder);
  parsers::parse_panic_text(document, builder);
  return std::move(builder).build();
}

/// The value of the first field of that name; "(none)" when there is none.
inline std::string field(const Report& report, std::string_view name) {
  for (const Field& f : report.fields)
    if (f.name == name) return f.value;
  return "(none)";
}

inline std::size_t count_fields(const Report& report, std::string_view name) {
  std::size_t count = 0;
  for (const Field& f : report.fields) count += f.name == name ? 1 : 0;
  return count;
}

inline std::size_t count_notes(const Report& report, NoteKind kind) {
  std::size_t count = 0;
  for (const Note& n : report.notes) count += n.kind == kind ? 1 : 0;
  return count;
}

/// A whole panic of an Apple silicon Mac; all names and addresses are invented.
inline const std::string kArmPanic =
    R"(panic(cpu 3 caller 0xfffffe00240b1238): "void ExampleDriver::complete(): " "request 17 is lost" @ExampleDriver.cpp:42
Debugger message: panic
Memory ID: 0x6
OS release type: User
OS version: 24F74
Kernel version: Darwin Kernel Version 24.5.0: Tue Apr 22 19:00:00 PDT 2025; root:xnu-11417.121.6~2/RELEASE_ARM64_T6000
Fileset Kernelcache UUID: 00112233445566778899AABBCCDDEEFF
Kernel UUID: 11111111-2222-3333-4444-555555555555
Boot session UUID: 66666666-7777-8888-9999-AAAAAAAAAAAA
iBoot version: iBoot-11881.121.1
secure boot?: YES
roots installed: 0
Paniclog version: 14
KernelCache slide: 0x000000001c4d0000
KernelCache base:  0xfffffe00234d4000
Kernel slide:      0x000000001c4d8000
Kernel text base:  0xfffffe00234dc000
Kernel text exec slide: 0x000000001d090000
Kernel text exec base:  0xfffffe0024094000
mach_absolute_time: 0x16e360000
Epoch Time:        sec       usec
  Boot    : 0x66f00000 0x00000000
  Sleep   : 0x00000000 0x00000000
  Wake    : 0x00000000 0x00000000
  Calendar: 0x66f00100 0x0000ffff

Zone info:
  Zone map: 0xfffffe1000000000 - 0xfffffe3000000000
  . VM    : 0xfffffe1000000000 - 0xfffffe14cccc0000
  Metadata: 0xfffffe3a00000000 - 0xfffffe3a08000000

CORE 0 recently retired instr at 0xfffffe00240a0000
CORE 5 [PACC1] is offline, skipping
TPIDRx_ELy = {1: 0xfffffe1234560000  0: 0x0000000000000000  0ro: 0x0000000000000000 }
CORE 0 PVH locks held: None
CORE 3 is the one that panicked. Check the full backtrace for details.
CORE 4: PC=0xfffffe00240a0010, LR=0xfffffe00240a0000, FP=0xfffffe3fffff0000
Compressor Info: 1% of compressed pages limit (OK) and 2% of segments limit (OK) with 0 swapfiles and OK swap space
Panicked task 0xfffffe1234567890: 42 pages, 7 threads: pid 501: exampledaemon
Panicked thread: 0xfffffe1234560000, backtrace: 0xfffffe3fffff1000, tid: 4242
		  lr: 0xfffffe00240b1238  fp: 0xfffffe3fffff1010
		  lr: 0xfffffe0025a01abc  fp: 0xfffffe3fffff1020
      Kernel Extensions in backtrace:
         com.example.driver.Foo(1.2)[22222222-3333-4444-5555-666666666666]@0xfffffe0025a00000->0xfffffe0025a0ffff
            dependency: com.apple.iokit.IOPCIFamily(2.9)[33333333-4444-5555-6666-777777777777]@0xfffffe0026000000->0xfffffe002602ffff

last started kext at 123456789: com.example.driver.Foo	1.2 (addr 0xfffffe0023a00000, size 65536)
loaded kexts:
com.example.driver.Foo	1.2
com.apple.driver.AppleUSBXHCI	1
)";

/// A whole panic of an Intel Mac; all names and addresses are invented.
inline const std::string kIntelPanic =
    R"(*** Panic Report ***
panic(cpu 1 caller 0xffffff8012345678): Kernel trap at 0xffffff7f93a01234, type 14=page fault, registers:
CR0: 0x0000000080010033, CR2: 0x0000000000000018, CR3: 0x0000000012345000, CR4: 0x00000000003626e0
RAX: 0x0000000000000000, RBX: 0xffffff8020304050, RCX: 0x0000000000000001, RDX: 0x0000000000000002
RSP: 0xffffff81a2b3c3d0, RBP: 0xffffff81a2b3c400, RSI: 0x0000000000000003, RDI: 0x0000000000000004
R8:  0x0000000000000005, R9:  0x0000000000000006, R10: 0x0000000000000007, R11: 0x0000000000000008
R12: 0x0000000000000009, R13: 0x000000000000000a, R14: 0x000000000000000b, R15: 0x000000000000000c
RFL: 0x0000000000010202, RIP: 0xffffff7f93a01234, CS:  0x0000000000000008, SS:  0x0000000000000010
Fault CR2: 0x0000000000000018, Error code: 0x0000000000000002, Fault CPU: 0x1 VMM, PL: 0, VF: 1

Backtrace (CPU 1), panicked thread: 0xffffff90a1b2c3d0, Frame : Return Address
0xffffff81a2b3c000 : 0xffffff8012340001 mach_kernel : _handle_debugger_trap + 0x3fd
0xffffff81a2b3c100 : 0xffffff7f93a01234 com.example.driver.Foo : __ZN3Foo5startEP9IOService + 0x34
0xffffff81a2b3c200 : 0xffffff8012340002 
0x0000000000000000 : 0x0000000000000000 
      Kernel Extensions in backtrace:
         com.example.driver.Foo(1.2)[22222222-3333-4444-5555-666666666666]@0xffffff7f93a00000->0xffffff7f93a0ffff
            dependency: com.apple.iokit.IOPCIFamily(2.9)[33333333-4444-5555-6666-777777777777]@0xffffff7f93000000

Process name corresponding to current thread (0xffffff90a1b2c3d0): exampled
Boot args: keepsyms=1

Mac OS version:
20G165

Kernel version:
Darwin Kernel Version 20.6.0: Wed Jun 23 00:26:31 PDT 2021; root:xnu-7195.141.2~5/RELEASE_X86_64
Kernel UUID: 11111111-2222-3333-4444-555555555555
KernelCache slide: 0x0000000012000000
KernelCache base:  0xffffff8012200000
Kernel slide:      0x0000000012010000
Kernel text base:  0xffffff8012210000
__HIB  text base: 0xffffff8012100000
System model name: MacBookPro16,3 (Mac-0123456789ABCDEF)
System shutdown begun: NO
Panic diags file available: YES (0x0)
Hibernation exit count: 0

System uptime in nanoseconds: 322196603273
Last Sleep:           absolute           base_tsc          base_nano
  Uptime  : 0x0000004b046a04e0
  Sleep   : 0x0000000000000000 0x0000000000000000 0x0000000000000000

last started kext at 36530783870: >driverkit.serial	6.0.0 (addr 0xffffff7fb1cb5000, size 28672)
loaded kexts:
com.example.driver.Foo	1.2
>usb.!UXHCI	1.2
|IOUSBHost!F	1.2
@filesystems.apfs	1677.141.1
)";

}  // namespace panicscan
