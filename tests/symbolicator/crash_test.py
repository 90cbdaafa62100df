#!/usr/bin/env python3
"""Names in crash reports, end to end: the lab's reports of its driver extension, whose fault's line is known.

use: crash_test.py PANICSCAN WORKER INCIDENTS

Each report is written again as JSON and as text, and the text, made from the report without symbols,
once more from its own rows. All three must name the function, file and line of the fault, keep every
other frame, and be read back by panicscan with those names and the same addresses.
Exit code 77: the lab was not built.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77


def run(program, *arguments, status=0):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout


def frames(program, report):
    """[(thread, address, inline, function, file, line)] as panicscan reads a report, without symbols."""
    read = json.loads(run(program, "--threads", "all", "-o", "json", report))
    rows = []
    for number, thread in enumerate(read["processes"][0]["threads"]):
        for frame in thread.get("user_frames", []):
            symbol = (frame.get("symbols") or [{}])[0]
            rows.append((number, frame["address"], frame.get("inline", False), symbol.get("function"),
                         symbol.get("file", "").rpartition("/")[2], symbol.get("line")))
    return rows


def check(program, symbols, report, culprit, folder):
    before = frames(program, report)
    plain = [(row[0], row[1]) for row in before if not row[2]]
    wanted = (culprit["function"], culprit["file"].rpartition("/")[2], culprit["line"])
    named = ["symbolicate", "--symbols", symbols, "--no-cache"]

    again = folder / "again.ips"
    again.write_bytes(run(program, *named, "--ips", report))
    body = json.loads(again.read_text().split("\n", 1)[1])
    assert all("imageOffset" in f for t in body["threads"] for f in t["frames"]), "a frame lost its offset"
    after = frames(program, again)
    assert [(row[0], row[1]) for row in after if not row[2]] == plain, "frames of the JSON differ"
    assert any(row[3:] == wanted for row in after), f"{wanted} is not in the JSON"
    twice = run(program, *named, "--ips", again)
    assert frames_of_bytes(program, twice, folder) == after, "symbolicating twice changes the frames"

    text = folder / "again.crash"
    text.write_bytes(run(program, *named, report))
    after = frames(program, text)
    assert [(row[0], row[1]) for row in after if not row[2]] == plain, "frames of the text differ"
    assert any(row[3:] == wanted for row in after), f"{wanted} is not in the text"

    # Without symbols it has addresses only; its own images are enough to name them.
    bare = folder / "bare.crash"
    bare.write_bytes(run(program, "symbolicate", "--no-cache", report))
    text.write_bytes(run(program, *named, bare))
    after = frames(program, text)
    assert [(row[0], row[1]) for row in after if not row[2]] == plain, "frames of the rows differ"
    assert any(row[3:] == wanted for row in after), f"{wanted} is not in the rows"


def check_ownership(program, symbols, report, folder):
    """Whose code crashed: somebody's, until one gives its dSYM; a file of owners names the team."""
    def culprit(*options):
        return json.loads(run(program, "-q", "--exit-zero", "--no-cache", *options, "-o", "json", report))["culprit"]

    before = culprit("--no-symbols")
    if before["verdict"] != "third_party":
        return False
    owners = folder / "owners.json"
    owners.write_text(json.dumps({"owners": [{"match": before["bundle"], "team": "@port"}]}))
    own = culprit("--symbols", symbols, "--owners", owners)
    assert own["verdict"] == "own", own
    assert own["team"] == "@port", own
    assert any(reason["says"].endswith("is your own code: you gave its dSYM") for reason in own["because"]), own
    assert culprit("--no-symbols", "--own", before["bundle"])["verdict"] == "own"
    return True


def frames_of_bytes(program, data, folder):
    path = folder / "bytes"
    path.write_bytes(data)
    return frames(program, path)


def main():
    program, worker, lab = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    incidents = sorted((lab / "incidents").glob("*/crash.ips"))
    if not incidents:
        print("SKIPPED crash reports: the lab was not built")
        return SKIP
    os.environ["PANICSCAN_SYMBOLIZER"] = worker
    os.environ.pop("PANICSCAN_SYMBOL_PATH", None)
    done = owned = 0
    with tempfile.TemporaryDirectory() as folder:
        for report in incidents:
            expected = json.loads((report.parent / "expected.json").read_text())
            if "culprit" not in expected or expected["files"][0] != "crash.ips":
                continue
            try:
                check(program, lab / "binaries", report, expected["culprit"], pathlib.Path(folder))
                owned += check_ownership(program, lab / "binaries", report, pathlib.Path(folder))
            except AssertionError as problem:
                print(f"{report.parent.name}: {problem}")
                return 1
            done += 1
            if done == 24:
                break
    print(f"{done} crash reports written again as JSON and as text, with the line of their fault; "
          f"{owned} of them of one's own code by its dSYM")
    return 0 if done >= 10 and owned >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
