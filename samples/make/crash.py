"""Crash reports of processes: as JSON (.ips) and as the text that older systems write (.crash).

A frame is written "image`function", with what is known beyond that behind it:

    "com.example.driver`ExampleDriver::Start_Impl(IOService*) + 60 (ExampleDriver.cpp:88)"
    "com.example.driver`copyName() (inlined) (ExampleDriver.h:31)"   part of the next row
    "com.example.driver"                                             an image, no name
"""

import json
import re

from .dice import Dice, digest, fixed_uuid

FRAME = re.compile(r"(?P<image>[^`]+)(?:`(?P<function>.+?)(?: \+ (?P<offset>\d+))?(?P<inline> \(inlined\))?"
                   r"(?: \((?P<file>[^():]+):(?P<line>\d+)\))?)?$")

SYSTEM = {
    "dyld": "/usr/lib/dyld",
    "libsystem_kernel.dylib": "/System/DriverKit/usr/lib/system/libsystem_kernel.dylib",
    "libsystem_pthread.dylib": "/System/DriverKit/usr/lib/system/libsystem_pthread.dylib",
    "libsystem_c.dylib": "/System/DriverKit/usr/lib/system/libsystem_c.dylib",
    "libdispatch.dylib": "/System/DriverKit/usr/lib/system/libdispatch.dylib",
    "libc++.dylib": "/System/DriverKit/usr/lib/libc++.dylib",
    "DriverKit": "/System/DriverKit/System/Library/Frameworks/DriverKit.framework/DriverKit",
    "PCIDriverKit": "/System/DriverKit/System/Library/Frameworks/PCIDriverKit.framework/PCIDriverKit",
    "SCSIControllerDriverKit": "/System/DriverKit/System/Library/Frameworks/"
                               "SCSIControllerDriverKit.framework/SCSIControllerDriverKit",
    "CoreFoundation": "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
    "libobjc.A.dylib": "/usr/lib/libobjc.A.dylib",
    "AppKit": "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit",
}

ARM_REGISTERS = [f"x{n}" for n in range(29)] + ["fp", "lr", "sp", "pc", "cpsr", "far", "esr"]


class Image:
    def __init__(self, name, path, base, size, arch, version):
        self.name, self.path, self.base, self.size, self.arch = name, path, base, size, arch
        self.version = version
        self.uuid = fixed_uuid("crash image", name, path)

    def entry(self, function):
        return digest(self.uuid, function) % (self.size - 0x2000) // 64 * 64 + 0x1000


class Process:
    """A process that crashed: its images, threads and what its end left behind."""

    def __init__(self, name, path, bundle=None, version=("1.4.2", "57"), os=("macOS 26.1", "25B78"),
                 model="Mac16,1", pid=None, arch="arm64"):
        self.dice = Dice("crash", name, path)
        self.name, self.path, self.bundle, self.version = name, path, bundle or name, version
        self.os, self.model, self.arch = os, model, arch
        self.pid = pid or 400 + digest("pid", name, path) % 900
        self.images, self.threads, self.crashed = {}, [], 0
        self.thrown = None
        self.image(name, path, 0x100000000 + digest("slide", path) % 0x4000 * 0x4000,
                   version=f"({version[0]})")
        self.fault = None
        self.registers = {}

    def image(self, name, path=None, base=None, version="(*)"):
        if name not in self.images:
            path = path or SYSTEM[name]
            if base is None:
                base = 0x180000000 + digest("cache", path) % 0x10000 * 0x8000
            size = 0x20000 + digest("size", path) % 0x40 * 0x4000
            self.images[name] = Image(name, path, base, size, self.arch + ("e" if name in SYSTEM else ""),
                                      version)
        return self.images[name]

    def frames(self, rows):
        """Each row as a dictionary with image, function, offsets; inlined rows share an address."""
        read = []
        for row in rows:
            frame = FRAME.match(row).groupdict()
            image = self.image(frame["image"])
            function = frame["function"]
            offset = int(frame["offset"] or 8 + digest("at", row) % 60 * 4)
            read.append({"image": image, "function": function, "inline": bool(frame["inline"]),
                         "in_function": offset, "file": frame["file"],
                         "line": int(frame["line"]) if frame["line"] else None,
                         "offset": image.entry(function or row) + offset})
        for inner, outer in zip(reversed(read[:-1]), reversed(read[1:])):
            if inner["inline"]:
                inner["offset"] = outer["offset"]
        return read

    def thread(self, rows, name=None, queue=None, crashed=False, tid=None):
        if crashed:
            self.crashed = len(self.threads)
        self.threads.append({"id": tid or 4000 + digest(self.path, len(self.threads)) % 9000,
                             "name": name, "queue": queue, "rows": self.frames(rows)})

    def crash_registers(self, **known):
        top = self.threads[self.crashed]["rows"][0]
        values = {name: 0 for name in ARM_REGISTERS}
        values.update(sp=0x16f000000 + self.dice.below(0x1000) * 16, cpsr=0x60001000, esr=0x56000080)
        values["fp"] = values["sp"] + 0x40
        values["pc"] = top["image"].base + top["offset"]
        if len(self.threads[self.crashed]["rows"]) > 1:
            back = self.threads[self.crashed]["rows"][1]
            values["lr"] = back["image"].base + back["offset"]
        values.update(known)
        self.registers = values


