#!/usr/bin/env python3
"""Runs the sessions in tests/cli/*.txt and compares them with what is written there.

A session is a text as it would look on a terminal:

    # a comment
    $ panicscan --version
    panicscan 0.1.0
    $ panicscan nothing-here.ips
    ! panicscan: nothing-here.ips: No such file or directory
    ? 3

`$` starts a shell command (run in an empty folder; $SAMPLES is samples/reports), `! ` marks lines
of stderr, `? N` an exit code other than 0, everything else is stdout. A line `...` stands for any
number of lines, {*} for any text within a line. PANICSCAN_UPDATE=1 rewrites sessions that have
neither.
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def run(command, program, folder):
    environment = dict(os.environ, SAMPLES=str(ROOT / "samples/reports"), ROOT=str(ROOT), TERM="dumb",
                       LC_ALL="C", PATH=f"{program.parent}:{os.environ['PATH']}")
    environment.pop("NO_COLOR", None)
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True)
    lines = done.stdout.decode("utf-8", "backslashreplace").splitlines()
    lines += ["! " + line for line in done.stderr.decode("utf-8", "backslashreplace").splitlines()]
    if done.returncode != 0:
        lines.append(f"? {done.returncode}")
    return lines


def parse(text):
    """[(command or comment line, expected lines)]"""
    steps = []
    for line in text.splitlines():
        if line.startswith("$ ") or line.startswith("#"):
            steps.append((line, []))
        elif steps:
            steps[-1][1].append(line)
    return steps


def matches(expected, actual):
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    if not actual:
        return False
    pattern = ".*".join(re.escape(part) for part in expected[0].split("{*}"))
    return re.fullmatch(pattern, actual[0]) is not None and matches(expected[1:], actual[1:])


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    update = bool(os.environ.get("PANICSCAN_UPDATE"))
    failures = 0
    sessions = sorted(HERE.glob("*.txt"))
    for session in sessions:
        text = session.read_text(encoding="utf-8")
        steps = parse(text)
        with tempfile.TemporaryDirectory() as folder:
            rewritten = []
            for line, expected in steps:
                rewritten.append(line)
                if not line.startswith("$ "):
                    rewritten += expected
                    continue
                while expected and expected[-1] == "":
                    expected.pop()
                actual = run(line[2:], program, folder)
                if matches(expected, actual):
                    rewritten += expected + [""]
                    continue
                has_wildcards = any(e == "..." or "{*}" in e for e in expected)
                if update and not has_wildcards:
                    rewritten += actual + [""]
                    continue
                failures += 1
                rewritten += expected + [""]
                print(f"FAILED {session.name}: {line}")
                print("\n".join(difflib.unified_diff(expected, actual, "expected", "actual", lineterm="")))
        if update:
            session.write_text("\n".join(rewritten).rstrip("\n") + "\n", encoding="utf-8")
    print(f"{len(sessions)} sessions, {failures} failures")
    return 1 if failures or not sessions else 0


if __name__ == "__main__":
    sys.exit(main())
