"""The samples, one module for each area; all() lists them in the order of their paths."""

from . import (containers_odd, coprocessor, crash, dart_pcie, dext, iokit, kernel_arm,
               kernel_intel, logs, others, pasted, watchdog)

_AREAS = [containers_odd, coprocessor, crash, dart_pcie, dext, iokit, kernel_arm, kernel_intel,
          logs, others, pasted, watchdog]


def all_samples():
    found = [sample for area in _AREAS for sample in area.samples()]
    return sorted(found, key=lambda sample: sample.path)
