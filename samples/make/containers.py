"""The files that panic texts come in: .ips in two parts, legacy .panic, and what people make of
them when they paste."""

import html
import json
from datetime import datetime, timedelta, timezone

from .stackshot import MEMORY_STATUS, compact

PLACEHOLDER_STACKSHOT = ("bm8gb24gZGlzayBvciBzbGVlcC93YWtlIGZhaWx1cmUgcGFuaWMgc3RhY2tzaG90IGZvdW5k")


def stamp(seconds, hundredths=0, zone_hours=-7):
    """2025-11-03 09:12:44.00 -0700: when the report was written, which is after the reboot."""
    zone = timezone(timedelta(hours=zone_hours))
    text = datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{hundredths:02d} {zone_hours * 100:+05d}"


def header(machine, written, **more):
    """The one-line first part of an .ips file."""
    head = {"bug_type": "210", "timestamp": stamp(written), "os_version": machine.os,
            "roots_installed": 0, "incident_id": machine.incident}
    head.update(more)
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))


def body(machine, written, panic_text, *, stackshot=None, flags="0x802", other=None, more=(),
         text_key="panicString", without=()):
    """The second part: key by key on lines of its own, as Apple's writer does."""
    rows = {"build": machine.os, "product": machine.product}
    if hasattr(machine, "soc"):
        rows.update(socId=machine.soc, socRevision="11")
    rows.update(kernel=machine.kernel, incident=machine.incident,
                crashReporterKey=machine.reporter_key, date=stamp(written, 63))
    if panic_text is not None:
        rows[text_key] = panic_text
        rows["panicFlags"] = flags
    rows["bug_type"] = "210"
    if other is None and stackshot is not None:
        size = stackshot.frames * 70 + 9000
        other = f"\n** Stackshot Succeeded ** Bytes Traced {size} (Uncompressed {size * 5 // 2}) **\n"
    if other is not None:
        rows["otherString"] = other
    rows.update(more)
    for key in without:
        rows.pop(key, None)
    lines = [f'  "{key}" : {compact(value)}' for key, value in rows.items()]
    if stackshot is not None:
        lines += [f'  "memoryStatus" : {compact(MEMORY_STATUS)}',
                  f'  "processByPid" : {stackshot.processes_text()}',
                  f'  "binaryImages" : {stackshot.images_text()}',
                  '  "notes" : ["Source: (null)","resampled 0 of '
                  f'{stackshot.thread_count()} threads with truncated backtraces from 0 pids: "]']
    return "{\n" + ",\n".join(lines) + "\n}\n"


def ips(machine, written, panic_text, *, head=(), **parts):
    """A whole .ips file: header line, then the body."""
    return header(machine, written, **dict(head)) + "\n" + body(machine, written, panic_text, **parts)


def intel_ips(machine, written, panic_text, notes=()):
    """The .panic of an Intel Mac without T2: the text and a stackshot that was not found."""
    rows = [f'"macOSProcessedStackshotData":"{PLACEHOLDER_STACKSHOT}"',
            f'"macOSPanicString":{compact(panic_text)}']
    if notes:
        rows.append(f'"notes":{compact(list(notes))}')
    return header(machine, written) + "\n{" + ",".join(rows) + "}\n"


def legacy(machine, panicked, panic_text):
    """A .panic file up to macOS 10.14: an identifier, a date, a title, then the text."""
    when = datetime.fromtimestamp(panicked, timezone.utc).strftime("%a %b %e %H:%M:%S %Y")
    return (f"Anonymous UUID:       {machine.incident}\n\n{when}\n\n*** Panic Report ***\n"
            f"{panic_text}")


# ---- what happens on the way to a forum ---------------------------------------------------------

def quoted(text, prefix="> "):
    """As an answer quotes it."""
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))


def wrapped(text, width=76):
    """Broken at a column, in the middle of words, as terminals and mailers do."""
    out = []
    for line in text.split("\n"):
        while len(line) > width:
            out.append(line[:width])
            line = line[width:]
        out.append(line)
    return "\n".join(out)


def html_escaped(text):
    """< > & and quotes as entities."""
    return html.escape(text, quote=True)


def arrows(text):
    """Arrows, dashes and ellipses as a word processor makes them while one types."""
    return text.replace("->", "→").replace("--", "—").replace("...", "…")


def smart(text):
    """Typographic quotes instead of ASCII."""
    out, opening = [], True
    for letter in text:
        if letter == '"':
            letter, opening = ("“" if opening else "”"), not opening
        elif letter == "'":
            letter = "’"
        out.append(letter)
    return "".join(out)


def flattened(text):
    """All on one line, every run of blanks one blank."""
    return " ".join(text.split())
