#!/usr/bin/env python3
"""Builds Apple kernels, kexts, kernel collections and driver extensions on any system with LLVM.

use: build.py OUT [--llvm /usr/lib/llvm-19]

Writes the files and OUT/manifest.json, which lists them. Two runs give the same bytes, in whatever
folder. Does nothing when OUT is up to date. Exit code 77: the tools are not installed.

Everything here that looks odd is a way around something ld64.lld or dsymutil does not do; each is
said where it stands (seen with LLVM 19 and 22).
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import uuid

import fileset
import macho
import workload
from toolchain import SKIP, build_once, find_llvm

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE / "sources"
KERNEL_BASE = 0xFFFFFE0007004000
KERNEL_BASE_INTEL = 0xFFFFFF8000200000
TOOLS = ("clang", "clang++", "ld64.lld", "dsymutil", "llvm-lipo", "llvm-strip")
KEXTS = ("storage", "network", "audio", "graphics")
WORKLOADS = 6

DRIVERKIT_STUB = """--- !tapi-tbd
tbd-version:     4
targets:         [ arm64-driverkit, x86_64-driverkit ]
install-name:    '/System/DriverKit/System/Library/Frameworks/DriverKit.framework/DriverKit'
current-version: 1
exports:
  - targets:     [ arm64-driverkit, x86_64-driverkit ]
    symbols:     [ _IOLog, dyld_stub_binder ]
