"""Excerpts of the unified log as `log show` prints them, in its default and its compact style."""

from datetime import datetime, timedelta, timezone

from make.dice import Dice

LETTERS = {"Default": "Df", "Info": "I ", "Debug": "Db", "Error": "E ", "Fault": "F "}

# What is in every log, and means nothing here.
NOISE = [("powerd", 91, "", "[com.apple.powerd:assertions] Process WindowServer.380 Released UserIsActive"),
         ("kernel", 0, "AppleARMPlatform", "AppleARMIO: timer service ready"),
         ("kernel", 0, "Sandbox", "System Policy: mds(311) deny(1) file-read-data /private/var/db/example"),
         ("runningboardd", 160, "RunningBoard", "[com.apple.runningboard:process] Acquiring assertion for 501"),
         ("kernel", 0, "IOPCIFamily", "pci0:1:0:0: link up"),
         ("kernel", 0, "", "Driver com.example.driver.quiet has crashed 0 time(s)"),
         ("sysextd", 240, "", "[com.apple.sx:XPC] client activation request for com.example.other.filter"),
         ("kernelmanagerd", 145, "", "[com.apple.km:general] Received kernel request 3"),
         ("configd", 120, "", "[com.apple.SystemConfiguration:prefs] network changed")]


class Log:
    """Lines in the order they were logged; the clock goes on by itself."""

    def __init__(self, seed, start, style="default"):
        self.dice, self.style, self.rows = Dice("log", seed), style, []
        self.now = start * 1_000_000 + self.dice.below(1_000_000)

    def add(self, text, process="kernel", pid=0, sender="", level="Default", after=0.0):
        """One line, `after` seconds behind the line before it, and a little more."""
        self.now += int(after * 1e6) + 40 + self.dice.below(90_000)
        self.rows.append((self.now, 0x200 + self.dice.below(0x9000), process, pid, sender, level, text))
        return self

    def noise(self, count):
        for _ in range(count):
            process, pid, sender, text = self.dice.pick(NOISE)
            self.add(text, process, pid, sender)
        return self

    def _line(self, row):
        when, thread, process, pid, sender, level, text = row
        clock = datetime.fromtimestamp(when // 1_000_000, timezone(timedelta(hours=-7))).strftime("%Y-%m-%d %H:%M:%S")
        origin = f"({sender}) " if sender else ""
        if self.style == "compact":
            return f"{clock}.{when % 1_000_000 // 1000:03d} {LETTERS[level]} {process}[{pid}:{thread:x}] {origin}{text}"
        return (f"{clock}.{when % 1_000_000:06d}-0700 {f'0x{thread:x}':<10} {level:<11} {'0x0':<20} {pid:<6} "
                f"{0:<4} {process}: {origin}{text}")

    def text(self):
        head = "Timestamp               Ty Process[PID:TID]" if self.style == "compact" else \
            "Timestamp                       Thread     Type        Activity             PID    TTL  "
        return "\n".join([head, *(self._line(row) for row in self.rows)]) + "\n"
