#!/usr/bin/env python3
"""Makes a panic whose addresses fall at known source lines, and checks the names panicscan gives them.

use: panic_test.py PANICSCAN WORKER LAB --llvm FOLDER --fake FAKE_SYMBOLIZER

3,000 threads in the kernel, four kernel extensions, a driver extension, a kernel extension and a
program without symbols, and the shared cache. Every frame whose image has symbols must have the
function, file, line and inlined callers that llvm-symbolizer says; every other must say why not.
Exit code 77: the lab was not built.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "samples/lab/macho")]
import differential  # noqa: E402
import macho  # noqa: E402

SKIP = 77
THREADS = 3000
SLIDE = 0x1C4D0000  # of the kernel collection
TEXT_EXEC = 0xFFFFFE0007BC4000  # of the kernel, unslid
KEXTS = ("storage", "network", "audio", "graphics")
NAMELESS = "0BADF00D-0000-4000-8000-000000000001"
PROGRAM = "0BADF00D-0000-4000-8000-000000000002"
CACHE = "0BADF00D-0000-4000-8000-000000000003"


class Row:
    """An image of the stackshot: where it is, and what its code is called."""

    def __init__(self, uuid, base, letter, size=0x8000):
        self.uuid, self.base, self.letter, self.size = uuid, base, letter, size
        self.names, self.offsets = {}, list(range(0x100, size, 4))
        self.dsym = None

    @classmethod
    def of(cls, lab, llvm, row, base, letter):
        self = cls(row["uuid"], base, letter)
        self.dsym = lab / row["dsym"]
        segments = {name: address for name, address, *_ in macho.read(self.dsym).segments()}
        linked = segments["__TEXT_EXEC" if letter == "T" else "__TEXT"]
        addresses = [a for start, size in row["code"] for a in range(start, start + size, 4)]
        said = differential.reference(llvm, self.dsym, row["arch"], addresses, demangle=True)
        self.names = {a - linked: frames for a, frames in zip(addresses, said) if frames}
        # A return address stands behind a call, which must have a name itself.
        self.offsets = [o for o in self.names if o + 4 in self.names]
        self.size = max(self.names) + 4
        return self

    def expected(self, offset, kind):
        return self.names[(offset - (0 if kind == "pc" else 1)) & ~3]


def rows_of(lab, llvm):
    manifest = {row["name"]: row for row in json.loads((lab / "manifest.json").read_text())}
    rows = [Row.of(lab, llvm, manifest["kernel"], TEXT_EXEC, "T")]
    for number, which in enumerate(KEXTS):
        base = 0xFFFFFE0009000000 + 0x40000 * number
        rows.append(Row.of(lab, llvm, manifest[f"com.example.{which}"], base, "T"))
    rows.append(Row(NAMELESS, 0xFFFFFE0009100000, "T"))
    rows.append(Row.of(lab, llvm, manifest["driver.arm64"], 0x104A00000, "P"))
    rows.append(Row(PROGRAM, 0x100200000, "P"))
    rows.append(Row(CACHE, 0x180000000, "S", 0x40000))
    return rows


def panic_text(rows, dice):
    kernel, kexts = rows[0], rows[1:5]
    lines = ['panic(cpu 1 caller 0x%016x): "example: a request is lost" @ExampleDriver.cpp:42'
             % (kernel.base + SLIDE + kernel.offsets[9] + 4),
             "Debugger message: panic", "OS version: 24F74",
             "Kernel version: Darwin Kernel Version 24.5.0: Tue Apr 22 19:00:00 PDT 2025; "
             "root:xnu-11417.121.6~2/RELEASE_ARM64_T6000",
             f"Kernel UUID: {kernel.uuid}", "Paniclog version: 14",
             f"KernelCache slide: 0x{SLIDE:016x}", f"KernelCache base:  0x{0xfffffe0007004000 + SLIDE:016x}",
             f"Kernel slide:      0x{SLIDE + 0x8000:016x}", f"Kernel text base:  0x{0xfffffe000700c000 + SLIDE:016x}",
             f"Kernel text exec slide: 0x{TEXT_EXEC - 0xfffffe0007004000 + SLIDE:016x}",
             f"Kernel text exec base:  0x{TEXT_EXEC + SLIDE:016x}", "mach_absolute_time: 0x16e360000",
             "Panicked task 0xfffffe1234567890: 42 pages, 7 threads: pid 0: kernel_task",
             "Panicked thread: 0xfffffe1234560000, backtrace: 0xfffffe3fffff1000, tid: 100"]
    for number in range(20):
        row = dice.choice([kernel, *kexts])
        lines.append("\t\t  lr: 0x%016x  fp: 0xfffffe3fffff%04x"
                     % (row.base + SLIDE + dice.choice(row.offsets) + 4, 0x1000 + 16 * number))
    lines.append("      Kernel Extensions in backtrace:")
    for name, row in zip(KEXTS, kexts):
        lines.append(f"         com.example.{name}(1.0)[{row.uuid}]@0x{row.base + SLIDE:x}->"
                     f"0x{row.base + SLIDE + row.size - 1:x}")
    return "\n".join([*lines, "", "last loaded kext at 123456: com.example.storage\t1.0 (addr 0x0, size 1)", ""])


def panic_file(rows, dice):
    def stack(numbers, depth):
        frames = []
        for _ in range(depth):
            number = dice.choice(numbers)
            frames.append([number, dice.choice(rows[number].offsets) + 4])
        return frames

    processes = {}
    for pid in range(60):
        threads = {}
        for number in range(THREADS // 60):
            tid = 100 + pid * 100 + number
            thread = {"id": tid, "state": ["TH_WAIT", "TH_UNINT"], "kernelFrames": stack([0, 0, 1, 2, 3, 4, 5], 8)}
            if pid > 0:
                thread["userFrames"] = stack([6, 6, 7, 8], 4)
            threads[str(tid)] = thread
        processes[str(pid)] = {"pid": pid, "procname": "kernel_task" if pid == 0 else f"example{pid}",
                               "threadById": threads}
    head = {"bug_type": "210", "timestamp": "2025-06-01 10:00:00.00 +0000", "os_version": "macOS 15.5 (24F74)",
            "incident_id": "7B1B0000-0000-4000-8000-000000000001"}
    body = {"build": "macOS 15.5 (24F74)", "product": "Mac14,2", "panicString": panic_text(rows, dice),
            "binaryImages": [[r.uuid, r.base, r.letter] for r in rows], "processByPid": processes}
    return json.dumps(head) + "\n" + json.dumps(body)


class Checker:
    def __init__(self, rows):
        self.rows, self.named, self.nameless, self.wrong = rows, 0, 0, []

    def row(self, address):
        return max((r for r in self.rows if r.base <= address), key=lambda r: r.base)

    def check(self, frame, slide):
        address = int(frame["address"], 16) - slide
        row = self.row(address)
        if row.dsym is None:
            self.nameless += 1
            wanted = "shared-cache" if row.letter == "S" else "no-symbols"
            if frame.get("symbols") or frame["status"] != wanted:
                self.wrong.append((frame, wanted))
            return
        self.named += 1
        expected = row.expected(address - row.base, frame["kind"])
        ours = frame.get("symbols", [])
        same = len(ours) == len(expected) and all(
            o["function"] and t[0].startswith(o["function"]) and o.get("line", 0) == t[2]
            and o.get("file", "") == t[1] for o, t in zip(ours, expected))
        if not same or frame["status"] != "ok":
            self.wrong.append((frame, expected))


def run(program, worker, folder, arguments, report):
    environment = dict(os.environ, PANICSCAN_SYMBOLIZER=str(worker), XDG_CACHE_HOME=str(folder / "cache"))
    environment.pop("PANICSCAN_SYMBOL_PATH", None)
    return subprocess.run([program, *arguments, str(report)], env=environment, capture_output=True, text=True,
                          check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--llvm", required=True)
    parser.add_argument("--fake", type=pathlib.Path, required=True, help="panicscan_fake_symbolizer")
    options = parser.parse_args()
    lab = options.lab.resolve()
    if not (lab / "manifest.json").exists():
        print(f"SKIPPED: {lab} was not built")
        return SKIP
    rows = rows_of(lab, options.llvm)
    dsyms = [x for r in rows if r.dsym for x in ("--dsym", str(r.dsym))]
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        report = folder / "panic-full.ips"
        report.write_text(panic_file(rows, random.Random(3)))
        # What a person has: exactly the right files; and a folder with damaged and wrong ones, too.
        for what, arguments in (("dSYMs", dsyms), ("a folder", ["--symbols", str(lab)])):
            done = run(options.program, options.worker, folder, ["-o", "json", *arguments], report)
            if done.returncode != 0:
                print(f"{what}: exit code {done.returncode}: {done.stderr}")
                return 1
            said = json.loads(done.stdout)
            checker = Checker(rows)
            for backtrace in said["panic"]["backtraces"]:
                for frame in backtrace["frames"]:
                    checker.check(frame, SLIDE)
            for process in said["processes"]:
                for thread in process["threads"]:
                    for frame in thread.get("kernel_frames", []) + thread.get("user_frames", []):
                        checker.check(frame, 0)
            print(f"{what}: {checker.named} frames with symbols, {checker.nameless} without, "
                  f"{len(checker.wrong)} wrong")
            for frame, expected in checker.wrong[:5]:
                print(f"  {json.dumps(frame)}\n  expected {expected}")
            if what != "dSYMs" and checker.wrong:
                print(json.dumps(said["symbols"]["images"], indent=1), said["symbols"].get("notes"))
            failures += len(checker.wrong) + (checker.named < 20_000)
        failures += not is_symbolicated(options, folder, report, dsyms, rows)
        failures += not says_what_is_missing(options, folder, report)
        failures += not lives_without_a_worker(options, folder, report, dsyms)
        failures += not outlives_a_worker_that_spins(options, folder, report, rows[0])
    return 1 if failures else 0


def is_symbolicated(options, folder, report, dsyms, rows):
    """`symbolicate --ips` names every frame, changes nothing else, and reads back as the same report."""
    done = run(options.program, options.worker, folder, ["symbolicate", "--ips", *dsyms], report)
    if done.returncode != 0:
        print(f"symbolicate --ips: exit code {done.returncode}: {done.stderr}")
        return False
    before = json.loads(report.read_text().split("\n", 1)[1])
    after = json.loads(done.stdout.split("\n", 1)[1])
    names = after.pop("panicscanSymbols")["returnAddresses"]
    text, text_before = after.pop("panicString"), before.pop("panicString")
    named = wrong = 0
    for process in before["processByPid"].values():
        for thread in process["threadById"].values():
            for image, offset in thread.get("kernelFrames", []) + thread.get("userFrames", []):
                said = names.get(str(image), {}).get(str(offset), [])
                wanted = rows[image].expected(offset, "return") if rows[image].dsym else []
                named += bool(said)
                wrong += len(said) != len(wanted) or not all(
                    w[0].startswith(s["symbol"]) and s.get("sourceLine", 0) == w[2]
                    and s.get("sourceFile", "") == os.path.basename(w[1]) for s, w in zip(said, wanted))
    lines = iter(text.split("\n"))
    is_kept = all(any(line.startswith(old) for line in lines) for old in text_before.split("\n"))
    copy = folder / "symbolicated.ips"
    copy.write_text(done.stdout)
    read = [json.loads(run(options.program, options.worker, folder, ["-o", "json", "--no-symbols"], path).stdout)
            for path in (report, copy)]
    addresses = [[f["address"] for b in r["panic"]["backtraces"] for f in b["frames"]] for r in read]
    same = read[0]["processes"] == read[1]["processes"] and addresses[0] == addresses[1] and not read[1]["notes"]
    listed = run(options.program, options.worker, folder, ["symbolicate", *dsyms], report)
    threads = sum(line.startswith("  Thread 0x") for line in listed.stdout.split("\n"))
    print(f"symbolicate: {named} frames named, {wrong} wrong, {threads} threads as text")
    return (wrong == 0 and named > 20_000 and before == after and is_kept and same and threads == THREADS
            and "from dwarf" in listed.stderr)


def says_what_is_missing(options, folder, report):
    """Without a single file every image has its remedy, and --require-symbols its exit code."""
    done = run(options.program, options.worker, folder, ["--symbols", str(folder), "--require-symbols"], report)
    ok = done.returncode == 4 and "need KDK build 24F74 (kernel.release.t6000, UUID " in " ".join(done.stdout.split())
    if not ok:
        print(f"what is missing: exit code {done.returncode}\n{done.stdout[-3000:]}")
    return ok


def lives_without_a_worker(options, folder, report, dsyms):
    done = run(options.program, folder / "no such program", folder, ["-o", "json", *dsyms], report)
    said = json.loads(done.stdout) if done.returncode == 0 else {}
    statuses = {image["status"] for image in said.get("symbols", {}).get("images", [])}
    ok = statuses == {"not-looked-up", "no-symbols"} and said["symbols"]["notes"]
    if not ok:
        print(f"without a worker: exit code {done.returncode}, {statuses}, {done.stderr}")
    return ok


def outlives_a_worker_that_spins(options, folder, report, kernel):
    """The kernel ends a worker that is out of processor time. The analysis goes on and ends with its
    own exit code; the next one does not ask about that file again."""
    (folder / "files").mkdir()
    file = shutil.copy(kernel.dsym, folder / "files/spin")  # what the stand-in spins over
    ok = True
    for reason in ("it used up its processor time", "ended the symbolizer before, and has not changed since"):
        done = run(options.program, options.fake, folder, ["-o", "json", "--dsym", file], report)
        said = json.loads(done.stdout) if done.returncode == 0 else {}
        notes = said.get("symbols", {}).get("notes", [])
        if not any(reason in json.dumps(note) for note in notes):
            print(f"a worker that spins: exit code {done.returncode}, no note \"{reason}\": {notes} {done.stderr}")
            ok = False
    return ok


if __name__ == "__main__":
    sys.exit(main())
