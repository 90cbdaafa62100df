#!/usr/bin/env python3
"""Gives what `panicscan -o dot` writes to Graphviz: every sample alone, all of them in one stream, and
reports whose names try to break out of a label. Skips, and says so, where there is no Graphviz.

usage: dot_valid.py PANICSCAN
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOSTILE = ['a"]; n9 [label="x', "back\\slash\\", "line\nend", "// comment", "/* */ { } -> ;", "<b>html</b>",
           "\x1b[31mred", "\u202eright to left", "%%{init: {}}%%", "```"]


def run(*command, given=None):
    return subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)


def drawn(panicscan, *paths):
    """How many graphs and nodes Graphviz reads in the picture of these files; an error when it complains."""
    written = run(panicscan, "-q", "--exit-zero", "--no-symbols", "--no-join", *map(str, paths), "-o", "dot")
    assert written.returncode == 0, written.stderr.decode()
    read = run("dot", "-Tdot_json", given=written.stdout)
    assert read.returncode == 0 and not read.stderr, f"{paths}: {read.stderr.decode()}\n{written.stdout.decode()}"
    graphs = json_documents(read.stdout.decode())
    labels = [node.get("label", "") for graph in graphs for node in graph.get("objects", [])]
    for graph in graphs:
        assert len(graph.get("objects", [])) <= 60, paths
    return len(graphs), labels


def json_documents(text):
    decoder, at, documents = json.JSONDecoder(strict=False), 0, []
    while at < len(text.rstrip()):
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
        while at < len(text) and text[at].isspace():
            at += 1
    return documents


def hostile_reports(folder):
    """A stackshot with waits, its processes and queues renamed."""
    header, body = (ROOT / "samples/reports/container/stackshot-only-288.ips").read_text().split("\n", 1)
    for i, name in enumerate(HOSTILE):
        report = json.loads(body)
        for process in report["processByPid"].values():
            process["procname"] = name
            for thread in process.get("threadById", {}).values():
                thread["dispatch_queue_label"] = name
        path = folder / f"hostile{i}.ips"
        path.write_text(header + "\n" + json.dumps(report))
        yield path


def main():
    panicscan = sys.argv[1]
    if shutil.which("dot") is None:
        print("SKIPPED: there is no Graphviz here (Debian and Homebrew: graphviz); no picture was checked")
        return 77
    samples = sorted(p for p in (ROOT / "samples").glob("*/**/*.ips") if ".expected." not in p.name)
    boxes = 0
    for path in samples:
        graphs, labels = drawn(panicscan, path)
        assert graphs == 1, path
        boxes += len(labels)
    graphs, _ = drawn(panicscan, *samples)
    assert graphs == len(samples), f"{graphs} graphs of {len(samples)} reports"
    with tempfile.TemporaryDirectory() as folder:
        plain = drawn(panicscan, ROOT / "samples/reports/container/stackshot-only-288.ips")
        assert plain[1], "the sample has no waits"
        for path in hostile_reports(pathlib.Path(folder)):
            graphs, labels = drawn(panicscan, path)
            assert graphs == 1 and len(labels) == len(plain[1]), path
    print(f"Graphviz reads the pictures of {len(samples)} samples ({boxes} boxes), alone and in one stream, "
          f"and of {len(HOSTILE)} reports with hostile names")
    return 0


if __name__ == "__main__":
    sys.exit(main())
