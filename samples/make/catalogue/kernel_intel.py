"""Traps of Intel kernels. Texts: xnu osfmk/i386/trap.c."""

from .. import machines
from ..containers import intel_ips, legacy
from ..intel_text import IntelPanic, Trap
from ..sample import Sample, frames_of

VOLUME, NIC = "com.example.fs.RemoteVolume", "com.example.driver.VirtualNIC"
SYSCALL = ["unix_syscall64", "hndl_unix_scall64"]


def _page_fault():
    machine = machines.intel_14("imac-2019", third_party=[(VOLUME, "3.2.1")])
    stack = [f"{VOLUME}`rv_lookup_cached", f"{VOLUME}`rv_vnop_lookup", "VNOP_LOOKUP", "lookup", "namei",
             "nameiat", "fstatat_internal", "stat64"] + SYSCALL
    trap = Trap(14, "page fault", cr2=0x18, error=0, stack=stack, registers={"RAX": 0, "RDI": 0})
    panic = IntelPanic(machine, "page fault", stack, cpu=6, uptime=8_130, process="Finder", pid=512,
                       symbols=True, trap=trap, boot_args="keepsyms=1", threads=11)
    image = machine.images[VOLUME]
    return Sample("kernel/x86-page-fault-third-party-kext.ips",
                  intel_ips(machine, 0x651A8000, panic.text()).encode(),
                  "a file system kext reads through a null pointer; symbols are in the report (keepsyms)",
                  "kernel/data-abort", "confirmed", ".ips of an Intel Mac: one-line body, placeholder stackshot",
                  {"trap": "14 page fault", "cr2": "0x18 (null)", "error": "0x0: read, not present",
                   "rip": f"0x{panic.rip:x} = {VOLUME}+0x{panic.rip - image.start:x}",
                   "KDK slide": f"0x{machine.slide + 0x10000:x} (Kernel slide), not KernelCache slide"},
                  frames_of(panic, 3))


def _general_protection():
    machine = machines.intel_10_15("mbp-2019-gp", third_party=[(NIC, "1.0.3")])
    stack = [f"{NIC}`vnic_output", "ifnet_start_thread_cont", "call_continuation"]
    trap = Trap(13, "general protection", cr2=0x000000010F5A2000, error=0, stack=stack,
                registers={"RCX": 0xDEADBEEFDEADBEEF, "RDI": 0xDEADBEEFDEADBEEF}, flags=" VMM")
    panic = IntelPanic(machine, "general protection", stack, cpu=1, uptime=77, trap=trap)
    return Sample("kernel/x86-general-protection.panic", legacy(machine, 0x5F7F1122, panic.text()).encode(),
                  "a poisoned pointer; CR2 has nothing to do with it", "kernel/x86-trap-other", "confirmed",
                  "legacy .panic text",
                  {"trap": "13 general protection", "registers": "RCX and RDI hold 0xdeadbeefdeadbeef",
                   "cr2": "unrelated", "flags": "VMM = virtual machine",
                   "also": "kext/third-party-in-backtrace"}, frames_of(panic, 2))


