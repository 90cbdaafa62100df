"""F30 to F34: registers, interrupts and DMA of a PCI device."""

from make.arm_text import Fault
from make import stacks

from ..incident import Incident, Panic
from ..refdext import DEXT

DART = "com.apple.driver.AppleT8110DART`"
INTERRUPT = ["IOInterruptEventSource::checkForWork()", "IOWorkLoop::runEventSources()",
             "IOWorkLoop::threadMain()", "call_continuation"]
EXCEPTION = [DART + "AppleT8110DART::handleException()", DART + "AppleT8110DART::interruptAction(int)"] + INTERRUPT
RELEASE = ["IOSharedInterruptController::disableInterrupt(IOService*, int)",
           "IOSharedInterruptController::unregisterInterrupt(IOService*, int)",
           "IOInterruptDispatchSource::free()", "OSObject::release() const",
           "IOUserServer::kernelDispatch(OSObject*, IORPC)",
           "IOUserServerUEXTTrap", "iokit_user_client_trap",
           "handle_svc", "sleh_synchronous", "fleh_synchronous"]


def data_abort(knobs, stack, far):
    """A read or write through a null pointer, from a call of the extension."""
    esr = 0x96000046 if far else 0x96000006
    fault = Fault("Kernel data abort.", esr, far, stack)
    return Panic(knobs, knobs.machine(), "Kernel data abort.", stack, fault=fault, dexts=(DEXT,), task=(588, "com.panicscan.refdext"),
                 tid=4100)


def mmio(knobs):
    far = 0xA40100000 + knobs.dice("far").below(0x1000) * 8
    message = (f"LLC Bus error (Unavailable) from cpu{knobs.dice('cpu').below(8)}: FAR=0x{far:x} "
               "LLC_ERR_STS/ADR/INF=0x11/0x2001400a40100000/0x1 addr=0xa40100000 cmd=0x0(acc_cifl2c_cmd_ncrd)")
    panic = Panic(knobs, knobs.machine(), message, ["sleh_serror", "fleh_serror"], dexts=(DEXT,),
                  task=(588, "com.panicscan.refdext"), tid=4100)
    twin = Panic(knobs, knobs.machine(), "LLC Bus error report without a word about the bus", ["sleh_serror", "fleh_serror"])
    return [Incident("F30", {"panic-full.ips": panic.report()}, "dext/mmio-after-surprise-removal",
                     ("likely",), {"far": f"0x{far:016x}"}, shows="a register is read after the device went"),
            Incident("F30-near-words", {"panic-full.ips": twin.report()}, "panic/unclassified", (),
                     must_not=("dext/mmio-after-surprise-removal",), shows="near miss: other words")]


def double_interrupt(knobs):
    panic = data_abort(knobs, RELEASE, 0x18)
    other = data_abort(knobs, RELEASE[2:], 0x18)
    return [Incident("F31", {"panic-full.ips": panic.report()}, "dext/duplicate-interrupt-source" if knobs.symbols
                     else "kernel/data-abort", ("confirmed",), {},
                     panic.culprit(RELEASE[0], returns=False), shows="two sources on one interrupt, one freed"),
            Incident("F31-near-other-frame", {"panic-full.ips": other.report()}, "kernel/data-abort", (),
                     must_not=("dext/duplicate-interrupt-source",), shows="near miss: not in the interrupt controller")]


def _dart(knobs, sid, status, address, dart="dart-apciec0"):
    machine = knobs.machine()
    message = (f'"{dart} (0x{machine.heap("dart"):x}): DART DART exception SID {sid} ERROR_STATUS 0x{status:08x} '
               f'ERROR_ADDRESS 0x{address:016x} (no exceptionInfo)" @AppleT8110DART.cpp:{1720 if knobs.os == 26 else 2140}')
    return Panic(knobs, machine, message, EXCEPTION, dexts=(DEXT,))


def unmapped(knobs):
    sid = knobs.dice("sid").below(4)
    address = 0x80000000 + knobs.dice("dva").below(0x8000) * 0x4000
    panic = _dart(knobs, sid, 0x80000008 | sid << 20, address)
    display = _dart(knobs, sid, 0x80000008 | sid << 20, address, "dart-disp0")
    return [Incident("F32", {"panic-full.ips": panic.report()}, "dext/dart-invalid-iova", ("confirmed",),
                     {"fault.sid": sid, "fault.fault": "no-pte"}, panic.culprit(EXCEPTION[0]),
                     must_not=("dext/dart-sid-no-translation-table",), shows="a descriptor with an address that is not mapped"),
            Incident("F32-near-display", {"panic-full.ips": display.report()}, "display/dart-fault", (),
                     must_not=("dext/dart-invalid-iova", "dext/dart-sid-no-translation-table"),
                     shows="near miss: the display's own DART")]


def sid_alias(knobs, name="F34"):
    panic = _dart(knobs, 0, 0x80000001, 0x80000000)
    mapped = _dart(knobs, 0, 0x80000008, 0x80000000)
    return [Incident(name, {"panic-full.ips": panic.report()}, "dext/dart-sid-no-translation-table", ("confirmed",),
                     {}, panic.culprit(EXCEPTION[0]), must_not=("dext/dart-invalid-iova",),
                     shows="a bridge's stream without a translation table"),
            Incident(f"{name}-near-page", {"panic-full.ips": mapped.report()}, "dext/dart-invalid-iova", ("confirmed",),
                     must_not=("dext/dart-sid-no-translation-table",), shows="near miss: the stream has a table, and the page no entry")]
