#!/usr/bin/env python3
"""Each knob of the lab changes what is written: one incident of each kind of file, with one knob turned
at a time.

    knobs_test.py FOLDER     FOLDER/binaries is what lab.py built
"""

import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[2] / "samples")

from lab.faults import FAULTS                        # noqa: E402
from lab.incident import Knobs                       # noqa: E402
from lab.lab import rounds                           # noqa: E402
from lab.machine import GENERATIONS, INTEL, Places   # noqa: E402

PLACES = None


def files(fault, **knobs):
    """All files of a fault's incidents, {name: bytes}."""
    turned = Knobs(PLACES, knobs.pop("seed", "1"), crowd=knobs.pop("crowd", 3), **knobs)
    return {f"{incident.name}/{name}": data for incident in FAULTS[fault][2](turned) for name, data in incident.files.items()}


def only(fault, ending, **knobs):
    """The fault's own file of a kind."""
    return next(data for name, data in files(fault, **knobs).items() if name.endswith(ending))


class Knob(unittest.TestCase):
    def test_same_knobs_same_bytes(self):
        for fault in FAULTS:
            self.assertEqual(files(fault), files(fault))

    def test_seed(self):
        """Other slides, addresses and numbers, in every fault's files."""
        for fault in FAULTS:
            self.assertNotEqual(files(fault), files(fault, seed="2"), fault)

    def test_system(self):
        """Each release has its own words: the line of the source, state words, kind of crash report."""
        panics = {os: only("F19", ".ips", os=os) for os in GENERATIONS}
        self.assertEqual(len({panic.split(b"IOService.cpp:")[1][:4] for panic in panics.values()}), len(GENERATIONS))
        self.assertEqual([os for os, panic in panics.items() if b"(1e,4020001)" not in panic], [os for os in GENERATIONS if os <= 12])
        self.assertTrue(only("F20", "crash.crash", os=11).startswith(b"Process:"))
        self.assertTrue(only("F20", "crash.ips", os=12).startswith(b'{"app_name"'))

    def test_architecture(self):
        for os in INTEL:
            panic = only("F01", ".ips", os=os, is_intel=True)
            self.assertIn(b"X86_64", panic)
            self.assertNotIn(b"Kernel text exec slide", panic)
        self.assertIn(b"Kernel text exec slide", only("F01", ".ips"))

    def test_crowd(self):
        counts = [only("F01", ".ips", crowd=crowd).count(b'"procname"') for crowd in (3, 12, 450)]
        self.assertEqual(counts, sorted(set(counts)))
        self.assertGreater(counts[-1], 400)

    def test_order(self):
        """Of the processes of a panic, and of the threads of a crash report."""
        for fault, what in (("F01", rb'"procname":"[^"]+"'), ("F20", rb'"(?:triggered|_pthread_wqthread)"')):
            plain, shuffled = (re.findall(what, only(fault, ".ips", shuffled=turned)) for turned in (False, True))
            self.assertEqual(sorted(plain), sorted(shuffled))
            self.assertNotEqual(plain, shuffled)

    def test_cut(self):
        """Panics, crash reports of both kinds and logs: each is a beginning of the whole, or a part."""
        for fault, ending, os in (("F01", ".ips", 26), ("F20", "crash.ips", 26), ("F20", "crash.crash", 11), ("F27", "log.txt", 26)):
            whole, part = only(fault, ending, os=os), only(fault, ending, os=os, truncated=True)
            self.assertLess(len(part), len(whole), ending)
            self.assertIn(part, whole)

    def test_symbols(self):
        other = only("F20", ".ips", symbols=False)
        self.assertIn(b"0badf00d", other.lower())
        self.assertNotIn(b"0badf00d", only("F20", ".ips").lower())

    def test_rounds_turn_all(self):
        seen, generator = [], rounds(PLACES, "1")
        for _ in range(40):
            seen.append(next(generator))
        self.assertEqual({knobs.os for knobs in seen if not knobs.is_intel}, set(GENERATIONS))
        self.assertEqual({knobs.os for knobs in seen if knobs.is_intel}, set(INTEL))
        for name in ("is_intel", "symbols", "truncated", "shuffled"):
            self.assertEqual({getattr(knobs, name) for knobs in seen}, {False, True}, name)
        self.assertGreaterEqual({knobs.crowd for knobs in seen}, {3, 12, 450})


if __name__ == "__main__":
    PLACES = Places(pathlib.Path(sys.argv.pop(1)) / "binaries")
    unittest.main()