def _spinlock():
    """The CPU that would not let go is told apart by its own backtrace, above the main one."""
    machine = machines.intel_11("imac-2020", third_party=[(NIC, "1.0.3")])
    lock, owner = machine.heap("spin lock"), machine.heap("thread", "owner")
    mine = machine.heap("thread", "kernel_task")
    message = (f'"Spinlock acquisition timed out: lock=0x{lock:x}, lock owner thread=0x{owner:x}, '
               f"current_thread: 0x{mine:x}, lock owner active on CPU 0x3, current owner: 0x{owner:x}, "
               'time: 918273645546372"@/System/Volumes/Data/SWE/macOS/BuildRoots/0123456789/Library/Caches/'
               "com.apple.xbs/Sources/xnu/xnu-7195.121.3/osfmk/i386/locks_i386.c:577")
    panic = IntelPanic(machine, message, ["lck_spin_lock", "IOSimpleLockLock", "ifnet_start_internal",
                                          "thread_call_thread"], cpu=0, uptime=918_273)
    other = [f"{NIC}`vnic_interrupt", "lapic_interrupt", "interrupt", "hndl_allintrs"]
    head = (f"Panic(CPU 3, time 918273645546101): NMIPI for spinlock acquisition timeout, spinlock: 0x{lock:x}, "
            f"spinlock owner: 0x{owner:x}, current_thread: 0x{owner:x}, spinlock_owner_cpu: 0x3")
    trap = Trap(2, "NMI", cr2=0, error=0, stack=other)
    nmi = IntelPanic(machine, "nmi", other, cpu=3, trap=trap, specified=other)
    registers = nmi._registers()[1:6]
    lines = [head] + registers + nmi.backtrace() + panic.lines()
    return Sample("kernel/x86-spinlock-nmi-backtrace.txt", "\n".join(lines).encode(),
                  "another CPU's registers and backtrace come before the panic line",
                  "kext/third-party-in-backtrace", "likely", "panic text",
                  {"panicked_cpu": 0, "backtraces": "CPU 3 (NMI) and CPU 0",
                   "culprit": f"{NIC} runs on CPU 3"}, frames_of(panic, 1))


def _nested():
    machine = machines.intel_13("imac-2019-nested")
    caller = machine.back("handle_debugger_trap")
    message = "Ticket lock 0xffffff801f3d4800 is unexpectedly owned by thread 0xffffff9037973b30 @lock_ticket.c:143"
    panic = IntelPanic(machine, message, ["lck_ticket_lock", "IOGraphicsQueueLock", "thread_call_thread"],
                       cpu=0, uptime=3_000)
    lines = panic.lines()
    text = "\n".join(["Debugger called: <panic>",
                      f"Nested panic detected - entry count: 2 panic_caller: 0x{caller:x}"] + lines)
    return Sample("kernel/x86-nested-panic.panic", text.encode(),
                  "the nested line comes first: the panic below it is the nested one",
                  "panic/unclassified", "possible", "panic text, from a serial console",
                  {"nested.count": 2, "nested.caller": f"0x{caller:x}", "file": "lock_ticket.c:143"},
                  frames_of(panic, 1))


def _two_panics():
    machine = machines.intel_10_14("mbp-2017-twice")
    first = IntelPanic(machine, '"thread_invoke: preemption_level 1, possible cause: blocking while holding '
                       'a spinlock, or within interrupt context"@/BuildRoot/Library/Caches/com.apple.xbs/'
                       "Sources/xnu/xnu-4903.271.2/osfmk/kern/sched_prim.c:2245",
                       ["thread_invoke", "thread_block_reason", "lck_mtx_sleep", "thread_call_thread"],
                       cpu=4, uptime=5_400)
    second = IntelPanic(machine, '"Possible memory corruption: pmap_pv_remove(0xffffff80aa0c2000,0x10e2c5000,'
                        '0x201f3a, 0x8000000201f3a967, 0xffffff81f2c3b0e8): empty hash, priors: 1"@/BuildRoot/'
                        "Library/Caches/com.apple.xbs/Sources/xnu/xnu-4903.271.2/osfmk/i386/"
                        "pmap_internal.h:871", ["pmap_remove_range_options", "pmap_remove_options",
                                                "vm_map_delete", "vm_map_remove"],
                        cpu=1, uptime=912, process="backupd")
    text = legacy(machine, 0x5DB30000, first.text()) + "\n\n" + legacy(machine, 0x5DB31400, second.text())
    return Sample("kernel/two-panics-in-one-file.panic", text.encode(),
                  "two reports pasted into one file; the first is the report, the other is kept",
                  "kernel/preemption-or-interrupt-disabled", "confirmed", "two legacy .panic texts",
                  {"panics": 2, "files": "sched_prim.c:2245, pmap_internal.h:871"}, frames_of(first, 1))


def samples():
    return [_page_fault(), _spinlock(), _general_protection(), _nested(), _two_panics()]
