"""Panics that other processors of the machine report, and messages no rule knows."""

from .. import machines
from ..arm_text import ArmPanic, Times
from ..containers import body, header, ips
from ..intel_text import IntelPanic
from ..sample import Sample, frames_of

RTBUDDY = "com.apple.driver.RTBuddy`"


def _dcp():
    machine = machines.mac15("m2-display")
    message = """DCPEXT0 PANIC - apt firmware: link_training.c:561 no lane locked after 3 attempts - dcpav(27)
link_training.c:561 no lane locked after 3 attempts
RTKit: RTKit-2758.1.1.release - Client: ExampleDCP-811.1.1~754-t8112dcp.RELEASE
!UUID: a1000010-2140-3ed5-a178-80d201401ed5
ASLR slide: 0x0000000000369000
Time: 0x00000046330974f9

Faulting task  27 Call Stack: 0x000000000038bdc0 0x000000000038b780 0x000000000038b590 0x00000000003df3f8
RTKit Task List:
   name                    | pri     | stack use | status     | resource | warning
 0 rtk_background          | 007     |   824/2048  | SEMWAIT    | 0xca0d10 |\x20
      0x0000000000386130 0x0000000000387098 0x000000000038c1a8 0x0000000000386c58

 1 dcpav                   | 012     |  2216/8192  | RUNNABLE   | 0 | [Faulting task]

Mailbox (0): (0)
    dir   endpoint      timestamp           msg
    ====  ============  ==================  ==================
    [RX]        user19  0x00000046330101b0  0x00a2000000000000
    [TX]        user19  0x0000004633011f20  0x0085000000000000
"""
    panic = ArmPanic(machine, message, [RTBUDDY + "RTBuddyCrashlogEndpoint::panic(char const*)",
                                        RTBUDDY + "RTBuddy::handleCrash()",
                                        "IOTimerEventSource::timeoutSignaled(void*, void*)",
                                        "thread_call_invoke", "thread_call_thread"],
                     times=Times(0x68350000, 2_200), cpu=2, tid=210)
    return Sample("coprocessor/dcp-external-display.ips",
                  ips(machine, panic.times.panicked + 37, panic.text(), flags="0x40802",
                      more={"panicInitiator": "DCPEXT0"}).encode(),
                  "the display coprocessor's firmware panicked; its addresses are not the kernel's",
                  "panic/coprocessor", "possible", ".ips in two parts, no stackshot",
                  {"coprocessor": "DCPEXT0", "flags": "0x40802: integrated coprocessor initiated"},
                  frames_of(panic, 2))


def _sep():
    machine = machines.phone17("iphone-sep")
    message = ('"AppleSEPManager panic for "ExampleKeyStore": SEP Panic: :exk /exk : 0x0006fe97 0x00012a44 [xkP]\n'
               'Panic app vers: 123.0\nRoot task vers: AppleSEPOS-2772.120.4\n" @AppleSEPManagerIntel.cpp:1118')
    panic = ArmPanic(machine, message, ["com.apple.driver.AppleSEPManager`AppleSEPManager::sepPanicked()",
                                        "IOWorkLoop::threadMain()", "call_continuation"],
                     times=Times(0x66560000, 90), cpu=2, tid=170)
    return Sample("coprocessor/sep-inner-quotes.ips",
                  ips(machine, panic.times.panicked + 16, panic.text()).encode(),
                  "the security processor panicked; quotes inside a quoted message", "panic/coprocessor", "possible",
                  ".ips in two parts, no stackshot",
                  {"message starts": 'AppleSEPManager panic for "ExampleKeyStore"',
                   "file": "AppleSEPManagerIntel.cpp:1118"}, frames_of(panic, 1))


def _bridge_reset():
    machine = machines.intel_10_15("mbp-2019-bridge")
    head = header(machine, 0x61F00000, caused_by="bridgeos", macos_system_state="unknown",
                  os_version="Bridge OS 6.2 (19P744)")
    text = head + """
{
  "build" : "Bridge OS 6.2 (19P744)",
  "product" : "iBridge2,16",
  "kernel" : "Darwin Kernel Version 21.3.0: Wed Jan  5 20:03:37 PST 2022; root:xnu-8019.80.24~19\\/RELEASE_ARM64_T8010",
  "incident" : "%s",
  "crashReporterKey" : "%s",
  "date" : "2022-01-25 13:53:36.20 +0000",
  "panicString" : "Unexpected SoC (system) watchdog reset occurred during sleep\\/wake transition",
  "panicFlags" : "0x0",
  "foregroundAppHash" : "0",
  "macOSPanicString" : "not yet set",
  "binaryImages" : []
}
""" % (machine.incident, machine.reporter_key)
    return Sample("coprocessor/t2-watchdog-reset.ips", text.encode(),
                  "a T2 Mac was reset between sleep and wake: no kernel text from either side",
                  "hw/watchdog-or-forced-reset", "confirmed", ".ips of a T2 Mac, written out by hand",
                  {"primary_text": "panicString (caused_by bridgeos)", "macOSPanicString": "not a panic text"})


