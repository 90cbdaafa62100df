#!/usr/bin/env python3
"""Checks that `symbols cache` changes nothing but time.

use: cache_test.py PANICSCAN WORKER LAB

Every byte of code of every dSYM of the lab is looked up with and without the cache: all fields must
be equal. Then the cache is damaged, cut, exchanged, filled by two at once, and made unwritable.
"""

import argparse
import concurrent.futures
import fcntl
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import worker

SKIP = 77
AT_LEAST = 10_000


def plain(answer):
    """The names and notes, without where they come from."""
    names = [[{**f, "from": "dwarf" if f["from"] == "gsym" else f["from"]} for f in chain] for chain in answer["names"]]
    return names, answer["notes"]


class Cache(unittest.TestCase):
    program, worker_path, lab, manifest = None, None, None, None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name).resolve()
        self.cache = self.root / "cache/panicscan/gsym/v1"
        self.worker = worker.Worker(self.worker_path)
        self.kernel = next(r for r in self.manifest if r["name"] == "kernel")
        self.dsym = pathlib.Path(shutil.copy(self.lab / self.kernel["dsym"], self.root / "kernel.dwarf"))
        self.addresses = [a for start, size in self.kernel["code"] for a in range(start, start + size, 2)]

    def tearDown(self):
        self.worker.close()
        self.folder.cleanup()

    def environment(self):
        return dict(os.environ, PANICSCAN_SYMBOLIZER=str(self.worker_path), XDG_CACHE_HOME=str(self.root / "cache"))

    def run_it(self, *arguments, code=0, **more):
        done = subprocess.run([self.program, *map(str, arguments)], env={**self.environment(), **more},
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def files(self):
        return sorted(self.cache.glob("*.gsym"))

    def build(self, path=None):
        self.run_it("symbols", "cache", "build", path or self.dsym)

    def kernel_file(self):
        return next(f for f in self.files() if f.name.startswith(self.kernel["uuid"]))

    @staticmethod
    def replace(file, data):
        """Makes another file of that name, as the writer of the cache does."""
        other = file.with_suffix(".new")
        other.write_bytes(data)
        os.replace(other, file)

    def ask(self, cache=""):
        kind, answer = self.worker.look_up(self.dsym, self.kernel["uuid"], self.addresses[::32], cache=cache)
        self.assertEqual(kind, worker.NAMES, answer)
        return answer

    def names(self, *arguments):
        """What people see of ten addresses."""
        return self.run_it("symbols", "lookup", "--dsym", self.dsym, "--uuid", self.kernel["uuid"],
                           *map(hex, self.addresses[::len(self.addresses) // 10]), *arguments)

    def test_every_answer_is_that_of_the_dwarf(self):
        compared = from_cache = 0
        for row in self.manifest:
            if "dsym" not in row or row["kind"] == "truncated":
                continue
            path = (self.lab / row["dsym"]).resolve()
            self.build(path)
            files = [f for f in self.files() if f.name.startswith(row["uuid"])]
            self.assertTrue(files, row["name"])
            addresses = sorted({a for start, size in row["code"] for a in range(start - 8, start + size + 8)})
            _, wanted = self.worker.look_up(path, row["uuid"], addresses)
            _, got = self.worker.look_up(path, row["uuid"], addresses, cache=max(files, key=os.path.getmtime))
            self.assertEqual(got["cache"], "used", row["name"])
            for address, one, other in zip(addresses, plain(wanted)[0], plain(got)[0]):
                self.assertEqual(one, other, f"{row['name']} {address:#x}")
            self.assertEqual(wanted["notes"], got["notes"])
            compared += len(addresses)
            from_cache += sum(chain[0]["from"] == "gsym" for chain in got["names"] if chain)
        print(f"{compared} addresses equal, {from_cache} of them from the cache")
        self.assertGreater(from_cache, AT_LEAST)
        self.assertGreater(from_cache, compared * 0.9)

    def test_damage_anywhere_makes_no_other_name(self):
        self.build()
        whole = self.kernel_file().read_bytes()
        wanted = plain(self.ask())
        file = self.root / "damaged"
        step = max(1, len(whole) // 200)
        seen = set()
        for at in [*range(0, 100, 3), *range(100, len(whole), step), len(whole) - 1]:
            data = bytearray(whole)
            data[at] ^= 1 << at % 8
            self.replace(file, data)
            answer = self.ask(file)
            self.assertEqual(plain(answer), wanted, f"byte {at}")
            seen.add(answer["cache"])
        for size in [0, 1, 4095, 4096, 4097, *range(0, len(whole), step * 3), len(whole) - 1]:
            self.replace(file, whole[:size])
            answer = self.ask(file)
            self.assertEqual((plain(answer), answer["cache"]), (wanted, "useless"), f"{size} bytes")
        self.replace(file, whole + b"\0")
        self.assertEqual(self.ask(file)["cache"], "useless")
        self.assertIn("useless", seen)

    def test_a_file_that_changes_while_it_is_open_makes_no_other_name(self):
        self.build()
        whole = self.kernel_file().read_bytes()
        file = self.root / "written-over"
        file.write_bytes(whole)
        wanted = plain(self.ask())
        seen = set()
        for at in [0, 50, *range(4096, len(whole), max(1, len(whole) // 100))]:
            data = bytearray(whole)
            data[at] ^= 1 << at % 8
            for content in (data, whole[:at], whole):
                self.assertEqual(self.ask(file)["cache"], "used")
                file.write_bytes(content)  # the same file, other bytes
                answer = self.ask(file)
                self.assertEqual(plain(answer), wanted, f"byte {at}")
                seen.add(answer["cache"])
                file.write_bytes(whole)
        self.assertEqual(seen, {"used", "useless"})
        file.unlink()
        self.assertEqual((plain(self.ask(file)), self.ask(file)["cache"]), (wanted, "useless"))

    def test_a_cache_of_another_file_is_of_no_use(self):
        self.build()
        other = next(r for r in self.manifest if r["name"] == "com.example.audio")
        self.build((self.lab / other["dsym"]).resolve())
        foreign = next(f for f in self.files() if f.name.startswith(other["uuid"]))
        mine = self.kernel_file()
        for use in (foreign, self.root / "nothing", self.root, "/dev/zero", self.dsym):
            answer = self.ask(use)
            self.assertEqual((plain(answer), answer["cache"]), (plain(self.ask()), "useless"))
        os.utime(self.dsym, (1, 1))  # the same bytes, another time: the cache is stale
        self.assertEqual(self.ask(mine)["cache"], "useless")
        self.assertIn(" stale ", self.run_it("symbols", "cache", "list"))
        self.run_it("symbols", "cache", "prune")
        self.assertFalse(mine.exists())
        self.assertTrue(foreign.exists())

    def test_what_people_see_is_the_same_and_a_damaged_file_is_removed(self):
        without = self.names("--no-cache")
        self.assertEqual(self.names(), without)
        self.assertFalse(self.cache.exists(), "nobody asked for a conversion")
        self.build()
        file = self.kernel_file()
        os.utime(file, (1, 1))
        self.assertEqual(self.names("--no-cache"), without)
        self.assertEqual(file.stat().st_mtime, 1)
        self.assertEqual(self.names(), without)
        self.assertGreater(file.stat().st_mtime, 1, "the cache was not used")
        file.write_bytes(file.read_bytes()[:-1])
        self.assertEqual(self.names(), without)
        self.assertFalse(file.exists())
        self.assertEqual(self.names(), without)

    def test_without_the_symbol_file_there_are_no_names_whatever_is_cached(self):
        self.build()
        self.dsym.rename(self.root / "elsewhere")
        for more in ([], ["--no-cache"]):
            self.run_it("symbols", "lookup", "--dsym", self.dsym, "--uuid", self.kernel["uuid"],
                        hex(self.addresses[0]), *more, code=3)
        self.assertIn(" stale ", self.run_it("symbols", "cache", "list"))
        (self.root / "elsewhere").rename(self.dsym)
        self.assertIn(" current ", self.run_it("symbols", "cache", "list"))
        self.assertEqual(self.names(), self.names("--no-cache"))

    def test_other_dwarf_under_the_same_uuid_is_what_is_read(self):
        self.build()
        one = self.names()
        data = self.dsym.read_bytes()
        self.dsym.write_bytes(data.replace(b"kernel_start.c", b"kernel_stalt.c"))
        other = self.names()
        self.assertIn("kernel_start.c", one)
        self.assertEqual(other, one.replace("kernel_start.c", "kernel_stalt.c"))
        self.assertEqual(other, self.names("--no-cache"))

    def test_one_conversion_runs_at_a_time(self):
        self.cache.mkdir(parents=True)
        with open(self.cache / "conversion.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = subprocess.Popen([self.program, "symbols", "cache", "build", self.dsym], env=self.environment(),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertIn("waiting for another conversion", waiting.stderr.readline())
            self.assertIsNone(waiting.poll())
            self.assertEqual(list(self.cache.iterdir()), [self.cache / "conversion.lock"])
            self.assertEqual(self.names(), self.names("--no-cache"), "whoever only asks does not wait")
        self.assertIn(" made ", waiting.communicate()[0])
        self.assertEqual(waiting.returncode, 0)
        self.assertEqual(len(self.files()), 1)

    def test_a_build_keeps_to_the_size_limit(self):
        self.build()
        os.utime(self.kernel_file(), (1, 1))
        old = self.kernel_file()
        audio = next(r for r in self.manifest if r["name"] == "com.example.audio")
        self.run_it("symbols", "cache", "build", (self.lab / audio["dsym"]).resolve(),
                    "--cache-limit", old.stat().st_size)
        self.assertFalse(old.exists(), "the one that was not used for longest goes")
        self.assertEqual(len(self.files()), 1)

    def test_it_may_vanish_or_be_exchanged_while_it_is_used(self):
        self.build()
        wanted, file = self.names("--no-cache"), self.kernel_file()
        whole = file.read_bytes()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(lambda: {self.names() for _ in range(8)}) for _ in range(2)]
            for turn in itertools.count():
                if turn % 4 == 0:
                    shutil.rmtree(self.cache, ignore_errors=True)
                else:
                    self.cache.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(whole[:turn * 997 % len(whole)] if turn % 4 == 1 else whole)
                time.sleep(0.003)
                if all(one.done() for one in asked):
                    break
            for one in asked:
                self.assertEqual(one.result(), {wanted})

    def test_two_may_fill_it_at_once_and_leave_nothing_behind(self):
        command = [self.program, "symbols", "cache", "build", "--all", "--symbols", self.lab]
        running = [subprocess.Popen(command, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    text=True) for _ in range(2)]
        said = [one.communicate()[0].splitlines() for one in running]
        self.assertEqual(len(said[0]), len(said[1]))
        for one, other in zip(*said):
            self.assertEqual(sorted([one.split()[1], other.split()[1]]), ["made", "present"])
        self.assertEqual(len(self.files()), len(said[0]))
        self.assertFalse(list(self.cache.glob("*.unfinished")))
        self.build()
        self.assertEqual(self.ask(self.kernel_file())["cache"], "used")

    def test_the_one_used_last_is_kept_longest(self):
        for name in ("kernel", "com.example.audio", "com.example.storage"):
            row = next(r for r in self.manifest if r["name"] == name)
            self.build((self.lab / row["dsym"]).resolve())
        for number, file in enumerate(self.files()):
            os.utime(file, (100 + number, 100 + number))
        files = self.files()
        (self.cache / "left.gsym").write_text("over")
        (self.cache / "left.gsym.1.unfinished").write_text("over")
        room = sum(f.stat().st_size for f in files[1:])
        self.assertEqual(self.run_it("symbols", "cache", "prune", "--cache-limit", room), "3 files removed\n")
        self.assertEqual(self.files(), files[1:])
        said = json.loads(self.run_it("symbols", "cache", "list", "--json"))
        self.assertEqual([i["file"] for i in said["images"]], [str(f) for f in reversed(files[1:])])
        self.assertTrue(all(i["current"] for i in said["images"]))
        self.run_it("symbols", "cache", "prune", PANICSCAN_CACHE_LIMIT=str(room - 1))
        self.assertEqual(self.files(), files[2:])
        self.run_it("symbols", "cache", "prune", "--all")
        self.assertEqual(self.files(), [])

    def test_a_place_that_cannot_be_written_costs_the_cache_only(self):
        (self.root / "cache").write_text("no folder")
        without = self.names("--no-cache")
        self.assertEqual(self.names(), without)
        self.run_it("symbols", "cache", "build", self.dsym, code=3)
        self.assertEqual(self.run_it("symbols", "cache", "list"), "")

    def test_a_file_beyond_the_symbolizers_memory_is_refused(self):
        with open(self.dsym, "ab") as file:
            file.truncate(4 << 30)
        done = subprocess.run([self.program, "symbols", "cache", "build", str(self.dsym)], env=self.environment(),
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("MiB are more than can be converted", done.stderr)
        self.assertEqual(self.files(), [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("lab", type=pathlib.Path)
    arguments = parser.parse_args()
    if not (arguments.lab / "manifest.json").exists():
        print(f"SKIPPED: {arguments.lab} was not built")
        return SKIP
    Cache.program, Cache.worker_path = arguments.program.resolve(), arguments.worker.resolve()
    Cache.lab = arguments.lab.resolve()
    Cache.manifest = json.loads((Cache.lab / "manifest.json").read_text())
    unittest.main(argv=sys.argv[:1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
