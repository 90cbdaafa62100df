"""The stackshot part of a panic or stackshot report: processByPid and binaryImages.

Key names and texts follow what Apple's writer puts into .ips files. Kernel addresses are unslid
here (slid address minus the kernel cache slide), user addresses are as the process saw them, and
the names of locks, ports and events are hashes.
"""

import json

from .dice import Dice, digest, fixed_uuid
from .machine import KERNEL

WAITING = ("TH_WAIT", "TH_UNINT")
ASLEEP = ("TH_WAIT",)
RUNNING = ("TH_RUN",)

_CACHE_BASE = 0x180000000 + 0x1C000000
_DRIVERKIT_BASE = 0x180000000 + 0x5840000


class Thread:
    """One thread; stacks are places, innermost first ("bundle`function", "main`function" for the
    process's own program, "DriverKit`…" and "lib…`…" for the shared caches)."""

    def __init__(self, tid, *, kernel=(), user=(), state=ASLEEP, name=None, queue=None,
                 continuation=None, event=True, flags=(), priority=31, scheduled=None, qos=None,
                 cpu_ms=1, waits=None, turnstile=None):
        self.tid, self.kernel, self.user, self.state = tid, kernel, user, state
        self.name, self.queue, self.continuation, self.event = name, queue, continuation, event
        self.flags, self.priority, self.scheduled = flags, priority, scheduled or priority
        self.qos, self.cpu_ms, self.waits, self.turnstile = qos, cpu_ms, waits, turnstile


class Process:
    def __init__(self, pid, name, threads, *, flags=("isImpDonor", "sharedRegionSystem"), resident=6,
                 program=None, image=None):
        self.pid, self.name, self.threads, self.flags = pid, name, threads, flags
        self.resident, self.program = resident, program or name
        self.image = image  # what it runs, when that is a file that was built


