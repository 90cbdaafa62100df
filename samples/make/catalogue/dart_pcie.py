"""Devices that reach for memory they may not: DART, SPTM and PCI Express ports."""

from .. import machines
from ..arm_text import ArmPanic, Times
from ..containers import ips
from ..sample import Sample, frames_of

DART = "com.apple.driver.AppleT8110DART`"
PCIE = "com.apple.driver.AppleT6000PCIeC`"
INTERRUPT = ["IOInterruptEventSource::checkForWork()", "IOWorkLoop::runEventSources()",
             "IOWorkLoop::threadMain()", "call_continuation"]


def _no_ttbr():
    machine = machines.mac26("m4-capture")
    base = machine.heap("dart registers")
    message = (f'"dart-apciec0 (0x{base:x}): DART DART exception SID 0 ERROR_STATUS 0x80000001 '
               'ERROR_ADDRESS 0x0000000080000000 (no exceptionInfo)" @AppleT8110DART.cpp:2140')
    panic = ArmPanic(machine, message, [DART + "AppleT8110DART::handleException()",
                                        DART + "AppleT8110DART::interruptAction(int)"] + INTERRUPT,
                     times=Times(0x69200000, 540), cpu=3, tid=260,
                     dexts=[("com.example.driver.capture", "/Library/SystemExtensions/"
                             "7C1F02AB-52D1-4F0A-8E55-0C3A9D17B6E4/com.example.driver.capture.dext",
                             "loaded")])
    return Sample("dart/sid-no-ttbr-apciec.ips",
                  ips(machine, panic.times.panicked + 35, panic.text()).encode(),
                  "a Thunderbolt device behind a bridge: no translation table for its stream",
                  "dext/dart-sid-no-translation-table", "confirmed", ".ips in two parts, no stackshot",
                  {"dart": "dart-apciec0 (pcie)", "sid": 0, "status": "0x80000001: error, NO_TTBR",
                   "stream": 0, "address": "0x80000000 (window base)", "style": "exception"},
                  frames_of(panic, 2))


def _pte_invalid():
    machine = machines.mac14("m1pro-capture")
    message = (f'"dart-apcie1 (0x{machine.heap("dart registers"):x}): DART(DART) error: SID 1 PTE invalid '
               "exception on write of DVA 0xad8000 (TTBR 0 SEG 0 PTE 0x2b6) ERROR_STATUS 0x81000404 "
               'TIME 0x8f2c11d04 TTE 0xffffffff AXI_ID 0" @AppleT6000DART.cpp:1196')
    panic = ArmPanic(machine, message, [DART + "AppleT6000DART::handleError()",
                                        DART + "AppleT6000DART::interruptAction(int)"] + INTERRUPT,
                     times=Times(0x65F00000, 2_410), cpu=5, tid=244)
    return Sample("dart/pte-invalid-apcie1.txt", panic.text().encode(),
                  "a PCI device writes to an address whose mapping is gone",
                  "dext/dart-invalid-iova", "confirmed", "panic text",
                  {"dart": "dart-apcie1 (pcie)", "sid": 1, "dva": "0xad8000", "direction": "write",
                   "status": "0x81000404: stream 1, NO_PTE (bit 2); bit 10 unknown", "style": "error"},
                  frames_of(panic, 2))


def _display():
    machine = machines.mac13("m1-display")
    message = (f'"dart-disp0 (0x{machine.heap("dart registers"):x}): DART(DART) error: SID 0 PTE invalid '
               "exception on read of DVA 0x1f4c0000 (TTBR 0 SEG 0 PTE 0x7d3) ERROR_STATUS 0x80000004 "
               'TIME 0x21ff03a55 TTE 0xffffffff AXI_ID 0" @AppleT8020DART.cpp:992')
    panic = ArmPanic(machine, message, [DART + "AppleT8020DART::handleError()",
                                        DART + "AppleT8020DART::interruptAction(int)"] + INTERRUPT,
                     times=Times(0x63F60000, 310), cpu=0, tid=230)
    return Sample("dart/pte-invalid-disp0.txt", panic.text().encode(),
                  "the display's own DART: firmware or buffers of the display, no driver extension",
                  "display/dart-fault", "confirmed", "panic text",
                  {"dart": "dart-disp0 (display)", "status": "0x80000004: NO_PTE", "direction": "read"},
                  frames_of(panic, 1))


def _sptm_dart():
    machine = machines.mac26("m4-sptm")
    message = ("[SPTM] VIOLATION_T8110_DART_INVALID_ERR_MASK: validate_t8110dart_err_mask"
               "(t8110dart_validation.h:324) state->dart_id(0x9), err_mask(0x80180000)")
    panic = ArmPanic(machine, message, ["sptm_handle_violation", "sptm_dispatch",
                                        DART + "AppleT8110DART::clearErrors()"] + INTERRUPT,
                     times=Times(0x69210000, 12), cpu=1, tid=251)
    return Sample("dart/sptm-violation-err-mask.txt", panic.text().encode(),
                  "the page-table monitor refuses a DART state", "dext/dart-sptm-violation", "confirmed",
                  "panic text", {"name": "T8110_DART_INVALID_ERR_MASK", "dart_id": "0x9",
                                 "err_mask": "0x80180000"}, frames_of(panic, 3))


def _dma_32bit():
    machine = machines.mac13("m1-fpga", third_party=[("com.example.driver.FrameGrabber", "1.8.0")])
    message = ('"apciec[pcic1-bridge]::handleInterrupt: Request address is greater than 32 bits '
               'linksts=0x99000001 pcielint=0x00220000 linkcdmsts=0x00000000 (ltssm 0x11=L0)\\n" '
               "@AppleT8103PCIeCPort.cpp:1301")
    panic = ArmPanic(machine, message, [PCIE + "AppleT8103PCIeCPort::handleInterrupt(int)"] + INTERRUPT,
                     times=Times(0x63F70000, 820), cpu=2, tid=238)
    return Sample("pcie/dma-over-32bit-address.ips",
                  ips(machine, panic.times.panicked + 30, panic.text(), flags="0x2").encode(),
                  "a Thunderbolt device asked for memory beyond its 32-bit window; text in quotes",
                  "dext/dma-32bit-limit", "confirmed", ".ips in two parts, no stackshot",
                  {"port": "apciec[pcic1-bridge]", "kind": "address-over-32-bit",
                   "third_party_loaded": "com.example.driver.FrameGrabber (not in the backtrace)"},
                  frames_of(panic, 1))


def _unhandled():
    machine = machines.mac12("m1-dock")
    message = "apciec[pcic0-bridge] unhandled interrupts (0x200000 out of 0x220000)\n @APCIECPort.cpp:2056"
    panic = ArmPanic(machine, message, [PCIE + "APCIECPort::handleInterrupt(int)"] + INTERRUPT,
                     times=Times(0x63F80000, 64_000), cpu=1, tid=233)
    return Sample("pcie/unhandled-interrupts-apciec.txt", panic.text().encode(),
                  "a port reports an interrupt nobody handles; the source position is on the next line",
                  "pcie/port-unhandled-interrupt", "confirmed", "panic text",
                  {"port": "apciec[pcic0-bridge]", "bits": "0x200000 (bit 21)", "mask": "0x220000",
                   "file": "APCIECPort.cpp:2056"}, frames_of(panic, 1))


def samples():
    return [_no_ttbr(), _pte_invalid(), _display(), _sptm_dart(), _dma_32bit(), _unhandled()]
