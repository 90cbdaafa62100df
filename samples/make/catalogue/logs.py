"""Lines of the system log and registry dumps, alone: what a test rig keeps beside a report."""

import json

from ..sample import Sample

UNIFIED = "Timestamp                       Thread     Type        Activity             PID    TTL  \n"


def _unified(clock, thread, message, process="kernel", pid=0, level="Default"):
    return f"2025-11-20 23:{clock}-0700 {thread:<11}{level:<12}{'0x0':<21}{pid:<7}0    {process}: {message}\n"


def _crash_loop():
    lines = [
        ("04:11.001522", "Driver com.example.driver.nic has crashed 2 time(s)"),
        ("04:11.120033", "DK: ExampleNIC-0x100000abc waiting for server com.example.driver.nic-100000abc"),
        ("04:11.480127", "DK: ExampleNIC-0x100000abc::start(pci1000,97-0x1000004f0) ok"),
        ("04:11.480311", "(IOPCIFamily) link is up, nothing to see here"),
        ("04:19.777001", "(com.example.driver.nic.dext) ExampleNIC: ring reset requested"),
        ("04:20.003391", "com.example.driver.nic[612] Corpse allowed 1 of 5"),
        ("04:20.003702", "DK: com.example.driver.nic-0x100000ab9::clientClose(0xfffffe1b2b3c4d50)"),
        ("04:20.004110", "DK: pci1000,97-0x1000004f0::ClientCrashed(ExampleNIC-0x100000abc)"),
        ("04:20.004205", "(IOPCIFamily) IOPCIDevice::ClientCrashed_Impl() PCIDriverKit client, ExampleNIC, "
                         "crashed for device pci1000,97[2:0:0], attempting to recover"),
        ("04:20.310844", "DK: ExampleNIC-0x100000abc rematching after dext crash"),
        ("04:20.311023", "Driver com.example.driver.nic has crashed 3 time(s)"),
    ]
    text = UNIFIED + "".join(_unified(clock, "0x1f2a", message) for clock, message in lines)
    text += _unified("04:21.050004", "0x2c11", "(OSAnalytics) Formulating fatal 309 report for corpse[612] "
                     "com.example.driver.nic", "ReportCrash", 640)
    return Sample("log/crash-loop-unified.log", text.encode(),
                  "log show: a driver extension that crashed three times", "dext/crash-loop", "confirmed",
                  made="log show, default style")


def _sleep_kill():
    lines = ["DK: arming ack timer, 30000 ms",
             "PM waiting on pmDriverCallout(0x1) to ExampleNIC (2000 ms)",
             "DK: ack timer expired",
             "DK: com.example.driver.nic-0x100000ab9 power state transition failed",
             "DK: com.example.driver.nic-0x100000ab9::kill(Power Management Failed)",
             "DK: ExampleNIC-0x100000abc rematching after dext crash"]
    text = "Timestamp               Ty Process[PID:TID]\n"
    text += "".join(f"2025-11-20 23:07:{i:02}.104 Df  kernel[0:74] {line}\n" for i, line in enumerate(lines))
    return Sample("log/sleep-kill-compact.log", text.encode(),
                  "log show --style compact: killed because it held up sleep", "dext/pm-ack-timer-kill",
                  "confirmed", made="log show, compact style")


def _never_started():
    boot = "B7226BEF-A24E-3316-A2D5-1FE36853AD67"
    rows = [("kernel", "/kernel", "Driver com.example.driver.hba has crashed 0 time(s)"),
            ("com.example.driver.hba", "/System/DriverKit/DriverKit",
             "Assertion failed: (notsync || !remote || (msgid == IOService_Start_ID) || queue->OnQueue()), "
             "function Invoke, file uioserver.cpp, line 1654."),
            ("kernel", "/System/Library/Extensions/IOPCIFamily",
             "IOPCIDevice::ClientCrashed_Impl() PCIDriverKit client ExampleHBA does not have open session with "
             "device pci1000,97[2:0:0], skipping recovery"),
            ("logd", "/usr/libexec/logd", "something else")]
    text = "".join(json.dumps({"timestamp": f"2025-11-20 23:10:0{i}.250000-0700", "bootUUID": boot, "processID": 0,
                               "threadID": 500 + i, "messageType": "Default", "processImagePath": process,
                               "senderImagePath": sender, "eventMessage": message}) + "\n"
                   for i, (process, sender, message) in enumerate(rows))
    return Sample("log/never-started.ndjson", text.encode(),
                  "log show --style ndjson: the first message came before Start()", "dext/off-queue-assertion-logged",
                  "likely", made="log show, ndjson")


def _dmesg():
    text = "".join(f"[{at:>13.6f}]: {line}\n" for at, line in [
        (3.120004, "IOPCIConfigurator: scanning bus"),
        (12.345678, "DK: ExampleNIC-0x100000abc: provider entitlements check failed"),
        (12.345701, "DK: com.example.driver.nic-0x100000ab9::exit(Entitlements check failed)"),
        (12.400110, "IOUserServerName \"org.example.server\" not correct organization for bundleID "
                    "\"com.example.driver.other\"")])
    return Sample("log/entitlements-dmesg.txt", text.encode(),
                  "dmesg: a driver extension without the entitlement of its provider",
                  "dext/entitlements-refused-in-log", "confirmed", made="dmesg")