def _unclassified():
    machine = machines.mac15("m2-unknown")
    panic = ArmPanic(machine, "example_cache_verify: generation 41 is newer than 17 @example_cache.c:318",
                     ["example_cache_verify", "example_cache_lookup", "VNOP_LOOKUP", "lookup", "namei",
                      "unix_syscall", "handle_svc", "sleh_synchronous", "fleh_synchronous"],
                     times=Times(0x68360000, 18_400), cpu=0, tid=7231, task=(1402, "ExampleTool", 4))
    return Sample("other/unclassified-message.ips",
                  ips(machine, panic.times.panicked + 20, panic.text()).encode(),
                  "a message no rule knows: what is left is where it happened", "panic/unclassified",
                  "possible", ".ips in two parts, no stackshot",
                  {"file": "example_cache.c:318", "style": "plain"}, frames_of(panic, 3))


def _no_log():
    """A T2 Mac whose Intel side left no text: only the companion chip speaks."""
    machine = machines.intel_10_15("mbp-2019-no-log")
    head = header(machine, 0x5F6D0000, caused_by="macos", macos_version="Mac OS X 10.15.7 (19H2)",
                  os_version="Bridge OS 4.6 (17P6610)", macos_system_state="running")
    bridge = ("panic(cpu 0 caller 0xfffffff01ab0c4e8): x86 CPU CATERR detected\nDebugger message: panic\n"
              "Memory ID: 0x0\nOS release type: User\nOS version: 17P6610\nmacOS version: 19H2\n"
              "Kernel version: Darwin Kernel Version 19.6.0: Mon Aug 31 22:26:20 PDT 2020; "
              "root:xnu-6153.142.1~1/RELEASE_ARM64_T8010\n")
    rows = {"build": "Bridge OS 4.6 (17P6610)", "product": "iBridge2,16", "macOSPanicFlags": "0x0",
            "macOSPanicString": "BAD MAGIC! (flag set in iBoot panic header), no macOS panic log available"}
    return Sample("coprocessor/t2-no-macos-log.ips",
                  (head + "\n" + body(machine, 0x5F6D0000, bridge, flags="0x102", more=rows,
                                      without=("kernel",))).encode(),
                  "a T2 Mac: the Intel side stopped and left no text, the companion chip noticed",
                  "hw/watchdog-or-forced-reset", "confirmed", ".ips of a T2 Mac",
                  {"primary_text": "panicString: the host's text is not a panic",
                   "message": "x86 CPU CATERR detected",
                   "panicFlags": "0x102: stackshot ok, companion processor initiated"})


def _assertion():
    machine = machines.intel_11("imac-2020-assert")
    message = ("assertion failed: example_inp == NULL || (example_inp->flags & EXAMPLE_IPV6), file: "
               "/System/Volumes/Data/SWE/macOS/BuildRoots/0123456789/Library/Caches/com.apple.xbs/Sources/xnu/"
               "xnu-7195.121.3/bsd/netinet6/example_pcb.c, line: 318\n @debug.c:712")
    panic = IntelPanic(machine, message, ["Assert", "example_pcbconnect", "connectit", "connect_nocancel",
                                          "unix_syscall64", "hndl_unix_scall64"],
                       cpu=5, uptime=7_201, process="ExampleTool")
    return Sample("other/assertion-macos11.txt", panic.text().encode(),
                  "a failed assertion with its own file and line, then the position of the detector",
                  "panic/assertion", "possible", "panic text",
                  {"expression": "example_inp == NULL || …", "file": "example_pcb.c (the detector is debug.c:712)",
                   "line": 318}, frames_of(panic, 2))


def samples():
    return [_assertion(), _no_log(), _dcp(), _sep(), _bridge_reset(), _unclassified()]
