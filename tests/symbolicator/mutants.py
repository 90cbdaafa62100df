#!/usr/bin/env python3
"""Feeds damaged symbol files to the symbolizer: it must answer, or end; never hang, never lie.

use: mutants.py WORKER LAB [--count 400] [--seed 1] [--keep FOLDER]

Mutants are made from the files of the lab by changing what their formats give meaning to: a field
of a header or load command, an entry of a symbol table, a length or offset or abbreviation in the
DWARF, or bytes of one section. The same seed makes the same mutants. A worker that ends (a crash,
its memory or processor limit) is counted and replaced: that is what it is a process of its own
for. What is a failure of this test: no end in time, an answer that breaks the protocol, a program
started or file written by the worker.
"""

import argparse
import collections
import json
import pathlib
import random
import struct
import sys
import tempfile

import worker

SKIP = 77
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "samples" / "lab" / "macho"))
import macho  # noqa: E402

NUMBERS = (0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)


def sections(data):
    """(name, offset, size) of each section with content, and of each table in __LINKEDIT."""
    found = []
    try:
        image = macho.Image(data)
    except (ValueError, struct.error):
        return found  # a universal file
    for kind, body in image.commands:
        if kind == macho.LC_SEGMENT_64:
            for i in range(struct.unpack_from("<I", body, 64)[0]):
                at = 72 + 80 * i
                size, offset = struct.unpack_from("<QI", body, at + 40)
                if offset and size:
                    found.append((bytes(body[at:at + 16]).rstrip(b"\0").decode(), offset, size))
        elif kind == macho.LC_SYMTAB:
            symbols, count, strings, size = struct.unpack_from("<4I", body, 8)
            found += [("symbols", symbols, 16 * count), ("strings", strings, size)]
        elif kind == macho.LC_FUNCTION_STARTS:
            found.append(("function starts", *struct.unpack_from("<II", body, 8)))
    return [(name, offset, size) for name, offset, size in found if size and offset + size <= len(data)]


def change_number(random_, data, low, high):
    """One aligned number of 1, 2, 4 or 8 bytes becomes an extreme one, or one off."""
    width = random_.choice((1, 2, 4, 4, 4, 8))
    if high - low < width:
        return f"nothing at {low:#x}"
    at = random_.randrange(low, high - width + 1)
    if width > 1:
        at = max(low, at - at % width)
    old = int.from_bytes(data[at:at + width], "little")
    new = random_.choice((*NUMBERS, old + 1, old - 1, old << 1, old ^ 1 << random_.randrange(8 * width)))
    data[at:at + width] = (new & (1 << 8 * width) - 1).to_bytes(width, "little")
    return f"{width} bytes at {at:#x}: {old:#x} to {new & (1 << 8 * width) - 1:#x}"


def mutate(random_, original):
    """A damaged copy, and what was done to it."""
    data = bytearray(original)
    done = []
    for _ in range(random_.choice((1, 1, 2, 4, 8))):
        parts = sections(original)
        dwarf = [p for p in parts if p[0].startswith("__debug")]
        choice = random_.random()
        if choice < 0.25 or not parts:
            commands = 32 + struct.unpack_from("<I", original, 20)[0] if parts else 128
            done.append("header: " + change_number(random_, data, 0, min(commands, len(data))))
        elif choice < 0.75 and dwarf:
            name, offset, size = random_.choice(dwarf)
            # The start of a section holds the headers, which steer all the rest.
            reach = size if random_.random() < 0.5 else min(size, 64)
            done.append(name + ": " + change_number(random_, data, offset, offset + reach))
        elif choice < 0.9:
            name, offset, size = random_.choice(parts)
            done.append(name + ": " + change_number(random_, data, offset, offset + size))
        elif choice < 0.95:
            name, offset, size = random_.choice(parts)
            length = min(size, random_.choice((4, 64, 1024)))
            at = offset + random_.randrange(size - length + 1)
            data[at:at + length] = random_.randbytes(length)
            done.append(f"{name}: {length} random bytes at {at:#x}")
        else:
            cut = random_.randrange(len(data))
            del data[cut:]
            data += bytes(len(original) - cut) if random_.random() < 0.5 else b""
            done.append(f"cut at {cut:#x}")
    return bytes(data), done


class Harness:
    def __init__(self, program, folder):
        self.program, self.path = program, pathlib.Path(folder) / "mutant"
        self.counts = collections.Counter()
        self.start()

    def start(self):
        # Small limits: a mutant that runs away must not take the machine along.
        self.worker = worker.Worker(self.program, memory=1 << 30, cpu_seconds=5, threads=2, patience=60)

    def feed(self, data, identity, addresses):
        """None when the worker behaved; else what went wrong, or how it ended."""
        self.path.write_bytes(data)
        try:
            kind, identified = self.worker.identify(self.path)
            self.counts["identified" if kind == worker.IDENTIFIED else "refused"] += 1
            uuids = {identity}
            if kind == worker.IDENTIFIED:
                uuids |= {i["uuid"] for s in identified for i in (s, *s["entries"])}
            for wanted in sorted(uuids)[:4]:
                kind, answer = self.worker.look_up(self.path, wanted, addresses)
                if kind == worker.NAMES:
                    assert len(answer["names"]) == len(addresses), "not one answer for each address"
                self.counts[{worker.NAMES: "named", worker.FAILURE: "failure"}[kind]] += 1
        except worker.Dead as dead:
            self.worker.close()
            self.start()
            if "in time" in str(dead):
                return "HANG"
            self.counts[str(dead)] += 1
            return str(dead)
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("worker")
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where to put mutants that end the worker")
    arguments = parser.parse_args()
    if not (arguments.lab / "manifest.json").exists():
        print(f"SKIPPED: {arguments.lab} was not built")
        return SKIP
    originals = []
    for row in json.loads((arguments.lab / "manifest.json").read_text()):
        for key in ("dsym", "image"):
            if key in row:
                data = (arguments.lab / row[key]).read_bytes()
                code = [a for start, size in row.get("code", []) for a in range(start, start + size, 4)]
                originals.append((row["name"], data, row["uuid"], code or [0xFFFFFE0008000000]))
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        harness = Harness(arguments.worker, folder)
        for number in range(arguments.count):
            random_ = random.Random(arguments.seed * 1_000_003 + number)
            name, original, identity, code = random_.choice(originals)
            mutant, done = mutate(random_, original)
            addresses = sorted(set(random_.sample(code, min(len(code), 200))))
            ended = harness.feed(mutant, identity, addresses)
            if ended == "HANG":
                failures.append(number)
            if ended:
                print(f"mutant {number} of {name}: {ended}\n    " + "\n    ".join(done))
                if arguments.keep:
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    (arguments.keep / f"{arguments.seed}-{number}").write_bytes(mutant)
        harness.worker.close()
    print(f"{arguments.count} mutants: " + ", ".join(f"{n} {what}" for what, n in sorted(harness.counts.items())))
    if failures:
        sys.exit(f"the worker hung on {failures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