def _entry(depth, name, klass, number, state, properties, bars):
    indent = "".join("| " if bar else "  " for bar in bars[:depth])
    lines = [f"{indent}+-o {name}  <class {klass}, id 0x{number:x}, {state}>"]
    if properties:
        inner = indent + ("  | " if bars[depth] else "    ")
        lines += [inner + "{"] + [f"{inner}  \"{key}\" = {value}" for key, value in properties] + [inner + "}", inner]
    return lines


def ioreg_lines():
    """A capture card behind Thunderbolt, and the mapper of its stream."""
    on = "registered, matched, active, busy 0 (%d ms), retain %d"
    off = "!registered, !matched, active, busy 0, retain %d"
    rows = [
        (0, "Root", "IORegistryEntry", 0x100000100, "retain 24",
         [("IOKitBuildVersion", '"Darwin Kernel Version 25.1.0"')]),
        (1, "Mac16,1", "IOPlatformExpertDevice", 0x100000200, on % (61872, 40), [("model", "<4d616331362c3100>")]),
        (2, "dart-apciec0@0", "AppleARMIODevice", 0x100000210, on % (2, 11), [("AAPL,phandle", "<30000000>")]),
        (3, "AppleT8110DART", "AppleT8110DART", 0x100000211, on % (1, 9), []),
        (4, "mapper-apciec0-piodma@11", "IODARTMapperNub", 0x100000212, on % (0, 6), [("AAPL,phandle", "<32000000>")]),
        (4, "mapper-apciec0@0", "IODARTMapperNub", 0x100000213, on % (0, 6), [("AAPL,phandle", "<31000000>")]),
        (2, "apciec0@30000000", "AppleARMIODevice", 0x100000220, on % (61512, 12), []),
        (3, "pci-bridge0@0", "IOPCIDevice", 0x100000221, on % (61500, 14), [("pcidebug", '"0:0:0(1:255)"')]),
        (4, "pci1a00,10@0", "IOPCIDevice", 0x1000004f0, "registered, matched, active, busy 1 (61498 ms), retain 13",
         [("iommu-parent", "<31000000>"), ("pcidebug", '"3:0:0"'), ("vendor-id", "<001a0000>"),
          ("device-id", "<10000000>"), ("IOPCITunnelled", "Yes"), ("IOName", '"pci1a00,10"')]),
        (5, "ExampleCapture", "IOUserService", 0x100000abc, off % 6,
         [("IOUserClass", '"ExampleCapture"'), ("IOUserServerName", '"com.example.driver.capture"'),
          ("CFBundleIdentifier", '"com.example.driver.capture"'),
          ("CFBundleIdentifierKernel", '"com.apple.kpi.iokit"'), ("IOClass", '"IOUserService"')]),
        (2, "IOResources", "IOResources", 0x100000102, on % (3, 30), []),
    ]
    return rows


def _ioreg_text(rows):
    lines = []
    for i, (depth, *rest) in enumerate(rows):
        # A bar stands under each entry that has a later sibling, and where children follow.
        bars = [any(later[0] == d for later in rows[i + 1:
                    next((j for j in range(i + 1, len(rows)) if rows[j][0] < d), len(rows))])
                for d in range(depth + 2)]
        lines += _entry(depth, *rest, bars)
    return "\n".join(lines) + "\n"


def _plist_value(value):
    if value in ("Yes", "No"):
        return "<true/>" if value == "Yes" else "<false/>"
    if value.startswith("<"):
        import base64
        return "<data>" + base64.b64encode(bytes.fromhex(value[1:-1])).decode() + "</data>"
    return "<string>" + value.strip('"') + "</string>"


def _ioreg_plist(rows):
    head = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
            '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n')

    def dictionary(i):
        depth, name, klass, number, state, properties = rows[i]
        children = []
        for j in range(i + 1, len(rows)):
            if rows[j][0] <= depth:
                break
            if rows[j][0] == depth + 1:
                children.append(j)
        bare, _, at = name.partition("@")
        pairs = [(key, _plist_value(value)) for key, value in properties]
        pairs += [("IOObjectClass", f"<string>{klass}</string>"), ("IORegistryEntryID", f"<integer>{number}</integer>"),
                  ("IORegistryEntryName", f"<string>{bare}</string>"),
                  ("IOObjectRetainCount", f"<integer>{state.split()[-1]}</integer>")]
        if at:
            pairs.append(("IORegistryEntryLocation", f"<string>{at}</string>"))
        if "busy" in state:
            words = state.replace("(", "").split()
            count = words[words.index("busy") + 1].rstrip(",")
            pairs.append(("IOServiceBusyState", f"<integer>{count}</integer>"))
            if "ms)" in state:
                pairs.append(("IOServiceBusyTime", f"<integer>{int(words[words.index('busy') + 2]) * 1000000}</integer>"))
            pairs.append(("IOServiceState", f"<integer>{0 if '!registered' in state else 30}</integer>"))
        text = "".join(f"<key>{key}</key>{value}\n" for key, value in sorted(pairs))
        if children:
            text += "<key>IORegistryEntryChildren</key>\n<array>\n" + "".join(map(dictionary, children)) + "</array>\n"
        return "<dict>\n" + text + "</dict>\n"

    return head + dictionary(0) + "</plist>\n"


def samples():
    rows = ioreg_lines()
    return [_crash_loop(), _sleep_kill(), _never_started(), _dmesg(),
            Sample("ioreg/capture-card.txt", _ioreg_text(rows).encode(), "the registry as text, with a busy device",
                   "(none)", made="ioreg -l -w0"),
            Sample("ioreg/capture-card-archive.plist", _ioreg_plist(rows).encode(), "the same as a property list",
                   "(none)", made="ioreg -a")]
