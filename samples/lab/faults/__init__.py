"""The faults, F00 to F37: for each a function that makes what it would leave behind.

FAULTS maps the fault's number to (name, rule, function); a function takes Knobs and gives Incidents:
the fault's own, and its near-miss twins. Faults that leave only a log or a crash report of the
extension are not here yet: their writers are missing.
"""

from . import pci, power, registry, scsi

FAULTS = {
    "F00": ("control", None, power.control),
    "F01": ("pm-no-super", "dext/setpowerstate-timeout", power.no_super),
    "F02": ("pm-no-super-off", "dext/setpowerstate-timeout-sleep", power.no_super_off),
    "F04": ("pm-error-no-super", None, power.control),
    "F05": ("pm-late-ack", "dext/setpowerstate-timeout", power.late),
    "F15": ("abba", "dext/abba-rpc-under-lock", registry.abba),
    "F17": ("stop-hang", "dext/stuck-terminating", registry.stop_hang),
    "F18": ("stop-no-super", "dext/stuck-terminating", registry.stop_no_super),
    "F19": ("start-hang", "iokit/registry-busy-timeout", registry.start_hang),
    "F30": ("mmio-after-close", "dext/mmio-after-surprise-removal", pci.mmio),
    "F31": ("double-interrupt", "dext/duplicate-interrupt-source", pci.double_interrupt),
    "F32": ("dma-unmapped", "dext/dart-invalid-iova", pci.unmapped),
    "F34": ("sid-alias", "dext/dart-sid-no-translation-table", pci.sid_alias),
    "F35": ("scsi-target0", "scsi/target0-late-completion", scsi.target0),
    "F36": ("scsi-limbo", "scsi/target-in-limbo", scsi.limbo),
}
