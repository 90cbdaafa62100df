"""Ordinary panics in containers that are cut, broken or unusual."""

from .. import crowd, machines, stacks
from ..arm_text import ArmPanic, Times
from ..containers import body, header, ips
from ..dice import Dice
from ..sample import Sample, frames_of
from ..stackshot import WAITING, Process, Stackshot, Thread, compact
from .dext import _message, panicking_thread

BOM = b"\xef\xbb\xbf"


def _power(name, seconds=120, **more):
    """A short power-up panic: the same story in every odd container."""
    machine = machines.mac26(name)
    panic = ArmPanic(machine, _message(machine, "0 -> 2", 20933, 5609), stacks.PM_TIMER, tid=140,
                     times=Times(0x69240000, seconds), cpu=1, zone_info=False, other_cpus=False, **more)
    return machine, panic


def _sample(name, data, shows, decoded, panic, rule="dext/setpowerstate-timeout", certainty="confirmed"):
    return Sample(f"container/{name}", data if isinstance(data, bytes) else data.encode(), shows, rule,
                  certainty, "the power-up panic in an odd container", decoded,
                  frames_of(panic, 1) if panic else [])


def _crlf():
    machine, panic = _power("crlf")
    text = ips(machine, panic.times.panicked + 9, panic.text()).replace("\n", "\r\n")
    return _sample("crlf-and-bom.ips", BOM + text.encode(), "byte order mark and CRLF line ends", {}, panic)


def _truncated():
    machine, panic = _power("cut")
    dice = Dice("cut threads")
    shot = Stackshot(machine, [crowd.small_kernel_task([])] + crowd.small_crowd(dice))
    text = ips(machine, panic.times.panicked + 9, panic.text(), stackshot=shot)
    cut = text.index('"binaryImages"') - 1900
    return _sample("truncated-in-stackshot.ips", text[:cut], "the file ends inside a thread of the stackshot",
                   {"truncated": True, "certainty": "must not be lowered by absent threads"}, panic)


def _broken():
    machine = machines.mac26("unquoted")
    message = (f'"dart-apciec1 (0x{machine.heap("dart registers"):x}): DART DART exception SID 3 ERROR_STATUS '
               '0x80300001 ERROR_ADDRESS 0x00000000801c4000 (no exceptionInfo)" @AppleT8110DART.cpp:2140')
    panic = ArmPanic(machine, message, ["com.apple.driver.AppleT8110DART`AppleT8110DART::handleException()",
                                        "IOWorkLoop::threadMain()", "call_continuation"], tid=140,
                     times=Times(0x69240000, 120), cpu=1, zone_info=False, other_cpus=False)
    text = ips(machine, panic.times.panicked + 9, panic.text())
    # The escapes before quotes are lost, as on a forum: no longer JSON, but still readable.
    return _sample("unescaped-quotes.ips", text.replace('\\"', '"'),
                   "the body is not JSON any more: quotes inside the text lost their escapes",
                   {"integrity": "damaged or repaired", "dart": "dart-apciec1", "sid": 3,
                    "status": "0x80300001: stream 3, NO_TTBR"}, panic,
                   "dext/dart-sid-no-translation-table")


def _invalid():
    machine, panic = _power("damaged")
    text = ips(machine, panic.times.panicked + 9, panic.text())
    text = text.replace('"product" : "Mac16,1"', '"product" : Mac16,1')
    return _sample("invalid-json-salvaged.ips", text,
                   "one value without quotes makes the body invalid; the panic text can be saved",
                   {"integrity": "damaged or repaired", "service": "ExampleSCSIDriver"}, panic)


def _body_only():
    machine, panic = _power("headless")
    return _sample("body-only.json", body(machine, panic.times.panicked + 9, panic.text()),
                   "only the second part: somebody removed the first line", {}, panic)


