#!/usr/bin/env python3
"""What panicscan-symbolizer says when something is wrong.

use: worker_test.py WORKER LAB
"""

import json
import os
import pathlib
import struct
import sys
import tempfile
import unittest
import uuid

import mutants
import worker

SKIP = 77
UNREADABLE, NOT_MACHO, MALFORMED, WRONG_UUID, LIMIT, BAD_REQUEST, WRONG_VERSION = range(7)
ZERO = "00000000-0000-0000-0000-000000000000"


class Answers(unittest.TestCase):
    program, lab, manifest = None, None, None

    def setUp(self):
        self.worker = worker.Worker(self.program, patience=30)
        self.folder = tempfile.TemporaryDirectory()
        self.kernel = next(r for r in self.manifest if r["name"] == "kernel")
        self.dsym = self.lab / self.kernel["dsym"]
        self.start = self.kernel["code"][0][0]

    def tearDown(self):
        self.worker.close()
        self.folder.cleanup()

    def file(self, name, data):
        path = pathlib.Path(self.folder.name) / name
        path.write_bytes(data)
        return path

    def assert_failure(self, path, kind):
        got, answer = self.worker.identify(path)
        self.assertEqual((got, answer.get("kind")), (worker.FAILURE, kind), answer)
        got, answer = self.worker.look_up(path, ZERO, [1])
        self.assertEqual((got, answer.get("kind")), (worker.FAILURE, kind), answer)

    def test_a_file_that_cannot_be_read_is_a_failure_and_the_worker_goes_on(self):
        pipe = pathlib.Path(self.folder.name) / "pipe"
        os.mkfifo(pipe)
        for path in ("/nonexistent", self.folder.name, pipe, "/dev/zero"):
            self.assert_failure(path, UNREADABLE)
        self.assertEqual(self.worker.identify(self.dsym)[0], worker.IDENTIFIED)
        self.assertEqual(self.worker.close(), 0)

    def test_other_files_are_not_mach_o(self):
        java = struct.pack(">IHH", 0xCAFEBABE, 0, 65) + bytes(100)
        for data in (b"", b"\xcf\xfa", b"hello", b"\x7fELF" + bytes(100), java):
            self.assert_failure(self.file("other", data), NOT_MACHO)

    def test_damaged_headers_are_malformed(self):
        whole = self.dsym.read_bytes()
        self.assert_failure(self.file("header", whole[:40]), MALFORMED)
        commands = bytearray(whole)
        struct.pack_into("<I", commands, 36, 3)  # the first command's size
        self.assert_failure(self.file("command", commands), MALFORMED)
        universal = struct.pack(">7I", 0xCAFEBABE, 1, 0x0100000C, 0, 0x7FFFFFFF, 0x7FFFFFFF, 0)
        self.assert_failure(self.file("universal", universal), MALFORMED)

    def test_only_the_image_with_the_uuid_is_used(self):
        kind, answer = self.worker.look_up(self.dsym, str(uuid.uuid4()), [self.start])
        self.assertEqual((kind, answer["kind"]), (worker.FAILURE, WRONG_UUID))
        self.assertIn("UUID", answer["message"])

    def test_the_symbol_table_alone_can_be_asked(self):
        _, answer = self.worker.look_up(self.dsym, self.kernel["uuid"], [self.start], symbol_table_only=True)
        self.assertEqual([f["from"] for f in answer["names"][0]], ["symbol_table"])

    def test_addresses_outside_the_code_have_no_name(self):
        _, answer = self.worker.look_up(self.dsym, self.kernel["uuid"], [0, 0x1000, 2**64 - 1])
        self.assertEqual(answer["names"], [[], [], []])

    def test_threads_change_nothing(self):
        first, size = self.kernel["code"][0]
        addresses = list(range(first, first + size, 4))
        one = worker.Worker(self.program, threads=1)
        many = worker.Worker(self.program, threads=8)
        self.assertEqual(one.look_up(self.dsym, self.kernel["uuid"], addresses),
                         many.look_up(self.dsym, self.kernel["uuid"], addresses))
        one.close()
        many.close()

    def test_a_broken_message_ends_the_worker_with_a_reason(self):
        kind, answer = self.worker.ask(worker.LOOKUP, b"\xff" * 20)
        self.assertEqual((kind, answer["kind"]), (worker.FAILURE, BAD_REQUEST))
        self.assertEqual(self.worker.process.wait(timeout=10), 3)

    def test_a_message_that_is_no_request_is_refused(self):
        kind, answer = self.worker.ask(worker.FAILURE, struct.pack("<BI", 0, 0))
        self.assertEqual((kind, answer["kind"]), (worker.FAILURE, BAD_REQUEST))
        self.assertEqual(self.worker.identify(self.dsym)[0], worker.IDENTIFIED)

    def test_memory_is_limited(self):
        if b"__asan_init" in pathlib.Path(self.program).read_bytes():
            self.skipTest("AddressSanitizer takes more address space than any limit leaves")
        small = worker.Worker(self.program, memory=64 << 20)
        big = pathlib.Path(self.folder.name) / "big"
        with open(big, "wb") as file:
            file.truncate(256 << 20)
        kind, answer = small.identify(big)
        self.assertEqual((kind, answer["kind"]), (worker.FAILURE, UNREADABLE))
        small.close()

    def test_what_once_crashed_llvm_costs_one_file_and_nothing_else(self):
        # Found by mutants.py with LLVM 19: in a DWARF 5 line table, a file name of a form that is no
        # text; in an abbreviation, a text that becomes a block whose length leads out of the section.
        row = next(r for r in self.manifest if r["name"] == "com.example.audio")
        whole = (self.lab / row["dsym"]).read_bytes()
        places = {name: (offset, size) for name, offset, size in mutants.sections(whole)}
        addresses = [a for start, size in row["code"] for a in range(start, start + size, 16)]
        lines, abbreviations = places["__debug_line"][0], places["__debug_abbrev"]
        damages = [(lines + at, value) for at in (30, 32, 33, 44, 46) for value in (0x00, 0x01, 0x02, 0x03, 0x7F, 0xFF)]
        damages += [(at, 0x04) for at in range(abbreviations[0], sum(abbreviations))
                    if whole[at] in (0x1A, 0x1B, 0x25)]
        ended = 0
        for at, value in damages:
            data = bytearray(whole)
            data[at] = value
            path = self.file("damaged", data)
            try:
                self.assertIn(self.worker.look_up(path, row["uuid"], addresses)[0], (worker.NAMES, worker.FAILURE))
            except worker.Dead as dead:
                self.assertRegex(str(dead), "ended with -")
                ended += 1
                self.worker.close()
                self.worker = worker.Worker(self.program, patience=30)
        print(f"{len(damages)} damaged files ended {ended} workers")
        kind, answer = self.worker.look_up(self.lab / row["dsym"], row["uuid"], addresses)
        self.assertEqual(kind, worker.NAMES)
        self.assertTrue(all(answer["names"]))

    @unittest.skipUnless(sys.platform == "linux", "Landlock is Linux's")
    def test_the_worker_is_sealed_where_the_kernel_offers_it(self):
        limits = pathlib.Path(f"/proc/{self.worker.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max file size +0 +0")
        self.assertRegex(limits, r"Max core file size +0 +0")
        self.assertRegex(limits, r"Max open files +64 +64")
        status = pathlib.Path(f"/proc/{self.worker.process.pid}/status").read_text()
        self.assertRegex(status, r"NoNewPrivs:\s+1")
        if not self.worker.ready["files_sealed"]:
            print("SKIPPED: this kernel has no Landlock")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Answers.program, Answers.lab = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (Answers.lab / "manifest.json").exists():
        print(f"SKIPPED: {Answers.lab} was not built")
        return SKIP
    Answers.manifest = json.loads((Answers.lab / "manifest.json").read_text())
    unittest.main(argv=sys.argv[:1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
