#!/usr/bin/env python3
"""Builds the reference driver extension and takes it apart: what is in the binary must be what the
.iig files say. The reader of class tables here shares no code with the generator that wrote them.

use: dext_build_test.py DIR. Exit code 77: the tools are not installed.
"""

import json
import pathlib
import plistlib
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEXT = ROOT / "samples" / "dext"
NAME = "com.panicscan.refdext"
SKIP = 77

# Written by hand from the .iig files: superclass, and queue of each message that has one.
EXTERNAL = {"_ExternalMethod": "IOUserClientQueueExternalMethod"}
CLASSES = {
    "PSRefDext": ("IOService", {}),
    "PSRefUserClient": ("IOUserClient", EXTERNAL),
    "PSRefSCSI": ("IOUserSCSIParallelInterfaceController", {"UserCreateTargetForID": "AuxiliaryQueue"}),
    "PSRefPCI": ("IOService", {}),
    "OSAction_PSRefDext_TimerFired": ("OSAction", {}),
    "OSAction_PSRefUserClient_TimerUnused": ("OSAction", {}),
    "OSAction_PSRefPCI_InterruptOccurred": ("OSAction", {}),
}
# Numbers from headers that Apple's iig made.
NUMBERS = {"_ExternalMethod": 0xCFE0C99E739D92F9, "NewUserClient": 0xF669EFFFCB89ED9C}
# Names that a real extension has (or asks DriverKit for), by what they prove.
DEFINED = """_gPSRefDextMetaClass _PSRefDext_Class __ZL28OSClassDescription_PSRefDext
__ZL13PSRefDext_NewP11OSMetaClass __ZN9PSRefDext8DispatchE5IORPC __ZN9PSRefDext9_DispatchEPS_5IORPC
__ZN9PSRefDext10Start_ImplEP9IOService __ZN9PSRefDext9Stop_ImplEP9IOService __ZN9PSRefDext18SetPowerState_ImplEj
__ZN9PSRefDext18NewUserClient_ImplEjPP12IOUserClient __ZN9PSRefDext15TimerFired_ImplEP8OSActiony
__ZN9PSRefDext22CreateActionTimerFiredEmPP8OSAction __ZN9PSRefDext18CountEvents_InvokeE5IORPCP15OSMetaClassBasePFiS2_PyS3_E
__ZN9PSRefDext11CountEventsEPyS0_PFiP15OSMetaClassBase5IORPCE __ZTV9PSRefDext
__ZN18PSRefDextMetaClass3NewEP8OSObject __ZN18PSRefDextMetaClass8DispatchE5IORPC
_gOSAction_PSRefDext_TimerFiredMetaClass _OSAction_PSRefDext_TimerFired_Class
__ZN14PSRefScheduler13ArmNextLockedEv __ZN14PSRefScheduler13ScheduleAfterEy""".split()
IMPORTED = """__ZN9IOService12Start_InvokeE5IORPCP15OSMetaClassBasePFiS2_PS_E __ZN9IOService13SetPowerStateEjPFiP15OSMetaClassBase5IORPCE
__ZN9IOService5StartEPS_PFiP15OSMetaClassBase5IORPCE __ZN9IOService4StopEPS_PFiP15OSMetaClassBase5IORPCE
__ZN9IOService9_DispatchEPS_5IORPC __ZN8OSObject16SetDispatchQueueEPKcP15IODispatchQueuePFiP15OSMetaClassBase5IORPCE
__ZN15OSMetaClassBase8DispatchE5IORPC __ZN15OSMetaClassBase6InvokeE5IORPC _gIOPCIDeviceMetaClass
__ZN21IOTimerDispatchSource10WakeAtTimeEyyyPFiP15OSMetaClassBase5IORPCE
__ZN37IOUserSCSIParallelInterfaceController23UserProcessParallelTaskE""".split()[:-1]


def fail(what):
    sys.exit(f"FAILED: {what}")


def expect(found, wanted, what):
    if found != wanted:
        fail(f"{what}: {found!r}, not {wanted!r}")


