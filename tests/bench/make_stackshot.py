#!/usr/bin/env python3
"""Writes a made-up panic report with a stackshot of any size, always the same for the same numbers.

Use: make_stackshot.py [--threads 3000] [--frames 14000] [--pretty] [--output FILE]

The report is complete: header, panic text, image table, processes with threads and stacks, wait and
turnstile lines with one chain and one ring in them. 3,000 threads with 14,000 frames are about
2 MB. All names, addresses and numbers are invented.
"""

import argparse
import json
import sys

KERNEL = 0xFFFFFE0007BC4000       # unslid __TEXT_EXEC of the kernel, as stackshots print it
KERNEL_SLIDE = 0x0000000018A00000
THREADS_OF_PROCESS = 6
IMAGES = 300


class Numbers:
    """A linear congruential generator: the same numbers with every version of Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 24) % limit


def uuid(number):
    digits = f"{number * 0x9E3779B97F4A7C15 % 2**64:016X}{number * 0xC2B2AE3D27D4EB4F % 2**64:016X}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def panic_text(panicked_tid):
    registers = "\n".join(
        "\t  " + " ".join(f"x{i}:".ljust(4) + f"{0xFFFFFE1000000000 + i * 0x1240:#018x} " for i in row)
        for row in ((0, 1, 2, 3), (4, 5, 6, 7), (8, 9, 10, 11), (12, 13, 14, 15), (16, 17, 18, 19),
                    (20, 21, 22, 23), (24, 25, 26, 27)))
    text = KERNEL + KERNEL_SLIDE
    frames = "\n".join(f"\t\t  lr: {text + 0x51000 + i * 0x1A34:#018x}  fp: {0xFFFFFE60A1B2F000 + i * 0x70:#018x}"
                       for i in range(12))
    cores = "\n".join(f"CORE {i}: PC={text + 0x8000 + i * 0x40:#018x}, LR={text + 0x8000:#018x}, "
                      f"FP={0xFFFFFE60A1000000 + i * 0x4000:#018x}" for i in range(8) if i != 3)
    return f"""panic(cpu 3 caller {text + 0x50234:#018x}): Kernel data abort. at pc {text + 0x51000:#018x}, lr {text + 0x51A34:#018x} (saved state: 0xfffffe60a1b2eb50)
{registers}
\t  x28: 0x0000000000000000  fp:  0xfffffe60a1b2eea0  lr:  {text + 0x51A34:#018x}  sp:  0xfffffe60a1b2eea0
\t  pc:  {text + 0x51000:#018x} cpsr: 0x60401208         esr: 0x96000006          far: 0x0000000000000018

Debugger message: panic
Memory ID: 0x6
OS release type: User
OS version: 24F74
Kernel version: Darwin Kernel Version 24.5.0: Thu Jan  1 00:00:00 PST 2026; root:xnu-11417.121.6~2/RELEASE_ARM64_T8112
Fileset Kernelcache UUID: {uuid(7).replace("-", "")}
Kernel UUID: {uuid(8)}
Boot session UUID: {uuid(9)}
iBoot version: iBoot-11881.121.1
secure boot?: YES
roots installed: 0
Paniclog version: 14
KernelCache slide: {KERNEL_SLIDE:#018x}
KernelCache base:  {0xFFFFFE0007004000 + KERNEL_SLIDE:#018x}
Kernel slide:      {KERNEL_SLIDE + 0x8000:#018x}
Kernel text base:  {0xFFFFFE000700C000 + KERNEL_SLIDE:#018x}
Kernel text exec slide: {KERNEL_SLIDE + 0xBB8000:#018x}
Kernel text exec base:  {text:#018x}
mach_absolute_time: 0x2f1b3c4d5e
Epoch Time:        sec       usec
  Boot    : 0x683c1a00 0x00012345
  Sleep   : 0x00000000 0x00000000
  Wake    : 0x00000000 0x00000000
  Calendar: 0x683d2b11 0x0004b3c2

Zone info:
  Zone map: 0xfffffe1000000000 - 0xfffffe3600000000
CORE 3 is the one that panicked. Check the full backtrace for details.
{cores}
Compressor Info: 12% of compressed pages limit (OK) and 9% of segments limit (OK) with 1 swapfiles and OK swap space
Panicked task 0xfffffe1b2c3d4e50: 4120 pages, {THREADS_OF_PROCESS} threads: pid 0: kernel_task
Panicked thread: 0xfffffe1b5c6d7e80, backtrace: 0xfffffe60a1b2e660, tid: {panicked_tid}
{frames}
      Kernel Extensions in backtrace:
         com.example.driver.Storage(2.1)[{uuid(11)}]@{text + 0x900000:#018x}->{text + 0x93FFFF:#018x}
            dependency: com.apple.iokit.IOPCIFamily(2.9)[{uuid(12)}]@{text + 0x800000:#018x}->{text + 0x82FFFF:#018x}

last started kext at 1203456789: com.example.driver.Storage\t2.1 (addr {text + 0x8F0000:#018x}, size 262144)
loaded kexts:
com.example.driver.Storage\t2.1
com.apple.iokit.IOPCIFamily\t2.9
"""


def image_table():
    """Two rows for the kernel, one for no image at all, and the rest for processes."""
    rows = [[uuid(101).lower(), KERNEL, "T"], [uuid(102).lower(), KERNEL + 0x1800000, "T"],
            ["00000000-0000-0000-0000-000000000000", 0, "A"], [uuid(103).lower(), 0x180000000, "S"]]
    while len(rows) < IMAGES:
        rows.append([uuid(1000 + len(rows)).lower(), 0x100000000 + len(rows) * 0x4000000, "P"])
    return rows


def thread(tid, kernel_count, user_count, numbers, is_kernel, on_core):
    made = {"id": tid, "state": ["TH_RUN"] if on_core else ["TH_WAIT", "TH_UNINT"] if is_kernel else ["TH_WAIT"],
            "system_usec": numbers.below(10**6), "user_usec": 0 if is_kernel else numbers.below(10**6),
            "basePriority": 81 if is_kernel else 31, "schedPriority": 81 if is_kernel else 31 + numbers.below(16),
            "userTime": round(0.000041 * numbers.below(10**6), 9), "systemTime": round(0.000017 * numbers.below(10**6), 9),
            "lastRunTime": round(0.00019 * numbers.below(10**6), 9),
            "qosRequested": "QOS_CLASS_UNSPECIFIED" if is_kernel else "QOS_CLASS_USER_INITIATED",
            "qosEffective": "QOS_CLASS_UNSPECIFIED" if is_kernel else "QOS_CLASS_UTILITY",
            "schedFlags": [] if is_kernel else ["TH_SFLAG_THROTTLED"],
            "snapshotFlags": (["kKernel64_p"] if is_kernel else ["kUser64_p", "kThreadDarwinBG"]) + (["kThreadOnCore"] if on_core else [])}
    if not on_core:
        made["waitEvent"] = [2, 2**63 + numbers.below(2**62)]
        made["continuation"] = [0, 4096 + 4 * numbers.below(2**20)]
    if is_kernel:
        made["name"] = f"example worker {tid}"
    elif tid % 7 == 0:
        made["dispatch_queue_label"] = "com.example.queue"
        made["dispatch_queue_serial"] = numbers.below(10**6)
    made["kernelFrames"] = [[0, 4096 + 4 * numbers.below(2**21)] for _ in range(kernel_count)]
    if user_count:
        made["userFrames"] = [[4 + numbers.below(IMAGES - 4), 4 * numbers.below(2**20)] for _ in range(user_count)]
    return made


def processes(threads, frames, panicked_tid):
    """Pairs of a process's key and its task, one at a time: a large report need not fit memory."""
    numbers = Numbers(threads * 1000003 + frames)
    left_frames, tid, pid, made = frames, panicked_tid, 0, 0
    while made < threads:
        count = min(THREADS_OF_PROCESS, threads - made)
        first = tid
        task = {"pid": pid, "procname": "kernel_task" if pid == 0 else f"example{pid}",
                "residentMemoryBytes": 16384 * (1 + numbers.below(4096)), "timesThrottled": 0, "timesDidThrottle": 0,
                "pageIns": numbers.below(1000), "pageFaults": numbers.below(100000), "copyOnWriteFaults": 12,
                "userTimeTask": 0.125, "systemTimeTask": 0.0625, "flags": ["sharedRegionSystem", "isDirtyTracked", "allowIdleExit"],
                "rawFlags": "0x4c000001", "csFlags": 570434305, "csTrustLevel": 9, "userID": 501, "groupID": 20,
                "codeSigningAuxiliaryInfo": 139586437120, "jetsamCoalition": 3 + pid, "donatingPids": [1],
                "waitInfo": [f"thread {first + i}: kernel mutex {0x99989E5EC6C25B00 + first + i:#x} owned by thread {first + i - 1}"
                             for i in range(1, count)],
                "threadById": {}}
        if pid == 2:  # a ring of two
            task["waitInfo"].append(f"thread {first}: kernel mutex {0xA1:#x} owned by thread {first + 1}")
        elif pid > 2 and pid % 5 == 0:
            task["turnstileInfo"] = [f"thread {first}: turnstile blocked on task pid {pid - 1}, hops: 1, priority: 31 (com.example.service{pid})"]
        for _ in range(count):
            share = left_frames // (threads - made)
            kernel_count = share if pid == 0 else share // 3
            on_core = tid == panicked_tid
            task["threadById"][str(tid)] = thread(tid, kernel_count, share - kernel_count, numbers, pid == 0, on_core)
            left_frames -= share
            made += 1
            tid += 1
        yield str(pid), task
        pid += 1


def write_report(out, threads, frames, pretty):
    panicked_tid = 100
    header = {"bug_type": "210", "timestamp": "2026-01-02 03:05:00.00 +0000", "os_version": "macOS 15.5 (24F74)",
              "roots_installed": 0, "incident_id": uuid(5)}
    out.write(json.dumps(header, separators=(",", ":")) + "\n{\n")

    def member(name, value, last=False):
        if pretty:
            text = json.dumps(value, indent=2, separators=(",", " : ")).replace("\n", "\n  ")
        else:
            text = json.dumps(value, separators=(",", ":"))
        out.write(f'  "{name}" : {text}{"" if last else ","}\n')

    member("build", "macOS 15.5 (24F74)")
    member("product", "Mac14,2")
    member("socId", "0x8112")
    member("kernel", "Darwin Kernel Version 24.5.0: Thu Jan  1 00:00:00 PST 2026; root:xnu-11417.121.6~2/RELEASE_ARM64_T8112")
    member("incident", uuid(5))
    member("crashReporterKey", "0" * 40)
    member("date", "2026-01-02 03:05:00.00 +0000")
    member("panicString", panic_text(panicked_tid))
    member("panicFlags", "0x802")
    member("otherString", "\n** Stackshot Succeeded ** Bytes Traced 537085 (Uncompressed 1283328) **\n")
    member("memoryStatus", {"compressorSize": 88227, "compressions": 22960091, "decompressions": 12505254,
                            "busyBufferCount": 0, "pageSize": 16384, "memoryPressure": False,
                            "memoryPages": {"active": 66249, "throttled": 0, "fileBacked": 84911, "wired": 29763,
                                            "purgeable": 919, "inactive": 29757, "free": 3294, "speculative": 36416}})
    member("notes", ["Source: (null)"])
    member("binaryImages", image_table())
    out.write('  "processByPid" : {\n')
    separator = ""
    for key, task in processes(threads, frames, panicked_tid):
        text = json.dumps(task, indent=2) if pretty else json.dumps(task, separators=(",", ":"))
        out.write(f'{separator}    "{key}" : {text}')
        separator = ",\n"
    out.write("\n  }\n}\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--threads", type=int, default=3000)
    arguments.add_argument("--frames", type=int, default=14000)
    arguments.add_argument("--pretty", action="store_true", help="every value on a line of its own")
    arguments.add_argument("--output", help="a file; standard output when not given")
    options = arguments.parse_args()
    if options.output:
        with open(options.output, "w", encoding="utf-8") as out:
            write_report(out, options.threads, options.frames, options.pretty)
    else:
        write_report(sys.stdout, options.threads, options.frames, options.pretty)


if __name__ == "__main__":
    main()
