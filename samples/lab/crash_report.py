"""Crash reports of a process (bug_type 309), as ReportCrash writes them: a header line and a body, both
JSON; up to macOS 11 a text. Written from public reports of driver extensions; shares no code with the
parsers.
"""

import json
from dataclasses import dataclass, field

from make.containers import stamp
from make.dice import Dice, digest, fixed_uuid

from . import crash_text

FRAMEWORKS = "/System/DriverKit/System/Library/Frameworks"
PATHS = {"DriverKit": f"{FRAMEWORKS}/DriverKit.framework/DriverKit",
         "SCSIControllerDriverKit": f"{FRAMEWORKS}/SCSIControllerDriverKit.framework/SCSIControllerDriverKit",
         "PCIDriverKit": f"{FRAMEWORKS}/PCIDriverKit.framework/PCIDriverKit"}
CACHE = 0x18A000000


@dataclass
class End:
    """How the process ended. `codes` as the exception has them; `notes`: {library: [line]}."""

    type: str = "EXC_CRASH"
    signal: str = "SIGABRT"
    codes: tuple = (0, 0)
    subtype: str = ""
    message: str = ""
    name_space: str = "SIGNAL"
    code: int = 6
    indicator: str = "Abort trap: 6"
    reasons: tuple = ()
    notes: dict = field(default_factory=dict)
    far: int = 0
    esr: int = 0x56000080
    esr_says: str = "(Syscall)"
    region: str = ""


def failed(expression, function, file, line):
    """An assertion of the DriverKit runtime."""
    text = f"Assertion failed: ({expression}), function {function}, file {file}, line {line}.\n"
    return End(notes={"DriverKit": [text], "libsystem_c.dylib": ["abort() called"]})


def bad_access(far, esr, esr_says, kind="KERN_INVALID_ADDRESS", **more):
    """A load or store that the processor refused."""
    protects = kind == "KERN_PROTECTION_FAILURE"
    return End("EXC_BAD_ACCESS", "SIGBUS" if protects else "SIGSEGV", (2 if protects else 1, far),
               f"{kind} at 0x{far:016x}", code=10 if protects else 11,
               indicator="Bus error: 10" if protects else "Segmentation fault: 11", far=far, esr=esr,
               esr_says=esr_says, **more)


@dataclass
class CrashThread:
    tid: int
    stack: list                # places, innermost first
    queue: str | None = None
    site: tuple | None = None  # (function, file, line) of the innermost frame, when that is our code


