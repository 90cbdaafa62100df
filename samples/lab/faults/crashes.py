"""F20 to F26 and F37: the extension's process ends without a word of the runtime."""

from .. import refdext
from ..crash_report import End, bad_access
from ..incident import Incident
from ..refdext import BLOCK, culprit, message
from .end import crash, is_named, joined, other_app
from .runtime import ABORT, METHOD_QUEUE, STRIKE

TRANSLATION = "(Data Abort) byte {} Translation fault"


def null(knobs):
    report = crash(knobs, bad_access(0, 0x92000046, TRANSLATION.format("write")), ["main`Fault_F20_crash_null()", *STRIKE],
                   METHOD_QUEUE, "F20")
    twin = other_app(knobs, bad_access(0, 0x92000046, TRANSLATION.format("write")), ["libsystem_platform`_platform_memmove"])
    return [Incident("F20", {knobs.crash_file: report}, "dext/crash-signal", ("likely",), {}, culprit(knobs, "F20"),
                     must_not=("dext/pointer-garbage-high-bits", "scsi/iova-dereferenced", "dext/crash-stack-overflow"),
                     shows="a write through a null pointer"),
            Incident("F20-near-app", {knobs.crash_file: twin}, must_not=("dext/crash-signal",), shows="near miss: an application")]


def loop(knobs):
    """Aborts in each Start. The log counts; a crash report alone is only a crash."""
    stack = [*ABORT, "main`Fault_F22_crash_loop()", "main`PSRefDext::Start_Impl(IOService*)", *message("PSRefDext", "Start")]
    end = End(notes={"libsystem_c.dylib": ["abort() called"]})
    times = 1 + knobs.dice("times").below(3)
    lines = [(f"Driver {refdext.BUNDLE} has crashed {n} time(s)", 4.0) for n in range(times + 1)]
    counted = joined(knobs, "F22", crash(knobs, end, stack, "PSRefDext-Default"), "dext/crash-loop", lines,
                     shows="a crash at each start, which the log counts")
    counted.files = {name: counted.files[name] for name in ("log.txt", knobs.crash_file)}
    once = joined(knobs, "F22-near-once", crash(knobs, end, stack, "PSRefDext-Default"), "dext/crash-signal", lines[:1],
                  must_not=("dext/crash-loop",), shows="near miss: the same crash, and the log says 0 times")
    once.culprit = culprit(knobs, "F22")
    return [counted, once]


def recursion(knobs):
    depth = 480 + knobs.dice("depth").below(30)
    far = 0x16B3F3FF0 - knobs.dice("guard").below(16) * 16
    region = (f"0x{far:x} is in 0x16b3f0000-0x16b3f4000;  bytes after start: {far - 0x16B3F0000}  bytes before end: "
              f"{0x16B3F4000 - far - 1}\n      REGION TYPE                 START - END      [ VSIZE] PRT/MAX SHRMOD  REGION DETAIL\n"
              "      Stack                    16b36c000-16b3f0000    [  528K] rw-/rwx SM=SHM\n"
              "--->  STACK GUARD              16b3f0000-16b3f4000    [   16K] ---/rwx SM=NUL  stack guard for thread 1\n"
              "      Stack                    16b3f4000-16b47c000    [  544K] rw-/rwx SM=SHM  thread 1\n")
    deeper = "main`Deeper(unsigned long long volatile*)"
    stack = [deeper] * depth + ["main`Fault_F24_deep_recursion()", *STRIKE]
    end = bad_access(far, 0x92000047, TRANSLATION.format("write"), "KERN_PROTECTION_FAILURE", region=region,
                     message="Thread stack size exceeded due to excessive recursion")
    report = crash(knobs, end, stack, METHOD_QUEUE, "F24")
    flat = bad_access(far, 0x92000047, TRANSLATION.format("write"), "KERN_PROTECTION_FAILURE",
                      region=region.replace("STACK GUARD  ", "__TEXT       ").replace("stack guard for thread 1", ""))
    twin = crash(knobs, flat, ["main`Fault_F20_crash_null()", *STRIKE], METHOD_QUEUE, "F20")
    return [Incident("F24", {knobs.crash_file: report}, "dext/crash-stack-overflow", ("confirmed",), {},
                     culprit(knobs, "F24"), shows="recursion until the stack ends"),
            Incident("F24-near-flat", {knobs.crash_file: twin}, "dext/crash-signal", (), must_not=("dext/crash-stack-overflow",),
                     shows="near miss: a write to memory that is read-only")]


