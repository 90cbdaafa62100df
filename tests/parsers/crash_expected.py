#!/usr/bin/env python3
"""Compares what panicscan reads out of crash reports with what two other parsers read.

Use: crash_expected.py PROGRAM [FOLDER]. The folder (or $PANICSCAN_CORPUS) holds crashes/NAME.txt and
crashes-expected/NAME.snap. They are other people's and not part of this repository; without them
the test says so and passes. Threads, frames, registers, images, exception and head are compared one
by one; a difference must be one of EXPLAINED.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
from collections import Counter

# What may differ, and why: (pattern of the path, what to do with (expected, read), the reason).
EXPLAINED = [
    (r"images\.\d+\.size", lambda want, got: got == want + 1,
     "a range is printed with both ends; the others count the bytes between them"),
    (r"images\.\d+\.arch", lambda want, got: want == f"({got})",
     "some writers put the architecture in brackets, which are no part of it"),
    (r"head\.incident", lambda want, got: want == "0" * 32 and got is None,
     "a report without an incident has none; the other parser says zero"),
    (r"threads\.\d+\.frames\.\d+\.module", lambda want, got: want is None and got == "???",
     "a row without an image is '???' in the text"),
    (r"threads\.\d+\.frames\.\d+\.symbol", lambda want, got: got in (f"{want} + 0",),
     "an offset of 0 stays part of the name"),
]


def unquoted(text):
    """A YAML scalar of the kinds that occur: plain, or in double quotes."""
    text = text.strip()
    if text.startswith('"'):
        return json.loads(text)
    return int(text) if re.fullmatch(r"-?\d+", text) else {"true": True, "false": False}.get(text, text)


def read_yaml(lines):
    """The subset of YAML that snapshots use: nested maps, lists of maps, scalars on one line."""
    rows = [(len(l) - len(l.lstrip()), l.strip()) for l in lines if l.strip() and l.strip() != "---"]
    # "- key: value" is a list entry whose map begins two columns further.
    flat = []
    for indent, text in rows:
        while text.startswith("- "):
            flat.append((indent, "-"))
            indent, text = indent + 2, text[2:]
        flat.append((indent, text))
    at = 0

    def block(indent):
        nonlocal at
        if flat[at][1] == "-":
            items = []
            while at < len(flat) and flat[at] == (indent, "-"):
                at += 1
                items.append(block(indent + 2))
            return items
        values = {}
        while at < len(flat) and flat[at][0] == indent and flat[at][1] != "-":
            key, _, value = flat[at][1].partition(":")
            at += 1
            if value.strip():
                values[key] = unquoted(value)
            elif at < len(flat) and flat[at][0] >= indent and (flat[at][0] > indent or flat[at][1] == "-"):
                values[key] = block(flat[at][0])
            else:
                values[key] = None
        return values

    return block(0)


def read_snapshot(path):
    text = path.read_text()
    return read_yaml(text.split("---\n", 2)[2].splitlines())


def number(text):
    return int(text, 16)


def plain(uuid):
    return uuid and uuid.replace("-", "").upper()


def from_parser(snap):
    """The snapshot of apple-crash-report-parser, in the words of compare()."""
    return {
        "head": {
            "incident": plain(snap["incident_identifier"]),
            "path": snap["path"],
            "information": snap.get("application_specific_information"),
            **{f"field {k}": str(v) for k, v in snap["metadata"].items()},
        },
        "threads": [
            {
                "id": thread["id"],
                "name": thread.get("name"),
                "crashed": thread["crashed"],
                "frames": [
                    {
                        "address": number(frame["instruction_addr"]),
                        "module": frame.get("module"),
                        "symbol": frame.get("symbol"),
                        "file": frame.get("filename"),
                        "line": frame.get("lineno"),
                    }
                    for frame in thread["frames"]
                ],
                "registers": {k: number(v) for k, v in thread["registers"].items()}
                if "registers" in thread
                else None,
            }
            for thread in snap["threads"]
        ],
        "images": [
            {
                "base": number(image["addr"]),
                "size": image["size"],
                "uuid": plain(image["uuid"]),
                "arch": image.get("arch"),
                "version": image.get("version"),
                "name": image["name"],
                "path": image["path"],
            }
            for image in snap["binary_images"]
        ],
    }


def from_symbolicator(snap):
    """The answer of the symbolicator service; it names images by path and gives no symbols here."""
    return {
        "head": {
            "signal": snap["crash_reason"],
            "information": snap["crash_details"],
            "build": snap["system_info"]["os_build"],
            "model": snap["system_info"]["device_model"],
            "arch": snap["system_info"]["cpu_arch"],
        },
        "threads": [
            {
                "id": thread["thread_id"],
                "name": thread.get("thread_name"),
                "crashed": thread["is_requesting"],
                "frames": [{"address": number(f["instruction_addr"])} for f in thread["frames"]],
                "registers": {k: number(v) for k, v in thread["registers"].items()}
                if "registers" in thread
                else None,
            }
            for thread in snap["stacktraces"]
        ],
        "images": [
            {
                "base": number(image["image_addr"]),
                "size": image["image_size"],
                "uuid": plain(image["debug_id"]),
                "path": image["code_file"],
            }
            for image in snap["modules"]
        ],
    }


def as_read(report):
    """The JSON report, in the words of compare()."""
    crash, environment = report["crash"], report["environment"]
    notes = crash.get("application_info", [])
    crashed = crash.get("thread")

    def frame(row):
        symbol = (row.get("symbols") or [{}])[0]
        return {
            "address": number(row["address"]),
            "module": row.get("image"),
            "symbol": symbol.get("function"),
            "file": symbol.get("file"),
            "line": symbol.get("line"),
        }

    threads = report["processes"][0].get("threads", [])
    return {
        "head": {
            "incident": plain(environment.get("incident")),
            "path": crash.get("path"),
            "information": notes[0]["text"] if notes else None,
            "signal": crash["exception"].get("signal"),
            "build": environment.get("build"),
            "model": environment.get("product"),
            "arch": environment.get("arch"),
            **{f"field {f['name']}": f["value"] for f in report["fields"]},
        },
        "threads": [
            {
                "id": thread["tid"],
                "name": thread.get("name"),
                "crashed": i == crashed,
                "frames": [frame(row) for row in thread.get("user_frames", [])],
                "registers": {k: number(v) for k, v in crash["registers"].items()}
                if i == crashed and "registers" in crash
                else None,
            }
            for i, thread in enumerate(threads)
        ],
        "images": [
            {
                "base": number(image["load_address"]),
                "size": image.get("size"),
                "uuid": plain(image.get("uuid")),
                "arch": image.get("arch"),
                "version": image.get("version"),
                "name": image.get("name"),
                "path": image.get("path"),
            }
            for image in report["images"]
        ],
    }


def differences(want, got, path=()):
    """(path, expected, read) of each scalar that is expected; what is read beyond that is fine,
    but for the elements of lists."""
    if isinstance(want, dict):
        for key, inner in want.items():
            yield from differences(inner, got.get(key) if isinstance(got, dict) else None, (*path, key))
    elif isinstance(want, list):
        got = got if isinstance(got, list) else []
        yield (*path, "count"), len(want), len(got)
        for index, inner in enumerate(want):
            yield from differences(inner, got[index] if index < len(got) else None, (*path, str(index)))
    else:
        yield path, want, got


def compare(program, report, want):
    done = subprocess.run([program, "--threads", "all", "-o", "json", str(report)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        return Counter(different=1), [done.stderr.decode(errors="replace")]
    counts, lines = Counter(), []
    for path, expected, read in differences(want, as_read(json.loads(done.stdout))):
        name = ".".join(path)
        counts["compared"] += 1
        if expected == read:
            counts["equal"] += 1
        elif any(re.fullmatch(p, name) and holds(expected, read) for p, holds, _ in EXPLAINED):
            counts["explained"] += 1
        else:
            counts["different"] += 1
            lines.append(f"  {name}: expected {expected!r}, read {read!r}")
    return counts, lines


def main():
    program = sys.argv[1]
    corpus = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("PANICSCAN_CORPUS")
    folder = pathlib.Path(corpus or "/nonexistent")
    snapshots = sorted((folder / "crashes-expected").glob("*.snap"))
    if not snapshots:
        print("SKIPPED crash reports: PANICSCAN_CORPUS names no folder with crashes-expected")
        return 0
    failed = False
    for snapshot in snapshots:
        snap = read_snapshot(snapshot)
        want = from_parser(snap) if "binary_images" in snap else from_symbolicator(snap)
        counts, lines = compare(program, folder / "crashes" / f"{snapshot.stem}.txt", want)
        print(f"{snapshot.stem}: {counts['compared']} compared, {counts['equal']} equal, "
              f"{counts['explained']} explained, {counts['different']} different")
        print("\n".join(lines[:20]), end="\n" if lines else "")
        failed = failed or counts["different"] > 0 or counts["compared"] < 20
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
