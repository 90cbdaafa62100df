"""Reports of other kinds that lie beside panics: memory events, resource reports, reset counters."""

import json

from ..dice import fixed_uuid
from ..sample import Sample

OS = "iPhone OS 26.1 (23B85)"


def header(bug_type, name, **more):
    head = {"bug_type": bug_type, "timestamp": "2025-11-03 09:12:44.00 +0000", "os_version": OS,
            "roots_installed": 0, "incident_id": fixed_uuid("other", name), "name": name}
    head.update(more)
    return json.dumps(head, separators=(",", ":")) + "\n"


def jetsam():
    page = 16384
    processes = [("examplebackupd", 4120, 91233, ["daemon"], "per-process-limit"),
                 ("ExampleMail", 612, 40211, ["frontmost", "resume"], None),
                 ("SpringBoard", 58, 22107, ["active"], None), ("exampled", 301, 2144, ["daemon", "idle"], "highwater"),
                 ("logd", 61, 1099, ["daemon"], None)]
    rows = []
    for name, pid, pages, states, reason in processes:
        row = {"uuid": fixed_uuid("jetsam", name).lower(), "states": states, "purgeable": 0, "lifetimeMax": pages + 500,
               "fds": 50, "genCount": 0, "coalition": pid + 40, "rpages": pages, "priority": 40, "physicalPages":
               {"internal": [pages // 2, pages // 4]}, "pid": pid, "cpuTime": 12.5, "name": name}
        if reason:
            row.update(reason=reason, killDelta=3500)
        rows.append(row)
    body = {"crashReporterKey": "0" * 40, "product": "iPhone18,1", "incident": fixed_uuid("other", "jetsam"),
            "date": "2025-11-03 09:12:44.63 +0000", "build": OS, "timeDelta": 12,
            "memoryStatus": {"compressorSize": 112000, "compressions": 441000, "pageSize": page,
                             "memoryPages": {"active": 90112, "free": 1811, "wired": 61000}},
            "largestProcess": "examplebackupd", "genCounter": 0, "processes": rows}
    return Sample("other/memory-pressure-298.ips",
                  (header("298", "jetsam") + json.dumps(body, indent=2) + "\n").encode(),
                  "a memory pressure event: who was ended, and who was large", "(none)", "",
                  ".ips in two parts, written out by hand")


def processor_time():
    text = """Date/Time:        2025-11-03 09:09:44.123 +0000
End time:         2025-11-03 09:12:44.456 +0000
OS Version:       iPhone OS 26.1 (Build 23B85)
Architecture:     arm64e
Report Version:   54

Data Source:      Microstackshots

Command:          exampled
Path:             /usr/libexec/exampled
PID:              812
Event:            cpu usage
Action taken:     none
CPU:              90 seconds cpu time over 152 seconds (59% cpu average), exceeding limit of 50% cpu over 180 seconds
Duration:         151.80s
Steps:            37

Heaviest stack for the target process:
  37  ??? (exampled + 18104) [0x1045046b8]
  37  ??? (exampled + 22040) [0x104505618]
  30  ??? (libsystem_kernel.dylib + 6522) [0x20110197a]


Powerstats for:   exampled [812]
UUID:             9F0A6E0C-5B52-3C1D-8A55-6B2A1C6F0E11
Path:             /usr/libexec/exampled
Num samples:      37 (100%)
Primary state:    37 samples Non-Frontmost App, Non-Suppressed, User mode
User Activity:    37 samples Idle, 0 samples Active
  37  ??? (exampled + 18104) [0x1045046b8]
    37  ??? (exampled + 22040) [0x104505618]
      30  ??? (libsystem_kernel.dylib + 6522) [0x20110197a]
        30  ??? [0xfffffe0027a51ef0]
      7   ??? (exampled + 9120) [0x1045023a0]

  Binary Images:
           0x104500000 -                ???  exampled                      <9F0A6E0C-5B52-3C1D-8A55-6B2A1C6F0E11>  /usr/libexec/exampled
           0x201100000 -        0x201137fff  libsystem_kernel.dylib (12377)  <2D4E7A10-6B38-3F0C-9A7C-52B6E1D8C0F2>  /usr/lib/system/libsystem_kernel.dylib
"""
    return Sample("other/processor-time-202.ips", (header("202", "exampled") + text).encode(),
                  "a process that used much processor time: text that is not read, kept line by line",
                  "(none)", "", ".ips with a text behind the header")


def reset_counter():
    text = """Incident Identifier: 1F3E0A52-11D4-4A0B-9D55-20A4C6E3B811
CrashReporter Key:   0000000000000000000000000000000000000000
Date: 2025-11-03 09:12:44.63 +0000
Reset count: 2
Boot failure count: 0
Boot faults: wdog,reset_in1 wdog rst
Boot stage: 255
Boot app: 0
"""
    return Sample("reset/reset-counter-115.ips", (header("115", "Reset count") + text).encode(),
                  "a restart without a panic: the counters of the boot loader",
                  "hw/watchdog-or-forced-reset", "confirmed",
                  ".ips with a text behind the header")


def samples():
    return [jetsam(), processor_time(), reset_counter()]
