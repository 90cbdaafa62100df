"""What people paste: Markdown, one endless line, escaped JSON, log lines around the text."""

from .. import machines, stacks
from ..arm_text import ArmPanic, Times
from ..containers import arrows, flattened, html_escaped, quoted, smart, wrapped
from ..sample import Sample, frames_of
from ..stackshot import compact
from .dext import DEXT, _decoded, _message

GRABBER = "com.example.driver.FrameGrabber"


def _markdown():
    """Quoted in an answer, inside a fence, with entities, smart quotes and wrapped lines."""
    machine = machines.mac26("m4-forum")
    panic = ArmPanic(machine, _message(machine, "0 -> 2", 21004, 5609), stacks.PM_TIMER, tid=151,
                     times=Times(0x69260000, 101), cpu=4, dexts=[DEXT], zone_info=False)
    text = "\n".join(panic.lines()[:44])
    letter = ("My Mac restarts when I plug in the enclosure. The log says:\n\n```\n" + text + "\n```\n\n"
              "It doesn't happen without the \"ExampleSCSI\" driver...")
    return Sample("pasted/forum-markdown.txt", quoted(html_escaped(wrapped(smart(letter)))).encode(),
                  "a forum answer: quote prefixes, fences, HTML entities, smart quotes, wrapped lines",
                  "dext/setpowerstate-timeout", "confirmed", "panic text, then damaged step by step",
                  _decoded(machine, "0 -> 2", 21004))


def _document():
    """Typed into a word processor: arrows, dashes and quotes are not ASCII any more."""
    machine = machines.mac13("m1-document", third_party=[(GRABBER, "1.8.0")])
    message = (f'"dart-apcie1 (0x{machine.heap("dart registers"):x}): DART(DART) error: SID 2 PTE invalid '
               "exception on read of DVA 0x80a40000 (TTBR 0 SEG 1 PTE 0x290) ERROR_STATUS 0x82000014 "
               'TIME 0x77d0c1a04 TTE 0xffffffff AXI_ID 0" @AppleT8020DART.cpp:992')
    panic = ArmPanic(machine, message, ["com.apple.driver.AppleT8110DART`AppleT8020DART::handleError()",
                                        f"{GRABBER}`ExampleFrameGrabber::startTransfer()",
                                        "IOWorkLoop::threadMain()", "call_continuation"],
                     times=Times(0x63FB0000, 1_010), cpu=0, tid=241, zone_info=False)
    note = "Our notes -- the machine restarted twice, the panic text follows...\n\n"
    return Sample("pasted/word-processor.txt", smart(arrows(note + panic.text())).encode(),
                  "a document: arrows in kext ranges, typographic quotes around the message",
                  "dext/dart-invalid-iova", "confirmed", "panic text, then as a word processor corrects it",
                  {"dart": "dart-apcie1 (pcie)", "sid": 2, "dva": "0x80a40000", "direction": "read",
                   "kext ranges": "2 in backtrace in spite of arrows", "repaired": True},
                  frames_of(panic, 2))


def _one_line():
    machine = machines.mac13("m1-flat", third_party=[(GRABBER, "1.8.0")])
    message = ('"apciec[pcic1-bridge]::handleInterrupt: Request address is greater than 32 bits '
               'linksts=0x99000001 pcielint=0x00220000 linkcdmsts=0x00000000 (ltssm 0x11=L0)\\n" '
               "@AppleT8103PCIeCPort.cpp:1301")
    panic = ArmPanic(machine, message, ["com.apple.driver.AppleT6000PCIeC`AppleT8103PCIeCPort::"
                                        "handleInterrupt(int)", "IOWorkLoop::threadMain()",
                                        "call_continuation"],
                     times=Times(0x63FA0000, 777), cpu=2, tid=239)
    return Sample("pasted/flattened-one-line.txt", (flattened(panic.text()) + "\n").encode(),
                  "everything on one line, tabs lost", "dext/dma-32bit-limit", "confirmed",
                  "panic text with every run of blanks made one blank",
                  {"port": "apciec[pcic1-bridge]", "repaired": True,
                   "third_party_loaded": f"{GRABBER} 1.8.0"}, frames_of(panic, 1))


def _escaped():
    machine = machines.mac15("m2-escaped")
    panic = ArmPanic(machine, "busy timeout[0], (60s): 'ExampleTabletDriver' (1,1812001) @IOService.cpp:5817",
                     stacks.BUSY_WAIT, times=Times(0x68380000, 640), cpu=0, tid=1490,
                     task=(377, "watchdogd", 3), zone_info=False)
    return Sample("pasted/json-escaped.txt", (compact(panic.text()) + "\n").encode(),
                  "the value of panicString copied with its quotes and escapes",
                  "iokit/registry-busy-timeout", "confirmed", "panic text as a JSON string",
                  {"entries": "ExampleTabletDriver (1,1812001)", "phase": "terminating",
                   "s1": "busy 1, terminate phases 2 and 3, finalized, 0x2000 unnamed"}, frames_of(panic, 1))


def _log_noise():
    machine = machines.mac26("m4-log")
    panic = ArmPanic(machine, _message(machine, "2 -> 0", 20455, 5609), stacks.PM_TIMER, tid=160,
                     times=Times(0x69270000, 7_300), cpu=0, dexts=[DEXT], zone_info=False)
    before = """Last login: Sat Nov 22 09:14:02 on ttys001
example@mac ~ % cat /Library/Logs/DiagnosticReports/panic.txt
2025-11-26 22:46:20.114223+0000 0x74 Default 0x0 0 0 kernel: DK: ExampleSCSIDriver-0x100000d3a::start(pci1000,97-0x1000004f0) ok
2025-11-26 22:46:21.882014+0000 0x74 Default 0x0 0 0 kernel: Driver com.example.driver.scsi has crashed 0 time(s)
2025-11-26 22:46:40.990310+0000 0x74 Default 0x0 0 0 kernel: PM waiting on pmDriverCallout(0x1) to ExampleSCSIDriver (2000 ms)
[    7300.104223]: IOPMrootDomain: arming ack timer, 30000 ms
"""
    after = """example@mac ~ % kmutil showloaded | tail -1
  213    0 0xfffffe0008a10000 0x8000     0x8000     com.example.nothing (1.0) 11111111-2222-3333-4444-555555555555
"""
    return Sample("pasted/log-noise-around.txt", (before + panic.text() + after).encode(),
                  "a terminal session: log lines before, a shell prompt behind; a driver that crashed 0 times",
                  "dext/setpowerstate-timeout-sleep", "confirmed", "panic text between invented log lines",
                  {**_decoded(machine, "2 -> 0", 20455), "must not": "report the driver as crashed"},
                  frames_of(panic, 1))


def samples():
    return [_markdown(), _document(), _one_line(), _escaped(), _log_noise()]
