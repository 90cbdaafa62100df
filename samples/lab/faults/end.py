"""What a process leaves that ended: its crash report, and beside it the log and the registry."""

from make.dice import fixed_uuid

from .. import ioreg_text, refdext
from ..crash_report import CrashReport, CrashThread
from ..incident import Incident
from ..log_text import Log
from ..machine import BuiltImage

EXECUTABLE = f"{refdext.PATH}/{refdext.BUNDLE}"
WRITTEN = 0x69100000


def is_named(knobs, report, function, caller):
    """Whether a function of the extension gets its name: from symbols, which need the images at the
    end of the report, or from the report itself, which has to come as far as its caller."""
    named = function.encode() in report and caller.partition("`")[2].encode() in report
    return (knobs.symbols and not knobs.truncated) or named


def cut(knobs, data):
    """A crash report that ends after two thirds: without images, and maybe without some threads."""
    return data[:len(data) * 2 // 3] if knobs.truncated else data


def crash(knobs, end, stack, queue, fault=None, tid=4100):
    """The extension's crash report. `fault`: its innermost frame is where that fault stands."""
    machine = knobs.machine()
    image = knobs.refdext(machine, refdext.PID)
    site = refdext.site(knobs, fault) if fault else None
    idle = ["libsystem_kernel`__workq_kernreturn", "libsystem_pthread`_pthread_wqthread", "libsystem_pthread`start_wqthread"]
    threads = [CrashThread(tid, stack, queue, site), CrashThread(tid + 1, idle), CrashThread(tid + 2, idle)]
    crashed = 0
    if knobs.shuffled:
        threads, crashed = threads[1:] + threads[:1], 2
    named = knobs.dice("named", stack[0]).below(2) == 0
    return cut(knobs, CrashReport(machine, image, end, threads, crashed=crashed, path=EXECUTABLE, named=named, seed=knobs.seed,
                                  written=WRITTEN).text().encode())


def other_app(knobs, end, stack, queue="com.apple.main-thread"):
    """The crash report of an application that has nothing to do with drivers."""
    machine = knobs.machine()
    built = {"size": 0x10000, "uuid": fixed_uuid("app", knobs.seed), "functions": {}}
    image = BuiltImage("ExampleApp", "2.0", 0x104000000, built)
    threads = [CrashThread(5000, [*stack, "libdyld`start"], queue)]
    return cut(knobs, CrashReport(machine, image, end, threads, pid=907, seed=knobs.seed, written=WRITTEN,
                                  path="/Applications/ExampleApp.app/Contents/MacOS/ExampleApp").text().encode())


def log_of(knobs, name, lines, noise=3):
    """A log with these lines, [(text, seconds after the line before)] or a dict of Log.add in place
    of the seconds, between others; in the style that the dice say."""
    log = Log(f"{knobs.seed} {name}", WRITTEN - 40, "compact" if knobs.dice("style", name).below(2) else "default")
    log.noise(noise)
    for text, how in lines:
        how = how if isinstance(how, dict) else {"after": how}
        sender = refdext.BUNDLE if text.startswith(("PSRef", "Assertion")) else ""
        log.add(text, **{"sender": sender, **how})
        log.noise(knobs.dice(name, text).below(noise + 1))
    data = log.noise(noise).text().encode()
    # An excerpt that begins and ends in the middle of a line.
    return data[20:len(data) - 30] if knobs.truncated else data


def launch(name, provider="IOUserResources-0x100000116", start="ok", own=("init", "Start")):
    """What the kernel logs when a service of the extension is started, and the service itself (`own`).
    Source: xnu iokit/Kernel/IOService.cpp and IOUserServer.cpp."""
    number = {"PSRefDext": "100000a11", "PSRefDextt": "100000a11", "PSRefSCSI": "100000a15"}[name]
    lines = [(f"DK: {name}-0x{number} waiting for server {refdext.BUNDLE}-100000a10", 0.0),
             (f"Driver {refdext.BUNDLE} has crashed 0 time(s)", 0.1)]
    if own:
        lines += [(f"{name}: {method}", 0.01) for method in own]
    return lines + [(f"DK: {name}-0x{number}::start({provider}) {start}", 0.2)]


def registry(service, busy=0):
    """An excerpt of the registry around one service of the extension. `service`: its name, class,
    user_class and kernel (the CFBundleIdentifierKernel of its personality)."""
    properties = {"IOClass": service["class"], "IOUserClass": service["user_class"], "IOProviderClass": "IOPCIDevice",
                  "CFBundleIdentifier": refdext.BUNDLE, "IOUserServerName": refdext.BUNDLE,
                  "IOPCITunnelled": False, "IOPowerManagement": {"CurrentPowerState": 0, "MaxPowerState": 2}}
    if service.get("kernel"):
        properties["CFBundleIdentifierKernel"] = service["kernel"]
    entry = ioreg_text.Entry(service["name"], service["class"], 0x100000A15, properties, busy=busy, waited=60000 * busy)
    device = ioreg_text.Entry("pci1234,5678@0", "IOPCIDevice", 0x100000523,
                              {"vendor-id": b"\x34\x12\0\0", "device-id": b"\x78\x56\0\0", "iommu-parent": b"\x01\0\0\0",
                               "IOPCIDeviceMemoryMapBase": 0x80000000, "IOPCIDeviceMemoryMapSize": 0x3F00000}, [entry], busy=busy)
    bridge = ioreg_text.Entry("pcic1-bridge@1", "IOPCI2PCIBridge", 0x100000511, {"IOPCITunnelled": False}, [device], busy=busy)
    root = ioreg_text.Entry("Root", "IORegistryEntry", 0x100000100, {}, [
        ioreg_text.Entry("ExampleMac", "IOPlatformExpertDevice", 0x100000227, {"model": b"Mac16,1\0"}, [bridge], busy=busy)],
        state="")
    return ioreg_text.text(root).encode()


def joined(knobs, name, report, rule, lines, service=None, certainty=(), shows="", must_not=()):
    """An incident of a crash report with its log and, for a service, the registry."""
    files = {knobs.crash_file: report, "log.txt": log_of(knobs, name, lines)}
    if service:
        files["ioreg.txt"] = registry(service)
    return Incident(name, files, rule, certainty, must_not=must_not, shows=shows)
