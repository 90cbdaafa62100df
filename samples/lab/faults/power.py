"""F00 to F05: power changes of a driver extension, acknowledged or not."""

from make import crowd, stacks
from make.stackshot import Stackshot
from make.containers import ips

from .. import refdext
from ..incident import Incident, Panic
from ..refdext import DEXT, SLEEP, message, rpc_thread, waiting_culprit
from .end import log_of
from .logs import power_killed

SET_POWER = "IOUserServer::setPowerState(unsigned long, IOService*)"
FULL = ("confirmed",)
WATCHDOG = ["IOPMrootDomain::sleepWakeDebugTrig(bool)", "IOService::watchdog_timer_expired(void*, void*)",
            "thread_call_invoke", "thread_call_thread"]
POWER_RPC = stacks.RPC + ["IOService::SetPowerState(unsigned int, int (*)(OSMetaClassBase*, IORPC))",
                          "IOUserServer::serviceSetPowerState(IOService*, IOService*, unsigned long, unsigned long)",
                          "IOUserServer::setPowerState(unsigned long, IOService*)", "IOService::driverSetPowerState()",
                          "IOService::pmDriverCallout(IOService*, void*)", "thread_call_invoke", "thread_call_thread"]


def _panic(knobs, change, elapsed, name="PSRefDext", target=SET_POWER, dexts=(DEXT,), machine=None):
    machine = machine or knobs.machine()
    image, function = machine.image_of(target)
    message = (f"{name}::setPowerState(0x{machine.heap(name):x} : 0x{image.entry(function):x}, {change}) "
               f"timed out after {elapsed} ms @IOServicePM.cpp:{knobs.power_line}")
    return Panic(knobs, machine, message, stacks.PM_TIMER, dexts=dexts, processes=[refdext.process(knobs, machine)])


def _incident(knobs, name, rule, change, elapsed, shows):
    panic = _panic(knobs, change, elapsed)
    start, end = map(int, change.split(" -> "))
    certainty = FULL
    return Incident(name, {"panic-full.ips": panic.report()}, rule, certainty,
                    {"power.service": "PSRefDext", "power.from": start, "power.to": end,
                     "power.elapsed": elapsed}, panic.culprit("IOService::ackTimerTick()"), shows=shows)


def _kext(knobs, name, change):
    """The twin: a kernel extension prints the same line."""
    bundle = "com.example.driver.CardReader"
    machine = knobs.machine(third_party=[(bundle, "2.4.1")])
    target = f"{bundle}`ExampleCardReader::setPowerState(unsigned long, IOService*)"
    panic = _panic(knobs, change, 10_168 + knobs.dice(name).below(200), "ExampleCardReader", target, (), machine)
    return Incident(name, {"panic-full.ips": panic.report()}, "pm/setpowerstate-timeout-kext",
                    ("confirmed",) if knobs.is_intel else ("likely",), must_not=("dext/setpowerstate-timeout", "dext/setpowerstate-timeout-sleep"),
                    shows="near miss: a kext with its floor of 10 seconds")


def no_super(knobs):
    elapsed = 20_100 + knobs.dice("F01").between(20, 1400)
    return [_incident(knobs, "F01", "dext/setpowerstate-timeout", "0 -> 2", elapsed, "SetPowerState without super"),
            _kext(knobs, "F01-near-kext", "0 -> 2")]


def no_super_off(knobs):
    elapsed = 20_100 + knobs.dice("F02").between(20, 900)
    change = "2 -> 0" if knobs.dice("F02 change").below(3) else "2 -> 1"
    return [_incident(knobs, "F02", "dext/setpowerstate-timeout-sleep", change, elapsed,
                      "no super on the way to off"),
            _kext(knobs, "F02-near-kext", "2 -> 0")]


def late(knobs):
    elapsed = 20_100 + knobs.dice("F05").between(20, 400)
    return [_incident(knobs, "F05", "dext/setpowerstate-timeout", "0 -> 2", elapsed,
                      "the acknowledgement comes after 25 seconds"),
            _control(knobs, "F05-near-15s", "near miss: the acknowledgement comes after 15 seconds",
                     ("dext/setpowerstate-timeout",))]


def blocked(knobs):
    """SetPowerState never returns: nobody counts while the message is out, so what ends it is the
    watchdog of the whole change."""
    machine = knobs.machine()
    sleeping = refdext.thread(4100, "PSRefDext-Default",
                              [*SLEEP, "main`Fault_F03_pm_block(IOService*, unsigned int)",
                               "main`PSRefDext::SetPowerState_Impl(unsigned int)"] + message("PSRefDext", "SetPowerState"))
    panic = Panic(knobs, machine, "Sleep/Wake hang detected", WATCHDOG, dexts=(DEXT,),
                  processes=[refdext.process(knobs, machine, [sleeping])],
                  kernel_threads=[rpc_thread(knobs, 231, POWER_RPC)])
    other = Panic(knobs, knobs.machine(), "Sleep/Wake hang detected", WATCHDOG, dexts=(DEXT,))
    rule = "dext/setpowerstate-rpc-hang" if knobs.has_named_threads else "pm/sleep-wake-hang"
    return [Incident("F03", {"panic-full.ips": panic.report(), "log.txt": log_of(knobs, "F03", [
                ("PM waiting on pmDriverCallout(0x1) to PSRefDext (2000 ms)", 2.0)])}, rule, FULL + ("likely",), {},
                     waiting_culprit(knobs, "F03"), shows="SetPowerState sleeps for ten minutes"),
            Incident("F03-near-no-call", {"panic-full.ips": other.report()}, "pm/sleep-wake-hang", (),
                     must_not=("dext/setpowerstate-rpc-hang",), shows="near miss: no call into an extension is out"),
            *power_killed(knobs)]


def _control(knobs, name, shows, must_not=()):
    """A machine that is well, as a stackshot taken by hand shows it."""
    machine = knobs.machine()
    shot = Stackshot(machine, [crowd.small_kernel_task([])] +
                     crowd.full_crowd("lab control", knobs.crowd, knobs.crowd * 4, {refdext.PID}, 10_000) +
                     [refdext.process(knobs, machine)],
                     one_line_a_process=True)
    data = ips(machine, 0x69100000, None, stackshot=shot, head={"bug_type": "288"},
               more={"bug_type": "288", "reason": "user requested stackshot"})
    return Incident(name, {"stacks.ips": data.encode()}, must_not=must_not, shows=shows)


def control(knobs):
    return [_control(knobs, "F00", "nothing is wrong"),
            _control(knobs, "F04", "an error instead of super: the kernel takes that for an acknowledgement")]
