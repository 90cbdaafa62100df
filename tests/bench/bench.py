#!/usr/bin/env python3
"""Measures panicscan as a user sees it: whole processes, wall clock and peak memory.

Use: bench.py PROGRAM [--llvm FOLDER] [--update]. Each command runs several times; the fastest run
counts, since everything else on a machine only ever slows one down. --update writes the tables into
BENCHMARKS.md.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import symbol_bench

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "tests/bench/make_stackshot.py"


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


def sysdiagnose(folder):
    path = pathlib.Path(folder) / "sysdiagnose.tar.gz"
    subprocess.run([sys.executable, ROOT / "tests/bench/make_sysdiagnose.py", "--output", path], check=True)
    return path


def table(head, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def write(name, text):
    """Replaces what stands between <!-- name --> and <!-- end --> in BENCHMARKS.md."""
    path = ROOT / "BENCHMARKS.md"
    head, mark, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name} -->")
    tail = rest.partition("<!-- end -->")[2]
    path.write_text(f"{head}{mark}\n{text}\n<!-- end -->{tail}", encoding="utf-8")


def wait_graphs(program):
    """[(shape and size, milliseconds)] of the analysis alone, graphs of hostile size; the fastest of three each."""
    said = subprocess.run([program.parent / "tests/panicscan_analysis_tests", "[speed]"], capture_output=True, text=True,
                          check=True).stdout
    found = re.findall(r"^waits: (.*): ([0-9.]+) ms$", said, re.M)
    assert found, said
    return [(what, float(ms)) for what, ms in found]


def llvm_of(program):
    """The folder of the LLVM that panicscan-symbolizer, which is beside `program`, was linked with."""
    said = (program.parent / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(r"^PANICSCAN_LLVM_ROOT:INTERNAL=(.*)$", said, re.M)
    return found.group(1) if found else ""


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--update", action="store_true")
    arguments.add_argument("--llvm", help="folder of the LLVM to compare with (default: the one PROGRAM's build found)")
    arguments.add_argument("--runs", type=int, default=40)
    options = arguments.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    llvm = options.llvm or llvm_of(pathlib.Path(program))
    text_panic = ROOT / "samples/reports/kernel/null-function-call.panic"
    rows = []
    meter = symbol_bench.Meter()

    def row(what, limit_ms, command, limit_mb=None, runs=options.runs, stdin="/dev/null"):
        ms, mb = meter.measure(command, stdin, runs)
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

        for what, ms in wait_graphs(pathlib.Path(program)):
            met = ms <= 300
            rows.append((f"wait-for graph, {what}", f"{ms:.1f} ms", "-", "300 ms", "yes" if met else "NO"))
            print(f"{'wait-for graph, ' + what:66} {ms:9.1f} ms {'':13} {'300 ms':16} {'' if met else 'NOT MET'}", flush=True)

        archive = sysdiagnose(folder)
        tar_ms, _ = meter.measure(["tar", "-tzf", str(archive)], runs=3)
        row(f"{archive.stat().st_size / 1e6:.0f} MB sysdiagnose-like archive, 2,000 members, 12 reports "
            f"(tar -tzf: {tar_ms:.0f} ms)", int(tar_ms / 0.6), [program, "-q", "-o", "json", str(archive)],
            limit_mb=150, runs=3)

        symbols = symbol_bench.figures(program, llvm, folder, options.runs, small, row)

    if options.update:
        write("figures", table(("what", "fastest", "peak memory", "limit", "met"), rows))
        if symbols:
            about, symbol_rows = symbols
            write("symbols", about + "\n\n" + table(
                ("what", "panicscan", "llvm-symbolizer", "addr2line-rs", "faster", "limit", "met", "must be read"), symbol_rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
