#!/usr/bin/env python3
"""Compares the symbolizer with llvm-symbolizer of the same LLVM, address by address.

use: differential.py WORKER LAB --llvm FOLDER

Every byte of code of every file of the lab (samples/lab/macho) is looked up in both. Function,
file, line, column and inlined callers must be equal; where they are not, one of the EXPLAINED
reasons must hold, and each of these must be seen, so that none outlives its cause.
"""

import argparse
import bisect
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import worker

SKIP = 77
AT_LEAST = 20_000


def reference(llvm, path, arch, addresses, demangle):
    """What llvm-symbolizer says: for each address a list of (function, file, line, column)."""
    command = [f"{llvm}/bin/llvm-symbolizer", "--output-style=JSON", f"--obj={path}", f"--default-arch={arch}",
               "--demangle" if demangle else "--no-demangle"]
    done = subprocess.run(command, input="".join(f"{a:#x}\n" for a in addresses), capture_output=True, text=True,
                          check=True)
    answers = []
    for line in done.stdout.splitlines():
        frames = json.loads(line).get("Symbol", [])
        answers.append([(f["FunctionName"], f["FileName"], f["Line"], f["Column"]) for f in frames])
    assert len(answers) == len(addresses), "llvm-symbolizer did not answer each address"
    return [[] if frames == [("", "", 0, 0)] else frames for frames in answers]


class File:
    """What the explanations may look at: the symbols and function starts of a file."""

    def __init__(self, llvm, path, arch):
        said = subprocess.run([f"{llvm}/bin/llvm-nm", "--arch", arch, "-n", path], capture_output=True, text=True,
                              check=False).stdout
        self.symbols = collections.defaultdict(list)
        for address, name in re.findall(r"^([0-9a-f]{16}) [tTsS] (\S+)$", said, re.M):
            self.symbols[int(address, 16)].append(name.removeprefix("_"))
        self.starts = sorted(self.symbols)

    def symbol_before(self, address):
        """(address, names) of the last symbol at or before an address."""
        at = bisect.bisect_right(self.starts, address) - 1
        return (self.starts[at], self.symbols[self.starts[at]]) if at >= 0 else (None, [])


def generated_name(ours, theirs, **_):
    """iig's Foo::Bar_Impl and Foo::Bar_Invoke are shown as their author wrote them, Foo::Bar; the
    linkage name is compared all the same."""
    return [f["linkage"] for f in ours["frames"]] == [f[0] for f in theirs["mangled"]] and all(
        o["function"] == t[0] or re.fullmatch(re.escape(o["function"]) + r"_(Impl|Invoke)\(.*\)", t[0])
        for o, t in zip(ours["frames"], theirs["demangled"]))


def folded_function(ours, theirs, file, address, **_):
    """The linker folded functions of equal code. llvm-symbolizer takes the outermost name from the
    symbol table and the lines from the debug information of another of them; here both come from
    the same function."""
    start, names = file.symbol_before(address)
    return (len(names) > 1 and ours["frames"] and theirs["mangled"] and ours["frames"][-1]["start"] == start
            and theirs["mangled"][-1][0] in names and ours["frames"][-1]["linkage"] in names
            and [o["line"] for o in ours["frames"]][:-1] == [t[2] for t in theirs["mangled"]][:-1])


def clone_suffix(ours, theirs, **_):
    """The compiler made a specialised copy of a function and gave it a symbol of its own,
    "lab_panic.specialized.1"; the debug information has the name that was written, "lab_panic"."""
    if not ours["frames"] or len(ours["frames"]) != len(theirs["mangled"]):
        return False
    written, symbol = ours["frames"][-1]["linkage"], theirs["mangled"][-1][0]
    others = [(o["linkage"], o["line"]) == (t[0], t[2]) for o, t in zip(ours["frames"], theirs["mangled"])]
    return symbol.startswith(written + ".") and all(others[:-1])


def stripped_neighbour(ours, theirs, file, address, **_):
    """The function's own symbol was stripped: llvm-symbolizer names the last function before it that
    kept one. LC_FUNCTION_STARTS says that another function has begun, so here it has no name."""
    start, names = file.symbol_before(address)
    return (start is not None and len(ours["frames"]) == 1 and ours["frames"][0]["linkage"] == ""
            and ours["frames"][0]["from"] == "symbol_table" and start < ours["frames"][0]["start"] <= address
            and theirs["mangled"][0][0] in names)


EXPLAINED = (generated_name, folded_function, clone_suffix, stripped_neighbour)
NOT_BY_EVERY_COMPILER = (clone_suffix,)  # clang 19 makes one in the lab, clang 22 does not


def same(ours, theirs):
    plain = [(f["function"], f["linkage"], f["file"], f["line"], f["column"]) for f in ours["frames"]]
    return plain == [(d[0], m[0], *m[1:]) for d, m in zip(theirs["demangled"], theirs["mangled"])]


