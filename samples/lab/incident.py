"""What one incident is: files, and what panicscan should find in them."""

import json
from dataclasses import dataclass, field

from make import crowd, stacks
from make.arm_text import ArmPanic, Times
from make.containers import intel_ips, ips
from make.dice import Dice
from make.intel_text import IntelPanic, Trap
from make.stackshot import RUNNING, Process, Stackshot, Thread

from . import kcdata
from .machine import GENERATIONS, INTEL


@dataclass
class Incident:
    """A folder of the lab."""

    name: str
    files: dict                                 # {"panic-full.ips": bytes}; the first one is analysed
    rule: str | None = None                     # the finding that should come first; None: none at all
    certainty: tuple = ()                       # any of these
    captures: dict = field(default_factory=dict)
    culprit: dict = field(default_factory=dict)
    cycle: tuple = ()
    must_not: tuple = ()                        # rules that must not fire
    shows: str = ""
    says: tuple = ()                            # what the finding's texts have to have in them

    def expected(self):
        rows = {"files": list(self.files), "rule": self.rule, "certainty": list(self.certainty),
                "captures": self.captures, "culprit": self.culprit, "cycle": list(self.cycle),
                "must_not": list(self.must_not), "says": list(self.says), "nothing": self.rule is None, "shows": self.shows}
        return json.dumps({key: value for key, value in rows.items() if value not in ({}, [], "")}, indent=1) + "\n"


@dataclass
class Knobs:
    """How an incident is varied; all of it follows from the seed."""

    places: object
    seed: str = "0"
    os: int = 26
    is_intel: bool = False    # whose reports have no stackshot
    crowd: int = 12           # background processes
    symbols: bool = True      # False: the files are those of another build
    truncated: bool = False   # the last third of the file is missing
    shuffled: bool = False    # processes in another order

    def dice(self, *what):
        return Dice("lab", self.seed, *what)

    def machine(self, **facts):
        make = self._generation[0]
        machine = self.places.fit(make(f"lab {self.seed} {self.os}", **facts), "x86_64" if self.is_intel else "arm64")
        if not self.symbols:
            machine.kernel_uuid = machine.images["kernel"].uuid = "0BADF00D-0000-4000-8000-0000000000AA"
        return machine

    @property
    def has_threads(self):
        """Whether a panic's report shows what all threads did: the stackshot is its last part."""
        return not self.is_intel and not self.truncated

    @property
    def has_named_threads(self):
        """Whether their functions can be named as well."""
        return self.has_threads and self.symbols

    @property
    def crash_file(self):
        """The name of a crash report: a text up to macOS 11."""
        return "crash.ips" if self.os > 11 else "crash.crash"

    def refdext(self, machine, pid):
        """The reference driver extension in process `pid`."""
        image = self.places.refdext(machine, pid)
        if not self.symbols:
            image.uuid = "0BADF00D-0000-4000-8000-0000000000BB"
        return image

    @property
    def _generation(self):
        return (INTEL if self.is_intel else GENERATIONS)[self.os]

    @property
    def power_line(self):
        return self._generation[1]

    @property
    def busy_line(self):
        return self._generation[2]


class Panic:
    """A panic of a machine of the lab, with the processes around it."""

    def __init__(self, knobs, machine, message, stack, *, task=(0, "kernel_task"), tid=388, fault=None,
                 dexts=(), processes=(), kernel_threads=()):
        dice = knobs.dice("times")
        self.knobs, self.machine = knobs, machine
        if knobs.is_intel:
            trap = fault and Trap(14, "page fault", fault.far, 0, fault.stack)
            self.text = IntelPanic(machine, message, stack, cpu=dice.below(8), process=task[1], pid=task[0],
                                   uptime=dice.between(70, 90_000), trap=trap, symbols=dice.below(4) == 0)
            return
        self.text = ArmPanic(machine, message, stack, times=Times(0x69100000 + dice.below(1 << 20), dice.between(70, 90_000)),
                             cpu=dice.below(8), task=(*task, 400), tid=tid, fault=fault,
                             dexts=dexts if knobs.os == 26 else ())
        panicking = Thread(tid, kernel=self.text.places(), state=RUNNING, event=False, priority=81,
                           flags=["kThreadOnCore"])
        kernel = list(kernel_threads)
        extra = list(processes)
        if task[0] == 0:
            kernel.append(panicking)
        else:
            panicking.user = stacks.WATCHDOG_USER
            extra.append(Process(task[0], task[1], [panicking, crowd.idle_worker(tid + 1)]))
        taken = {process.pid for process in extra}
        everything = [crowd.small_kernel_task(kernel)] + \
            crowd.full_crowd(f"lab {knobs.crowd}", knobs.crowd, knobs.crowd * 4, taken, 10_000) + extra
        if knobs.shuffled:
            everything = everything[:1] + everything[:0:-1]
        self.shot = Stackshot(machine, everything, one_line_a_process=True)

    def report(self):
        """The whole .ips file."""
        if self.knobs.is_intel:
            data = intel_ips(self.machine, 0x69100000, self.text.text()).encode()
            return data[:len(data) * 9 // 10] if self.knobs.truncated else data
        data = ips(self.machine, self.text.times.panicked + 40, self.text.text(), stackshot=self.shot).encode()
        return data[:len(data) * 2 // 3] if self.knobs.truncated else data

    def shows_thread(self, tid):
        """Whether the stackshot comes as far as this thread: the report may be cut."""
        return f'"{tid}":{{"id"'.encode() in self.report()

    @property
    def names_dext(self):
        """Whether it can be told that a driver extension is in use: macOS 26 says so in the panic text."""
        return self.knobs.os == 26 or b'"procname":"com.panicscan.refdext"' in self.report()

    def kcdata(self):
        """The stackshot alone, as the kernel writes it."""
        return kcdata.wrapped(kcdata.Writer(self.shot).bytes(), self.knobs.dice("kcdata").pick(["raw", "gzip", "base64"]))

    def culprit(self, place, returns=True):
        """Where a frame of the stack is in the sources: {"function", "file", "line"}."""
        image, function = self.machine.image_of(place)
        if not self.knobs.symbols:
            return {}
        name, file, line = image.step(function, returns)[3][0]
        return {"function": name, "file": file, "line": line}