def _single_line():
    machine, panic = _power("one-line")
    written = panic.times.panicked + 9
    rows = {"build": machine.os, "product": machine.product, "kernel": machine.kernel,
            "incident": machine.incident, "panicString": panic.text(), "panicFlags": "0x2",
            "date": "2025-11-24 07:21:13.63 +0000"}
    return _sample("single-line-body.ips", header(machine, written) + "\n" + compact(rows),
                   "the body is one line", {}, panic)


def _back_to_back():
    machine, panic = _power("glued")
    rows = {"build": machine.os, "product": machine.product, "panicString": panic.text()}
    return _sample("header-and-body-glued.ips", header(machine, panic.times.panicked + 9) + compact(rows) + "\n",
                   "both parts on one line, }{", {}, panic)


def _pretty_header():
    machine, panic = _power("pretty")
    written = panic.times.panicked + 9
    head = header(machine, written).replace(",", ",\n  ").replace("{", "{\n  ", 1)
    head = head.replace("}", "\n}").replace('"bug_type":"210"', '"bug_type": 210')
    return _sample("pretty-header.ips", head + "\n" + body(machine, written, panic.text()),
                   "the first part is spread over lines, bug_type is a number", {}, panic)


def _stackshot_only():
    machine = machines.mac26("m4-stackshot")
    dice = Dice("m4-stackshot threads")
    lock = dice.object_id()
    one = Thread(2101, user=["libsystem_kernel`__psynch_mutexwait",
                             "libsystem_pthread`_pthread_mutex_firstfit_lock_slow", "main`UpdateIndex",
                             "libsystem_pthread`_pthread_start", "libsystem_pthread`thread_start"],
                 waits=f"pthread mutex 0x{lock:x} owned by thread 2102")
    two = Thread(2102, user=["libsystem_kernel`__ulock_wait", "libdispatch`_dispatch_sync_f_slow", "main`Flush",
                             "libsystem_pthread`_pthread_start", "libsystem_pthread`thread_start"],
                 waits="unknown type 18 (owner 2103, context 0)")
    three = Thread(2103, kernel=stacks.BLOCKED + ["msleep", "nfs_request_wait"], state=WAITING,
                   user=["libsystem_kernel`open", "main`OpenLog", "main`main", "dyld`start"],
                   flags=["kThreadMain"])
    processes = [crowd.small_kernel_task([])] + crowd.small_crowd(dice)
    processes.append(Process(615, "ExampleEditor", [three, one, two]))
    shot = Stackshot(machine, processes)
    text = ips(machine, 0x69250000, None, stackshot=shot, head={"bug_type": "288"},
               more={"bug_type": "288", "reason": "sysdiagnose stackshot", "frontmostPids": [615],
                     "absoluteTime": 402_118_553_201})
    return Sample("container/stackshot-only-288.ips", text.encode(),
                  "a stackshot without panic: a chain of waits, one edge told only by number",
                  "(none)", "-", f".ips in two parts, {shot.thread_count()} threads",
                  {"kind": "stackshot", "chain": "2101 -> 2102 (mutex) -> 2103 (type 18 = sleep with inheritor)"})