def quoted(value):
    """JSON as Apple writes it inside a line: no blanks, slashes escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")


def json_frame(process, frame):
    images = list(process.images.values())
    row = {"imageOffset": frame["offset"]}
    if frame["function"]:
        row["symbol"] = frame["function"]
        row["symbolLocation"] = frame["in_function"]
    if frame["inline"]:
        row["inline"] = True
    row["imageIndex"] = images.index(frame["image"])
    if frame["file"]:
        row["sourceFile"], row["sourceLine"] = frame["file"], frame["line"]
    return row


def thread_state(process):
    values = process.registers
    state = {"x": [{"value": values[f"x{n}"]} for n in range(29)], "flavor": "ARM_THREAD_STATE64"}
    for name in ("lr", "cpsr", "fp", "sp"):
        state[name] = {"value": values[name]}
    state["esr"] = {"value": values["esr"], "description": process.fault or " Address size fault"}  # as reports of abort() have it
    state["pc"] = {"value": values["pc"], "matchesCrashFrame": 1}
    state["far"] = {"value": values["far"]}
    return state


def as_ips(process, captured, launched, *, exception, termination=None, asi=None, bug_type="309",
           compact_images=False, head=(), more=(), cache=True, without=()):
    """A whole .ips file; times are as printed."""
    incident = fixed_uuid(process.path, captured, "incident")
    header = {"app_name": process.name, "timestamp": captured[:22] + " +0000",
              "app_version": process.version[0], "slice_uuid": process.images[process.name].uuid.lower(),
              "build_version": process.version[1], "platform": 19, "bundleID": process.bundle,
              "share_with_app_devs": 0, "is_first_party": 0, "bug_type": bug_type,
              "os_version": f"{process.os[0]} ({process.os[1]})", "roots_installed": 0,
              "name": process.name, "incident_id": incident}
    header.update(head)
    threads = []
    for number, thread in enumerate(process.threads):
        row = {}
        if number == process.crashed:
            row["triggered"] = True
        row["id"] = thread["id"]
        if thread["name"]:
            row["name"] = thread["name"]
        if number == process.crashed and process.registers:
            row["threadState"] = thread_state(process)
        if thread["queue"]:
            row["queue"] = thread["queue"]
        row["frames"] = [json_frame(process, frame) for frame in thread["rows"]]
        threads.append(row)
    images = []
    for image in process.images.values():
        if compact_images:
            images.append({"base": image.base, "source": "P", "uuid": image.uuid.lower()})
            continue
        row = {"source": "P", "arch": image.arch, "base": image.base}
        if image.name == process.name:
            row["CFBundleShortVersionString"] = process.version[0]
            row["CFBundleIdentifier"] = process.bundle
        row.update(size=image.size, uuid=image.uuid.lower(), path=image.path, name=image.name)
        images.append(row)
    body = {"uptime": 5100, "procRole": "Unspecified", "version": 2, "userID": 270, "deployVersion": 210,
            "modelCode": process.model, "coalitionID": 1207,
            "osVersion": {"train": process.os[0], "build": process.os[1], "releaseType": "User"},
            "captureTime": captured, "codeSigningMonitor": 2, "incident": incident,
            "pid": process.pid, "translated": False, "cpuType": "ARM-64", "roots_installed": 0,
            "bug_type": bug_type, "procLaunch": launched, "procName": process.name,
            "procPath": process.path,
            "bundleInfo": {"CFBundleShortVersionString": process.version[0],
                           "CFBundleVersion": process.version[1], "CFBundleIdentifier": process.bundle},
            "parentProc": "launchd", "parentPid": 1, "coalitionName": process.bundle,
            "crashReporterKey": f"{digest('key', process.path):064x}"[:8].upper() +
                                "-0000-4000-8000-000000000000",
            "sip": "enabled", "isCorpse": 1, "exception": exception}
    if termination:
        body["termination"] = termination
    if asi:
        body["asi"] = asi
    body.update(more)
    body["faultingThread"] = process.crashed
    body["threads"] = threads
    body["usedImages"] = images
    if process.thrown:
        body["lastExceptionBacktrace"] = [json_frame(process, f) for f in process.thrown]
    if cache:
        body["sharedCache"] = {"base": 0x180000000, "size": 0x140000000,
                               "uuid": fixed_uuid("cache", process.os[1]).lower()}
    body["legacyInfo"] = {"threadTriggered": {"queue": process.threads[process.crashed]["queue"]}} \
        if process.threads and process.threads[process.crashed]["queue"] else {"threadTriggered": {}}
    for key in without:
        body.pop(key, None)
    lines = [f'  "{key}" : {quoted(value)}' for key, value in body.items()]
    return json.dumps(header, separators=(",", ":")) + "\n{\n" + ",\n".join(lines) + "\n}\n"


def text_rows(rows):
    out = []
    for number, frame in enumerate(rows):
        address = frame["image"].base + frame["offset"]
        line = f"{number:<4}{frame['image'].name:<30}\t       0x{address:x} "
        if frame["function"]:
            line += frame["function"]
            if not frame["inline"]:
                line += f" + {frame['in_function']}"
        else:
            line += f"0x{frame['image'].base:x} + {frame['offset']}"
        if frame["file"]:
            line += f" ({frame['file']}:{frame['line']})"
        if frame["inline"]:
            line += " [inlined]"
        out.append(line)
    return out


def as_text(process, captured, launched, *, exception, codes, subtype=None, termination=None, notes=()):
    """A .crash file."""
    image = process.images[process.name]
    head = [("Process", f"{process.name} [{process.pid}]"), ("Path", process.path),
            ("Identifier", process.bundle), ("Version", f"{process.version[0]} ({process.version[1]})"),
            ("Code Type", "ARM-64 (Native)"), ("Parent Process", "launchd [1]"), ("User ID", "270"), None,
            ("Date/Time", captured), ("Launch Time", launched),
            ("OS Version", f"{process.os[0]} ({process.os[1]})"), ("Report Version", "12"),
            ("Hardware Model", process.model), ("System Integrity Protection", "enabled"), None,
            ("Crashed Thread", f"{process.crashed}" +
             (f"  Dispatch queue: {process.threads[process.crashed]['queue']}"
              if process.threads[process.crashed]["queue"] else "")), None,
            ("Exception Type", exception), ("Exception Codes", codes)]
    if subtype:
        head.insert(-1, ("Exception Subtype", subtype))
    if termination:
        head += [None, ("Termination Reason", termination[0]), ("Terminating Process", termination[1])]
    lines = [f"{row[0] + ':':<22} {row[1]}" if row else "" for row in head]
    if notes:
        lines += ["", "Application Specific Information:", *notes]
    for number, thread in enumerate(process.threads):
        crashed = " Crashed" if number == process.crashed else ""
        title = f"Thread {number}{crashed}:"
        if thread["name"] or thread["queue"]:
            title += ": " + (thread["name"] or "")
            title += f" Dispatch queue: {thread['queue']}" if thread["queue"] else ""
        lines += ["", title, *text_rows(thread["rows"])]
    if process.registers:
        lines += ["", f"Thread {process.crashed} crashed with ARM Thread State (64-bit):"]
        cells = [f"{name:>5}: 0x{process.registers[name]:016x}" for name in ARM_REGISTERS[:-1]]
        lines += ["".join(cells[i:i + 4]) for i in range(0, len(cells), 4)]
        lines[-1] += f"  esr: 0x{process.registers['esr']:08x}{process.fault or ''}"
    lines += ["", "Binary Images:"]
    for image in sorted(process.images.values(), key=lambda image: image.base):
        lines.append(f"{image.base:#18x} - {image.base + image.size - 1:#18x} {image.name} "
                     f"({image.version.strip('()') if image.version != '(*)' else '*'}) "
                     f"<{image.uuid.lower()}> {image.path}")
    return "\n".join(lines) + "\n\nEOF\n"
