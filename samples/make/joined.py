"""Files that belong together: what several files say of one event. A panic of the catalogue, and what a rig keeps beside it."""

import json

from .catalogue.logs import _ioreg_text, ioreg_lines

BOOT = "B7226BEF-A24E-3316-A2D5-1FE36853AD67"   # of the panic
DRIVER = "com.example.driver.capture"


def _crash():
    header = {"app_name": DRIVER, "timestamp": "2025-11-20 23:09:26.00 -0700", "app_version": "1.4.2",
              "slice_uuid": "5b0c7a11-7e0d-3c52-9a41-0f6f2d1c8e77", "build_version": "142", "platform": 10,
              "bundleID": DRIVER, "share_with_app_devs": 0, "is_first_party": 0, "bug_type": "309",
              "os_version": "macOS 26.1 (25B78)", "roots_installed": 0, "name": DRIVER,
              "incident_id": "0D5C7A6E-6B0B-4E53-8F5B-2F1D9D5B6A10"}
    frames = [{"imageOffset": 18204, "symbol": "ExampleCapture::StartStream_Impl(unsigned int)", "symbolLocation": 212,
               "imageIndex": 0},
              {"imageOffset": 25120, "symbol": "ExampleCapture::StartStream(IORPC)", "symbolLocation": 96, "imageIndex": 0},
              {"imageOffset": 61440, "symbol": "OSMetaClassBase::Invoke(IORPC)", "symbolLocation": 548, "imageIndex": 1}]
    body = {"uptime": 530, "procRole": "Unspecified", "version": 2, "userID": 270, "deployVersion": 210,
            "modelCode": "Mac16,1", "coalitionID": 901, "captureTime": "2025-11-20 23:09:25.4120 -0700",
            "bootSessionUUID": BOOT, "incident": header["incident_id"], "pid": 611, "cpuType": "ARM-64",
            "procLaunch": "2025-11-20 23:04:11.1200 -0700", "procName": DRIVER,
            "procPath": f"/Library/SystemExtensions/7C1F02AB-52D1-4F0A-8E55-0C3A9D17B6E4/{DRIVER}.dext/{DRIVER}",
            "bundleInfo": {"CFBundleShortVersionString": "1.4.2", "CFBundleVersion": "142", "CFBundleIdentifier": DRIVER},
            "parentProc": "launchd", "parentPid": 1, "coalitionName": DRIVER, "isCorpse": 1,
            "osVersion": {"train": "macOS 26.1", "build": "25B78", "releaseType": "User"},
            "exception": {"codes": "0x0000000000000001, 0x0000000080000000", "rawCodes": [1, 2147483648],
                          "type": "EXC_BAD_ACCESS", "signal": "SIGSEGV",
                          "subtype": "KERN_INVALID_ADDRESS at 0x0000000080000000"},
            "termination": {"flags": 0, "code": 11, "namespace": "SIGNAL", "indicator": "Segmentation fault: 11",
                            "byProc": "exc handler", "byPid": 611},
            "faultingThread": 0,
            "threads": [{"triggered": True, "id": 6021, "queue": f"{DRIVER}-Default", "frames": frames}],
            "usedImages": [{"source": "P", "arch": "arm64e", "base": 4372561920, "size": 65536,
                            "uuid": header["slice_uuid"], "path": f"/Library/SystemExtensions/*/{DRIVER}", "name": DRIVER},
                           {"source": "P", "arch": "arm64e", "base": 6871947264, "size": 196608,
                            "uuid": "77d1c2b0-3a1e-3a9d-8a2e-5b5a8c4e2f01",
                            "path": "/System/DriverKit/System/Library/Frameworks/DriverKit.framework/DriverKit",
                            "name": "DriverKit"}]}
    return (json.dumps(header) + "\n" + json.dumps(body, indent=2) + "\n").encode()