...
"""


class Lab:
    def __init__(self, out, llvm):
        self.out = out
        self.bin = pathlib.Path(llvm) / "bin"
        self.objects = out / "objects"
        self.manifest = []
        self.maps = [f"-ffile-prefix-map={SOURCES}=/lab", f"-ffile-prefix-map={out}=/build",
                     "-fdebug-compilation-dir=/build", f"-I{SOURCES}"]

    def run(self, tool, *arguments):
        done = subprocess.run([str(self.bin / tool), *map(str, arguments)], cwd=self.out, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{tool} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def version(self):
        """The first line that the compiler says of itself."""
        return self.run("clang", "--version").splitlines()[0]

    def compile(self, source, target, tag, *flags):
        source = pathlib.Path(source)
        out = self.objects / f"{source.stem}.{tag}.o"
        common = ["-target", target, "-g", "-O2", "-ffreestanding", *self.maps, *flags, "-c", source, "-o", out]
        if source.suffix == ".c":
            self.run("clang", "-fno-builtin", *common)
        else:
            self.run("clang++", "-std=c++17", "-nostdinc++", "-fno-exceptions", "-fno-rtti",
                     "-fno-threadsafe-statics", *common)
        return out

    def link(self, name, arch, platform, objects, *flags):
        self.run("ld64.lld", "-reproducible", "-oso_prefix", f"{self.out}/", "-undefined", "dynamic_lookup",
                 "-arch", arch, "-platform_version", *platform, *flags, "-o", name, *objects)
        if arch == "arm64e":
            # lld writes subtype "all"; dsymutil then finds no object that matches and leaves an
            # empty dSYM, with exit code 0.
            macho.edit(self.out / name, lambda image: setattr(image, "cpu_subtype", macho.ARM64E_USER))

    def dsym(self, name):
        said = self.run("dsymutil", f"--oso-prepend-path={self.out}", name, "-o", f"{name}.dSYM")
        if "warning" in said and "no debug symbols" in said:
            sys.exit(f"dsymutil: {said}")
        return self.dwarf(name)

    def dwarf(self, name):
        return self.out / f"{name}.dSYM" / "Contents" / "Resources" / "DWARF" / name

    def list(self, name, kind, image=None, dsym=None, **more):
        """Adds a row to the manifest; paths relative to OUT, UUID and code as the symbol file has them."""
        path = dsym or image
        row = {"name": name, "kind": kind}
        if image:
            row["image"] = str(image.relative_to(self.out))
        if dsym:
            row["dsym"] = str(dsym.relative_to(self.out))
        if "uuid" not in more:
            header = macho.read(path)
            row["uuid"] = str(header.uuid).upper()
            row["code"] = header.code()
        self.manifest.append({**row, **more})

    def workloads(self):
        folder = self.objects / "generated"
        folder.mkdir(exist_ok=True)
        paths = []
        for number in range(WORKLOADS):
            path = folder / f"workload_{number}.cpp"
            path.write_text(workload.unit(number, steps=8))
            paths.append(path)
        return paths

    def kernel(self, name, arch, base, *flags):
        """The sample kernel: a few classes, inlining, and units enough to symbolicate."""
        sources = [SOURCES / "kernel_start.c", SOURCES / "kernel_trap.c", SOURCES / "kernel_object.cpp",
                   *self.workloads()]
        self.kernel_of(sources, "_start", name, arch, base, *flags)

    def kernel_of(self, sources, entry, name, arch, base, *flags):
        """A kernel made of the sources given."""
        target = {"arm64e": "arm64e-apple-macos14", "x86_64": "x86_64-apple-macos13"}[arch]
        # Signed vtable pointers cannot be linked by lld: the code is arm64e, its calls are not signed.
        flags = ("-mkernel", *flags, *(("-fno-ptrauth-calls",) if arch == "arm64e" else ()))
        objects = [self.compile(source, target, name, *flags) for source in sources]
        # lld ignores -image_base; the base is where __PAGEZERO ends, and is read as a signed number.
        signed = base - (1 << 64)
        layout = []
        if arch == "arm64e":
            layout = ["-rename_section", "__TEXT", "__text", "__TEXT_EXEC", "__text", "-rename_section", "__DATA",
                      "__const", "__DATA_CONST", "__const", "-segprot", "__TEXT_EXEC", "rx", "rx"]
        self.link(name, arch, ("macos", "14.0", "14.0"), objects, "-no_fixup_chains", "-no_adhoc_codesign",
                  "-pagezero_size", f"-{-signed:x}", "-e", entry, *layout)
        dwarf = self.dsym(name)

        def finish(image):
            image.drop_segment("__PAGEZERO")
            image.drop(macho.LC_MAIN, macho.LC_LOAD_DYLINKER)
            if arch == "arm64e":
                image.cpu_subtype = macho.ARM64E_KERNEL

        macho.edit(self.out / name, finish)
        if arch == "arm64e":
            macho.edit(dwarf, lambda image: setattr(image, "cpu_subtype", macho.ARM64E_KERNEL))
        self.list(name, "kernel", self.out / name, dwarf, arch=arch, dwarf=5 if "-gdwarf-5" in flags else 4)

    def kext(self, which, arch, *flags):
        name = f"com.example.{which}" + ("" if arch == "arm64e" else f".{arch}")
        self.kext_of(SOURCES / f"kext_{which}.cpp", name, arch, *flags)

    def kext_of(self, source, name, arch, *flags):
        """A kernel extension made of one source."""
        target = {"arm64e": "arm64e-apple-macos14", "x86_64": "x86_64-apple-macos13"}[arch]
        flags = ("-mkernel", *flags, *(("-fno-ptrauth-calls",) if arch == "arm64e" else ()))
        objects = [self.compile(source, target, name, *flags)]
        layout = []
        if arch == "arm64e":
            layout = ["-rename_section", "__TEXT", "__text", "__TEXT_EXEC", "__text", "-segprot", "__TEXT_EXEC",
                      "rx", "rx"]
        self.link(name, arch, ("macos", "14.0", "14.0"), objects, "-no_fixup_chains", "-no_adhoc_codesign",
                  "-bundle", *layout)
        dwarf = self.dsym(name)  # only knows bundles: it becomes a kext afterwards

        def finish(image):
            image.file_type = macho.MH_KEXT_BUNDLE
            if arch == "arm64e":
                image.cpu_subtype = macho.ARM64E_KERNEL

        macho.edit(self.out / name, finish)
        if arch == "arm64e":
            macho.edit(dwarf, lambda image: setattr(image, "cpu_subtype", macho.ARM64E_KERNEL))
        self.list(name, "kext", self.out / name, dwarf, arch=arch, dwarf=5 if "-gdwarf-5" in flags else 4)

    def dext(self, arch, lto):
        name = f"driver.{arch}" + (".lto" if lto else "")
        target = f"{arch}-apple-driverkit24.0"
        flags = ("-flto",) if lto else ()
        objects = [self.compile(SOURCES / f"{unit}.cpp", target, name, *flags)
                   for unit in ("driver", "driver_generated", "driver_service")]
        # With LTO the code comes from one object that the linker makes; dsymutil needs it kept.
        kept = ("-object_path_lto", self.objects / f"{name}.o") if lto else ()
        self.link(name, arch, ("driverkit", "24.0", "24.0"), objects, "-no_fixup_chains", "-adhoc_codesign", "-e",
                  "_main", *kept, "DriverKit.tbd")
        self.list(name, "dext", self.out / name, self.dsym(name), arch=arch, dwarf=5, lto=lto)

    def universal_dext(self):
        name = "com.example.SampleDriver"
        parts = ("driver.arm64", "driver.x86_64")
        self.run("llvm-lipo", "-create", *parts, "-output", name)
        dwarf = self.dwarf(name)
        dwarf.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.out / "driver.arm64.dSYM/Contents/Info.plist", self.out / f"{name}.dSYM/Contents")
        self.run("llvm-lipo", "-create", *(self.dwarf(part) for part in parts), "-output", dwarf)
        for part in parts:
            header = macho.read(self.dwarf(part))
            self.list(f"{name} ({part.split('.')[1]})", "dext", self.out / name, dwarf, arch=part.split(".")[1],
                      dwarf=5, universal=True, uuid=str(header.uuid).upper(), code=header.code())

    def folded(self):
        objects = [self.compile(SOURCES / "folded.cpp", "arm64-apple-macos14", "folded")]
        self.link("folded", "arm64", ("macos", "14.0", "14.0"), objects, "-no_fixup_chains", "-e", "_main",
                  "--icf=all")
        self.list("folded", "folded", self.out / "folded", self.dsym("folded"), arch="arm64", dwarf=4)

    def collection(self, name, shared):
        collection = fileset.Collection(KERNEL_BASE, "c0113c70-0000-4000-8000-00000000000" + ("1" if shared else "2"),
                                        shared)
        collection.add("com.apple.kernel", self.out / "kernel")
        for number, which in enumerate(KEXTS):
            collection.add(f"com.example.{which}", self.out / f"com.example.{which}",
                           0xFFFFFE0008000000 + 0x100000 * number)
        path = self.out / name
        collection.write(path)
        self.list(name, "fileset", path, arch="arm64e", shared_linkedit=shared)

    def damaged(self):
        """What people have in their folders: a stripped binary, another build's dSYM, half a download."""
        shutil.copy(self.out / "kernel", self.out / "kernel.stripped")
        self.run("llvm-strip", "-S", "-x", "kernel.stripped")
        self.list("kernel.stripped", "stripped", self.out / "kernel.stripped", arch="arm64e")

        other = self.dwarf("kernel.other")
        other.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.dwarf("kernel"), other)
        macho.edit(other, lambda image: setattr(image, "uuid", uuid.UUID("00000000-0000-4000-8000-0123456789ab")))
        self.list("kernel.other", "wrong-uuid", dsym=other, arch="arm64e", dwarf=4)

        cut = self.dwarf("kernel.cut")
        cut.parent.mkdir(parents=True, exist_ok=True)
        whole = self.dwarf("kernel").read_bytes()
        cut.write_bytes(whole[:len(whole) * 2 // 3])
        self.list("kernel.cut", "truncated", dsym=cut, arch="arm64e", dwarf=4)

    def everything(self):
        self.objects.mkdir(parents=True)
        (self.out / "DriverKit.tbd").write_text(DRIVERKIT_STUB)
        self.kernel("kernel", "arm64e", KERNEL_BASE)
        self.kernel("kernel.v5", "arm64e", KERNEL_BASE, "-gdwarf-5")
        self.kernel("kernel.x86_64", "x86_64", KERNEL_BASE_INTEL)
        for which in KEXTS:
            self.kext(which, "arm64e", *(("-gdwarf-5",) if which == "audio" else ()))
        self.kext("storage", "x86_64")
        for arch in ("arm64", "x86_64"):
            self.dext(arch, lto=False)
        self.dext("arm64", lto=True)
        self.universal_dext()
        self.folded()
        self.collection("kernelcache.shared", shared=True)
        self.collection("kernelcache.own", shared=False)
        self.damaged()
        shutil.rmtree(self.objects)
        (self.out / "manifest.json").write_text(json.dumps(self.manifest, indent=1) + "\n")


def fingerprint(llvm):
    """Of everything the output depends on."""
    digest = hashlib.sha256(os.path.realpath(llvm).encode())
    for path in sorted([*HERE.glob("*.py"), *SOURCES.iterdir()]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--llvm", help="folder that has bin/clang, bin/ld64.lld, …; others are tried when it has not")
    arguments = parser.parse_args()
    llvm = find_llvm(arguments.llvm, TOOLS)
    if llvm is None:
        return SKIP
    build_once(arguments.out.resolve(), fingerprint(llvm), lambda out: Lab(out, llvm).everything())
    return 0


if __name__ == "__main__":
    sys.exit(main())
