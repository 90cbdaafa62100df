#!/usr/bin/env python3
"""Compares `panicscan kcdata` with what xnu's own decoder said, field by field.

Use: kcdata_expected.py PROGRAM [FOLDER]. The folder (or $PANICSCAN_CORPUS/kcdata) holds buffers and
beside each NAME.plist or NAME.plist.gz. They are other people's and not part of this repository;
without them the test says so and passes. Every difference must be one that explain() knows.
"""

import gzip
import json
import os
import pathlib
import plistlib
import subprocess
import sys
from collections import Counter


def flat(value, path=()):
    """Each scalar of a tree with its path; empty containers count as one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flat(inner, (*path, str(key)))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from flat(inner, (*path, str(index)))
    else:
        yield path, value


def explain(path, want, got):
    """Why a field may differ; nothing when it may not."""
    if path[0] == "xnupost_testconfig":
        return "types that the buffer itself defines are shown as bytes"
    return None


def compare(program, sample, plist):
    want = plistlib.loads(plist)
    done = subprocess.run([program, "kcdata", str(sample)], capture_output=True, check=False)
    if done.returncode != 0:
        return Counter(failed=1), [done.stderr.decode(errors="replace")]
    want, got = dict(flat(want)), dict(flat(json.loads(done.stdout)))
    counts, lines = Counter(), []
    for path in sorted(want.keys() | got.keys()):
        counts["compared"] += 1
        if path in want and path in got and want[path] == got[path]:
            counts["equal"] += 1
            continue
        why = explain(path, want.get(path), got.get(path))
        counts["explained" if why else "different"] += 1
        if not why:
            lines.append(f"  {'.'.join(path)}: expected {want.get(path)!r}, got {got.get(path)!r}")
    return counts, lines


def main():
    program = sys.argv[1]
    corpus = os.environ.get("PANICSCAN_CORPUS")
    folder = sys.argv[2] if len(sys.argv) > 2 else corpus and os.path.join(corpus, "kcdata")
    if not folder or not pathlib.Path(folder).is_dir():
        print("SKIPPED kcdata: PANICSCAN_CORPUS names no folder with kcdata")
        return 0
    total = Counter()
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.name.endswith((".plist", ".plist.gz")):
            continue
        packed, plain = pathlib.Path(f"{path}.plist.gz"), pathlib.Path(f"{path}.plist")
        plist = gzip.decompress(packed.read_bytes()) if packed.exists() else plain.read_bytes()
        counts, lines = compare(program, path, plist)
        total += counts + Counter(samples=1)
        print(f"{path.name}: {dict(counts)}", *lines[:20], sep="\n")
    print("kcdata:", ", ".join(f"{total[key]} {key}" for key in
                               ("samples", "compared", "equal", "explained", "different", "failed")))
    return 1 if total["different"] or total["failed"] else 0


sys.exit(main())
