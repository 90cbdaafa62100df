"""Stackshots as the kernel writes them: kcdata, a row of typed items.

Source of types and structures: xnu osfmk/kern/kcdata.h. Written apart from the parsers.
"""

import base64
import gzip
import re
import struct
import uuid

BEGIN_STACKSHOT, END = 0x59A25807, 0xF19158ED
CONTAINER_BEGIN, CONTAINER_END, TASK, THREAD = 0x13, 0x14, 0x903, 0x904
STATES = {"TH_WAIT": 1, "TH_SUSP": 2, "TH_RUN": 4, "TH_UNINT": 8}
NO_LABEL = 0

# What a thread waits for: the words of the JSON form, and wait type and whether the number that
# follows is the owner. Source: xnu osfmk/kern/block_hint.h.
WAITS = [(r"kernel mutex 0x(\w+) owned by thread (\d+)", 0x1), (r"mach_msg receive on port set 0x(\w+)", 0x3),
         (r"mach_msg receive on port 0x(\w+) name 0x(\w+)", 0x2), (r"semaphore port 0x(\w+) owned by pid (\d+)", 0x6),
         (r"pthread mutex 0x(\w+) owned by thread (\d+)", 0xB), (r"pthread condvar 0x(\w+)", 0xE),
         (r"()queue processed by thread (\d+)", 0x10)]
TURNSTILES = [(r"blocked on (\d+), hops: (\d+), priority: (\d+)", 0x8),
              (r"turnstile blocked on task pid (\d+), hops: (\d+), priority: (\d+)", 0x10)]


def item(kind, payload=b"", flags=None):
    """One item: padded to 16 bytes, and the padding said in its flags unless they mean something else."""
    pad = -len(payload) % 16
    return struct.pack("<IIQ", kind, len(payload) + pad, (0x80 | pad) if flags is None else flags) + payload + bytes(pad)


def array(kind, elements):
    """An array of equal elements; how much padding it has is the last digit of its type."""
    payload = b"".join(elements)
    pad = -len(payload) % 16
    return struct.pack("<IIQ", 0x20 | pad, len(payload) + pad, kind << 32 | len(elements)) + payload + bytes(pad)


def container(kind, number, *inside):
    return item(CONTAINER_BEGIN, struct.pack("<I", kind), number) + b"".join(inside) + item(CONTAINER_END, b"", number)


def text(kind, words):
    return item(kind, words.encode() + b"\0")


def described(name, value):
    """A 64-bit number with its name beside it."""
    return item(0x3, name.encode().ljust(32, b"\0") + struct.pack("<Q", value))


def wait_info(thread):
    for words, kind in WAITS:
        if found := re.fullmatch(words, thread.waits or ""):
            groups = found.groups()
            owner = int(groups[1], 16 if kind == 0x2 else 10) if len(groups) > 1 else 0
            return struct.pack("<QQQBhI", owner, thread.tid, int(groups[0] or "0", 16), kind, NO_LABEL, 0)
    return None


def turnstile_info(thread):
    for words, flag in TURNSTILES:
        if found := re.fullmatch(words, thread.turnstile or ""):
            context, hops, priority = map(int, found.groups())
            return struct.pack("<QQBBQh", thread.tid, context, priority, hops, flag, NO_LABEL)
    return None


class Writer:
    """Writes the processes of a make.stackshot.Stackshot, whose images and frames it asks for."""

    def __init__(self, shot):
        self.shot, self.machine = shot, shot.machine

    def _address(self, frame):
        return self.shot.images[frame[0]][1] + frame[1]

    def _stack(self, kind, frames):
        return array(kind, [struct.pack("<Q", self._address(frame)) for frame in frames]) if frames else b""

    def _thread(self, process, thread):
        state = sum(STATES[name] for name in thread.state)
        resumes = self._address(self.shot._kernel_frame(thread.continuation)) if thread.continuation else 0
        has_user = 0x4 if thread.user else 0
        snapshot = struct.pack("<11QIIhhBBBBQQQ", thread.tid, 0xFFFFFE1000000000 + thread.tid * 64 if state & 1 else 0, resumes,
                               40, 0, thread.tid if thread.queue else 0, thread.cpu_ms * 1000, 500, has_user, 10**9, 0,
                               state, 0, thread.priority, thread.scheduled, 0, 0, 0, 0, 0, 0, 0)
        out = [item(0x906, snapshot)]
        if thread.name:
            out.append(item(0x909, thread.name.encode().ljust(64, b"\0")))
        if thread.queue:
            out.append(text(0x928, thread.queue))
        out.append(self._stack(0x914, [self.shot._kernel_frame(place) for place in thread.kernel]))
        out.append(self._stack(0x916, self.shot._user_stack(process, thread.user)))
        return container(THREAD, thread.tid, *out)

    def _images(self, process):
        """What the process runs: its own program, and for the kernel all extensions."""
        if process.pid == 0:
            rows = sorted(self.machine.images.values(), key=lambda image: image.name != "kernel")
            return array(0x92E, [struct.pack("<Q16s", image.start - self.machine.slide, uuid.UUID(image.uuid).bytes)
                                 for image in rows])
        if process.image is None:
            return b""
        return array(0x31, [struct.pack("<Q16s", process.image.start, uuid.UUID(process.image.uuid).bytes)])

    def _task(self, process):
        number = process.pid if process.pid == 0 else 1000 + process.pid
        snapshot = struct.pack("<7Q7Ii32s", number, 0, 0, 0, 0x69100000, process.resident << 20, process.resident << 20,
                               0, 4000, 20, 30, 0, 0, 0, process.pid, process.name.encode()[:31])
        threads = [self._thread(process, thread) for thread in process.threads]
        lists = [array(kind, rows) for kind, rows in
                 ((0x91D, [row for row in map(wait_info, process.threads) if row]),
                  (0x929, [row for row in map(turnstile_info, process.threads) if row])) if rows]
        return container(TASK, number, self._images(process), item(0x905, snapshot), *threads, *lists)

    def bytes(self):
        machine = self.machine
        head = [item(BEGIN_STACKSHOT, b"", 0), described("stackshot_in_flags", 0x100000B), described("stackshot_in_pid", 2**64 - 1),
                text(0x90F, machine.kernel), item(0x910, struct.pack("<I", 16384)), text(0x947, machine.build),
                item(0x32, struct.pack("<II", 125, 3)), item(0x33, struct.pack("<Q", 24_000_000 * 5000)),
                item(0x35, struct.pack("<Q", 0x69100000 * 10**6))]
        return b"".join([*head, *map(self._task, self.shot.processes), item(END, b"", 0)])


def wrapped(data, how):
    """The forms in which such buffers travel."""
    if how == "gzip":
        return gzip.compress(data, mtime=0)
    return base64.encodebytes(data) if how == "base64" else data
