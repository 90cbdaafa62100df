"""The panic text of an Intel kernel.

Order and wording: xnu osfmk/i386/AT386/model_dep.c, osfmk/i386/trap.c (panic_trap).
"""

from .arm_text import kext_range
from .dice import Dice, digest
from .kexts import compacted

_INTO_DEBUGGER = ["handle_debugger_trap", "kdp_i386_trap", "kernel_trap", "return_from_trap",
                  "DebuggerTrapWithState", "panic_trap_to_debugger", "panic"]
_FROM_TRAP = ["kernel_trap", "return_from_trap"]


class Trap:
    """A processor trap; `registers` overrides invented ones (upper-case names)."""

    def __init__(self, number, name, cr2, error, stack, registers=(), rip=None, flags=""):
        self.number, self.name, self.cr2, self.error = number, name, cr2, error
        self.stack, self.registers, self.rip, self.flags = stack, dict(registers), rip, flags


class IntelPanic:
    """One panic; text() prints it. `stack` is innermost first and begins with panic's caller."""

    def __init__(self, machine, message, stack, *, cpu=0, process="kernel_task", uptime=3600,
                 boot_args="", symbols=False, trap=None, head_note=(), slept=None, threads=180,
                 pid=0, started=None, specified=None):
        self.machine, self.message, self.stack = machine, message, list(stack)
        self.cpu, self.process, self.uptime, self.boot_args = cpu, process, uptime, boot_args
        self.symbols, self.trap, self.head_note, self.slept = symbols, trap, head_note, slept
        self.threads, self.pid, self.started = threads, pid, started
        self.specified = specified  # "Backtracing specified thread": the stack that is printed
        self.dice = Dice("intel panic", machine.name, message)
        self.rip = None
        if trap is not None:
            self.rip = machine.pc(self.stack[0]) if trap.rip is None else trap.rip

    @property
    def caller(self):
        return self.machine.back(_FROM_TRAP[0] if self.trap else self.stack[0])

    def _registers(self):
        machine, trap, dice = self.machine, self.trap, Dice("registers", self.message)
        value = {name: dice.weighted([(4, 0), (3, dice.below(0x1000)),
                                      (3, machine.heap("register", name))])
                 for name in "RAX RBX RCX RDX RSI RDI R8 R9 R10 R11 R12 R13 R14 R15".split()}
        value.update(CR0=0x80010033, CR2=trap.cr2, CR3=0x1A200000 + dice.below(0x1000) * 0x1000,
                     CR4=0x3626E0, RSP=machine.stack_base + 0x3C70, RBP=machine.stack_base + 0x3CC0,
                     RFL=0x10246, RIP=self.rip, CS=8, SS=0x10)
        value.update(trap.registers)
        rows = ["CR0 CR2 CR3 CR4", "RAX RBX RCX RDX", "RSP RBP RSI RDI", "R8 R9 R10 R11",
                "R12 R13 R14 R15", "RFL RIP CS SS"]
        lines = [", ".join(f"{name + ':':<4} 0x{value[name]:016x}" for name in row.split())
                 for row in rows]
        return lines + [f"Fault CR2: 0x{trap.cr2:016x}, Error code: 0x{trap.error:016x}, "
                        f"Fault CPU: 0x{self.cpu:x}{trap.flags}, PL: 0, VF: {trap.number}"]

    def head(self):
        start = f"panic(cpu {self.cpu} caller 0x{self.caller:x}): "
        if self.trap is None:
            return (start + self.message).split("\n")
        # "type 14=" up to macOS 10.15, "type = 14=" later.
        kind = "type = " if self.machine.is_fileset and self.machine.darwin >= 23 else "type "
        return [f"{start}Kernel trap at 0x{self.rip:016x}, {kind}{self.trap.number}="
                f"{self.trap.name}, registers:"] + self._registers()

    def rows(self):
        """[(place, return address)] innermost first."""
        machine = self.machine
        if self.specified:
            return [(place, machine.back(place)) for place in self.specified]
        places = _INTO_DEBUGGER + (_FROM_TRAP if self.trap else [])
        out = [(place, machine.back(place)) for place in places]
        stack = list(self.stack)
        if self.trap:
            place = stack.pop(0)
            if self.trap.rip != 0:
                out.append((place, self.rip))
        return out + [(place, machine.back(place)) for place in stack]

    def _symbol(self, place, address):
        if not self.symbols:
            return ""
        image, function = self.machine.image_of(place)
        module = "mach_kernel" if image.name == "kernel" else image.name
        name = function if function.startswith("__Z") else "_" + function
        return f"{module} : {name} + 0x{address - image.entry(function):x}"

    def backtrace(self):
        dice, pointer, lines = self.dice, self.machine.stack_base + 0x3000, []
        lines.append(f"Backtrace (CPU {self.cpu}), Frame : Return Address"
                     if self.machine.darwin < 21 else
                     f"Backtrace (CPU {self.cpu}), panicked thread: "
                     f"0x{self.machine.heap('thread', self.process):x}, Frame : Return Address")
        for place, address in self.rows():
            pointer += 16 * dice.between(1, 20)
            lines.append(f"0x{pointer:x} : 0x{address:x} {self._symbol(place, address)}")
        return lines + self._kexts_in_backtrace()

    def _kexts_in_backtrace(self):
        machine, seen, lines = self.machine, [], []
        for place in self.specified or self.stack:
            bundle = place.rpartition("`")[0]
            if bundle and bundle not in seen:
                seen.append(bundle)
        if seen:
            lines.append("      Kernel Extensions in backtrace:")
        for bundle in seen:
            lines.append(9 * " " + kext_range(machine.images[bundle]))
            for needed in machine.dependencies.get(bundle, []):
                row = kext_range(machine.images[needed])
                if machine.darwin < 20:  # without the end, before macOS 11
                    row = row.partition("->")[0]
                lines.append(12 * " " + "dependency: " + row)
        return lines

    def _kernel(self):
        machine, lines = self.machine, []
        if machine.is_fileset:
            lines += [f"KernelCache slide: 0x{machine.slide:016x}",
                      f"KernelCache base:  0x{machine.kc_base:x}",
                      f"Kernel slide:      0x{machine.slide + 0x10000:016x}"]
        else:
            lines.append(f"Kernel slide:     0x{machine.slide:016x}")
        return lines + [f"Kernel text base: {' ' if machine.is_fileset else ''}"
                        f"0x{machine.text_base:x}",
                        f"__HIB  text base: 0x{machine.hib_base:x}",
                        f"System model name: {machine.product} ({machine.board})"]

    def _uptime(self):
        nanoseconds = self.uptime * 1_000_000_000 + digest(self.message) % 1_000_000_000
        lines = ["", f"System uptime in nanoseconds: {nanoseconds}"]
        if self.machine.darwin >= 20:
            sleep, wake = self.slept or (0, 0)
            lines += ["Last Sleep:           absolute           base_tsc          base_nano",
                      f"  Uptime  : 0x{nanoseconds:016x}",
                      f"  Sleep   : 0x{sleep * 10**9:016x} 0x{sleep * 23 * 10**8:016x} "
                      "0x0000000000000000",
                      f"  Wake    : 0x{wake * 10**9:016x} 0x{wake * 23 * 10**8:016x} "
                      "0x0000000000000000"]
        return lines

    def _kexts(self):
        machine = self.machine
        started = self.started or machine.last_started
        image = machine.images[started]
        word = "started" if machine.darwin >= 20 else "loaded"
        lines = [f"last {word} kext at {self.uptime * 10**9 // 2}: {compacted(started)}\t"
                 f"{image.version} (addr 0x{image.start:x}, size {image.size})", "loaded kexts:"]
        return lines + [f"{compacted(bundle)}\t{version}"
                        for bundle, version in machine.third_party + machine.kexts]

    def lines(self):
        machine = self.machine
        out = self.head() + list(self.head_note)
        if self.trap:
            out.append("")
        if machine.darwin >= 21:
            out.append(f"Panicked task 0x{machine.heap('task', self.process):x}: {self.threads} "
                       f"threads: pid {self.pid}: {self.process}")
        out += self.backtrace() + [""]
        if machine.darwin >= 20:
            out.append("Process name corresponding to current thread "
                       f"(0x{machine.heap('thread', self.process):x}): {self.process}"
                       if machine.darwin >= 21 else
                       f"Process name corresponding to current thread: {self.process}")
        else:
            out.append(f"BSD process name corresponding to current thread: {self.process}")
        out += [f"Boot args: {self.boot_args}", "", "Mac OS version:", machine.build, "",
                "Kernel version:", machine.kernel, f"Kernel UUID: {machine.kernel_uuid}"]
        out += self._kernel()
        if machine.darwin >= 20:
            out += ["System shutdown begun: NO", "Panic diags file available: YES (0x0)",
                    "Hibernation exit count: 0"]
        return out + self._uptime() + self._kexts() + [""]

    def text(self):
        return "\n".join(self.lines())
