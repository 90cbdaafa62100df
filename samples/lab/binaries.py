"""Builds what the lab's incidents happen in: a kernel, kernel extensions, a kernel collection and the
reference driver extension, each with its dSYM; and OUT/places.json, which says where every function
is, what it calls, and which line each instruction belongs to.

Nothing is rebuilt when OUT is up to date.
"""

import hashlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parent
KERNEL_SOURCES = ("debug.cpp", "sched.cpp", "ipc.cpp", "IOWorkLoop.cpp", "IOService.cpp", "IOServicePM.cpp",
                  "IOUserServer.cpp", "IOInterruptController.cpp")
# Bundle ids of the kernel extensions, and the file each is made of.
KEXTS = {"com.apple.iokit.IOSCSIParallelFamily": "IOSCSIParallelFamily.cpp",
         "com.apple.iokit.IOSCSIArchitectureModelFamily": "IOSCSIArchitectureModelFamily.cpp",
         "com.apple.driver.AppleT8110DART": "AppleT8110DART.cpp",
         "com.apple.driver.AppleT6000PCIeC": "AppleT6000PCIeC.cpp",
         "com.example.driver.CardReader": "CardReader.cpp"}
ARCHITECTURES = {"arm64": "arm64e", "x86_64": "x86_64"}  # as reports say, and as linkers do
FLAGS = ("-O1", "-fno-inline-functions", "-fno-optimize-sibling-calls", "-fno-omit-frame-pointer")


