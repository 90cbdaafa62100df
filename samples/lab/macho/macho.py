"""Reads and edits the headers of thin 64-bit little-endian Mach-O files.

The linker on Linux (ld64.lld) writes neither kernels nor kexts nor kernel collections. What it
writes is close: these edits do the rest.
"""

import struct
import uuid

MAGIC = 0xFEEDFACF
HEADER = struct.Struct("<8I")

LC_SYMTAB = 0x2
LC_DYSYMTAB = 0xB
LC_LOAD_DYLINKER = 0xE
LC_SEGMENT_64 = 0x19
LC_UUID = 0x1B
LC_FUNCTION_STARTS = 0x26
LC_DATA_IN_CODE = 0x29
LC_BUILD_VERSION = 0x32
LC_MAIN = 0x80000028
LC_FILESET_ENTRY = 0x80000035

MH_KEXT_BUNDLE = 11
MH_FILESET = 12

ARM64E_USER = 0x80000002  # pointer authentication, version 0
ARM64E_KERNEL = 0xC0000002  # the same, for the kernel


class Image:
    """A Mach-O header and its load commands; `write` puts them back into the bytes they came from."""

    def __init__(self, data):
        self.data = bytearray(data)
        (self.magic, self.cpu_type, self.cpu_subtype, self.file_type, count, self.size, self.flags,
         self.reserved) = HEADER.unpack_from(self.data)
        if self.magic != MAGIC:
            raise ValueError("not a thin 64-bit little-endian Mach-O file")
        self.commands = []
        at = HEADER.size
        for _ in range(count):
            kind, size = struct.unpack_from("<II", self.data, at)
            self.commands.append((kind, bytearray(self.data[at:at + size])))
            at += size

    def header(self, flags=None):
        body = b"".join(bytes(command) for _, command in self.commands)
        return HEADER.pack(self.magic, self.cpu_type, self.cpu_subtype, self.file_type, len(self.commands),
                           len(body), self.flags if flags is None else flags, self.reserved) + body

    def bytes(self):
        header = self.header()
        room = HEADER.size + self.size
        if len(header) > room:
            raise ValueError("the load commands grew")
        return header + bytes(room - len(header)) + bytes(self.data[room:])

    def drop(self, *kinds):
        self.commands = [(kind, body) for kind, body in self.commands if kind not in kinds]

    def drop_segment(self, name):
        self.commands = [(kind, body) for kind, body in self.commands
                         if kind != LC_SEGMENT_64 or segment_name(body) != name]

    @property
    def uuid(self):
        for kind, body in self.commands:
            if kind == LC_UUID:
                return uuid.UUID(bytes=bytes(body[8:24]))
        return None

    @uuid.setter
    def uuid(self, value):
        for kind, body in self.commands:
            if kind == LC_UUID:
                body[8:24] = value.bytes

    def segments(self):
        """(name, address, size, file offset, file size) of each."""
        return [(segment_name(body), *struct.unpack_from("<4Q", body, 24))
                for kind, body in self.commands if kind == LC_SEGMENT_64]

    def sections(self):
        """(segment, name, size) of each."""
        found = []
        for kind, body in self.commands:
            if kind == LC_SEGMENT_64:
                rows = (body[at:at + 80] for at in range(72, len(body), 80))
                found += [(segment_name(body), bytes(row[:16]).rstrip(b"\0").decode(),
                           struct.unpack_from("<Q", row, 40)[0]) for row in rows]
        return found

    def code(self):
        """(address, size) of each section with instructions."""
        found = []
        for kind, body in self.commands:
            if kind != LC_SEGMENT_64:
                continue
            for i in range(struct.unpack_from("<I", body, 64)[0]):
                at = 72 + 80 * i
                address, size = struct.unpack_from("<2Q", body, at + 32)
                if struct.unpack_from("<I", body, at + 64)[0] & 0x80000400:
                    found.append((address, size))
        return found


def segment_name(command):
    return bytes(command[8:24]).rstrip(b"\0").decode()


def edit(path, change):
    """Reads the image at `path`, lets `change` change it, and writes it back."""
    with open(path, "rb") as file:
        image = Image(file.read())
    change(image)
    with open(path, "wb") as file:
        file.write(image.bytes())
    return image


def read(path):
    with open(path, "rb") as file:
        return Image(file.read())
