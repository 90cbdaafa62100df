#!/usr/bin/env python3
"""Compares what `panicscan symbols lookup` prints with llvm-symbolizer, byte for byte.

use: lookup_test.py PANICSCAN WORKER LAB --llvm FOLDER
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77


class Lookup:
    def __init__(self, program, worker, cache):
        self.program = program
        self.environment = dict(os.environ, PANICSCAN_SYMBOLIZER=str(worker), XDG_CACHE_HOME=cache)
        self.environment.pop("PANICSCAN_SYMBOL_PATH", None)

    def __call__(self, *arguments, lines=""):
        done = subprocess.run([self.program, "symbols", "lookup", *map(str, arguments)], input=lines, text=True,
                              env=self.environment, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}:\n{str(got)[:2000]}\nexpected\n{str(wanted)[:2000]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--llvm", required=True)
    options = parser.parse_args()
    symbolizer = f"{options.llvm}/bin/llvm-symbolizer"
    if not (options.lab / "manifest.json").exists() or not pathlib.Path(symbolizer).exists():
        print("SKIPPED: the lab was not built, or there is no llvm-symbolizer")
        return SKIP
    rows = {row["name"]: row for row in json.loads((options.lab / "manifest.json").read_text())}
    compared = 0
    with tempfile.TemporaryDirectory() as cache:
        lookup = Lookup(options.program.resolve(), options.worker.resolve(), cache)
        for name in ("com.example.storage", "com.example.audio"):  # DWARF 4 and 5
            dsym = options.lab / rows[name]["dsym"]
            # Later addresses first, one of them many times, one in no function.
            addresses = [a for start, size in rows[name]["code"] for a in range(start, start + size, 4)][::-1]
            lines = "".join(f"{a:#x}\n" for a in [*addresses, addresses[7], 0x10, addresses[7]])
            theirs = subprocess.run([symbolizer, f"--obj={dsym}", f"--default-arch={rows[name]['arch']}"], input=lines,
                                    text=True, capture_output=True, check=True).stdout
            expect(name, lookup("--dsym", dsym, lines=lines), (0, theirs, ""))
            compared += len(addresses)
            base, slide = min(addresses) & ~0x3FFF, 0x1C4D0000
            one = lookup("--dsym", dsym, f"{addresses[9]:#x}")
            expect("a slide", lookup("--dsym", dsym, "--slide", f"{slide:x}", f"{addresses[9] + slide:x}"), one)
            _, said, _ = lookup("--dsym", dsym, "--load-address", "0", f"{addresses[9] - base:x}")
            _, moved, _ = lookup("--dsym", dsym, "--load-address", f"{slide:x}", f"{addresses[9] - base + slide:x}")
            expect("a load address", moved, said)
        # A line that is no address stays where it was, and is told by the exit code.
        code, said, _ = lookup("--dsym", dsym, lines=f"here\n{addresses[9]:#x}\n")
        expect("a line that is no address", (code, said), (3, "here\n" + one[1]))
        # A universal file has an image for each architecture; one must be named.
        universal = options.lab / rows["com.example.SampleDriver (arm64)"]["dsym"]
        code, _, said = lookup("--dsym", universal, "0x1000")
        expect("two images", (code, "--arch" in said), (2, True))
        row = rows["com.example.SampleDriver (x86_64)"]
        by_arch = lookup("--dsym", universal, "--arch", "x86_64", f"{row['code'][0][0]:#x}")
        expect("by UUID", lookup("--dsym", universal, "--uuid", row["uuid"], f"{row['code'][0][0]:#x}"), by_arch)
        expect("a name in it", (by_arch[0], "??" not in by_arch[1]), (0, True))
    print(f"{compared} addresses compared, all equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
