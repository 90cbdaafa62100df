#!/usr/bin/env python3
"""Measures panicscan as a user sees it: whole processes, wall clock and peak memory.

Use: bench.py PROGRAM [--update]. Each command runs several times; the median counts. --update
writes the table into BENCHMARKS.md.
"""

import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "tests/bench/make_stackshot.py"


def measure(command, runs, stdin=None):
    """(median milliseconds, peak MiB) of a command."""
    milliseconds, peak = [], 0
    for run in range(runs + 1):
        with open(os.devnull, "wb") as sink:
            started = time.perf_counter()
            process = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            elapsed = (time.perf_counter() - started) * 1000
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: {command} ended with {process.returncode}")
        if run > 0:  # the first run fills the page cache
            milliseconds.append(elapsed)
        divisor = 1024 if platform.system() == "Linux" else 1024 * 1024
        peak = max(peak, usage.ru_maxrss / divisor)
    return statistics.median(milliseconds), peak


def stackshot(folder, threads, frames):
    path = pathlib.Path(folder) / f"stackshot-{threads}.ips"
    subprocess.run([sys.executable, GENERATOR, "--threads", str(threads), "--frames", str(frames),
                    "--output", path], check=True)
    return path


def long_panic(folder, size):
    """A panic whose message alone has `size` bytes, so that every rule has much to look at."""
    words = "link training state changed retry pending queue depth thread port domain "
    message = (words * (size // len(words) + 1))[:size]
    lines = "\n".join(message[i:i + 120] for i in range(0, size, 120))
    path = pathlib.Path(folder) / "long.panic"
    path.write_text("panic(cpu 1 caller 0xfffffe0021345678): ExampleDriver: " + lines +
                    " @ExampleDriver.cpp:77\nDebugger message: panic\nOS version: 24F74\n")
    return path


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("--runs", type=int, default=15)
    options = arguments.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    text_panic = ROOT / "samples/reports/kernel/null-function-call.panic"
    rows = []

    def row(what, limit_ms, command, limit_mb=None, runs=options.runs):
        ms, mb = measure(command, runs)
        met = (limit_ms is None or ms <= limit_ms) and (limit_mb is None or mb <= limit_mb)
        limit = " ".join(filter(None, [f"{limit_ms} ms" if limit_ms else "", f"{limit_mb} MiB" if limit_mb else ""]))
        rows.append((what, f"{ms:.1f} ms", f"{mb:.1f} MiB", limit or "-", "yes" if met else "NO"))
        print(f"{what:66} {ms:9.1f} ms {mb:8.1f} MiB   {limit:16} {'' if met else 'NOT MET'}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        small, medium, large = (stackshot(folder, 3000 * n, 14000 * n) for n in (1, 10, 100))
        row("start: `panicscan --version`", 5, [program, "--version"])
        row("text panic to text report", 15, [program, str(text_panic)])
        row(f"{small.stat().st_size / 1e6:.1f} MB stackshot panic (3,000 threads, 14,000 frames) to JSON", 60,
            [program, "-o", "json", str(small)], limit_mb=60)
        row(f"{small.stat().st_size / 1e6:.1f} MB stackshot panic to text", 60, [program, str(small)])
        row(f"{medium.stat().st_size / 1e6:.0f} MB stackshot panic to JSON", None, [program, "-o", "json", str(medium)], runs=5)
        row(f"{large.stat().st_size / 1e6:.0f} MB stackshot panic to JSON", None, [program, "-o", "json", str(large)],
            limit_mb=8 * large.stat().st_size // 2**20 + 64, runs=3)
        row("all rules over a 200 KB panic message, whole process", 20, [program, str(long_panic(folder, 200_000))])

    if options.update:
        table = "\n".join(["| what | median | peak memory | limit | met |", "|---|---|---|---|---|"] +
                          ["| " + " | ".join(r) + " |" for r in rows])
        path = ROOT / "BENCHMARKS.md"
        head, _, rest = path.read_text(encoding="utf-8").partition("<!-- figures -->")
        tail = rest.partition("<!-- end -->")[2]
        path.write_text(f"{head}<!-- figures -->\n{table}\n<!-- end -->{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
