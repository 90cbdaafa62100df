#!/usr/bin/env python3
"""Builds a kernel whose dSYM has the size of a Kernel Debug Kit's, to measure with.

use: make_kdk.py OUT [--llvm /usr/lib/llvm-19] [--units 2400] [--jobs N]

2,400 C++ units of very different sizes, each with classes and template instances of its own
(kdk/kit.h and the pieces below), compiled for arm64-apple-macos with -O2 -g: more than 300 MB of
DWARF, some ten inlined calls for every function. To save time each object file is used four times,
under other names. Writes OUT/kernel, OUT/kernel.dSYM and OUT/kdk.json (UUID, code, sizes). Takes
some minutes, once: does nothing when OUT is up to date. Two runs give the same bytes. Exit code 77:
the tools are not installed.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "samples/lab/macho"))
import build  # noqa: E402
import macho  # noqa: E402

KIT = HERE / "kdk"
TARGET = "arm64-apple-macos14"
COPIES = 4
SKIP = 77

UNIT = """#include "kit.h"

namespace {name} {{
{records}
class {klass} : public kit::Object {{
 public:
{declarations}
 private:
{members}  u64 base_ = 0, lock_ = 0, total_ = 0;
}};

{methods}}}  // namespace {name}

extern "C" u64 {name}_run({name}::{klass}* driver, u64 value) {{
{calls}  return value;
}}
"""

RECORD = """
struct {record} {{
  u64 address = {number};
  u32 length = 0, flags = {flags};
  {record}* next = nullptr;
  INLINE u64 id() const {{ return address >> {shift}; }}
  INLINE u64 end() const {{ return address + length; }}
  INLINE bool is_busy() const {{ return (flags & {flags}) != 0; }}
  INLINE bool operator==(const {record}& other) const {{ return id() == other.id(); }}
}};
"""

MEMBERS = """  kit::Array<{record}> {list}_;
  kit::Map<{record}, u64, {slots}> {map}_;
  kit::Retained<{klass}> {link}_;
"""

# What methods of drivers consist of. {r}: a record; {l}, {m}, {k}: list, map and link of it; {a}, {b}, {c}, {w}: numbers.
PIECES = (
    """    const kit::Guard guard(lock_);
    {r} item;
    item.address = value;
    item.length = {a};
    if (!{m}_.contains(item)) {l}_.push(item);
    {m}_.set(item, {m}_.find(item).value_or({b}) + 1);
    value += {m}_.find(item).value();
""",
    """    value += kit::from({l}_).where([](const {r}& i) {{ return i.is_busy(); }})
                 .select([](const {r}& i) {{ return i.length; }}).sum();
    value ^= kit::from({l}_).where([&](const {r}& i) {{ return i.end() > value; }})
                 .where([](const {r}& i) {{ return i.flags != {a}; }})
                 .select([](const {r}& i) {{ return i.end(); }})
                 .select([](u64 i) {{ return i >> {c}; }}).largest();
""",
    """    using Ready = kit::Field<{b}, {c}, 1>;
    using Level = kit::Field<{b} + 8, {c}, {w}>;
    using Doorbell = kit::Field<{b} + 16, 0, 32>;
    if (Ready::wait(base_, 1, {a})) {{
      Level::write(base_, value);
      Doorbell::write(base_, Level::read(base_) + {a});
      value = Level::read(base_);
    }} else {{
      kit::Writer<64> text;
      text << "not ready: " << Level::read(base_) << " at " << value;
      text.flush(value);
    }}
""",
    """    kit::sort({l}_.begin(), {l}_.end(), [](const {r}& x, const {r}& y) {{ return x.id() < y.id(); }});
    while (!{l}_.is_empty() && {l}_.back().is_busy()) {{
      total_ += {l}_.back().end();
      {l}_.pop();
    }}
    value += total_;
""",
    """    const kit::Retained<{klass}> next({k}_);
    if (next && value % {a} == {c}) {{
      const kit::Guard guard(next->lock_);
      next->total_ += value;
      value = next->step0(value - 1, rounds);
    }}
