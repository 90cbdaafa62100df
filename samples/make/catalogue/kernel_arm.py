"""Faults of Apple silicon kernels. Texts: xnu osfmk/arm64/sleh.c, osfmk/kern/zalloc.c."""

from .. import crowd, machines, stacks
from ..arm_text import ArmPanic, Fault, Times
from ..containers import ips
from ..dice import Dice
from ..sample import Sample, frames_of
from ..stackshot import Process, Stackshot
from .dext import panicking_thread

SYSCALL = ["handle_svc", "sleh_synchronous", "fleh_synchronous"]
GRABBER, GUARD = "com.example.driver.FrameGrabber", "com.example.filter.NetGuard"


def _fault_facts(panic):
    machine = panic.machine
    image, offset = machine.where(panic.fault_pc())
    back, back_offset = machine.where(panic.fault_lr())
    return {"pc": f"0x{panic.fault_pc():x} = {image}+0x{offset:x}" if image else "0x0",
            "lr": f"0x{panic.fault_lr():x} = {back}+0x{back_offset:x}",
            "far": f"0x{panic.fault.far:x}", "esr": f"0x{panic.fault.esr:x}"}


def _data_abort():
    machine = machines.mac13("m1-grabber", third_party=[(GRABBER, "1.8.0")])
    stack = [f"{GRABBER}`ExampleFrameGrabber::completeTransfer(unsigned int)",
             f"{GRABBER}`ExampleFrameGrabber::interruptAction(IOInterruptEventSource*, int)",
             "IOInterruptEventSource::checkForWork()", "IOWorkLoop::runEventSources()",
             "IOWorkLoop::threadMain()", "call_continuation"]
    tid, dice = 312, Dice("m1-grabber threads")
    fault = Fault("Kernel data abort.", esr=0x96000006, far=0x28, stack=stack,
                  registers={"x0": 0, "x8": 0x28, "x19": machine.heap("transfer")})
    panic = ArmPanic(machine, "data abort in the grabber", stack, times=Times(0x63F90000, 4_120), cpu=3,
                     tid=tid, fault=fault, task=(0, "kernel_task", 10))
    image, signed = machine.images[GRABBER], machine.signed(panic.fault_lr(), "lr", tid)
    processes = [crowd.small_kernel_task([panicking_thread(panic, tid)])] + crowd.small_crowd(dice)
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 40, panic.text(), stackshot=shot)
    return Sample("kernel/data-abort-third-party-kext.ips", data.encode(),
                  "a third-party kext reads through a null pointer; the printed lr is signed (PAC)",
                  "kernel/data-abort", "confirmed", f".ips in two parts, {shot.thread_count()} threads",
                  {**_fault_facts(panic), "far_class": "null (field at 0x28)", "access": "read",
                   "fault": "translation fault, level 2", "lr as printed": f"0x{signed:x}",
                   "kext range": f"0x{image.start:x}-0x{image.last:x}", "also": "kext/third-party-in-backtrace"},
                  frames_of(panic, 3))


def _ascii_14():
    """An older phone: no fileset, uneven register lines, and text where a pointer should be."""
    machine = machines.phone14("iphone-2017")
    stack = ["OSArray::getObject(unsigned int) const", "IOUserClient::clientMemoryForType(unsigned int, "
             "unsigned int*, IOMemoryDescriptor**)", "is_io_connect_method", "_Xio_connect_method",
             "ipc_kobject_server", "mach_msg_overwrite_trap"] + SYSCALL
    fault = Fault("Kernel data abort.", esr=0x96000004, far=0x4141414141414151, stack=stack,
                  registers={"x2": 0x4141414141414141, "x19": 0x4141414141414141})
    panic = ArmPanic(machine, "ascii", stack, times=Times(0x60F50000, 135), cpu=1, tid=4713, fault=fault,
                     task=(591, "ExampleFuzzer", 1), zone_info=False, other_cpus=False)
    return Sample("kernel/data-abort-ascii-pointer-ios14.ips",
                  ips(machine, panic.times.panicked + 30, panic.text()).encode(),
                  "letters in a pointer; no fileset, so one slide; older spacing of registers",
                  "kernel/data-abort", "confirmed", ".ips in two parts, no stackshot",
                  {**_fault_facts(panic), "far_class": "ascii (AAAAAAAQ) or non-canonical",
                   "slide of everything": f"0x{machine.slide:x}"}, frames_of(panic, 2))


