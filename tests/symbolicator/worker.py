"""Speaks the protocol of panicscan-symbolizer (symbolicator/README.md), written independently of it."""

import os
import select
import struct
import subprocess
import threading
import uuid

HELLO, READY, IDENTIFY, IDENTIFIED, LOOKUP, NAMES, FAILURE, CONVERT, CONVERTED = range(9)
VERSION = 3
CACHE = ("unused", "used", "useless")
ORIGINS = ("dwarf", "gsym", "symbol_table")


# Signals are LLVM's affair, and so is asking for more memory than there is; a sealed worker cannot start
# the program that would name the functions of a complaint.
ASAN_OPTIONS = "handle_segv=0:handle_sigbus=0:handle_abort=0:allocator_may_return_null=1:symbolize=0"


class Dead(Exception):
    """The worker ended, or did not answer in time."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self):
        size = self.take("I")
        text = self.data[self.at:self.at + size]
        self.at += size
        return text.decode("utf-8", "replace")

    def bytes(self):
        size = self.take("I")
        self.at += size
        return self.data[self.at - size:self.at]

    def list(self, read):
        return [read() for _ in range(self.take("I"))]


def text(value):
    data = value.encode()
    return struct.pack("<I", len(data)) + data


class Worker:
    """A running worker; `look_up` and `identify` give what it answers, or raise Dead.

    A worker that was built with sanitizers may die of what is in LLVM, and never of what they find: that
    is an AssertionError.
    """

    def __init__(self, program, memory=4 << 30, cpu_seconds=60, threads=0, patience=120):
        self.patience = patience
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**os.environ, "ASAN_OPTIONS": ASAN_OPTIONS})
        self.said = b""
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        kind, body = self.ask(HELLO, struct.pack("<IQII", VERSION, memory, cpu_seconds, threads))
        if kind != READY:
            raise Dead(f"it said {body!r} to hello")
        self.ready = body

    def listen(self):
        while piece := self.process.stderr.read1(1 << 16):
            self.said = (self.said + piece)[-(1 << 16):]

    def ended(self):
        """Its exit code, when it is gone."""
        code = self.process.wait()
        self.listener.join()
        if b"Sanitizer" in self.said or b"runtime error: " in self.said:
            raise AssertionError(self.said.decode("utf-8", "replace"))
        return code

    def close(self):
        """Ends the worker; its exit code (negative: the signal that killed it)."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = self.ended()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def read(self, size):
        data = b""
        while len(data) < size:
            if not select.select([self.process.stdout], [], [], self.patience)[0]:
                self.process.kill()
                raise Dead("no answer in time")
            piece = self.process.stdout.read1(size - len(data))
            if not piece:
                raise Dead(f"ended with {self.ended()}")
            data += piece
        return data

    def ask(self, kind, payload):
        try:
            self.process.stdin.write(struct.pack("<IHH", len(payload), kind, 0) + payload)
            self.process.stdin.flush()
        except BrokenPipeError as gone:
            raise Dead(f"ended with {self.ended()}") from gone
        size, kind, zero = struct.unpack("<IHH", self.read(8))
        assert zero == 0
        reader = Reader(self.read(size))
        answer = getattr(self, f"read_{kind}")(reader)
        assert reader.at == size, "bytes left over"
        return kind, answer

    def read_1(self, r):
        return {"version": r.take("I"), "llvm": r.text(), "files_sealed": r.take("?"), "network_sealed": r.take("?")}

    def read_image(self, r):
        image = {"name": r.text(), "has_uuid": r.take("?")}
        image["uuid"] = str(uuid.UUID(bytes=r.take("16s"))).upper()
        image["arch"], image["file_type"] = r.text(), r.take("I")
        image["has_dwarf"], image["has_symbols"] = r.take("??")
        image["segments"] = r.list(lambda: {"name": r.text(), **dict(zip(("address", "size", "protection"),
                                                                         r.take("QQI")))})
        return image

    def read_3(self, r):
        return r.list(lambda: {**self.read_image(r), "entries": r.list(lambda: self.read_image(r))})

    def read_5(self, r):
        strings = r.list(r.text)
        frames = r.list(lambda: r.take("5I?BQ"))
        ends = r.list(lambda: r.take("I"))
        notes = r.list(r.text)
        cache = CACHE[r.take("B")]
        names = []
        for first, last in zip([0, *ends], ends):
            names.append([{"function": strings[f[0]], "linkage": strings[f[1]], "file": strings[f[2]], "line": f[3],
                           "column": f[4], "inlined": f[5], "from": ORIGINS[f[6]], "start": f[7]}
                          for f in frames[first:last]])
        return {"names": names, "notes": notes, "cache": cache}

    def read_6(self, r):
        return {"kind": r.take("B"), "message": r.text()}

    def read_8(self, r):
        return {"chunks": r.list(r.bytes), "ranges": r.list(lambda: r.take("QQI")), "next_unit": r.take("I"),
                "units": r.take("I")}

    def identify(self, path):
        return self.ask(IDENTIFY, text(str(path)))

    def look_up(self, path, identity, addresses, symbol_table_only=False, cache="", linkage_names=True):
        return self.ask(LOOKUP, text(str(path)) + text(str(cache)) + uuid.UUID(identity).bytes +
                        struct.pack("<??I", symbol_table_only, linkage_names, len(addresses)) +
                        struct.pack(f"<{len(addresses)}Q", *addresses))

    def convert(self, path, identity, first_unit=0):
        return self.ask(CONVERT, text(str(path)) + uuid.UUID(identity).bytes + struct.pack("<I", first_unit))
