#!/usr/bin/env python3
"""Builds the reference driver extension on any system with LLVM, over samples/driverkit_stand_in.

use: build.py --out DIR [--llvm /usr/lib/llvm-19] [--fault F07 | --fault F08] [--opcodes]

Makes in DIR: com.panicscan.refdext.dext/ (Info.plist and the executable), its .dSYM beside it,
generated/ (what iig.py wrote) and refdext.json (README.md says what is in it). Two runs give the same
bytes, in whatever folder. Does nothing when DIR is up to date. Exit code 77: the tools are not
installed.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE / "refdext"
STAND_IN = HERE.parent / "driverkit_stand_in"
sys.path[:0] = [str(STAND_IN), str(HERE.parent / "lab" / "macho")]

import iig  # noqa: E402
import iig_parser  # noqa: E402
import iig_source  # noqa: E402
import macho  # noqa: E402
from toolchain import SKIP, build_once, find_llvm  # noqa: E402

NAME = "com.panicscan.refdext"
VERSION = "24.0"  # the first DriverKit with bundled tasks
TOOLS = ("clang++", "ld64.lld", "dsymutil", "llvm-nm", "llvm-objdump", "llvm-dwarfdump", "llvm-cxxfilt")

# The classes and functions that each library of the DriverKit SDK has, as far as we use them. A
# reference to anything else is a mistake of ours, and ends the build.
FRAMEWORKS = "/System/DriverKit/System/Library/Frameworks"
LIBRARIES = {
    "DriverKit": (f"{FRAMEWORKS}/DriverKit.framework/DriverKit",
                  {"OSMetaClass", "OSMetaClassBase", "OSContainer", "OSString", "OSNumber", "OSBoolean", "OSDictionary"},
                  {"IOLog", "IOSleep", "IOMalloc", "IOMallocZero", "IOFree", "IOLockAlloc", "IOLockFree", "IOLockLock",
                   "IOLockUnlock", "IORPCMessageFromMach", "kOSBooleanTrue"}),
    "PCIDriverKit": (f"{FRAMEWORKS}/PCIDriverKit.framework/PCIDriverKit", set(), set()),
    "SCSIControllerDriverKit": (f"{FRAMEWORKS}/SCSIControllerDriverKit.framework/SCSIControllerDriverKit", set(), set()),
    "System": ("/System/DriverKit/usr/lib/libSystem.B.dylib", set(),
               {"memset", "memcpy", "bzero", "abort", "clock_gettime_nsec_np", "_NSConcreteStackBlock", "_NSConcreteGlobalBlock", "__stack_chk_fail", "__stack_chk_guard"}),
    "c++": ("/System/DriverKit/usr/lib/libc++.1.dylib", set(), {"_ZdlPv", "_ZdlPvm", "__cxa_pure_virtual", "_ZdlPvSt11align_val_t"}),
}
TARGET_MACRO = re.compile(r"//\s*fault:\s*(F\d\db?)(?:\s*\(([^)]*)\))?\s*$")


class Build:
    def __init__(self, out, llvm, fault, opcodes):
        self.out, self.bin = out, pathlib.Path(llvm) / "bin"
        self.generated, self.objects = out / "generated", out / "objects"
        self.bundle = out / f"{NAME}.dext"
        self.image = self.bundle / NAME
        self.fault, self.opcodes = fault, opcodes

    def run(self, tool, *arguments, stdin=None):
        done = subprocess.run([str(self.bin / tool), *map(str, arguments)], cwd=self.out, capture_output=True,
                              text=True, check=False, input=stdin)
        if done.returncode != 0:
            sys.exit(f"{tool} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
        return done.stdout + (done.stderr if tool == "dsymutil" else "")

    def compile_all(self):
        defined = [f"PSREF_{self.fault}"] if self.fault else []
        made = iig.generate(sorted(SOURCES.glob("*.iig")), self.generated, defined=defined)
        sources = sorted([*SOURCES.glob("*.cpp"), *SOURCES.glob("Faults/*.cpp")]) + made
        flags = ["-target", f"arm64-apple-driverkit{VERSION}", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-fblocks",
                 "-ffreestanding", "-nostdinc++", "-fno-threadsafe-statics", "-g", "-O1",
                 # Stacks with all their frames: what is looked up in the symbols can be read in the source.
                 "-fno-optimize-sibling-calls", "-fno-inline-functions",
                 "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-c99-designator", "-Wno-overloaded-virtual",
                 f"-ffile-prefix-map={HERE.parent}=/panicscan/samples", f"-ffile-prefix-map={self.out}=/build",
                 "-fdebug-compilation-dir=/build", f"-I{SOURCES}", f"-I{SOURCES / 'Faults'}", f"-I{self.generated}",
                 f"-I{STAND_IN}", f"-I{STAND_IN / 'libc'}", *(f"-D{name}=1" for name in defined)]
        jobs, objects = [], []
        for source in sources:
            objects.append(self.objects / f"{source.name.removesuffix('.cpp')}.o")
            jobs.append([str(self.bin / "clang++"), *flags, "-c", str(source), "-o", str(objects[-1])])
        for begin in range(0, len(jobs), 4):
            running = [subprocess.Popen(job, stderr=subprocess.PIPE, text=True) for job in jobs[begin:begin + 4]]
            for each in running:
                errors = each.communicate()[1]
                if each.returncode != 0:
                    sys.exit(f"{' '.join(each.args)}\n{errors}")
        return objects

    def stubs(self, objects):
        """A .tbd file for each library, with exactly the symbols that are asked of it."""
        defined, wanted = set(), set()
        for line in self.run("llvm-nm", *objects).splitlines():
            words = line.split()
            if len(words) == 2 and words[0] == "U":
                wanted.add(words[1])
            elif len(words) == 3:
                defined.add(words[2])
        wanted = sorted(wanted - defined)
        owner = {}
        program = iig_parser.Program([STAND_IN])
        for name in iig.framework_files():
            for each in program.load(name).classes():
                owner[each.name] = name.split("/")[0]
        for library, (_, classes, functions) in LIBRARIES.items():
            owner.update(dict.fromkeys([*classes, *functions], library))
        readable = self.run("llvm-cxxfilt", "-n", stdin="\n".join(s[1:] for s in wanted)).splitlines()
        symbols = {library: [] for library in LIBRARIES}
        for symbol, name in zip(wanted, readable):
            bare = re.sub(r"^(?:vtable for |non-virtual thunk to )|\(.*$", "", name)
            first = re.sub(r"MetaClass$", "", bare.split("::")[0]) if bare not in owner else bare
            first = re.sub(r"^g(?=[A-Z])|_Class$", "", first) if first not in owner else first
            library = owner.get(bare) or owner.get(bare.split("::")[0]) or owner.get(first) or owner.get(symbol[1:])
            if library is None:
                sys.exit(f"build.py: no library of the SDK is known to have {symbol} ({name})")
            symbols[library].append(symbol)
        files = []
        for library, (install_name, _, _) in LIBRARIES.items():
            if not symbols[library]:
                continue
            files.append(self.objects / f"{library}.tbd")
            files[-1].write_text("--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-driverkit ]\n"
                                 f"install-name: '{install_name}'\ncurrent-version: 1\nexports:\n"
                                 "  - targets: [ arm64-driverkit ]\n    symbols: [ "
                                 + ", ".join(f"'{s}'" for s in sorted([*symbols[library], *(
                                     ["dyld_stub_binder"] if library == "System" else [])])) + " ]\n...\n")
        return files

    def link(self, objects):
        self.bundle.mkdir(parents=True)
        # The linker wants an entry point; a real driver has none (DriverKit.framework has it), so it goes.
        self.run("ld64.lld", "-reproducible", "-oso_prefix", f"{self.out}/", "-arch", "arm64",
                 "-platform_version", "driverkit", VERSION, VERSION, "-no_adhoc_codesign",
                 "-no_fixup_chains" if self.opcodes else "-fixup_chains",
                 "-e", "__ZN9PSRefDext8DispatchE5IORPC", "-o", self.image, *objects, *self.stubs(objects))
        dsym = self.out / f"{NAME}.dext.dSYM"
        said = self.run("dsymutil", f"--oso-prepend-path={self.out}", self.image, "-o", dsym)
        if "warning" in said:
            sys.exit(f"dsymutil: {said}")
        macho.edit(self.image, lambda image: image.drop(macho.LC_MAIN))
        shutil.copy(SOURCES / "Info.plist", self.bundle)
        return dsym / "Contents" / "Resources" / "DWARF" / NAME


def markers():
    """(fault, role, file, line) of each line that says where a fault stands."""
    for path in sorted([*SOURCES.glob("*.cpp"), *SOURCES.glob("Faults/*.cpp")]):
        for number, text in enumerate(path.read_text().splitlines(), 1):
            if found := TARGET_MACRO.search(text):
                yield found[1], found[2] or "stands here", path, number


def functions(build):
    """(address, size, linkage name, name) of each function, in order."""
    rows = []
    for line in build.run("llvm-nm", "-n", build.image).splitlines():
        words = line.split()
        if len(words) == 3 and words[1] in "Tt":
            rows.append((int(words[0], 16), words[2]))
    text = next((a, s) for a, s in macho.read(build.image).code())
    rows = [row for row in rows if text[0] <= row[0] < text[0] + text[1]]
    ends = [*(address for address, _ in rows[1:]), text[0] + text[1]]
    names = build.run("llvm-cxxfilt", "-n", stdin="\n".join(name[1:] for _, name in rows)).splitlines()
    return [(address, end - address, linkage, name) for (address, linkage), end, name in zip(rows, ends, names)]


def calls(build, known):
    """Each call instruction: (address, linkage name of the target, or null through a register)."""
    names = {address: linkage for address, _, linkage, _ in known}
    for line in build.run("llvm-objdump", "--macho", "--indirect-symbols", build.image).splitlines():
        if match := re.match(r"0x([0-9a-f]+)\s+\d+\s+(\S+)$", line):
            names[int(match[1], 16)] = match[2]
    found = []
    for line in build.run("llvm-objdump", "-d", "--no-show-raw-insn", build.image).splitlines():
        if match := re.match(r"\s*([0-9a-f]+):\s+blr?\s+(?:0x([0-9a-f]+))?", line):
            found.append((int(match[1], 16), names.get(int(match[2], 16)) if match[2] else None))
    return found


def line_rows(build, dwarf):
    """(address, file name, line) of the line table, sequences ended by a null file."""
    rows, files = [], {}
    for line in build.run("llvm-dwarfdump", "--debug-line", dwarf).splitlines():
        if match := re.match(r"file_names\[\s*(\d+)\]", line):
            current = int(match[1])
        elif match := re.match(r'\s*name: "([^"]*)"', line):
            files[current] = pathlib.PurePosixPath(match[1]).name
        elif line.startswith("debug_line["):
            files = {}
        elif match := re.match(r"0x([0-9a-f]{16})\s+(\d+)\s+\d+\s+(\d+)\s+\d+\s+\d+\s*(?:\d+\s*)?(.*)$", line):
            rows.append((int(match[1], 16), None if "end_sequence" in match[4] else files.get(int(match[3])), int(match[2])))
    return rows


def describe(build, dwarf):
    """What refdext.json says."""
    program = iig_parser.Program([SOURCES, STAND_IN], [f"PSREF_{build.fault}"] if build.fault else ())
    own = [each for path in sorted(SOURCES.glob("*.iig")) for each in program.load(path.name).classes()]
    classes = []
    for each in own:
        options = iig_source.Options(program, each)
        chain = [each.super_name, *(a.super_name for a in program.ancestors(each))]
        classes.append({
            "name": each.name, "superclasses": chain, "queues": options.queues,
            "queue_of": dict(zip(options.methods, (options.queues[q] for _, q in options.rows))),
            "messages": [m.name for m in each.methods if program.is_message(each, m)],
            "actions": [f"OSAction_{each.name}_{m.name}" for m in each.methods if m.type_of],
        })
    known = functions(build)

    def function_at(address):
        return next(((linkage, name) for begin, size, linkage, name in known if begin <= address < begin + size), (None, None))

    call_rows = calls(build, known)
    rows = line_rows(build, dwarf)
    ranges = {}
    for (begin, file, line), (end, _, _) in zip(rows, rows[1:]):
        if file is not None and begin < end:
            ranges.setdefault((file, line), []).append((begin, end))
    sites = {}
    for fault, role, path, line in markers():
        spans = ranges.get((path.name, line), [])
        linkage, name = function_at(spans[0][0]) if spans else (None, None)
        inside = [(a, t) for a, t in call_rows if any(b <= a < e for b, e in spans)]
        sites.setdefault(fault, []).append({
            "role": role, "file": str(path.relative_to(HERE)), "line": line, "function": name, "linkage_name": linkage,
            "address": f"0x{spans[0][0]:x}" if spans else None,
            "calls": [{"at": f"0x{a:x}", "return_to": f"0x{a + 4:x}", "target": t} for a, t in inside]})
    header = macho.read(build.image)
    base = next(address for name, address, *_ in header.segments() if name == "__TEXT")
    return {
        "bundle_id": NAME, "uuid": str(header.uuid).upper(), "arch": "arm64", "base": f"0x{base:x}",
        "image": f"{NAME}.dext/{NAME}", "dsym": f"{NAME}.dext.dSYM",
        "classes": classes,
        "faults": [{**row, "sites": sites.get(row["id"], [])} for row in fault_table()],
        "functions": [{"address": f"0x{a:x}", "size": s, "linkage_name": k, "name": n} for a, s, k, n in known],
        "calls": [{"in": function_at(a)[0], "at": f"0x{a:x}", "return_to": f"0x{a + 4:x}", "target": t}
                  for a, t in call_rows],
    }


def fault_table():
    """The rows of Faults/FaultTable.cpp."""
    text = (SOURCES / "Faults" / "FaultTable.cpp").read_text()
    row = re.compile(r'^\s*\{"(F\w+)", "([\w-]+)", Safety::(\w+), ArmedBy::(\w+), Site::(\w+), "(.*)"\},$', re.M)
    letter = {"log": "L", "dext": "D", "machine": "K", "synthetic": "S"}
    return [{"id": m[1], "name": m[2], "safety": letter[m[3]], "armed_by": m[4], "site": m[5], "does": m[6]}
            for m in row.finditer(text)]


def fingerprint(*more):
    """Of everything the output depends on."""
    digest = hashlib.sha256(repr(more).encode())
    for path in sorted([HERE / "build.py", *SOURCES.rglob("*"), *STAND_IN.rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(HERE.parent)).encode() + path.read_bytes())
    return digest.hexdigest()


def write(out, llvm, fault=None, opcodes=False):
    build = Build(out, llvm, fault, opcodes)
    build.objects.mkdir(parents=True)
    try:
        dwarf = build.link(build.compile_all())
    except (iig_parser.IigError, ValueError) as error:
        sys.exit(f"build.py: {error}")
    (out / "refdext.json").write_text(json.dumps(describe(build, dwarf), indent=1) + "\n")
    shutil.rmtree(build.objects)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--llvm", help="folder that has bin/clang++, bin/ld64.lld, …")
    parser.add_argument("--fault", choices=("F07", "F08"), help="a build whose class table has this fault")
    parser.add_argument("--opcodes", action="store_true", help="LC_DYLD_INFO instead of chained fixups")
    options = parser.parse_args()
    llvm = find_llvm(options.llvm, TOOLS)
    if llvm is None:
        return SKIP
    build_once(options.out.resolve(), fingerprint(os.path.realpath(llvm), options.fault, options.opcodes),
               lambda out: write(out, llvm, options.fault, options.opcodes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
