#!/usr/bin/env python3
"""Gives panicscan reports whose symbol files are damaged: always a result, whatever the files do.

use: panic_mutants.py PANICSCAN WORKER LAB [--count 2000] [--seed 1]

Each mutant (see mutants.py) has a UUID of its own, so that it is the file that is chosen for its
image. A report has two hundred such images and, for comparison, the files they were made from. What
is a failure of this test: an exit code other than 0, no end in time, a name lost from an undamaged
file, a frame that has neither names nor a status that says why.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import uuid

import mutants

SKIP = 77
IN_REPORT = 200
FRAMES = 24
PATIENCE = 300  # seconds, for a report of two hundred damaged files
# What a frame without names may say.
REASONS = {"no-symbols", "outside-image", "no-name", "symbolizer-failed", "uuid-mismatch"}


class Original:
    """An undamaged file, and addresses in its code."""

    def __init__(self, name, data, identity, code, text):
        self.name, self.data, self.identity, self.text = name, data, uuid.UUID(identity), text
        numbers = random.Random(len(data))
        addresses = [a for start, size in code for a in range(start, start + size, 4)]
        self.offsets = sorted(a - text for a in numbers.sample(addresses, min(FRAMES, len(addresses))))

    def with_uuid(self, data, identity):
        """The bytes with another UUID where this file has its own."""
        at = self.data.find(self.identity.bytes)
        changed = bytearray(data)
        changed[at:at + 16] = identity.bytes
        return bytes(changed)


def originals_of(lab):
    found = []
    for row in json.loads((lab / "manifest.json").read_text()):
        if row["kind"] not in ("kext", "dext") or row.get("universal"):
            continue
        for key in ("dsym", "image"):
            data = (lab / row[key]).read_bytes()
            text = next(a for name, a, *_ in mutants.macho.Image(data).segments() if name == "__TEXT")
            found.append(Original(f"{row['name']} {key}", data, row["uuid"], row["code"], text))
    return found


def report_of(images):
    """A stackshot with a thread for each image; `images` are pairs of UUID and original."""
    rows, threads = [], {}
    for number, (identity, original) in enumerate(images):
        rows.append([str(identity), 0x100000000 + number * 0x10000000, "P"])
        threads[str(100 + number)] = {"id": 100 + number, "state": ["TH_WAIT"], "kernelFrames": [],
                                      "userFrames": [[number, offset + 1] for offset in original.offsets]}
    head = {"bug_type": "210", "timestamp": "2025-06-01 10:00:00.00 +0000", "os_version": "macOS 15.5 (24F74)",
            "incident_id": "7B1B0000-0000-4000-8000-000000000002"}
    body = {"build": "macOS 15.5 (24F74)", "product": "Mac14,2",
            "panicString": "panic(cpu 1 caller 0xfffffe0012345678): example @ExampleDriver.cpp:42\n",
            "binaryImages": rows,
            "processByPid": {"7": {"pid": 7, "procname": "example", "threadById": threads}}}
    return json.dumps(head) + "\n" + json.dumps(body)


class Campaign:
    def __init__(self, program, worker, originals):
        self.program, self.originals = program, originals
        self.environment = dict(os.environ, PANICSCAN_SYMBOLIZER=str(worker))
        self.environment.pop("PANICSCAN_SYMBOL_PATH", None)
        self.counts, self.problems = collections.Counter(), []

    def run(self, numbers, seed):
        """One report with these mutants."""
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            images = []
            for original in self.originals:
                # A dSYM and its image have one UUID; here each is to speak for itself.
                identity = uuid.uuid5(original.identity, original.name)
                (folder / f"original-{len(images)}").write_bytes(original.with_uuid(original.data, identity))
                images.append((identity, original))
            for number in numbers:
                random_ = random.Random(seed * 1_000_003 + number)
                original = random_.choice(self.originals)
                damaged, _ = mutants.mutate(random_, original.data)
                identity = uuid.UUID(int=random_.getrandbits(128), version=4)
                (folder / f"mutant-{number}").write_bytes(original.with_uuid(damaged, identity))
                images.append((identity, original))
            (folder / "report.ips").write_text(report_of(images))
            self.environment["XDG_CACHE_HOME"] = str(folder / "cache")
            try:
                done = subprocess.run([self.program, "-o", "json", "--no-cache", "--symbols", folder, folder / "report.ips"],
                                      env=self.environment, capture_output=True, timeout=PATIENCE, check=False)
            except subprocess.TimeoutExpired:
                self.problems.append(f"mutants from {numbers[0]} on: no end within {PATIENCE} s")
                return
        if done.returncode != 0:
            self.problems.append(f"mutants from {numbers[0]} on: exit code {done.returncode}: {done.stderr[-300:]}")
            return
        self.judge(json.loads(done.stdout), images, numbers)

    def judge(self, said, images, numbers):
        threads = {t["tid"]: t for p in said["processes"] for t in p["threads"]}
        frames = [threads[100 + i]["user_frames"] for i in range(len(images))]
        right = {}
        for (_, original), stack in zip(images, frames[:len(self.originals)]):
            right[original.name] = [(f["status"], f.get("symbols")) for f in stack]
            # Stubs of the linker's making have no names.
            named = sum(f["status"] == "ok" for f in stack)
            if 2 * named < len(stack) or any(f["status"] not in ("ok", "no-name") for f in stack):
                self.problems.append(f"{original.name} is not damaged and lost names: {[f['status'] for f in stack]}")
        for number, (_, original), stack in zip(numbers, images[len(self.originals):], frames[len(self.originals):]):
            got = [(f["status"], f.get("symbols")) for f in stack]
            wanted = right[original.name]
            if any(status not in REASONS for status, names in got if not names):
                self.problems.append(f"mutant {number} of {original.name}: {got}")
            if got == wanted:
                self.counts["as the original"] += 1
            elif not any(names for _, names in got):
                self.counts["without names: " + "/".join(sorted({status for status, _ in got}))] += 1
            elif all(names or not before for (_, names), (_, before) in zip(got, wanted)):
                self.counts["all named, some differently"] += 1
            else:
                self.counts["named in part"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (options.lab / "manifest.json").exists():
        print(f"SKIPPED: {options.lab} was not built")
        return SKIP
    campaign = Campaign(options.program.resolve(), options.worker.resolve(), originals_of(options.lab.resolve()))
    for first in range(0, options.count, IN_REPORT):
        campaign.run(range(first, min(first + IN_REPORT, options.count)), options.seed)
    print(f"{options.count} mutants: " + ", ".join(f"{n} {what}" for what, n in sorted(campaign.counts.items())))
    for problem in campaign.problems[:20]:
        print(problem)
    return 1 if campaign.problems or sum(campaign.counts.values()) != options.count else 0


if __name__ == "__main__":
    sys.exit(main())
