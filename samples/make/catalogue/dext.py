"""Driver extensions and power: setPowerState panics of all kinds."""

from .. import crowd, machines, stacks
from ..arm_text import ArmPanic, Times
from ..containers import ips, legacy
from ..dice import Dice
from ..intel_text import IntelPanic
from ..sample import Sample, frames_of
from ..stackshot import RUNNING, WAITING, Process, Stackshot, Thread

BUNDLE = "com.example.driver.scsi"
DEXT = (BUNDLE, f"/Library/SystemExtensions/4E0D6A51-90C3-4E7A-9B0F-5D1C7A2E6B38/{BUNDLE}.dext",
        "loaded")
SET_POWER = "IOUserServer::setPowerState(unsigned long, IOService*)"


def _message(machine, change, milliseconds, line, name="ExampleSCSIDriver"):
    """Source: xnu iokit/Kernel/IOServicePM.cpp, IOService::ackTimerTick."""
    target = machine.images["kernel"].entry(SET_POWER)
    return (f"{name}::setPowerState(0x{machine.heap(name):x} : 0x{target:x}, {change}) "
            f"timed out after {milliseconds} ms @IOServicePM.cpp:{line}")


def _decoded(machine, change, milliseconds, name="ExampleSCSIDriver"):
    return {"service": name, "object": f"0x{machine.heap(name):x}",
            "implementation": f"0x{machine.images['kernel'].entry(SET_POWER):x} = "
                              f"kernel+0x{machine.images['kernel'].entry(SET_POWER) - machine.te_base:x}",
            "change": change, "elapsed_ms": milliseconds, "inside_override_ms": milliseconds - 20100}


def panicking_thread(panic, tid, **more):
    """The thread that called panic, as the stackshot of the same report shows it."""
    return Thread(tid, kernel=panic.places(), state=RUNNING, event=False, priority=81,
                  flags=["kThreadOnCore"], **more)


def dext_process(pid, first_tid, extra=()):
    """The process of the driver extension: nothing to do, its override has long returned."""
    threads = [crowd.idle_worker(first_tid), crowd.idle_worker(first_tid + 1),
               Thread(first_tid + 2, kernel=stacks.BLOCKED + ["IOUserServer::waitInterruptTrap(void*, "
                      "void*, void*, void*, void*, void*)", "iokit_user_client_trap"],
                      user=stacks.INTERRUPT_THREAD, state=WAITING, priority=97,
                      name="ExampleSCSIDriver-Interrupt")]
    return Process(pid, BUNDLE, threads + list(extra), flags=["sharedRegionSystem"], resident=3)


def _on_text():
    """0 -> 2 on macOS 26: the panic text alone, with the lines about the extension."""
    machine = machines.mac26("m4-scsi-text")
    panic = ArmPanic(machine, _message(machine, "0 -> 2", 21257, 5609), stacks.PM_TIMER,
                     times=Times(0x69134A00, 95), cpu=5, tid=389, dexts=[DEXT])
    return Sample("dext/setpowerstate-on-console.txt", panic.text().encode(),
                  "power-up (0 -> 2) never acknowledged by a driver extension, with its two lines",
                  "dext/setpowerstate-timeout", "confirmed", "panic text, as copied from a console",
                  _decoded(machine, "0 -> 2", 21257), frames_of(panic, 6))


def _on_full():
    """The same panic with everything that was running: as large as real ones."""
    machine = machines.mac26("m4-scsi-full")
    tid = 118
    panic = ArmPanic(machine, _message(machine, "0 -> 2", 20738, 5609), stacks.PM_TIMER,
                     times=Times(0x69135C10, 22_415, slept=0x69138000, woke=0x69139A00), cpu=2,
                     tid=tid, dexts=[DEXT], task=(0, "kernel_task", 402))
    kernel = [panicking_thread(panic, tid)] + crowd.full_kernel_threads(machine.name, 401, 130)
    processes = [Process(0, "kernel_task", kernel, resident=1800)]
    processes += crowd.full_crowd(machine.name, 448, 2100, {641})
    processes.append(dext_process(641, 40_961))
    shot = Stackshot(machine, processes, one_line_a_process=True)
    data = ips(machine, panic.times.panicked + 74, panic.text(), stackshot=shot)
    return Sample("dext/setpowerstate-on-full.panic", data.encode(),
                  "the same on wake, with a complete stackshot of realistic size",
                  "dext/setpowerstate-timeout", "confirmed",
                  f".ips in two parts; {len(processes)} processes, {shot.thread_count()} threads, "
                  f"{shot.frames} frames",
                  {**_decoded(machine, "0 -> 2", 20738), "threads": shot.thread_count(),
                   "frames_in_stacks": shot.frames, "panicked_thread": tid}, frames_of(panic, 3))


def _on_small():
    machine = machines.mac26("m4-scsi-small")
    tid, dice = 131, Dice("m4-scsi-small threads")
    panic = ArmPanic(machine, _message(machine, "0 -> 2", 20644, 5609), stacks.PM_TIMER,
                     times=Times(0x6913D200, 310), cpu=1, tid=tid, dexts=[DEXT],
                     task=(0, "kernel_task", 10))
    processes = [crowd.small_kernel_task([panicking_thread(panic, tid)])]
    processes += crowd.small_crowd(dice) + [dext_process(588, 2048)]
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 51, panic.text(), stackshot=shot)
    return Sample("dext/setpowerstate-on-macos26.ips", data.encode(),
                  "power-up (0 -> 2) with a small stackshot: the extension's threads are all idle",
                  "dext/setpowerstate-timeout", "confirmed", ".ips in two parts, "
                  f"{shot.thread_count()} threads", _decoded(machine, "0 -> 2", 20644),
                  frames_of(panic, 6))