def jobs(lab, manifest, folder):
    """(name, path, arch, uuid, code) of everything to compare. Images are copied to a folder of their
    own: llvm-symbolizer would find the dSYM beside them."""
    for row in manifest:
        if row["kind"] in ("fileset", "truncated"):
            continue  # llvm-symbolizer does not read them; see test_filesets, test_truncated
        if "dsym" in row:
            yield row["name"] + " dSYM", lab / row["dsym"], row["arch"], row["uuid"], row["code"]
        if "image" in row and not row.get("universal"):
            yield row["name"], shutil.copy(lab / row["image"], folder), row["arch"], row["uuid"], row["code"]


def test_filesets(program, lab, manifest):
    """An address in an image of a collection has the name that it has in the image alone."""
    by_name = {row["name"]: row for row in manifest}
    compared = 0
    for row in (r for r in manifest if r["kind"] == "fileset"):
        path = lab / row["image"]
        _, slices = program.identify(path)
        for entry in slices[0]["entries"]:
            alone = by_name["kernel" if entry["name"] == "com.apple.kernel" else entry["name"]]
            _, files = program.identify(lab / alone["image"])
            first = min(s["address"] for s in files[0]["segments"])
            slide = min(s["address"] for s in entry["segments"]) - first
            code = [a for start, size in alone["code"] for a in range(start, start + size, 4)]
            _, wanted = program.look_up(lab / alone["image"], alone["uuid"], code)
            _, got = program.look_up(path, entry["uuid"], [a + slide for a in code])
            for one, other in zip(wanted["names"], got["names"]):
                if [(f["function"], f["start"] + slide) for f in one] != [(f["function"], f["start"]) for f in other]:
                    sys.exit(f"{row['name']} {entry['name']}: {one} became {other}")
                compared += 1
    return compared


def test_truncated(program, lab, manifest):
    """Half a dSYM still has the names of its symbol table, and the answer says what is missing."""
    row = next(r for r in manifest if r["kind"] == "truncated")
    kernel = next(r for r in manifest if r["name"] == "kernel")
    code = [a for start, size in row["code"] for a in range(start, start + size, 4)]
    _, cut = program.look_up(lab / row["dsym"], row["uuid"], code)
    _, whole = program.look_up(lab / kernel["dsym"], kernel["uuid"], code, symbol_table_only=True)
    if cut["names"] != whole["names"] or not cut["notes"]:
        sys.exit(f"{row['name']}: not the names of its symbol table, or no note: {cut['notes']}")
    return len(code)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("worker")
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--llvm", required=True)
    arguments = parser.parse_args()
    if not (arguments.lab / "manifest.json").exists():
        print(f"SKIPPED: {arguments.lab} was not built")
        return SKIP
    if not pathlib.Path(f"{arguments.llvm}/bin/llvm-symbolizer").exists():
        print(f"SKIPPED: {arguments.llvm} has no llvm-symbolizer")
        return SKIP
    manifest = json.loads((arguments.lab / "manifest.json").read_text())
    program = worker.Worker(arguments.worker)

    folder = tempfile.TemporaryDirectory()
    total, equal, seen, bad = 0, 0, collections.Counter(), 0
    for name, path, arch, identity, code in jobs(arguments.lab, manifest, folder.name):
        addresses = sorted({a for start, size in code for a in range(start, start + size)})
        kind, answer = program.look_up(path, identity, addresses)
        if kind != worker.NAMES:
            sys.exit(f"{name}: {answer}")
        file = File(arguments.llvm, path, arch)
        mangled = reference(arguments.llvm, path, arch, addresses, demangle=False)
        demangled = reference(arguments.llvm, path, arch, addresses, demangle=True)
        before = bad
        for address, frames, m, d in zip(addresses, answer["names"], mangled, demangled):
            total += 1
            ours, theirs = {"frames": frames}, {"mangled": m, "demangled": d}
            if same(ours, theirs):
                equal += 1
                continue
            reason = next((r for r in EXPLAINED if r(ours=ours, theirs=theirs, file=file, address=address)), None)
            seen[reason] += 1
            if reason is None:
                bad += 1
                if bad - before <= 3:
                    print(f"{name} {address:#x}:\n  ours   {frames}\n  theirs {d}")
        print(f"{name}: {len(addresses)} addresses, {sum(map(len, answer['names']))} names, {bad - before} unexplained")
    in_filesets = test_filesets(program, arguments.lab, manifest)
    in_truncated = test_truncated(program, arguments.lab, manifest)
    program.close()
    folder.cleanup()

    print(f"{total} addresses compared, {equal} equal; {in_filesets} in collections, {in_truncated} in half a file")
    for reason in EXPLAINED:
        print(f"  {seen[reason]} {reason.__name__}")
        if seen[reason] == 0 and reason not in NOT_BY_EVERY_COMPILER:
            sys.exit(f"{reason.__name__} was not seen: remove it, or mend the lab")
    if bad:
        sys.exit(f"{bad} differences have no explanation")
    if total < AT_LEAST:
        sys.exit(f"only {total} addresses")
    return 0


if __name__ == "__main__":
    sys.exit(main())
