"""Speed of symbolication: `panicscan symbols lookup` beside llvm-symbolizer and the addr2line crate.

All three are whole processes that get the same list of addresses and print function, file and line
of each. What they look into is a dSYM of the size of a Kernel Debug Kit's (make_kdk.py), made once
and kept in build-bench.
"""

import bisect
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import time

from make_stackshot import Numbers

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build-bench"
CRATES = pathlib.Path("/usr/share/cargo/registry")  # where Debian's librust-*-dev put them
AREA = 32 << 10  # bytes of code: threads wait in few places


def address_lists(code, folder):
    """(what, file, how much faster than llvm-symbolizer, limit in ms) of each list."""
    start, size = max(code, key=lambda row: row[1])
    numbers = Numbers(5)

    def anywhere(low=start, span=size):
        return low + 4 * numbers.below(span // 4)

    areas = [anywhere(start, size - AREA) for _ in range(60)]
    clustered = [anywhere(areas[numbers.below(len(areas))], AREA) for _ in range(2500)]
    lists = (("1 address", [anywhere()], 3, 15),
             ("1,000 clustered addresses", [clustered[numbers.below(2500)] for _ in range(1000)], 4, None),
             ("100,000 frames of a stackshot, 2,500 distinct", [clustered[numbers.below(2500)] for _ in range(100_000)],
              12, None),
             ("100,000 random addresses", [anywhere() for _ in range(100_000)], 4, None))
    for number, (what, addresses, faster, limit) in enumerate(lists):
        path = pathlib.Path(folder) / f"addresses-{number}.txt"
        path.write_text("".join(f"{a:#x}\n" for a in addresses))
        yield what, path, faster, limit


def build_measure():
    """The program that starts, times and weighs the others."""
    program = OUT / "measure"
    OUT.mkdir(exist_ok=True)
    subprocess.run(["c++", "-std=c++17", "-O2", HERE / "measure.cc", "-o", program], check=True)
    return program


def build_addr2line():
    """The peer in Rust; None, and why, when it cannot be built here."""
    cargo = shutil.which("cargo")
    if cargo is None or not any(CRATES.glob("addr2line-0.19*")):
        print("bench: addr2line-rs is not built: " + ("no cargo" if cargo is None else f"no addr2line 0.19 in {CRATES}"))
        return None
    target = OUT / "addr2line-rs"
    done = subprocess.run([cargo, "build", "-q", "--release", "--offline", "--target-dir", target,
                           "--config", 'source.crates-io.replace-with="debian"',
                           "--config", f'source.debian.directory="{CRATES}"'], cwd=HERE / "addr2line-rs",
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"bench: addr2line-rs is not built: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return target / "release/addr2line-rs"


def build_kdk(llvm):
    """What kdk.json says; None when the tools are missing."""
    done = subprocess.run([sys.executable, HERE / "make_kdk.py", OUT / "kdk", "--llvm", llvm], check=False)
    return json.loads((OUT / "kdk/kdk.json").read_text()) if done.returncode == 0 else None


class Floor:
    """The least that DWARF has to be read for a list of addresses: the units that hold one of them."""

    def __init__(self, dsym):
        with open(dsym, "rb") as file:
            places, head = {}, file.read(1 << 16)
            at = 32
            for _ in range(struct.unpack_from("<I", head, 16)[0]):
                kind, size = struct.unpack_from("<II", head, at)
                if kind == 0x19:  # LC_SEGMENT_64
                    for row in range(at + 72, at + size, 80):
                        name = head[row:row + 16].rstrip(b"\0").decode()
                        places[name] = (struct.unpack_from("<I", head, row + 48)[0], struct.unpack_from("<Q", head, row + 40)[0])
                at += size
            self.ranges, self.lengths = [], {}
            offset, size = places["__debug_aranges"]
            file.seek(offset)
            sets = file.read(size)
            at = 0
            while at < len(sets):
                length, _, unit = struct.unpack_from("<IHI", sets, at)
                for row in range(at + 16, at + 4 + length - 16, 16):
                    start, size = struct.unpack_from("<QQ", sets, row)
                    self.ranges.append((start, start + size, unit))
                file.seek(places["__debug_info"][0] + unit)
                self.lengths[unit] = struct.unpack("<I", file.read(4))[0]
                at += 4 + length
            self.ranges.sort()
            # Lines and ranges of a unit are taken to be as large a part of their sections.
            self.more = 1 + sum(places[n][1] for n in ("__debug_line", "__debug_ranges")) / places["__debug_info"][1]
            file.seek(0)
            fastest, buffer = 1e9, bytearray(1 << 20)
            for _ in range(3):
                file.seek(0)
                started, total = time.perf_counter(), 0
                while count := file.readinto(buffer):
                    total += count
                fastest = min(fastest, time.perf_counter() - started)
            self.bandwidth = total / fastest

    def of(self, path):
        """"12.3 MB in 45 units, 1.5 ms": at the speed at which this machine reads the file from its cache."""
        units = set()
        for address in {int(line, 16) for line in path.read_text().split()}:
            start, end, unit = self.ranges[max(0, bisect.bisect_right(self.ranges, (address, 1 << 64, 0)) - 1)]
            if start <= address < end:
                units.add(unit)
        size = sum(self.lengths[unit] for unit in units) * self.more
        return f"{size / 1e6:.1f} MB in {len(units):,} units, {1000 * size / self.bandwidth:.2g} ms"


def cache_floor(cache, addresses, bandwidth):
    """The least that a file of `symbols cache` has to be read for a list of addresses: its index, and the pieces that
    hold one of them (gsym_file.h has the layout)."""
    with open(cache, "rb") as file:
        index, ranges, chunks = struct.unpack_from("<QII", file.read(64), 40)
        file.seek(index)
        rows = file.read()
    begins = [struct.unpack_from("<QQI", rows, 20 * row) for row in range(ranges)]
    sizes = [struct.unpack_from("<QIQ", rows, 20 * row)[1] for row in range(ranges, ranges + chunks)]
    pieces = set()
    for address in {int(line, 16) for line in addresses.read_text().split()}:
        begin, length, piece = begins[max(0, bisect.bisect_right(begins, (address, 1 << 64, 0)) - 1)]
        if begin <= address < begin + length and piece < chunks:
            pieces.add(piece)
    size = len(rows) + sum(sizes[piece] for piece in pieces)
    return f"{size / 1e6:.1f} MB in {len(pieces):,} pieces, {1000 * size / bandwidth:.2g} ms"


class Meter:
    def __init__(self):
        self.program = build_measure()

    def runs(self, how, count, stdin, command):
        done = subprocess.run([self.program, how, str(count), stdin, *map(str, command)], capture_output=True, text=True,
                              check=True)
        rows = [line.split() for line in done.stdout.splitlines()]
        if len(rows) != count or any(row[2] != "0" for row in rows):
            sys.exit(f"bench: {command} ended with {[row[2] for row in rows]}")
        return rows

    def measure(self, command, stdin="/dev/null", runs=5, cold=False):
        """(fastest milliseconds, peak MiB of all its processes)."""
        if cold:
            milliseconds = []
            for _ in range(3):
                drop_caches()
                milliseconds.append(float(self.runs("time", 1, stdin, command)[0][0]))
            return min(milliseconds), 0
        self.runs("time", 1, stdin, command)  # fills the page cache
        milliseconds = [float(row[0]) for row in self.runs("time", runs, stdin, command)]
        return min(milliseconds), max(int(row[1]) for row in self.runs("memory", 2, stdin, command)) / 1024


def drop_caches():
    subprocess.run(["sync"], check=True)
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")


def may_drop_caches():
    try:
        drop_caches()
        return True
    except (OSError, subprocess.CalledProcessError):
        print("bench: cold figures are left out: the page cache may not be dropped here")
        return False


def same_answers(ours, theirs, stdin):
    """Whether both print the same."""
    return subprocess.run(ours, stdin=open(stdin, "rb"), capture_output=True, check=True).stdout == \
        subprocess.run(theirs, stdin=open(stdin, "rb"), capture_output=True, check=True).stdout


def named_panic(kdk, report, folder):
    """The stackshot panic `report` with all its frames at known places of the kernel."""
    head, _, body = report.read_text().partition("\n")
    said = json.loads(body)
    start = max(kdk["code"], key=lambda row: row[1])
    offsets = []
    for _, path, *_ in list(address_lists(kdk["code"], folder))[2:3]:
        offsets = sorted({int(line, 16) - start[0] for line in path.read_text().split()})
    numbers = Numbers(9)
    text_exec_to_code = start[0] % 0x4000  # __TEXT_EXEC begins with the page of its code
    said["panicString"] = said["panicString"].replace(str(said["binaryImages"][0][0]).upper(), kdk["uuid"])
    said["binaryImages"][0][0] = kdk["uuid"]
    for process in said["processByPid"].values():
        for thread in process["threadById"].values():
            count = len(thread["kernelFrames"]) + len(thread.pop("userFrames", []))
            thread["kernelFrames"] = [[0, offsets[numbers.below(len(offsets))] + text_exec_to_code] for _ in range(count)]
    path = pathlib.Path(folder) / "named.ips"
    path.write_text(head + "\n" + json.dumps(said, separators=(",", ":")))
    return path


def uuid_files(folder, count):
    """A folder of Mach-O files that are nothing but a header with a UUID."""
    files = pathlib.Path(folder) / "uuids"
    files.mkdir()
    for number in range(count):
        header = struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 10, 1, 24, 0, 0)
        (files / f"image-{number}").write_bytes(header + struct.pack("<IIQQ", 0x1B, 24, number + 1, 7))
    return files


def whole_rows(program, kdk, report, folder, row):
    """The rows that measure panicscan alone."""
    os.environ["XDG_CACHE_HOME"] = str(pathlib.Path(folder) / "cache")
    files = uuid_files(folder, 5000)
    row("index of 5,000 symbol files, from the last run's", 500, [program, "symbols", "index", "--symbols", str(files)])
    path = named_panic(kdk, report, folder)
    command = [program, "-o", "json", "--dsym", str(OUT / "kdk" / kdk["dsym"]), str(path)]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    images = [image for image in said["symbols"]["images"] if image["uuid"] == kdk["uuid"]]
    named, all_frames = (sum(image[what] for image in images) for what in ("named", "frames"))
    what = (f"the {path.stat().st_size / 1e6:.1f} MB panic to JSON, {named:,} of {all_frames:,} frames named from a dSYM of "
            f"{kdk['dwarf_bytes'] / 1e6:.0f} MB")
    row(what, 150, command)
    subprocess.run([program, "symbols", "cache", "build", command[4]], check=True)
    row(f"{what}, with `symbols cache`", 90, command)
    what, addresses, *_ = list(address_lists(kdk["code"], folder))[2]
    cache = next(pathlib.Path(os.environ["XDG_CACHE_HOME"]).rglob("*.gsym"))
    least = cache_floor(cache, addresses, Floor(OUT / "kdk" / kdk["dsym"]).bandwidth)
    row(f"{what}, with `symbols cache` (must be read: {least})", 15, [program, "symbols", "lookup", "--dsym", command[4]], stdin=str(addresses))


def figures(program, llvm, folder, runs, report, row):
    """Rows for BENCHMARKS.md; and a sentence on what was looked into. None without the tools."""
    kdk = build_kdk(llvm)
    symbolizer = pathlib.Path(llvm) / "bin/llvm-symbolizer"
    if kdk is None or not symbolizer.exists():
        print(f"bench: symbolication is left out: {llvm} has no llvm-symbolizer, clang, lld and dsymutil")
        return None
    whole_rows(program, kdk, report, folder, row)
    meter, addr2line, cold = Meter(), build_addr2line(), may_drop_caches()
    dsym = OUT / "kdk" / kdk["dsym"]
    ours = [program, "symbols", "lookup", "--no-cache", "--dsym", dsym]
    theirs = [symbolizer, f"--obj={dsym}"]
    rows, floor = [], Floor(dsym)
    for what, path, faster, limit in address_lists(kdk["code"], folder):
        few = 3 if "random" in what else runs
        ms, mib = meter.measure(ours, path, few)
        llvm_ms, llvm_mib = meter.measure(theirs, path, few)
        rust_ms, rust_mib = meter.measure([addr2line, dsym], path, few) if addr2line else (None, None)
        is_equal = same_answers(ours, theirs, path)
        met = (llvm_ms >= faster * ms and (limit is None or ms <= limit) and 2 * mib <= llvm_mib and is_equal
               and (faster != 12 or rust_ms is None or ms <= rust_ms))
        rust = f"{rust_ms:.0f} ms, {rust_mib:.0f} MiB" if addr2line else "not built"
        rows.append((what, f"{ms:.1f} ms, {mib:.0f} MiB", f"{llvm_ms:.0f} ms, {llvm_mib:.0f} MiB", rust,
                     f"{llvm_ms / ms:.1f}x", f"{faster}x" + (f", {limit} ms" if limit else ""),
                     "yes" if met else "NO", floor.of(path)))
        print("  ".join(rows[-1]) + ("" if is_equal else "  THE ANSWERS DIFFER"), flush=True)
        if cold and "random" not in what:
            ms, llvm_ms = meter.measure(ours, path, cold=True)[0], meter.measure(theirs, path, cold=True)[0]
            rows.append((what + ", cold", f"{ms:.0f} ms", f"{llvm_ms:.0f} ms", "-", f"{llvm_ms / ms:.1f}x", "1x",
                         "yes" if ms <= llvm_ms else "NO", "-"))
            print("  ".join(rows[-1]), flush=True)
    about = (f"A dSYM with {kdk['dwarf_bytes'] / 1e6:.0f} MB of DWARF in {kdk['units']:,} units. Fastest of {runs} runs (3 "
             "of the last list); memory is the sum over panicscan and its symbolizer. Limits: so much faster than "
             "llvm-symbolizer of the same LLVM, half its memory, the stackshot no slower than addr2line-rs, the same "
             "answers byte for byte. The last column is what has to be read at least: .debug_info, lines and ranges "
             f"of the units that hold an address, at the {floor.bandwidth / 1e9:.1f} GB/s at which this machine reads the "
             "file from its page cache.")
    return about, rows
