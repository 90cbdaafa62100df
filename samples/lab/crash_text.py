"""Crash reports as text, as ReportCrash wrote them up to macOS 11.

Source of the layout: public crash reports; Apple, Examining the fields in a crash report.
"""

_HEAD = """Process:               {name} [{pid}]
Path:                  {path}
Identifier:            {name}
Version:               1.0 (1)
Code Type:             ARM-64 (Native)
Parent Process:        launchd [1]
User ID:               {user}

Date/Time:             {when}
OS Version:            {os}
Report Version:        12
Anonymous UUID:        {key}


Time Awake Since Boot: {awake} seconds

System Integrity Protection: disabled

Crashed Thread:        {crashed}{queue}

Exception Type:        {type} ({signal})
Exception Codes:       {codes}
Exception Note:        EXC_CORPSE_NOTIFY

Termination Signal:    {indicator}
Termination Reason:    Namespace {space}, Code 0x{code:x}
Terminating Process:   {by}
"""


def _frame(number, frame, images):
    image = images[frame["imageIndex"]]
    address = image["base"] + frame["imageOffset"]
    place = f"{frame['symbol']} + {frame['symbolLocation']}" if "symbol" in frame else f"0x{image['base']:x} + {frame['imageOffset']}"
    return f"{number:<3} {image['name']:<30}\t0x{address:016x} {place}"


def _registers(number, state):
    cells = [f"{f'x{n}':>5}: 0x{row['value']:016x}" for n, row in enumerate(state["x"])]
    cells += [f"{name:>5}: 0x{state[name]['value']:016x}" for name in ("fp", "lr", "sp", "pc")]
    cells.append(f" cpsr: 0x{state['cpsr']['value']:08x}")
    rows = [" ".join(cells[first:first + 4]) for first in range(0, len(cells), 4)]
    return [f"Thread {number} crashed with ARM Thread State (64-bit):", *rows,
            f"  far: 0x{state['far']['value']:016x}  esr: 0x{state['esr']['value']:08x} {state['esr']['description']}", ""]


def text(body, os):
    """The text of what would be the body of a JSON report."""
    exception, end, crashed = body["exception"], body["termination"], body["faultingThread"]
    threads, images = body["threads"], body["usedImages"]
    queue = threads[crashed].get("queue")
    lines = [_HEAD.format(
        name=body["procName"], pid=body["pid"], path=body["procPath"], user=body["userID"], when=body["captureTime"], os=os,
        key=body["crashReporterKey"], awake=body["uptime"], crashed=crashed, queue=f"  Dispatch queue: {queue}" if queue else "",
        type=exception["type"], signal=exception["signal"], codes=exception.get("subtype", exception["codes"]),
        indicator=end["indicator"], space=end["namespace"], code=end["code"], by=f"{end['byProc']} [{end['byPid']}]")]
    if region := body.get("vmRegionInfo"):
        lines += [f"VM Regions Near 0x{body['exception']['rawCodes'][1]:x}:", region.split("\n", 1)[1]]
    if notes := body.get("asi"):
        lines += ["Application Specific Information:", *(line.rstrip() for rows in notes.values() for line in rows), ""]
    if "message" in exception:
        lines += ["Application Specific Signatures:", exception["message"], ""]
    for number, thread in enumerate(threads):
        kind = " Crashed" if number == crashed else ""
        label = f":: Dispatch queue: {thread['queue']}" if "queue" in thread else ":"
        lines.append(f"Thread {number}{kind}{label}")
        lines += [_frame(row, frame, images) for row, frame in enumerate(thread["frames"])]
        lines.append("")
    lines += _registers(crashed, threads[crashed]["threadState"])
    lines.append("Binary Images:")
    for image in sorted(images, key=lambda row: row["base"]):
        third = "+" if image["name"] == body["procName"] else " "
        first, last = image["base"], image["base"] + image["size"] - 1
        version = "1.0 - 1" if third == "+" else "0"
        lines.append(f"{hex(first):>18} - {hex(last):>18} {third}{image['name']} ({version}) <{image['uuid'].upper()}> "
                     f"{image['path']}")
    return "\n".join(lines) + "\n"
