"""Builds a kernel collection (MH_FILESET) out of a kernel and its kexts.

Page 0 is the collection's own header with one LC_FILESET_ENTRY for each image. Each image keeps a
whole Mach-O header, but its file offsets count from the start of the collection. An image is moved
to another address by rewriting its segments, sections and symbols; its code is not relocated,
which nothing that only reads names would notice.

Apple's collections have one __LINKEDIT for all images; symbol tables that stay with their image
are as valid. Both are built here, since both must be read.
"""

import struct
import uuid

import macho

PAGE = 0x4000


def up(value, to=PAGE):
    return (value + to - 1) // to * to


def segment_command(name, address, size, offset, file_size, protection):
    return struct.pack("<II16s4Q4I", macho.LC_SEGMENT_64, 72, name, address, size, offset, file_size,
                       protection, protection, 0, 0)


class Collection:
    def __init__(self, base, identity, shared_linkedit):
        self.base = base
        self.identity = identity
        self.shared = shared_linkedit
        self.body = bytearray(PAGE)
        self.entries = []
        self.low, self.high = None, 0
        self.strings = bytearray(b" \0")  # shared by all, when shared
        self.pending = []  # symbol tables that go into the shared __LINKEDIT

    def append(self, data):
        """Puts bytes on a page of their own; their offset."""
        offset = len(self.body)
        self.body += data
        self.body += bytes(up(len(self.body)) - len(self.body))
        return offset

    def add(self, name, path, address=None):
        """Adds the image at `path`, moved so that its first segment stands at `address`."""
        image = macho.read(path)
        image.drop_segment("__PAGEZERO")
        kept = {macho.LC_SEGMENT_64, macho.LC_SYMTAB, macho.LC_UUID, macho.LC_BUILD_VERSION,
                macho.LC_FUNCTION_STARTS}
        image.commands = [(kind, body) for kind, body in image.commands if kind in kept]
        first = min(segment[1] for segment in image.segments())
        slide = 0 if address is None else address - first

        places = []  # (old offset, size, new offset)
        start = None
        for kind, body in image.commands:
            if kind != macho.LC_SEGMENT_64:
                continue
            at, size, offset, file_size = struct.unpack_from("<4Q", body, 24)
            new = self.append(image.data[offset:offset + file_size]) if file_size else 0
            if offset == 0:
                start = new
            if file_size:
                places.append((offset, file_size, new))
            struct.pack_into("<4Q", body, 24, at + slide, size, new, file_size)
            for i in range(struct.unpack_from("<I", body, 64)[0]):
                where = 72 + 80 * i
                section, length, content = struct.unpack_from("<QQI", body, where + 32)
                struct.pack_into("<QQI", body, where + 32, section + slide, length,
                                 content - offset + new if content else 0)
            self.low = at + slide if self.low is None else min(self.low, at + slide)
            self.high = max(self.high, at + slide + size)

        def moved(offset):
            for old, size, new in places:
                if old <= offset < old + size:
                    return offset - old + new
            return 0

        for kind, body in image.commands:
            if kind == macho.LC_SYMTAB:
                self.add_symbols(image, body, slide, moved)
            elif kind == macho.LC_FUNCTION_STARTS:
                offset, size = struct.unpack_from("<II", body, 8)
                struct.pack_into("<II", body, 8, moved(offset), size)
        self.entries.append((name, image, first + slide, start))

    def add_symbols(self, image, command, slide, moved):
        offset, count, strings, strings_size = struct.unpack_from("<4I", command, 8)
        entries = []
        for i in range(count):
            text, kind, section, description, value = struct.unpack_from("<IBBHQ", image.data, offset + 16 * i)
            if section and not kind & 0xE0:
                value += slide
            entries.append([text, kind, section, description, value])
        if not self.shared:
            for i, entry in enumerate(entries):
                struct.pack_into("<IBBHQ", self.body, moved(offset) + 16 * i, *entry)
            struct.pack_into("<4I", command, 8, moved(offset), count, moved(strings), strings_size)
            return
        table = image.data[strings:strings + strings_size]
        for entry in entries:
            name = bytes(table[entry[0]:table.index(0, entry[0])])
            entry[0] = len(self.strings)
            self.strings += name + b"\0"
        self.pending.append((command, b"".join(struct.pack("<IBBHQ", *entry) for entry in entries)))

    def write(self, path):
        linkedit = len(self.body)
        for command, entries in self.pending:
            offset = len(self.body)
            self.body += entries
            struct.pack_into("<2I", command, 8, offset, len(entries) // 16)
        strings = len(self.body)
        for command, _ in self.pending:
            struct.pack_into("<2I", command, 16, strings, len(self.strings))
        if self.pending:
            self.body += self.strings
        self.body += bytes(up(len(self.body)) - len(self.body))

        commands = [
            struct.pack("<II16s", macho.LC_UUID, 24, uuid.UUID(self.identity).bytes),
            struct.pack("<6I", macho.LC_BUILD_VERSION, 24, 1, 14 << 16, 14 << 16, 0),
            segment_command(b"__TEXT", self.base - PAGE, PAGE, 0, PAGE, 1),
            segment_command(b"__PRELINK_TEXT", self.low, self.high - self.low, PAGE, linkedit - PAGE, 5),
            segment_command(b"__LINKEDIT", up(self.high), len(self.body) - linkedit, linkedit,
                            len(self.body) - linkedit, 1),
        ]
        for name, image, address, start in self.entries:
            header = image.header(flags=image.flags | 0x80000000)
            self.body[start:start + len(header)] = header
            text = name.encode() + b"\0"
            size = up(32 + len(text), 8)
            commands.append(struct.pack("<IIQQII", macho.LC_FILESET_ENTRY, size, address, start, 32, 0) +
                            text.ljust(size - 32, b"\0"))
        blob = b"".join(commands)
        if 32 + len(blob) > PAGE:
            raise ValueError("too many entries for one page of load commands")
        kernel = self.entries[0][1]
        macho.HEADER.pack_into(self.body, 0, macho.MAGIC, kernel.cpu_type, kernel.cpu_subtype,
                               macho.MH_FILESET, len(commands), len(blob), 1, 0)
        self.body[32:32 + len(blob)] = blob
        with open(path, "wb") as file:
            file.write(self.body)