def _dialect_k():
    """As xnu's own reader prints stackshots: keys are unique ids, no 0x, turnstiles in brackets."""
    machine = machines.mac15("m2-reader")
    text = header(machine, 0x68410000, bug_type="288") + """
{
  "build" : "%s", "product" : "%s", "kernel" : "%s",
  "reason" : "kernel panic stackshot", "notes" : "",
  "binaryImages" : [["%s",%d,"T"],["00000000-0000-0000-0000-000000000000",0,"A"]],
  "processByPid" : {
    "10001" : {"pid":0,"procname":"kernel_task","threadById":{
      "120":{"id":120,"state":["TH_WAIT","TH_UNINT"],"kernelFrames":[[0,119348],[0,4096]],"waitEvent":[1,11068046444225730969]}},
      "waitInfo":["thread 120: kernel mutex 9f31c0d4e5a6b7c8with unknown owner [turnstile with unknown inheritor]"]},
    "10044" : {"pid":612,"procname":"ExampleEditor","threadById":{
      "2101":{"id":2101,"state":["TH_WAIT"],"userFrames":[[1,4370088000]]},
      "2102":{"id":2102,"state":["TH_WAIT"],"userFrames":[[1,4370089024]]},
      "2103":{"id":2103,"state":["TH_WAIT"],"userFrames":[[1,4370090048]]}},
      "waitInfo":["thread 2101: pthread mutex 600000a4c080 owned by thread 2102 [blocked on: 2102, hops: 0, priority: 31]",
                  "thread 2102: mach_msg receive on REPLY port 8c44d1f0a7b2e913 [turnstile blocked on task pid 377, hops: 1, priority: 31]",
                  "thread 2103: spin lock 600000a4c0f0 [no turnstile]"]}
  }
}
""" % (machine.os, machine.product, machine.kernel.replace("/", "\\/"), machine.kernel_uuid.lower(),
       machine.te_base - machine.slide)
    return Sample("container/stackshot-dialect-k.ips", text.encode(),
                  "wait texts as xnu's own reader prints them; the inner pid counts, not the key",
                  "(none)", "-", ".ips in two parts, written out by hand",
                  {"processes": "pid 0 and 612", "edges": "2101 -> 2102 (mutex), 2102 -> pid 377 (reply), "
                   "120: owner unknown, 2103: nobody"})


def _unknown_type():
    machine = machines.mac15("m2-generic")
    head = header(machine, 0x68400000, bug_type="777", name="example_counter")
    text = head + '\n{\n  "build" : "macOS 15.5 (24F74)",\n  "events" : [{"count":3,"kind":"example"}],\n' \
                  '  "total" : 18446744073709551615,\n  "note" : "nothing here is a panic"\n}\n'
    return Sample("container/unknown-bug-type.ips", text.encode(),
                  "a report of a kind nobody knows: its fields are kept", "(none)", "-",
                  ".ips in two parts, written out by hand",
                  {"kind": "other", "fields": "events, total = 18446744073709551615, note"})


def _escapes():
    """The name of a process may hold anything: it must not reach a terminal or a page as it is."""
    machine = machines.mac15("m2-hostile")
    name = "\x1b]0;owned\x07\x1b[31m<script>alert(1)</script>"
    panic = ArmPanic(machine, "example_audit: record of <img src=x onerror=alert(2)> is too long\x1b[2J "
                     "@example_audit.c:90", ["example_audit", "unix_syscall", "handle_svc", "sleh_synchronous",
                                             "fleh_synchronous"],
                     times=Times(0x68370000, 300), cpu=0, tid=3110, task=(902, name[:32], 2))
    dice = Dice("m2-hostile threads")
    processes = [crowd.small_kernel_task([])] + crowd.small_crowd(dice, ("launchd",))
    hostile = panicking_thread(panic, 3110, name="\u202etxt.exe\u202c", queue="com.example.\x9b31m.queue")
    hostile.user = ["libsystem_kernel`audit_session_self", "main`main"]
    processes.append(Process(902, name, [crowd.main_thread(3109, dice), hostile]))
    shot = Stackshot(machine, processes)
    return Sample("container/hostile-names.ips",
                  ips(machine, panic.times.panicked + 12, panic.text(), stackshot=shot).encode(),
                  "terminal escapes, markup and direction marks in names and messages",
                  "panic/unclassified", "possible", f".ips in two parts, {shot.thread_count()} threads",
                  {"must not": "raw ESC (0x1b), 0x9b or BEL in text output; raw < in HTML"}, frames_of(panic, 1))


def samples():
    return [_crlf(), _truncated(), _broken(), _invalid(), _body_only(), _single_line(), _back_to_back(),
            _pretty_header(), _stackshot_only(), _dialect_k(), _unknown_type(), _escapes()]
