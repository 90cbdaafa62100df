#!/usr/bin/env python3
"""Writes variants/Info-*.plist: refdext/Info.plist with one thing changed each.

use: make_variants.py [--check]
"""

import copy
import pathlib
import plistlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def root(plist):
    return plist["IOKitPersonalities"]["PSRefDext"]


def bad_ioclass(plist):
    root(plist)["IOClass"] = "IOService"
    del root(plist)["CFBundleIdentifierKernel"]


def bad_iouserservice(plist):
    scsi = plist["IOKitPersonalities"]["PSRefSCSI"]
    scsi["IOClass"] = "IOUserService"
    scsi["CFBundleIdentifierKernel"] = "com.apple.kpi.iokit"


def bad_userclass(plist):
    root(plist)["IOUserClass"] = "PSRefDextt"


def bad_provider(plist):
    root(plist)["IOProviderClass"] = "IOResources"


def bad_server(plist):
    root(plist)["IOUserServerName"] = "org.example.refdext"


def pci(plist):
    plist["IOKitPersonalities"] = {"PSRefPCI": {
        "CFBundleIdentifier": "com.panicscan.refdext", "CFBundleIdentifierKernel": "com.apple.kpi.iokit",
        "IOClass": "IOUserService", "IOPCIPrimaryMatch": "0x12345678", "IOPCITunnelCompatible": True,
        "IOProviderClass": "IOPCIDevice", "IOUserClass": "PSRefPCI", "IOUserServerName": "com.panicscan.refdext",
        "PSAllowPanic": False, "PSFaultMode": "F00"}}


VARIANTS = {  # name: (change, what is wrong)
    "bad-ioclass": (bad_ioclass, "F06: IOClass is IOService, whose start sends nothing; no CFBundleIdentifierKernel"),
    "bad-iouserservice": (bad_iouserservice, "F06b: the SCSI controller's IOClass is IOUserService"),
    "bad-userclass": (bad_userclass, "F21: IOUserClass names a class that is not in the binary"),
    "bad-provider": (bad_provider, "IOProviderClass is IOResources; extensions match on IOUserResources"),
    "bad-server": (bad_server, "IOUserServerName has another organisation than the bundle, with IOUserServerOneProcess"),
    "pci": (pci, "nothing: the personality of PSRefPCI; put the tester's board into IOPCIPrimaryMatch"),
}


def main():
    right = plistlib.loads((HERE / "refdext" / "Info.plist").read_bytes())
    stale = []
    for name, (change, what) in VARIANTS.items():
        plist = copy.deepcopy(right)
        change(plist)
        text = plistlib.dumps(plist).replace(b'<plist version="1.0">', f"<!-- {what} -->\n<plist version=\"1.0\">".encode())
        path = HERE / "variants" / f"Info-{name}.plist"
        if not path.exists() or path.read_bytes() != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_bytes(text)
    if "--check" in sys.argv and stale:
        sys.exit(f"not what make_variants.py writes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