class MachO:
    """As much of a thin 64-bit Mach-O file as the class tables need."""

    def __init__(self, path):
        self.data = path.read_bytes()
        magic, _, _, self.file_type, count = struct.unpack_from("<5I", self.data)
        expect(magic, 0xFEEDFACF, "magic number")
        self.commands, self.segments, self.sections = {}, [], {}
        at = 32
        for _ in range(count):
            kind, size = struct.unpack_from("<II", self.data, at)
            self.commands.setdefault(kind, []).append(at)
            if kind == 0x19:
                self.segments.append(struct.unpack_from("<4Q", self.data, at + 24))
                for number in range(struct.unpack_from("<I", self.data, at + 64)[0]):
                    row = at + 72 + 80 * number
                    name = tuple(self.data[row + o:row + o + 16].rstrip(b"\0").decode() for o in (16, 0))
                    self.sections[name] = struct.unpack_from("<QQ", self.data, row + 32)
            at += size

    def at(self, address):
        for begin, size, offset, stored in self.segments:
            if begin <= address < begin + size and address - begin < stored:
                return offset + address - begin
        fail(f"no bytes at {address:#x}")

    def pointer(self, address):
        """Chained fixups (DYLD_CHAINED_PTR_64 and _OFFSET) keep the target in the low 36 bits."""
        value = struct.unpack_from("<Q", self.data, self.at(address))[0]
        if 0x80000034 not in self.commands:  # LC_DYLD_CHAINED_FIXUPS
            return value
        if value >> 63:
            fail(f"a pointer of ours is bound to another library at {address:#x}")
        low = value & (1 << 36) - 1
        base = next(begin for begin, _, offset, stored in self.segments if offset == 0 and stored)
        return low if low >= base else low + base


def pascal(data):
    names, at = [], 0
    while at < len(data) and data[at]:
        names.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return names