def _off():
    """2 -> 0: the override returned, the acknowledgement waits behind an occupied queue."""
    machine = machines.mac26("m4-scsi-sleep")
    tid, dice = 127, Dice("m4-scsi-sleep threads")
    panic = ArmPanic(machine, _message(machine, "2 -> 0", 20612, 5609), stacks.PM_TIMER,
                     times=Times(0x69141100, 8_050), cpu=3, tid=tid, dexts=[DEXT],
                     task=(0, "kernel_task", 10))
    flushing = Thread(2063, user=["libsystem_kernel`semaphore_wait_trap",
                                  "DriverKit`IOSleep(unsigned long long)",
                                  "main`ExampleSCSIDriver::WaitForOutstandingCommands()",
                                  "main`ExampleSCSIDriver::FlushCache()",
                                  "main`invocation function for block in "
                                  "ExampleSCSIDriver::SetPowerState_Impl(unsigned int)",
                                  "libdispatch`_dispatch_call_block_and_release",
                                  "libdispatch`_dispatch_client_callout"] + stacks.DISPATCH_WORKER,
                      queue="ExampleSCSIDriver-Default", qos="QOS_CLASS_DEFAULT",
                      waits=f"semaphore port 0x{dice.object_id():x} owned by pid 602")
    processes = [crowd.small_kernel_task([panicking_thread(panic, tid)])]
    processes += crowd.small_crowd(dice, ("launchd", "logd", "powerd", "kernelmanagerd"))
    processes.append(dext_process(602, 2060, [flushing]))
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 63, panic.text(), stackshot=shot)
    return Sample("dext/setpowerstate-off-macos26.ips", data.encode(),
                  "power-down (2 -> 0): the extension's default queue is busy flushing",
                  "dext/setpowerstate-timeout-sleep", "confirmed", ".ips in two parts, "
                  f"{shot.thread_count()} threads",
                  {**_decoded(machine, "2 -> 0", 20612), "busy_queue": "ExampleSCSIDriver-Default"},
                  frames_of(panic, 3))


def _one_pointer():
    """A phone prints one pointer, and no lines about extensions."""
    machine = machines.phone17("iphone-power")
    message = (f"AppleExampleCodec::setPowerState(0x{machine.heap('codec'):x}, 1 -> 0) timed out "
               "after 10168 ms @IOServicePM.cpp:5574")
    panic = ArmPanic(machine, message, stacks.PM_TIMER, times=Times(0x66500000, 5_400), cpu=0, tid=203)
    return Sample("pm/setpowerstate-one-pointer-ios.ips",
                  ips(machine, panic.times.panicked + 40, panic.text()).encode(),
                  "an iPhone's form with one pointer; 10.1 s is the floor for drivers in the kernel",
                  "pm/setpowerstate-timeout-kext", "likely", ".ips in two parts, no stackshot",
                  {"service": "AppleExampleCodec", "change": "1 -> 0", "elapsed_ms": 10168,
                   "pointers": 1}, frames_of(panic, 3))


def _kext_10_14():
    """An Intel Mac of 10.14: quotes and a full path, implementation in a kext by its address."""
    machine = machines.intel_10_14("mbp-2017")
    graphics = machine.images["com.apple.driver.AppleIntelKBLGraphicsFramebuffer"]
    target = graphics.entry("__ZN20AppleIntelController13setPowerStateEmP9IOService")
    message = (f'"AppleIntelFramebuffer::setPowerState(0x{machine.heap("framebuffer"):x} : '
               f'0x{target:x}, 1 -> 0) timed out after 45938 ms"'
               "@/BuildRoot/Library/Caches/com.apple.xbs/Sources/xnu/xnu-4903.271.2/iokit/Kernel/"
               "IOServicePM.cpp:5255")
    stack = ["__ZN9IOService12ackTimerTickEv",
             "__ZN9IOService21actionAckTimerExpiredEP8OSObjectPvS2_S2_S2_",
             "__ZN10IOWorkLoop9runActionEPFiP8OSObjectPvS2_S2_S2_ES1_S2_S2_S2_S2_",
             "__ZN9IOService17ack_timer_expiredEPvS0_", "thread_call_delayed_timer", "call_continuation"]
    panic = IntelPanic(machine, message, stack, cpu=2, uptime=41_022)
    return Sample("pm/setpowerstate-kext-10.14.panic", legacy(machine, 0x5DB2A1C4, panic.text()).encode(),
                  "an Intel framebuffer that did not power down in 45 s; text in quotes, old container",
                  "pm/setpowerstate-timeout-kext", "confirmed", "legacy .panic text",
                  {"service": "AppleIntelFramebuffer", "change": "1 -> 0", "elapsed_ms": 45938,
                   "implementation": f"0x{target:x} = kext {graphics.name}+0x{target - graphics.start:x} "
                                     "(not printed in the report; a kext by its address range)",
                   "file": "IOServicePM.cpp:5255", "style": "quoted"}, frames_of(panic, 4))


def samples():
    return [_on_text(), _on_full(), _on_small(), _off(), _one_pointer(), _kext_10_14()]
