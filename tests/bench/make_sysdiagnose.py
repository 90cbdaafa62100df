#!/usr/bin/env python3
"""Writes an archive like a sysdiagnose: a .tar.gz with many members, of which a few are reports.

    make_sysdiagnose.py --output FILE [--megabytes 300] [--members 2000]

Most bytes of a real one are logs in binary form, which hardly compress; the rest is text of tools. The
same arguments give the same bytes.
"""

import argparse
import gzip
import io
import pathlib
import random
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORTS = ["joined/capture-card/panic-full.ips", "joined/capture-card/capture-2025-11-20-230926.ips",
           "joined/capture-card/system.ndjson", "joined/capture-card/ioreg.txt",
           "reports/iokit/registry-busy-dext-deadlock.ips", "reports/watchdog/windowserver-waits-for-dext-full.ips",
           "reports/pm/sleep-transition-timeout-t2.ips", "reports/kernel/data-abort-third-party-kext.ips",
           "reports/kernel/null-function-call.panic", "reports/container/stackshot-only-288.ips",
           "reports/log/crash-loop-unified.log", "reports/ioreg/capture-card-archive.plist"]
WORDS = ("assertion service com.example.daemon interface en0 state changed power level cache entry pid thread "
         "waiting volume mounted request completed status value session token count").split()


def text_of(tool, size, dice):
    lines, length = [f"{tool} output\n"], 0
    while length < size:
        lines.append(" ".join(dice.choices(WORDS, k=12)) + f" {dice.randrange(1 << 32):x}\n")
        length += len(lines[-1])
    return "".join(lines).encode()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--output", type=pathlib.Path, required=True)
    arguments.add_argument("--megabytes", type=int, default=300, help="of the packed archive, about")
    arguments.add_argument("--members", type=int, default=2000)
    options = arguments.parse_args()
    dice = random.Random(7)
    reports = {f"crashes_and_spins/{pathlib.Path(path).name}": (ROOT / "samples" / path).read_bytes() for path in REPORTS}
    others = options.members - len(reports)
    # One member in five is binary and makes up most of the packed bytes; texts pack to about a third.
    binaries, texts = others // 5, others - others // 5
    packed = options.megabytes * 1_000_000
    binary_size, text_size = int(packed * 0.8 / binaries), int(packed * 0.2 * 2.6 / texts)
    pieces = [text_of(f"tool{i}", text_size, dice) for i in range(12)]
    members = [(f"system_logs.logarchive/Persist/{i:016x}.tracev3", None) for i in range(binaries)]
    members += [(f"logs/tool{i}.txt", pieces[i % len(pieces)]) for i in range(texts)]
    members += list(reports.items())
    dice.shuffle(members)
    with open(options.output, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packer, \
            tarfile.open(fileobj=packer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members:
            data = dice.randbytes(binary_size) if data is None else data
            info = tarfile.TarInfo("sysdiagnose_2025.11.20_23-15-00-0700_macOS_Mac16-1_25B78/" + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    print(f"{options.output.stat().st_size / 1e6:.0f} MB, {len(members)} members, {len(reports)} reports")


if __name__ == "__main__":
    main()