""",
    """    for (u32 i = 0; i < rounds && i < {l}_.size(); ++i) {{
      if ({l}_[i].is_busy()) value += {l}_[i].end();
      else {l}_[i].flags |= {b};
    }}
""",
    """    {m}_.each([&](const {r}& key, u64 count) {{
      if (key.is_busy() && count > {a}) value += key.end() * count;
      else if (key.length > {b}) {l}_.push(key);
    }});
    if ({l}_.size() > {a}) {l}_.clear();
""",
    """    kit::Writer<128> text;
    for (const {r}& item : {l}_) {{
      if (!item.is_busy()) continue;
      text << "{r}: " << item.address << " length " << item.length;
      text.flush(item.id());
    }}
    total_ = total_ * {a} + rounds;
""",
)


class Numbers:
    """A linear congruential generator: the same numbers with every version of Python."""

    def __init__(self, seed):
        self.state = seed * 0x9E3779B97F4A7C15 % 2**64

    def below(self, limit):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def marker(number, copy):
    """What stands in every name of a unit's own; the same length for all."""
    return f"Q{copy}{number:03}"


def unit(number):
    """The text of one unit. One in forty is ten times as long as most."""
    numbers = Numbers(number + 1)
    mark = marker(number, 0)
    klass, steps = f"Driver{mark}", 5 + numbers.below(12)
    if number % 40 == 7:
        steps *= 10
    kinds = max(1, steps // 4)
    records, members, declarations, methods, calls = [], [], [], [], []
    for kind in range(kinds):
        names = {"record": f"Record{mark}_{kind}", "list": f"list{kind}", "map": f"map{kind}", "link": f"link{kind}"}
        records.append(RECORD.format(number=numbers.below(1 << 20), flags=1 << numbers.below(16),
                                     shift=2 + numbers.below(12), **names))
        members.append(MEMBERS.format(slots=16 << numbers.below(4), klass=klass, **names))
    for step in range(steps):
        text = ""
        for _ in range(2 + numbers.below(4)):
            kind = numbers.below(kinds)
            piece = PIECES[numbers.below(len(PIECES))]
            text += "  {\n" + piece.format(
                klass=klass, r=f"Record{mark}_{kind}", l=f"list{kind}", m=f"map{kind}", k=f"link{kind}",
                a=3 + numbers.below(60), b=8 * numbers.below(512), c=numbers.below(20),
                w=2 + numbers.below(16)) + "  }\n"
        declarations.append(f"  u64 step{step}(u64 value, u32 rounds);\n")
        methods.append(f"NOINLINE u64 {klass}::step{step}(u64 value, u32 rounds) {{\n{text}  return value;\n}}\n\n")
        calls.append(f"  value = driver->step{step}(value, {1 + numbers.below(9)});\n")
    return UNIT.format(name=f"unit_{mark}", klass=klass, records="".join(records), members="".join(members),
                       declarations="".join(declarations), methods="".join(methods), calls="".join(calls))


KERNEL = """#include "kit.h"

volatile u64 kit_lock_word;
kit::Object::~Object() = default;
void kit::Object::retire() { kit_log("retired", 0); }
void operator delete(void* memory) noexcept { kit_free(memory, 0); }
void* kit_allocate(u64 bytes) { return reinterpret_cast<void*>(kit_lock_word + bytes); }
void kit_free(void* memory, u64 bytes) { kit_lock_word = reinterpret_cast<u64>(memory) - bytes; }
void kit_log(const char* text, u64 value) { kit_lock_word = value + static_cast<u64>(*text); }
void kit_panic(const char* text, u64 value) {
  while (true) kit_log(text, value);
}
u64 kit_register_read(u64 address) { return *reinterpret_cast<volatile u64*>(address); }
void kit_register_write(u64 address, u64 value) { *reinterpret_cast<volatile u64*>(address) = value; }
extern "C" void start() { kit_log("start", 0); }
"""


def compile_unit(lab, number):
    """The object files of a unit and of its copies, which differ in every name of its own."""
    mark = marker(number, 0)
    source = lab.out / "sources" / f"unit_{mark}.cpp"
    source.write_text(unit(number))
    objects = [lab.compile(source, TARGET, "kdk")]
    data = objects[0].read_bytes()
    for copy in range(1, COPIES):
        other = marker(number, copy)
        objects.append(objects[0].with_name(objects[0].name.replace(mark, other)))
        objects[-1].write_bytes(data.replace(mark.encode(), other.encode()))
    return objects


def compile_all(lab, units, jobs):
    """The object files, in order."""
    sources = lab.out / "sources"
    sources.mkdir()
    lab.maps = [f"-ffile-prefix-map={sources}=/kdk", f"-ffile-prefix-map={KIT}=/kdk/kit", "-ffile-prefix-map="
                f"{lab.out}=/build", "-fdebug-compilation-dir=/build", f"-I{KIT}"]
    start = sources / "start.cpp"
    start.write_text(KERNEL)
    objects, done = [lab.compile(start, TARGET, "kdk")], 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for made in pool.map(lambda number: compile_unit(lab, number), range(units // COPIES)):
            objects += made
            done += 1
            if done % 50 == 0:
                print(f"make_kdk: {done} of {units // COPIES} sources compiled", file=sys.stderr, flush=True)
    return objects


def build_kernel(lab, units, jobs):
    objects = compile_all(lab, units, jobs)
    listed = lab.out / "objects.txt"
    listed.write_text("".join(f"{path}\n" for path in objects))
    lab.link("kernel", "arm64", ("macos", "14.0", "14.0"), [], "-filelist", listed, "-no_fixup_chains",
             "-no_adhoc_codesign", "-pagezero_size", f"-{(1 << 64) - build.KERNEL_BASE:x}", "-e", "_start",
             "-rename_section", "__TEXT", "__text", "__TEXT_EXEC", "__text", "-segprot", "__TEXT_EXEC", "rx", "rx")
    dwarf = lab.dsym("kernel")
    macho.edit(lab.out / "kernel", lambda image: (image.drop_segment("__PAGEZERO"),
                                                  image.drop(macho.LC_MAIN, macho.LC_LOAD_DYLINKER)))
    header = macho.read(dwarf)
    sizes = {name: size for segment, name, size in header.sections() if segment == "__DWARF"}
    (lab.out / "kdk.json").write_text(json.dumps(
        {"dsym": str(dwarf.relative_to(lab.out)), "uuid": str(header.uuid).upper(), "code": header.code(),
         "compiler": lab.version(), "units": len(objects), "dwarf_bytes": sum(sizes.values()), "sections": sizes}, indent=1) + "\n")
    for folder in (lab.objects, lab.out / "sources"):
        shutil.rmtree(folder)


def fingerprint(units):
    digest = hashlib.sha256(f"{units}".encode())
    for path in sorted([pathlib.Path(__file__), *KIT.iterdir(), pathlib.Path(macho.__file__)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--llvm", help="folder that has bin/clang, bin/ld64.lld, …")
    parser.add_argument("--units", type=int, default=2400)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    llvm = build.find_llvm(options.llvm, build.TOOLS)
    if llvm is None:
        return SKIP
    out = options.out.resolve()
    stamp, current = out / "stamp", fingerprint(options.units)
    if stamp.exists() and stamp.read_text() == current:
        return 0
    if out.exists() and any(out.iterdir()) and not stamp.exists():
        sys.exit(f"{out} is not empty, and not of my making")
    shutil.rmtree(out, ignore_errors=True)
    lab = build.Lab(out, llvm)
    lab.objects.mkdir(parents=True)
    stamp.write_text("unfinished")
    build_kernel(lab, options.units, options.jobs)
    stamp.write_text(current)
    return 0


if __name__ == "__main__":
    sys.exit(main())