def module_at(name, path):
    """A Python file as a module: two of the builders have the same file name."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(path.parent))
    return module


macho_build = module_at("lab_macho_build", HERE / "macho" / "build.py")
macho, fileset = macho_build.macho, macho_build.fileset
SKIP, find_llvm, build_once = macho_build.SKIP, macho_build.find_llvm, macho_build.build_once
dext_build = module_at("lab_dext_build", SAMPLES / "dext" / "build.py")


class Kernels(macho_build.Lab):
    """The kernel side, for each architecture."""

    def __init__(self, out, llvm):
        super().__init__(out, llvm)
        self.maps = [f"-ffile-prefix-map={HERE / 'kernel'}=/xnu", f"-ffile-prefix-map={out}=/build",
                     "-fdebug-compilation-dir=/build", f"-I{HERE / 'kernel'}"]

    def everything(self):
        self.objects.mkdir(parents=True)
        for arch, linked in ARCHITECTURES.items():
            base = macho_build.KERNEL_BASE if arch == "arm64" else macho_build.KERNEL_BASE_INTEL
            self.kernel_of([HERE / "kernel" / name for name in KERNEL_SOURCES], "_thread_call_thread",
                           f"kernel.{arch}", linked, base, *FLAGS)
            for bundle, source in KEXTS.items():
                self.kext_of(HERE / "kernel" / source, f"{bundle}.{arch}", linked, *FLAGS)
        collection = fileset.Collection(macho_build.KERNEL_BASE, "c0113c70-0000-4000-8000-0000000000ab", True)
        collection.add("com.apple.kernel", self.out / "kernel.arm64")
        for number, bundle in enumerate(KEXTS):
            collection.add(bundle, self.out / f"{bundle}.arm64", 0xFFFFFE0008000000 + 0x100000 * number)
        collection.write(self.out / "kernelcache")
        shutil.rmtree(self.objects)


class Index:
    """Reads a linked file and its dSYM into the form of places.json."""

    def __init__(self, llvm):
        self.bin = pathlib.Path(llvm) / "bin"

    def run(self, tool, *arguments, text=None):
        done = subprocess.run([str(self.bin / tool), *map(str, arguments)], input=text, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{tool} {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout

    def functions(self, path, arch):
        """[(address, mangled name)] of everything in the code sections, in order."""
        code = macho.read(path).code()
        rows = []
        for line in self.run("llvm-nm", "-n", "--defined-only", f"--arch={arch}", path).splitlines():
            address, kind, name = line.split(" ", 2)
            address = int(address, 16)
            if any(start <= address < start + size for start, size in code):
                rows.append((address, name[1:]))  # without the underscore of C
        ends = {start: start + size for start, size in code}
        return rows, max(ends.values())

    def demangled(self, names):
        return self.run("llvm-cxxfilt", text="\n".join(names)).splitlines()

    def instructions(self, path, arch):
        """[(address, target of a call or None)]; a target is an address, a name, or "*" for a pointer."""
        out = []
        said = self.run("llvm-objdump", "-d", "--no-show-raw-insn", f"--arch={arch}", path)
        for line in said.splitlines():
            found = re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)", line)
            if not found:
                continue
            address, word, rest = int(found[1], 16), found[2], found[3]
            target = None
            if word in ("bl", "call", "callq"):
                stub = re.search(r"symbol stub for: (\S+)", rest)
                direct = re.match(r"0x([0-9a-f]+)", rest)
                target = stub[1][1:] if stub else int(direct[1], 16) if direct else "*"
            elif word.startswith("blr"):
                target = "*"
            out.append((address, target))
        return out

    def lines(self, dsym, arch, addresses):
        """For each address [[function, file, line], …], the innermost inlined function first."""
        text = "\n".join(f"0x{address:x}" for address in addresses)
        said = self.run("llvm-symbolizer", f"--obj={dsym}", "--output-style=JSON", "--inlines", "--demangle",
                        f"--default-arch={arch}", text=text)
        out = []
        for row in map(json.loads, said.splitlines()):
            frames = row.get("Symbol", [])
            out.append([[f["FunctionName"], os.path.basename(f["FileName"]), f["Line"]] for f in frames])
        return out

    def image(self, path, dsym, arch, kernel):
        header = macho.read(path)
        wanted = "__TEXT_EXEC" if kernel and arch == "arm64e" else "__TEXT"
        base, size = next((a, s) for n, a, s, *_ in header.segments() if n == wanted)
        rows, end = self.functions(path, arch)
        names = dict(zip((a for a, _ in rows), self.demangled([n for _, n in rows])))
        starts = sorted(names)
        functions = {names[a]: {"start": a - base, "end": e - base, "steps": []}
                     for a, e in zip(starts, [*starts[1:], end])}
        mangled = {names[a]: n for a, n in rows}
        instructions = self.instructions(path, arch)
        frames = self.lines(dsym, arch, [a for a, _ in instructions])
        at = 0
        for number, ((address, target), lines) in enumerate(zip(instructions, frames)):
            while at + 1 < len(starts) and starts[at + 1] <= address:
                at += 1
            following = instructions[number + 1][0] if number + 1 < len(instructions) else end
            if not starts or address < starts[at]:
                continue
            if isinstance(target, int):
                target = names.get(target, "*")
            function = functions[names[starts[at]]]
            function["steps"].append([address - base, following - base, target, lines])
        stubs = sorted({s[2] for f in functions.values() for s in f["steps"] if s[2] and s[2] not in functions
                        and s[2] != "*"})
        plain = dict(zip(stubs, self.demangled(stubs)))
        for function in functions.values():
            for step in function["steps"]:
                step[2] = plain.get(step[2], step[2])
        for name, function in functions.items():
            function["mangled"] = mangled[name]
        return {"uuid": str(header.uuid).upper(), "base": base, "size": size, "functions": functions,
                "dsym": str(dsym)}


def dsym_of(folder, bundle, name=None):
    return folder / f"{bundle}.dSYM" / "Contents" / "Resources" / "DWARF" / (name or bundle)


def dext(index, out):
    """The driver extension's row of places.json: with the lines of its faults, "sites", and the
    targets of its calls, which refdext.json knows better (they go through stubs)."""
    folder = out / "refdext"
    built = json.loads((folder / "refdext.json").read_text())
    image = index.image(folder / built["image"], dsym_of(folder, f"{dext_build.NAME}.dext", dext_build.NAME),
                        "arm64", False)
    calls = {int(call["at"], 16) - image["base"]: call["target"] for call in built["calls"]}
    names = sorted({name[1:] for name in calls.values() if name})
    plain = dict(zip(names, index.demangled(names)))
    for function in image["functions"].values():
        for step in function["steps"]:
            if step[0] in calls:
                name = calls[step[0]]
                step[2] = plain[name[1:]] if name else "*"
    image["sites"] = {fault["id"]: [[site["function"], os.path.basename(site["file"]), site["line"]]
                                    for site in fault["sites"]] for fault in built["faults"]}
    return image


def write_places(out, llvm):
    index = Index(llvm)
    images = {f"{dext_build.NAME} arm64": dext(index, out)}
    for arch, linked in ARCHITECTURES.items():
        for name in ("kernel", *KEXTS):
            file = out / f"{name}.{arch}"
            images[f"{name} {arch}"] = index.image(file, dsym_of(out, file.name), linked, True)
    (out / "places.json").write_text(json.dumps(images))


def fingerprint(llvm):
    """Of everything the output depends on."""
    digest = hashlib.sha256(os.path.realpath(llvm).encode())
    for folder in (HERE / "kernel", HERE / "macho"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(SAMPLES)).encode() + path.read_bytes())
    digest.update(pathlib.Path(__file__).read_bytes() + dext_build.fingerprint().encode())
    return digest.hexdigest()


def write(out, llvm):
    (out / "refdext").mkdir()
    dext_build.write(out / "refdext", llvm)
    Kernels(out, llvm).everything()
    write_places(out, llvm)


def build(out, llvm=None):
    """Builds into `out` what is not there yet. False: the tools are not installed."""
    llvm = find_llvm(llvm, {*macho_build.TOOLS, *dext_build.TOOLS, "llvm-symbolizer"})
    if llvm is None:
        return False
    build_once(pathlib.Path(out).resolve(), fingerprint(llvm), lambda folder: write(folder, llvm))
    return True


if __name__ == "__main__":
    sys.exit(0 if build(sys.argv[1]) else SKIP)
