"""The text of samples/README.md; its table comes from the catalogue."""

HEAD = """# Sample reports

Every report here is invented: names (`com.example.*`), UUIDs, addresses and times. What is real is the
shape: the order and wording of lines and keys as Apple's kernels and tools write them. All of them are
written by `make_reports.py`; a test makes them again and compares bytes, so change the program, never a
file. Next to each report stands what panicscan says about it (`.expected.json`, `.expected.txt`).

- `make/machines.py` – the machines: OS generation, load addresses, kexts. Slides and bases are
  consistent: a function has one place per machine, slid in the panic text, unslid in the stackshot.
- `make/arm_text.py`, `make/intel_text.py` – panic texts. `make/stackshot.py`, `make/crowd.py`,
  `make/stacks.py` – threads. `make/crash.py` – crash reports. `make/containers.py` – files and what happens to them on the way.
- `make/catalogue/` – the samples, a module for each area. A new one is a function there.

`joined/` holds folders whose files tell of one event: a panic, the driver extension's crash, the log and the
registry around it (`make/joined.py`). Beside the folder stands what panicscan makes of them together.

`dext/` is another kind of sample: a driver extension that makes the faults, with the recipe for each on
hardware; `driverkit_stand_in/` lets it compile without Apple's SDK. `lab/` writes what each of those faults
would leave, hundreds of incidents with known answers; `reports/refdext/` is a selection of them to read,
written by `./dev lab DIR --samples`, with the answer in each folder's `expected.json`
(`panicscan rules test --lab samples/reports/refdext`).

The column *first* names the rule that should be the first finding. `make_reports.py --expectations`
prints more: values and places of frames that a reader should get out of each report.

| report | what it shows | first | made as |
|---|---|---|---|
"""


def rule(sample):
    return sample.rule if sample.rule.startswith("(") else f"`{sample.rule}`"


def readme(samples):
    rows = [f"| `{s.path}` | {s.shows} | {rule(s)} | {s.made} |" for s in samples]
    return HEAD + "\n".join(rows) + "\n"