class CrashReport:
    """A report of the process that runs `image`; thread 0 of `threads` crashed unless `crashed` says otherwise."""

    def __init__(self, machine, image, end, threads, *, crashed=0, pid=588, path=None, named=False, seed="", written=0,
                 app=None):
        self.machine, self.image, self.end, self.threads, self.crashed = machine, image, end, threads, crashed
        self.pid, self.path, self.named, self.written = pid, path, named, written
        self.name = app or image.name
        self.dice = Dice("crash", machine.name, seed)
        self.rows = [self._image(image.start, image.size, image.uuid, self.name, path, "P")]
        self.index = {}

    @staticmethod
    def _image(base, size, uuid, name, path, source):
        return {"source": source, "arch": "arm64", "base": base, "size": size, "uuid": uuid.lower(), "path": path,
                "name": name}

    def _library(self, library):
        if library not in self.index:
            self.index[library] = len(self.rows)
            base = CACHE + digest("library", self.machine.build, library) % 0x8000 * 0x4000
            file = library if library in PATHS else f"{library}.dylib"
            path = PATHS.get(library, f"/System/DriverKit/usr/lib/system/{library}.dylib")
            row = self._image(base, 0x40000, fixed_uuid(self.machine.build, library), file, path, "P")
            self.rows.append({**row, "arch": "arm64e"})
        return self.index[library]

    def _frame(self, place, callee, site):
        library, _, function = place.rpartition("`")
        if library != "main":
            index = self._library(library)
            start, into = digest(library, function) % 0x3F000 // 4 * 4, 8 + digest("into", function) % 200 * 4
            return {"imageOffset": start + into, "symbol": function, "symbolLocation": into, "imageIndex": index}
        if site is not None:
            offset = self.image.at_line(*site)[0]
        else:
            offset = self.image.call(function, callee)[1]
        frame = {"imageOffset": offset, "imageIndex": 0}
        if self.named:
            frame.update(symbol=function, symbolLocation=offset - self.image.functions[function]["start"])
        return frame

    def _frames(self, thread):
        callees = ["", *(place.rpartition("`")[2] for place in thread.stack)]
        sites = [thread.site] + [None] * len(thread.stack)
        return [self._frame(*row) for row in zip(thread.stack, callees, sites)]

    def _address(self, frame):
        return self.rows[frame["imageIndex"]]["base"] + frame["imageOffset"]

    def _state(self, frames):
        stack = 0x16B000000 + self.dice.below(0x1000) * 0x4000 + 0x3A00
        values = [{"value": self.dice.weighted([(4, 0), (2, self.dice.below(256)), (3, 0x600000000 + self.dice.bits(30))])}
                  for _ in range(29)]
        end = self.end
        return {"x": values, "flavor": "ARM_THREAD_STATE64", "lr": {"value": self._address(frames[min(1, len(frames) - 1)])},
                "cpsr": {"value": 0x40001000}, "fp": {"value": stack + 0x40}, "sp": {"value": stack},
                "esr": {"value": end.esr, "description": end.esr_says},
                "pc": {"value": self._address(frames[0]), "matchesCrashFrame": 1}, "far": {"value": end.far}}

    def _threads(self):
        out = []
        for number, thread in enumerate(self.threads):
            frames = self._frames(thread)
            row = {"id": thread.tid}
            if number == self.crashed:
                row.update(triggered=True, threadState=self._state(frames))
            if thread.queue:
                row["queue"] = thread.queue
            out.append({**row, "frames": frames})
        return out

    def _end(self):
        end = self.end
        exception = {"codes": ", ".join(f"0x{code:016x}" for code in end.codes), "rawCodes": list(end.codes),
                     "type": end.type, "signal": end.signal}
        if end.subtype:
            exception["subtype"] = end.subtype
        if end.message:
            exception["message"] = end.message
        termination = {"flags": 0, "code": end.code, "namespace": end.name_space, "indicator": end.indicator,
                       "byProc": self.name if end.signal == "SIGABRT" else "exc handler", "byPid": self.pid}
        if end.reasons:
            termination["reasons"] = list(end.reasons)
        return {"exception": exception, "termination": termination}

    def _body(self):
        machine, dice = self.machine, self.dice
        system, _, build = machine.os.partition(" (")
        threads = self._threads()
        start = dice.bits(36)
        own = self.path.endswith(f"{self.name}.dext/{self.name}")
        body = {
            "uptime": 60 + dice.below(90000), "procRole": "Unspecified", "version": 2, "userID": 270 if own else 501,
            "deployVersion": 210, "modelCode": machine.product, "coalitionID": self.pid + 60,
            "osVersion": {"train": system, "build": build.rstrip(")"), "releaseType": "User"},
            "captureTime": stamp(self.written, 21), "incident": machine.incident, "pid": self.pid, "translated": False,
            "cpuType": "ARM-64", "roots_installed": 0, "bug_type": "309", "procLaunch": stamp(self.written - 2, 77),
            "procStartAbsTime": start, "procExitAbsTime": start + 48_000_000, "procName": self.name,
            "procPath": self.path, "bundleInfo": {"CFBundleShortVersionString": "1.0", "CFBundleVersion": "1",
                                                  "CFBundleIdentifier": self.name},
            "storeInfo": {"thirdParty": True}, "parentProc": "launchd", "parentPid": 1, "coalitionName": self.name,
            "crashReporterKey": machine.reporter_key.upper(), "codeSigningID": self.name, "codeSigningTeamID": "",
            "codeSigningFlags": 570425857, "codeSigningValidationCategory": 10, "codeSigningTrustLevel": 4294967295,
            "bootSessionUUID": machine.boot_session, "sip": "disabled", **self._end()}
        if self.end.region:
            body["vmregioninfo"] = self.end.region
            body["vmRegionInfo"] = self.end.region
        if self.end.notes:
            body["asi"] = self.end.notes
        queue = self.threads[self.crashed].queue
        body.update(extMods={where: {"task_for_pid": 0, "thread_create": 0, "thread_set_state": 0}
                             for where in ("caller", "system", "targeted")} | {"warnings": 0},
                    faultingThread=self.crashed, threads=threads, usedImages=self.rows,
                    sharedCache={"base": CACHE, "size": 0x40000000, "uuid": fixed_uuid("cache", machine.build).lower()},
                    legacyInfo={"threadTriggered": {"queue": queue} if queue else {}},
                    vmSummary="ReadOnly portion of Libraries: Total=580.7M resident=0K(0%)\n")
        return body

    def text(self):
        """The whole file."""
        if self.machine.darwin <= 20:
            return crash_text.text(self._body(), self.machine.os)
        head = {"app_name": self.name, "timestamp": stamp(self.written + 1), "app_version": "1.0",
                "slice_uuid": self.image.uuid.lower(), "build_version": "1", "platform": 10,
                "bundleID": self.name, "share_with_app_devs": 0, "is_first_party": 0, "bug_type": "309",
                "os_version": self.machine.os, "roots_installed": 0, "name": self.name,
                "incident_id": self.machine.incident}
        body = json.dumps(self._body(), indent=2, ensure_ascii=False).replace('": ', '" : ').replace("/", "\\/")
        return json.dumps(head, separators=(",", ":")) + "\n" + body + "\n"
