"""Panics that other processors of the machine report, and messages no rule knows."""

from .. import machines
from ..arm_text import ArmPanic, Times
from ..containers import header, ips
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
                  "coproc/dcp", "confirmed", ".ips in two parts, no stackshot",
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
                  "the security processor panicked; quotes inside a quoted message", "coproc/sep", "confirmed",
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
                  "pm/unexpected-soc-watchdog-reset", "likely", ".ips of a T2 Mac, written out by hand",
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


def samples():
    return [_dcp(), _sep(), _bridge_reset(), _unclassified()]