class Stackshot:
    """Threads of a machine at the stop."""

    def __init__(self, machine, processes, *, one_line_a_process=False):
        self.machine, self.processes = machine, processes
        self.one_line_a_process = one_line_a_process
        self.is_full = one_line_a_process  # with the keys that people do not miss in small ones
        self.dice = Dice("stackshot", machine.name)
        self.images, self._index, self.frames = [], {}, 0
        self._image("T", KERNEL)
        self._absolute = self._add(("00000000-0000-0000-0000-000000000000", 0, "A"), "absolute")
        self._rows = [self._process(process) for process in processes]

    # ---- images -----------------------------------------------------------------------------

    def _add(self, row, key):
        if key not in self._index:
            self._index[key] = len(self.images)
            self.images.append(list(row))
        return self._index[key]

    def _image(self, letter, name):
        """The row of a kernel or kext: unslid start of its __TEXT_EXEC."""
        image = self.machine.images[name]
        return self._add((image.uuid.lower(), image.start - self.machine.slide, letter), name)

    def _kernel_frame(self, place):
        image, _ = self.machine.image_of(place)
        return [self._image("T", image.name), self.machine.back(place) - image.start]

    def _user_stack(self, process, places):
        callees = ["", *(place.rpartition("`")[2] for place in places)]
        return [self._user_frame(process, place, callee) for place, callee in zip(places, callees)]

    def _user_frame(self, process, place, callee):
        library, _, function = place.rpartition("`")
        if library == "main" and process.image:
            row = self._add((process.image.uuid.lower(), process.image.start, "P"), ("program", process.pid))
            return [row, process.image.call(function, callee)[1]]
        if library == "main":
            uuid = fixed_uuid("program", process.program)
            base = 0x100000000 + digest("slide", process.pid, process.name) % 0x6000 * 0x4000
            row = self._add((uuid.lower(), base, "P"), ("program", process.pid))
            return [row, 0x1000 + digest(process.program, function) % 0xE000 // 4 * 4]
        if library == "DriverKit":
            row = self._add((fixed_uuid("DriverKit cache").lower(), _DRIVERKIT_BASE, "S"), "dk")
            return [row, 0x40000 + digest("DriverKit", function) % 0x60000 // 4 * 4]
        row = self._add((fixed_uuid("shared cache").lower(), _CACHE_BASE, "S"), "cache")
        start = digest("library", library) % 0x50000 * 0x4000
        return [row, start + digest(library, function) % 0x30000 // 4 * 4]

    # ---- threads ----------------------------------------------------------------------------

    def _thread(self, process, thread):
        dice = self.dice
        out = {"id": thread.tid}
        if thread.name:
            out["name"] = thread.name
        out["state"] = list(thread.state)
        snapshot = ["kUser64_p"] if thread.user else []
        snapshot += thread.flags
        if thread.queue:
            snapshot.append("kHasDispatchSerial")
            out["dispatch_queue_label"] = thread.queue
        if snapshot:
            out["snapshotFlags"] = snapshot
        out["basePriority"], out["schedPriority"] = thread.priority, thread.scheduled
        if thread.qos:
            out["qosRequested"] = out["qosEffective"] = thread.qos
        if thread.kernel:
            out["kernelFrames"] = [self._kernel_frame(place) for place in thread.kernel]
        if thread.continuation:
            out["continuation"] = self._kernel_frame(thread.continuation)
        if thread.user:
            out["userFrames"] = self._user_stack(process, thread.user)
        self.frames += len(thread.kernel) + len(thread.user)
        if thread.event and "TH_WAIT" in thread.state:
            out["waitEvent"] = [self._absolute, dice.object_id()]
        if self.is_full:
            out["lastRunTime"] = dice.below(10**12) / 10**9
            if dice.below(2):
                out["schedFlags"] = ["TH_SFLAG_EAGERPREEMPT"]
        micro = thread.cpu_ms * 1000 + dice.below(1000)
        system = micro if not thread.user else micro // 3
        nano = dice.below(1000)
        out["userTime"] = (micro - system) / 1e6 + nano / 1e9 if thread.user else 0
        out["systemTime"] = system / 1e6 + nano / 1e9
        out["user_usec"], out["system_usec"] = micro - system, system
        return out

    def _process(self, process):
        dice = self.dice
        out = {"pid": process.pid, "procname": process.name}
        waits = [f"thread {t.tid}: {t.waits}" for t in process.threads if t.waits]
        turnstiles = [f"thread {t.tid}: {t.turnstile}" for t in process.threads if t.turnstile]
        if waits:
            out["waitInfo"] = waits
        if turnstiles:
            out["turnstileInfo"] = turnstiles
        if process.pid != 0:
            out["flags"] = list(process.flags)
        out["residentMemoryBytes"] = process.resident * 1048576 + dice.below(64) * 16384
        out["pageFaults"], out["pageIns"] = dice.between(500, 40000), dice.below(300)
        out["copyOnWriteFaults"] = dice.below(200)
        if self.is_full:
            user = 0 if process.pid < 400 else 501
            out.update(userID=user, groupID=user, rawFlags=f"0x{dice.bits(20):x}084001",
                       jetsamCoalition=process.pid + 60, csFlags=570434305, csTrustLevel=10,
                       codeSigningAuxiliaryInfo=288230376151711744 + process.pid)
        out["timesThrottled"], out["timesDidThrottle"] = 0, 0
        out["userTimeTask"], out["systemTimeTask"] = dice.below(10**7) / 1e6, 0
        threads = {str(t.tid): self._thread(process, t) for t in process.threads}
        return process.pid, out, threads

    # ---- printing ---------------------------------------------------------------------------

    def processes_text(self):
        """The value of processByPid: a line a process, or a line a thread where people read it."""
        rows = []
        for pid, process, threads in self._rows:
            head = compact(process)[:-1] + ',"threadById":{'
            if self.one_line_a_process:
                body = ",".join(f'"{tid}":{compact(t)}' for tid, t in threads.items())
            else:
                body = ",".join(f'\n      "{tid}":{compact(t)}' for tid, t in threads.items())
            rows.append(f'    "{pid}" : {head}{body}}}}}')
        return "{\n" + ",\n".join(rows) + "\n  }"

    def images_text(self):
        rows = ",\n".join("    " + compact(row) for row in self.images)
        return "[\n" + rows + "\n  ]"

    def thread_count(self):
        return sum(len(process.threads) for process in self.processes)


def compact(value):
    """JSON as Apple's writer prints it: no blanks, slashes escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


MEMORY_STATUS = {
    "compressorSize": 18240, "compressions": 961207, "decompressions": 402117,
    "busyBufferCount": 0, "pageSize": 16384,
    "memoryPressureDetails": {"pagesWanted": 0, "pagesReclaimed": 0}, "memoryPressure": False,
    "memoryPages": {"active": 291203, "throttled": 0, "fileBacked": 240118, "wired": 121744,
                    "purgeable": 5120, "inactive": 280336, "free": 51210, "speculative": 30077}}