def _null_call():
    machine = machines.mac15("m2-filter", third_party=[(GUARD, "5.1")])
    stack = ["null", f"{GUARD}`ExampleNetGuard::notifyListeners()",
             f"{GUARD}`ExampleNetGuard::flowClosed(void*, unsigned int)", "thread_call_invoke",
             "thread_call_thread"]
    fault = Fault("Kernel instruction fetch abort", esr=0x8600000E, far=0, stack=stack, pc=0,
                  registers={"x8": 0, "x0": machine.heap("listener")})
    panic = ArmPanic(machine, "null call", stack, times=Times(0x68310000, 700), cpu=0, tid=402, fault=fault)
    return Sample("kernel/null-function-call.panic", panic.text().encode(),
                  "a call through a null function pointer: pc is 0, lr says who called",
                  "kernel/null-function-call", "confirmed", "panic text", _fault_facts(panic),
                  frames_of(panic, 2, 1))


def _pac():
    machine = machines.mac14("m1pro-pac")
    stack = ["OSObject::release() const", "IOService::detachAll(IORegistryPlane const*)",
             "IOService::finalize(unsigned int)", "IOService::terminateWorker(unsigned int)",
             "IOService::terminateThread(void*, int)", "call_continuation"]
    target = machine.heap("freed object")
    fault = Fault("PAC failure from kernel with DA key while authing x16", esr=0x72000002,
                  far=0, stack=stack, registers={"x16": machine.signed(target, "x16")})
    panic = ArmPanic(machine, "pac", stack, times=Times(0x65E50000, 15_000), cpu=7, tid=182, fault=fault)
    return Sample("kernel/pac-failure.txt", panic.text().encode(),
                  "an object's vtable pointer did not authenticate", "kernel/pac-failure", "confirmed",
                  "panic text", {**_fault_facts(panic), "key": "DA", "what": "authing x16"},
                  frames_of(panic, 3))


def _mte():
    machine = machines.phone26("iphone-mte")
    stack = ["soreceive_generic", "recvmsg_x", "unix_syscall"] + SYSCALL
    element = machine.heap("socket buffer")
    tagged = element & ~(0xF << 56) | 0x1 << 56
    expected = element & ~(0xF << 56) | 0x6 << 56
    fault = Fault(f"Kernel tag check fault (expected tagged address: 0x{expected:016x})",
                  esr=0x96000011, far=tagged, stack=stack,
                  registers={"x0": tagged, "x21": tagged - 0x28, "x27": tagged})
    panic = ArmPanic(machine, "mte", stack, times=Times(0x69402000, 51_000, slept=0x69403000, woke=0x69404000),
                     cpu=1, tid=38_771, fault=fault, task=(1598, "ExampleChat", 22))
    return Sample("kernel/mte-tag-fault-ios26.ips",
                  ips(machine, panic.times.panicked + 25, panic.text(),
                      more={"codeSigningMonitor": 2, "developerMode": 1}).encode(),
                  "memory tagging catches a use after free; thread pointers carry tags as well",
                  "kernel/mte-tag-fault", "confirmed", ".ips in two parts, no stackshot",
                  {**_fault_facts(panic), "tag": "pointer 0x1, memory 0x6", "far_class": "kernel-heap",
                   "TPIDR": f"0x{panic.tagged_thread():x} is thread 0x{panic.thread:x} with a tag"},
                  frames_of(panic, 3))


def _zone():
    machine = machines.phone17("iphone-zone")
    element = machine.heap("command gate")
    message = (f"[iokit.IOCommandGate]: element modified after free (off:72, val:0xfffffffffffffe00, sz:80, "
               f"ptr:0x{element:x})\n   72: 0xfffffffffffffe00 @zalloc.c:1190")
    stack = ["zone_element_was_modified_panic", "zalloc_validate_element", "zalloc_ext",
             "IOCommandGate::commandGate(OSObject*, int (*)(OSObject*, void*, void*, void*, void*))",
             "IOUserClient::clientHasPrivilege(void*, char const*)",
             "com.apple.driver.AppleSEPKeyStore`AppleKeyStoreUserClient::initWithTask(task*, void*, "
             "unsigned int)", "is_io_service_open_extended", "_Xio_service_open_extended",
             "ipc_kobject_server", "mach_msg_overwrite_trap"] + SYSCALL
    panic = ArmPanic(machine, message, stack, times=Times(0x66520000, 4_150), cpu=4, tid=51_809,
                     task=(956, "ExampleApp", 12))
    return Sample("kernel/zone-modified-after-free.ips",
                  ips(machine, panic.times.panicked + 31, panic.text()).encode(),
                  "a freed heap element was written to; two-line message", "kernel/zone-uaf-modified",
                  "confirmed", ".ips in two parts, no stackshot",
                  {"zone": "iokit.IOCommandGate", "offset": 72, "value": "0xfffffffffffffe00", "size": 80,
                   "element": f"0x{element:x}"}, frames_of(panic, 6))


