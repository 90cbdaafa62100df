#!/usr/bin/env python3
"""Writes incidents: for every fault of the reference driver extension what it would leave behind, with
the answer that panicscan should give.

    lab.py DIR [--count N] [--seed S] [--llvm FOLDER] [--samples]

DIR/binaries gets the kernel and its extensions with their dSYMs, DIR/incidents a folder for each
incident. The same seed gives the same bytes. --samples writes samples/reports/refdext instead, a selection
to read. Exit code 77: the tools are not installed.
"""

import argparse
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

from lab import binaries, readme             # noqa: E402
from lab.faults import FAULTS, HANGS, ON_INTEL  # noqa: E402
from lab.incident import Knobs               # noqa: E402
from lab.machine import GENERATIONS, INTEL, Places  # noqa: E402
from lab.seeds import SEEDS                  # noqa: E402
from make.dice import Dice                   # noqa: E402


def rounds(places, seed):
    """Knobs without end: the plain round first, then varied ones."""
    yield Knobs(places, f"{seed}.0", crowd=40)
    number = 0
    while True:
        number += 1
        dice = Dice("round", seed, number)
        if number % 3 == 2:
            yield Knobs(places, f"{seed}.{number}", os=dice.pick(list(INTEL)), is_intel=True,
                        symbols=dice.below(4) != 0, truncated=dice.below(4) == 0)
            continue
        yield Knobs(places, f"{seed}.{number}", os=dice.pick(list(GENERATIONS)),
                    crowd=dice.weighted([(8, 3), (4, 12), (1, 450)]), symbols=dice.below(4) != 0,
                    truncated=dice.below(4) == 0, shuffled=dice.below(2) == 0)


def incidents(places, seed, count):
    """(name of the folder, Incident), `count` of them and the rest of the round begun."""
    for name, function in SEEDS.items():
        incident = function(Knobs(places, f"{seed}.{name}", crowd=40))
        yield name, incident
    made = len(SEEDS)
    for number, knobs in enumerate(rounds(places, seed)):
        faults = [row for fault, row in FAULTS.items() if not knobs.is_intel or fault in ON_INTEL]
        functions = [*{id(row[2]): row[2] for row in faults}.values(), *(HANGS if knobs.has_threads else ())]
        for function in functions:
            if made >= count and number > 0:
                return
            for incident in function(knobs):
                made += 1
                yield f"{number:03d}-{incident.name}", incident


# Of the plain round, with hardly any other process: short enough to be read.
SAMPLES = ("F00", "F02", "F03-log", "F06", "F06b", "F07", "F08-iig", "F09", "F10", "F13", "F14-near-function", "F15", "F16", "F17",
           "F20", "F21", "F22", "F22-near-once", "F27", "F28", "F29", "F33", "F36", "F37", "F37-near-elsewhere")


def selection(places):
    """(name, Incident) of each of SAMPLES."""
    knobs = Knobs(places, "samples", crowd=3)
    for function in {id(row[2]): row[2] for row in FAULTS.values()}.values():
        for incident in function(knobs):
            if incident.name in SAMPLES:
                yield incident.name, incident


def without_near_miss(places, seed):
    """The faults with a rule that have no incident like their own on which that rule must not fire."""
    knobs = Knobs(places, f"{seed}.near", crowd=3)
    lacking = []
    for fault, (_, rule, function) in FAULTS.items():
        near = [incident for incident in function(knobs)
                if incident.name.startswith(f"{fault}-near") and rule in incident.must_not]
        if rule and not near:
            lacking.append(fault)
    return lacking


def write(folder, incident):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in incident.files.items():
        (folder / name).write_bytes(data)
    (folder / "expected.json").write_text(incident.expected())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, nargs="?")
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--llvm")
    parser.add_argument("--samples", action="store_true", help="write samples/reports/refdext")
    parser.add_argument("--check", action="store_true", help="only compare the table of README.md")
    parser.add_argument("--update", action="store_true", help="only write the table of README.md again")
    options = parser.parse_args()
    if options.update:
        return readme.update(FAULTS)
    if options.check:
        return readme.check(FAULTS)
    if not binaries.build(options.out / "binaries", options.llvm):
        return binaries.SKIP
    places = Places(options.out / "binaries")
    folder = HERE.parent / "reports/refdext" if options.samples else options.out / "incidents"
    for old in folder.rglob("*") if options.samples else ():
        if old.is_file() and ".expected." not in old.name:  # what panicscan says of a sample stays
            old.unlink()
    if not options.samples:
        shutil.rmtree(folder, ignore_errors=True)
    written = near = 0
    rows = selection(places) if options.samples else incidents(places, options.seed, options.count)
    for name, incident in rows:
        write(folder / name, incident)
        written += 1
        near += "-near" in name
    with_rule = sum(rule is not None for _, rule, _ in FAULTS.values())
    lacking = without_near_miss(places, options.seed)
    print(f"{written} incidents in {folder}, {near} of them near misses; "
          f"{with_rule - len(lacking)} of {with_rule} faults with a rule have one")
    if lacking:
        print(f"no near miss: {', '.join(lacking)}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