def garbage(knobs):
    end = bad_access(0x00FFFF0000000010, 0x92000004, "(Data Abort) byte read Address size fault")
    report = crash(knobs, end, ["main`Fault_F25_garbage_pointer()", *STRIKE], METHOD_QUEUE, "F25")
    twin = crash(knobs, bad_access(0x10, 0x92000006, TRANSLATION.format("read")), ["main`Fault_F25_garbage_pointer()", *STRIKE],
                 METHOD_QUEUE, "F25")
    return [Incident("F25", {knobs.crash_file: report}, "dext/pointer-garbage-high-bits", ("likely",), {},
                     culprit(knobs, "F25"), must_not=("dext/bundled-osaction-lifetime",),
                     shows="an address that cannot be one"),
            Incident("F25-near-member", {knobs.crash_file: twin}, "dext/crash-signal", (),
                     must_not=("dext/pointer-garbage-high-bits",), shows="near miss: a member of a null object")]


def memory(knobs):
    stack = ["libsystem_platform`_platform_memset", "main`Fault_F26_memory_hog()", *STRIKE]

    def end(name_space, code, **more):
        return End("EXC_CRASH", "SIGKILL", (0, 0), name_space=name_space, code=code, indicator="Killed: 9", **more)

    report = crash(knobs, end("JETSAM", 7, reasons=("per-process-limit",)), stack, METHOD_QUEUE)
    twin = crash(knobs, end("SIGNAL", 9), stack, METHOD_QUEUE)
    return [Incident("F26", {knobs.crash_file: report}, "dext/memory-kill", ("confirmed",), {}, culprit(knobs, "F26"),
                     shows="more memory than a process may have"),
            Incident("F26-near-kill", {knobs.crash_file: twin}, must_not=("dext/memory-kill", "dext/crash-signal"),
                     shows="near miss: someone sent it SIGKILL")]


def io_address(knobs):
    far = 0x80000000 + knobs.dice("io address").below(0x8000) * 0x4000
    stack = ["main`Fault_F37_iova_deref(SCSIUserParallelTask const*)",
             "main`PSRefSCSI::RunTask(SCSIUserParallelTask const*, SCSIUserParallelResponse*)",
             "main`invocation function for block in PSRefSCSI::UserProcessParallelTask_Impl(SCSIUserParallelTask, "
             "unsigned int*, OSAction*)", *BLOCK]
    report = crash(knobs, bad_access(far, 0x92000006, TRANSLATION.format("read")), stack, "PSRefSCSI-Default", "F37")
    twin = crash(knobs, bad_access(far, 0x92000006, TRANSLATION.format("read")), ["main`Fault_F20_crash_null()", *STRIKE],
                 METHOD_QUEUE, "F20")
    rule = "scsi/iova-dereferenced" if is_named(knobs, report, "PSRefSCSI::UserProcessParallelTask_Impl", BLOCK[0]) else "dext/crash-signal"
    return [Incident("F37", {knobs.crash_file: report}, rule, ("confirmed",) if rule.startswith("scsi") else ("likely",), {},
                     culprit(knobs, "F37"), shows="a task's I/O address used as a pointer"),
            Incident("F37-near-elsewhere", {knobs.crash_file: twin}, "dext/crash-signal", (), must_not=("scsi/iova-dereferenced",),
                     shows="near miss: the same address, with no SCSI task at work")]