def _preemption():
    machine = machines.mac15("m2-preempt", roots=2, third_party=[(GUARD, "5.1")])
    message = ("preemption disable timeout exceeded: 3600571 >= 3600000 mt ticks (start: 1807230551214, "
               "now: 1807234151785, gross: 3600571, inttime: 0), freq = 2918 MHz, CPI = 1.04 "
               "@preemption_disable.c:432")
    stack = ["_collect_preemption_disable_measurement", "_enable_preemption",
             f"{GUARD}`ExampleNetGuard::walkTable(unsigned int)",
             f"{GUARD}`ExampleNetGuard::dataOut(void*, mbuf*)", "sflt_data_out", "sosend",
             "sendto_nocancel", "unix_syscall"] + SYSCALL
    panic = ArmPanic(machine, message, stack, times=Times(0x68320000, 75_300), cpu=5, tid=9120,
                     task=(871, "ExampleSync", 9))
    return Sample("kernel/preemption-disabled-too-long.txt", panic.text().encode(),
                  "a filter held preemption off for 150 ms", "kernel/preemption-or-interrupt-disabled",
                  "confirmed", "panic text", {"third_party": f"{GUARD} (in backtrace)", "roots_installed": 2}, frames_of(panic, 4))


def _sptm():
    machine = machines.mac15("m2-sptm")
    message = ("[SPTM] VIOLATION_ILLEGAL_RETYPE: sptm_retype(sptm_retype.c:877) "
               "prev_type(0x5), new_type(0x12)")
    stack = ["sptm_handle_violation", "sptm_retype", "pmap_page_protect_options", "vm_page_free_list",
             "vm_pageout_iothread_external"]
    panic = ArmPanic(machine, message, stack, times=Times(0x68330000, 3_000), cpu=2, tid=151)
    return Sample("kernel/sptm-violation-retype.txt", panic.text().encode(),
                  "the page-table monitor refuses to change a page's type",
                  "kernel/sptm-ppl-txm-violation", "confirmed", "panic text",
                  {"name": "ILLEGAL_RETYPE", "is_dart": False}, frames_of(panic, 2))


def _nested_26():
    """A second panic while the first is handled: its block comes first and must not win."""
    machine = machines.mac26("m4-nested")
    message = ('"void AppleSEPManager::requestTimedOut(unsigned int): " "request 17 is lost" '
               "@AppleSEPManager.cpp:2231")
    stack = ["com.apple.driver.AppleSEPManager`AppleSEPManager::requestTimedOut(unsigned int)",
             "IOTimerEventSource::timeoutSignaled(void*, void*)", "thread_call_invoke", "thread_call_thread"]
    panic = ArmPanic(machine, message, stack, times=Times(0x69220000, 9_000), cpu=6, tid=199)
    caller = machine.back("com.apple.driver.RTBuddy`RTBuddy::panicCallback(unsigned int)")
    pointer = machine.stack_base + 0x7120
    nested = [f"Nested panic detected - entry count: 2 panic_caller: 0x{caller:016x}",
              f"Kernel text exec slide: 0x{machine.te_base - machine.link_base:016x}",
              f"Kernel text exec base: 0x{machine.te_base:016x}",
              f"Panicked thread: 0x{panic.thread:x}, backtrace: 0x{pointer:x}, tid: 199"]
    for number, place in enumerate(["handle_debugger_trap", "panic_trap_to_debugger", "panic",
                                    "com.apple.driver.RTBuddy`RTBuddy::panicCallback(unsigned int)"]):
        nested.append(f"\t\t  lr: 0x{machine.back(place):016x}  fp: 0x{pointer + 0x40 * (number + 1):016x}")
    lines = panic.lines()
    text = "\n".join(lines[:1] + ["IOPlatformPanicAction -> AppleSEPManager",
                                  "IOPlatformPanicAction -> RTBuddyService"] + nested + lines[1:])
    return Sample("kernel/nested-panic-macos26.ips",
                  ips(machine, panic.times.panicked + 61, text, flags="0x60",
                      other="\n!! panicked during stackshot, skipping panic stackshot !!\n").encode(),
                  "a panic inside the panic: its slide lines and backtrace come before the real ones; "
                  "the message is two literals in a row",
                  "panic/unclassified", "possible", ".ips in two parts, no stackshot",
                  {"nested.count": 2, "nested.caller": f"0x{caller:x}", "text exec base": f"0x{machine.te_base:x}",
                   "flags": "0x60: stackshot caused a nested panic, nested panic", "file": "AppleSEPManager.cpp:2231",
                   "message": "void AppleSEPManager::requestTimedOut(unsigned int): request 17 is lost"},
                  frames_of(panic, 2))


def samples():
    return [_data_abort(), _ascii_14(), _null_call(), _pac(), _mte(), _zone(), _preemption(), _sptm(), _nested_26()]
