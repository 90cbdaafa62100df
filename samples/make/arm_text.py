"""The panic text of an Apple silicon kernel.

Order and wording of the lines: xnu osfmk/arm/model_dep.c (do_print_all_panic_info,
do_print_all_backtraces) and osfmk/kern/debug.c.
"""

from .dice import Dice, fixed_uuid

TICKS_PER_SECOND = 24_000_000
_LOG_VERSION = {20: 13, 21: 13, 25: 15}  # by Darwin's major version; 14 for the others

# What a panicking thread always runs last, innermost first; before macOS 15 with one step more.
_INTO_DEBUGGER = ["handle_debugger_trap", "handle_uncategorized", "sleh_synchronous",
                  "fleh_synchronous", "panic_trap_to_debugger", "panic"]
_INTO_DEBUGGER_OLD = _INTO_DEBUGGER[:4] + ["DebuggerTrapWithState"] + _INTO_DEBUGGER[4:]
_FROM_TRAP = ["panic_with_thread_kernel_state", "handle_kernel_abort", "sleh_synchronous",
              "fleh_synchronous"]


class Times:
    """When the machine started, slept and woke (Unix seconds), and how long it was awake."""

    def __init__(self, boot, awake, slept=None, woke=None):
        self.boot, self.awake, self.slept, self.woke = boot, awake, slept or 0, woke or 0

    @property
    def panicked(self):
        asleep = self.woke - self.slept if self.slept else 0
        return self.boot + self.awake + asleep


class Fault:
    """A processor exception: the registers at the fault, and the stack it interrupted."""

    def __init__(self, text, esr, far, stack, pc=None, lr=None, registers=(), wide_esr=True):
        self.text, self.esr, self.far, self.stack = text, esr, far, stack
        self.pc, self.lr, self.registers, self.wide_esr = pc, lr, dict(registers), wide_esr