def read_classes(image):
    """Name -> (superclass, {method: (message id, queue)}), from __DATA_CONST,__osclassinfo."""
    classes = {}
    begin, size = image.sections[("__DATA_CONST", "__osclassinfo")]
    for slot in range(begin, begin + size, 8):
        information = image.pointer(slot)
        description = image.at(image.pointer(information))
        version, instance = struct.unpack_from("<II", image.data, image.at(information) + 16)
        expect(version, 1, "version of class information")
        if image.pointer(information + 88) == 0 or instance < 24:
            fail("a class without New or without a size")
        whole = struct.unpack_from("<I", image.data, description)[0]
        name, super_name = (image.data[description + o:description + o + 96].rstrip(b"\0").decode() for o in (4, 100))
        words = struct.unpack_from("<10I", image.data, description + 196)
        tables = [image.data[description + offset:description + offset + length] for length, offset in zip(words[::2], words[1::2])]
        for length, offset in zip(words[::2], words[1::2]):
            if offset < 312 or offset + length > whole:
                fail(f"{name}: a table is outside of its description")
        rows = struct.unpack(f"<{len(tables[0]) // 8}Q", tables[0])
        ids, options = rows[:len(rows) // 2], rows[len(rows) // 2:]
        expect(list(ids), sorted(ids), f"{name}: order of message ids")
        queues, methods = pascal(tables[2]), pascal(tables[3])
        classes[name] = (super_name, {m: (i, queues[o & 0xFF]) for m, i, o in zip(methods, ids, options)})
    return classes


def check_tables(folder, wanted):
    found = read_classes(MachO(folder / f"{NAME}.dext" / NAME))
    expect({n: (s, {m: q for m, (_, q) in r.items()}) for n, (s, r) in found.items()}, wanted, "classes")
    for _, rows in found.values():
        for method, (number, _) in rows.items():
            if method in NUMBERS:
                expect(number, NUMBERS[method], f"message id of {method}")


def build(folder, *options):
    done = subprocess.run([sys.executable, DEXT / "build.py", "--out", folder, *options], capture_output=True, text=True, check=False)
    if done.returncode == SKIP:
        print(done.stdout)
        sys.exit(SKIP)
    if done.returncode != 0:
        fail(done.stdout + done.stderr)


def llvm(tool, *arguments):
    for number in (19, 22, 21, 20):
        path = shutil.which(f"/usr/lib/llvm-{number}/bin/{tool}") or shutil.which(f"{tool}-{number}")
        if path:
            done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                fail(f"{tool}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
            return done.stdout
    return fail(f"no {tool}")


def check_binary(folder):
    image, dsym = folder / f"{NAME}.dext" / NAME, folder / f"{NAME}.dext.dSYM"
    if "No errors." not in llvm("llvm-dwarfdump", "--verify", dsym):
        fail("llvm-dwarfdump --verify finds errors")
    same = {line.split()[1] for line in llvm("llvm-dwarfdump", "--uuid", image, dsym).splitlines() if line.startswith("UUID:")}
    expect(len(same), 1, "UUIDs of image and dSYM")
    headers = llvm("llvm-objdump", "--macho", "--private-headers", image)
    for text in ("platform driverkit", "DriverKit.framework/DriverKit", "PCIDriverKit.framework", "SCSIControllerDriverKit.framework"):
        if text.lower() not in headers.lower():
            fail(f"llvm-objdump shows no {text}")
    for text in ("LC_MAIN", "LC_CODE_SIGNATURE"):
        if text in headers:
            fail(f"llvm-objdump shows {text}")
    names = {line.split()[-1]: line.split()[-2] for line in llvm("llvm-nm", image).splitlines()}
    for name in DEFINED:
        if names.get(name, "U") == "U":
            fail(f"{name} is not defined")
    for name in IMPORTED:
        if names.get(name) != "U":
            fail(f"{name} is not imported")
    if any(name.startswith("__ZTI") for name in names):
        fail("there is run-time type information")


def check_description(folder):
    """refdext.json against the sources and the symbolizer."""
    said = json.loads((folder / "refdext.json").read_text())
    expect(len(said["faults"]), 39, "rows of the fault table")
    dwarf = folder / said["dsym"] / "Contents" / "Resources" / "DWARF" / NAME
    sites = [(f["id"], s) for f in said["faults"] for s in f["sites"]]
    code = {f["id"] for f in said["faults"] if f["site"] != "none"}
    expect(code - {fault for fault, _ in sites}, set(), "faults that are code and have no marked line")
    addresses = [call["at"] for _, site in sites for call in site["calls"]]
    places = llvm("llvm-symbolizer", f"--obj={dwarf}", *addresses).strip().split("\n\n")
    expect(len(places), len(addresses), "answers of llvm-symbolizer")
    wanted = [f"{pathlib.PurePosixPath(site['file']).name}:{site['line']}:" for _, site in sites for _ in site["calls"]]
    for place, line in zip(places, wanted):
        if line not in place.splitlines()[1]:
            fail(f"a call of {line} is at {place!r}")
    for fault, site in sites:
        if site["function"] is None:
            fail(f"{fault}: no code at {site['file']}:{site['line']}")


def main():
    folder = pathlib.Path(sys.argv[1])
    build(folder)
    check_tables(folder, CLASSES)
    check_binary(folder)
    check_description(folder)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        build(scratch / "again")
        for name in (f"{NAME}.dext/{NAME}", f"{NAME}.dext.dSYM/Contents/Resources/DWARF/{NAME}", "refdext.json"):
            expect((scratch / "again" / name).read_bytes() == (folder / name).read_bytes(), True, f"the same bytes in {name}")
        build(scratch / "opcodes", "--opcodes")
        check_tables(scratch / "opcodes", CLASSES)
        build(scratch / "F07", "--fault", "F07")
        check_tables(scratch / "F07", {**CLASSES, "PSRefDext": ("IOService", {"NewUserClient": "FaultQueue"})})
        build(scratch / "F08", "--fault", "F08")
        check_tables(scratch / "F08", {**CLASSES, "PSRefSCSI": (CLASSES["PSRefSCSI"][0], {
            "UserCreateTargetForID": "AuxiliaryQueue", "UserProcessParallelTask": "FaultQueue"})})
    plist = plistlib.loads((folder / f"{NAME}.dext" / "Info.plist").read_bytes())
    for personality in plist["IOKitPersonalities"].values():
        if personality["IOUserClass"] not in CLASSES:
            fail(f"the personality names {personality['IOUserClass']}, which is not in the binary")
    print(f"{len(CLASSES)} classes, as the .iig files say")


if __name__ == "__main__":
    main()