def _log():
    rows = [("23:04:11.100412", "kernel", f"Driver {DRIVER} has crashed 0 time(s)"),
            ("23:04:11.498113", "kernel", "DK: ExampleCapture-0x100000abc::start(pci1a00,10-0x1000004f0) ok"),
            ("23:09:25.412006", "kernel", f"{DRIVER}[611] Corpse allowed 1 of 5"),
            ("23:09:25.412733", "kernel", "IOPCIDevice::ClientCrashed_Impl() PCIDriverKit client, ExampleCapture, crashed "
             "for device pci1a00,10[3:0:0], attempting to recover"),
            ("23:09:26.002010", "launchd", "service exited"),
            ("23:09:27.003334", "kernel", f"Driver {DRIVER} has crashed 1 time(s)")]
    return "".join(json.dumps({"timestamp": f"2025-11-20 {clock}-0700", "bootUUID": BOOT, "processID": 0, "threadID": 900,
                               "messageType": "Default", "processImagePath": f"/{process}",
                               "senderImagePath": "/kernel", "eventMessage": message}) + "\n"
                   for clock, process, message in rows).encode()


def _bridge_rows():
    """The capture card as an old one: PCI-X behind a bridge on the card, mapped for its own stream, 5."""
    rows = []
    for depth, name, klass, number, state, properties in ioreg_lines():
        if name == "pci1a00,10@0":
            express = ("IOPCIExpressLinkStatus", "4098")
            rows.append((4, "pci-bridge1@0", "IOPCIDevice", 0x100000230, state.replace("busy 1", "busy 0"),
                         [("pcidebug", '"1:0:0(2:4)"'), ("vendor-id", "<211b0000>"), ("device-id", "<61240000>"),
                          ("IOPCITunnelled", "Yes"), express]))
            rows.append((5, "pci-bridge2@0", "IOPCIDevice", 0x100000231, state.replace("busy 1", "busy 0"),
                         [("pcidebug", '"3:0:0(4:4)"'), ("vendor-id", "<b5100000>"), ("device-id", "<14810000>"),
                          ("IOPCITunnelled", "Yes"), express]))
            properties = [("iommu-parent", "<35000000>"), ("pcidebug", '"4:8:0"'), ("vendor-id", "<001a0000>"),
                          ("device-id", "<10000000>"), ("IOPCITunnelled", "Yes"), ("IOName", '"pci1a00,10"'),
                          ("IOPCIDeviceMemoryMapBase", "2147483648"), ("IOPCIDeviceMemoryMapSize", "1073741824")]
            rows.append((6, "pci1a00,10@8", klass, number, state, properties))
        elif name == "ExampleCapture":
            rows.append((7, name, klass, number, state, properties))
        else:
            rows.append((depth, name, klass, number, state, properties))
            if name == "mapper-apciec0@0":
                rows.append((4, "mapper-apciec0@5", klass, 0x100000214, state, [("AAPL,phandle", "<35000000>")]))
    return rows


def _bridge_log():
    rows = [("23:09:21.100412", "ExampleCapture: request ring: DMA segment 0x80000000 + 0x20000"),
            ("23:09:21.100733", "ExampleCapture: reply ring: DMA segment 0x80020000 + 0x8000"),
            ("23:09:21.101002", "ExampleCapture: request 0 at 0x80000000 handed to the card")]
    return "".join(json.dumps({"timestamp": f"2025-11-20 {clock}-0700", "bootUUID": BOOT, "processID": 611, "threadID": 6021,
                               "messageType": "Default", "processImagePath": f"/{DRIVER}",
                               "senderImagePath": f"/{DRIVER}", "eventMessage": message}) + "\n"
                   for clock, message in rows).encode()


def joined(samples):
    """{path below samples/: bytes}"""
    panic = next(sample for sample in samples if sample.path == "dart/sid-no-ttbr-apciec.ips")
    folder, bridge = "joined/capture-card/", "joined/card-behind-bridge/"
    return {bridge + "panic-full.ips": panic.data, bridge + "system.ndjson": _bridge_log(),
            bridge + "ioreg.txt": _ioreg_text(_bridge_rows()).encode(), folder + "panic-full.ips": panic.data, folder + "capture-2025-11-20-230926.ips": _crash(),
            folder + "system.ndjson": _log(), folder + "ioreg.txt": _ioreg_text(ioreg_lines()).encode()}