class ArmPanic:
    """One panic; text() prints it. `stack` is innermost first and begins with panic's caller."""

    def __init__(self, machine, message, stack, *, times, cpu=0, task=(0, "kernel_task", 400),
                 tid=0, fault=None, dexts=(), other_cpus=True, zone_info=True, end_of_stack=True):
        self.machine, self.message, self.stack, self.times = machine, message, list(stack), times
        self.cpu, self.task, self.tid, self.fault = cpu, task, tid, fault
        self.dexts, self.other_cpus, self.zone_info = dexts, other_cpus, zone_info
        self.end_of_stack = end_of_stack
        self.dice = Dice("arm panic", machine.name, message, tid)
        self.thread = machine.heap("thread", tid)
        self.frame_pointer = machine.stack_base + 0x3000 + self.dice.below(0x80) * 16

    # ---- the stack ------------------------------------------------------------------------

    def places(self):
        """Where the panicking thread is, innermost first: as the text and the stackshot show it."""
        into = _INTO_DEBUGGER if self.machine.darwin >= 24 else _INTO_DEBUGGER_OLD
        if self.fault is None:
            return into + self.stack
        # From Darwin 25 on the row behind the exception entry is the pc, before that the lr.
        shows_pc = self.machine.darwin >= 25 and self.fault_pc()
        return into + _FROM_TRAP + [self.stack[0 if shows_pc else 1]] + self.stack[1:]

    @property
    def caller(self):
        place = _FROM_TRAP[0] if self.fault else self.stack[0]
        return self.machine.back(place)

    def fault_pc(self):
        return self.machine.pc(self.stack[0]) if self.fault.pc is None else self.fault.pc

    def fault_lr(self):
        return self.machine.back(self.stack[1]) if self.fault.lr is None else self.fault.lr

    def _backtrace(self):
        dice, pointer, lines = Dice("frames", self.machine.name, self.message), self.frame_pointer, []
        rows = [self.machine.back(place) for place in self.places()]
        for number, address in enumerate(rows):
            pointer += 16 * dice.between(1, 28)
            last = number == len(rows) - 1 and self.end_of_stack
            lines.append(f"\t\t  lr: 0x{address:016x}  fp: 0x{0 if last else pointer:016x}")
        return lines

    # ---- the head -------------------------------------------------------------------------

    def _registers(self):
        machine, fault, dice = self.machine, self.fault, Dice("registers", self.message)
        values = {f"x{n}": dice.weighted([(5, 0), (2, dice.below(0x400)),
                                          (3, machine.heap("register", n, self.tid))])
                  for n in range(29)}
        values.update(fp=self.frame_pointer + 0xD10, sp=self.frame_pointer + 0xCC0,
                      pc=self.fault_pc(), lr=machine.signed(self.fault_lr(), "lr", self.tid),
                      cpsr=0x60401208)
        if machine.darwin >= 24:  # printed stripped since
            values["lr"] = self.fault_lr()
        values.update(fault.registers)
        self.printed_lr = values["lr"]
        lines = []
        for first in range(0, 28, 4):
            names = [f"x{n}" for n in range(first, first + 4)]
            cells = [f"{name + ':':<5}0x{values[name]:016x}" for name in names]
            gap = " "
            if machine.darwin <= 20 and first < 12:  # spaced unevenly up to macOS 11 and iOS 14
                cells[0], gap = cells[0].replace(":  ", ": "), "  "
            lines.append("\t  " + cells[0] + gap + "  ".join(cells[1:]))
        lines.append("\t  x28: 0x{x28:016x} fp:  0x{fp:016x}  lr:  0x{lr:016x}  sp:  0x{sp:016x}"
                     .format(**values))
        esr = f"0x{fault.esr:016x}" if machine.darwin >= 24 else f"0x{fault.esr:08x}"
        lines.append("\t  pc:  0x{pc:016x} cpsr: 0x{cpsr:08x}         ".format(**values) +
                     f"esr: {esr}  far: 0x{fault.far:016x}")
        return lines

    def head(self):
        start = f"panic(cpu {self.cpu} caller 0x{self.caller:x}): "
        if self.fault is None:
            lines = (start + self.message).split("\n")
        else:
            registers = self._registers()
            state = self.frame_pointer + 0x900
            lines = [f"{start}{self.fault.text} at pc 0x{self.fault_pc():016x}, "
                     f"lr 0x{self.printed_lr:016x} (saved state: 0x{state:x})"]
            lines += registers + [""]
        for bundle, path, state in self.dexts:
            lines += [f"{bundle}: ", f"    ( id: {bundle}; path: {path}; state: {state} )"]
        return lines

    # ---- everything else --------------------------------------------------------------------

    def _identity(self):
        machine, lines = self.machine, []
        lines += ["Debugger message: panic", f"Memory ID: 0x{machine.memory_id:x}",
                  "OS release type: User", f"OS version: {machine.build}",
                  f"Kernel version: {machine.kernel}"]
        if machine.darwin >= 24 and getattr(machine, "exclaves", False):
            lines.append("Exclaves boot status: BOOTED_EXCLAVEKIT")
        if machine.is_fileset:
            lines.append(f"Fileset Kernelcache UUID: {machine.kc_uuid.replace('-', '')}")
        lines += [f"Kernel UUID: {machine.kernel_uuid}",
                  f"Boot session UUID: {machine.boot_session}",
                  f"iBoot version: {machine.iboot}"]
        if machine.darwin >= 25:
            lines.append(f"iBoot Stage 2 version: {machine.iboot if machine.is_mac else ''}")
        lines += ["secure boot?: " + ("NO" if machine.third_party else "YES"), f"roots installed: {getattr(machine, 'roots', 0)}",
                  f"Paniclog version: {_LOG_VERSION.get(machine.darwin, 14)}"]
        if getattr(machine, "has_sptm", False):
            base = machine.kc_base
            lines += [f"Debug Header address: 0x{base - 0x1FF67000:x}",
                      "Debug Header entry count: 3",
                      f"TXM load address: 0x{base - 0x10000000:x}",
                      f"TXM UUID: {fixed_uuid(machine.name, 'txm')}",
                      f"Debug Header kernelcache load address: 0x{base:x}",
                      f"Debug Header kernelcache UUID: {machine.kc_uuid}",
                      f"SPTM load address: 0x{base - 0x20000000:x}",
                      f"SPTM UUID: {fixed_uuid(machine.name, 'sptm')}"]
        link = machine.link_base
        if not machine.is_fileset:
            return lines + [f"Kernel slide:      0x{machine.slide:016x}",
                            f"Kernel text base:  0x{machine.text_base:x}"]
        if machine.darwin <= 20:  # macOS 11 prints no slide
            return lines + [f"Kernel text base:  0x{machine.text_base:x}",
                            f"Kernel text exec base:  0x{machine.te_base:016x}"]
        return lines + [f"KernelCache slide: 0x{machine.slide:016x}",
                        f"KernelCache base:  0x{machine.kc_base:x}",
                        f"Kernel slide:      0x{machine.text_base - link:016x}",
                        f"Kernel text base:  0x{machine.text_base:x}",
                        f"Kernel text exec slide: 0x{machine.te_base - link:016x}",
                        f"Kernel text exec base:  0x{machine.te_base:016x}"]

    def _times(self):
        times, dice = self.times, Dice("microseconds", self.message)

        def row(name, seconds):
            return f"  {name:<8}: 0x{seconds:08x} 0x{dice.below(1_000_000) if seconds else 0:08x}"

        ticks = times.awake * TICKS_PER_SECOND + dice.below(TICKS_PER_SECOND)
        return [f"mach_absolute_time: 0x{ticks:x}", "Epoch Time:        sec       usec",
                row("Boot", times.boot), row("Sleep", times.slept), row("Wake", times.woke),
                row("Calendar", times.panicked), ""]

    def _zones(self):
        at = self.machine.zone_at
        parts = [("VM    ", 0, 15), ("RO    ", 15, 20), ("GEN0  ", 20, 36), ("GEN1  ", 36, 52),
                 ("GEN2  ", 52, 68), ("GEN3  ", 68, 84), ("DATA  ", 84, 100)]
        end = at(100)
        return ["Zone info:", f"  Zone map: 0x{at(0):x} - 0x{end:x}"] + \
               [f"  . {name}: 0x{at(low):x} - 0x{at(high):x}" for name, low, high in parts] + \
               [f"  Metadata: 0x{end + 0x1810000:x} - 0x{end + 0x9010000:x}",
                f"  Bitmaps : 0x{end + 0x9010000:x} - 0x{end + 0xB9B0000:x}", "  Extra   : 0 - 0", ""]

    def _cores(self):
        machine, dice, lines = self.machine, Dice("cores", self.message), []
        clusters = machine.clusters
        idle = machine.pc("arm64_idle")

        def label(n):
            return f" [{clusters[n]}]" if machine.darwin >= 25 else ""

        for n in range(len(clusters)):
            hint = machine.pc(dice.pick(["arm64_idle", "thread_block_reason", "lck_mtx_lock"]))
            lines.append(f"CORE {n}{label(n)} recently retired instr at 0x{hint:016x}")
        lines.append(f"TPIDRx_ELy = {{1: 0x{self.tagged_thread():016x}  0: 0x{0x1000 + self.cpu:016x}  "
                     "0ro: 0x0000000000000000 }")
        for n in range(len(clusters)):
            if n == self.cpu:
                lines.append(f"CORE {n} is the one that panicked. "
                             "Check the full backtrace for details.")
            else:
                frame = machine.stack_base + 0x20000 * (n + 2) + 0x3ED0
                lines.append(f"CORE {n}: PC=0x{idle:016x}, LR=0x{idle:016x}, FP=0x{frame:016x}")
        lines.append("Compressor Info: {}% of compressed pages limit (OK) and {}% of segments limit "
                     "(OK) with {} swapfiles and OK swap space"
                     .format(dice.below(9), dice.below(9), dice.below(3)))
        return lines

    def tagged_thread(self):
        """The thread pointer as the processor holds it: with a memory tag on newer hardware."""
        if not getattr(self.machine, "has_mte", False):
            return self.thread
        return self.thread & ~(0xF << 56) | (4 + self.cpu) << 56

    def _thread(self):
        pid, name, threads = self.task
        task = self.machine.heap("task", pid)
        pages = 0 if pid == 0 else 200 + Dice("pages", name).below(9000)
        return [f"Panicked task 0x{task:x}: {pages} pages, {threads} threads: pid {pid}: {name}",
                f"Panicked thread: 0x{self.thread:x}, backtrace: 0x{self.frame_pointer:x}, "
                f"tid: {self.tid}"] + self._backtrace()

    def _kexts(self):
        machine, lines, seen = self.machine, [], []
        for place in self.stack:
            bundle = place.rpartition("`")[0]
            if bundle and bundle not in seen:
                seen.append(bundle)
        if seen:
            lines.append("      Kernel Extensions in backtrace:")
        for bundle in seen:
            lines.append(9 * " " + kext_range(machine.images[bundle]))
            for needed in machine.dependencies.get(bundle, []):
                lines.append(12 * " " + "dependency: " + kext_range(machine.images[needed]))
        if not machine.is_fileset:
            return [""]
        lines += ["", ""]
        last = machine.last_started
        version = machine.images[last].version
        size = machine.images[last].size // 3
        lines.append(f"last started kext at {40 * TICKS_PER_SECOND + 12345}: {last}\t{version} "
                     f"(addr 0x{machine.kc_base + 0xB0000 + size // 16 * 16:x}, size {size})")
        lines.append("loaded kexts:")
        for bundle, version in machine.third_party + machine.kexts:
            lines.append(f"{bundle}\t{version}")
        return lines

    def lines(self):
        out = self.head() + self._identity() + self._times()
        if self.zone_info:
            out += self._zones()
        if self.other_cpus:
            out += self._cores()
        return out + self._thread() + self._kexts() + ["", "", ""]

    def text(self):
        return "\n".join(self.lines())


def kext_range(image):
    """A row of "Kernel Extensions in backtrace"."""
    return f"{image.name}({image.version})[{image.uuid}]@0x{image.start:x}->0x{image.last:x}"

