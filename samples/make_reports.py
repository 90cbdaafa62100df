#!/usr/bin/env python3
"""(Re)writes every sample report and the table of samples/README.md. Python standard library only.

    samples/make_reports.py                   writes samples/reports and samples/README.md
    samples/make_reports.py --output DIR      writes to DIR/reports and DIR/README.md instead
    samples/make_reports.py --check           writes nothing; exit 1 when a file would change
    samples/make_reports.py --expectations    prints what a reader should find in each sample (TSV)
"""

import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from make.catalogue import all_samples  # noqa: E402
from make.joined import joined           # noqa: E402
from make.readme import readme          # noqa: E402


def files():
    """{path below samples/: bytes} of everything that is made."""
    samples = all_samples()
    made = {f"reports/{sample.path}": sample.data for sample in samples}
    assert len(made) == len(samples), "two samples have one path"
    made |= joined(samples)
    made["README.md"] = readme(samples).encode()
    return made


def expectations():
    rows = ["path\tfirst rule\tcertainty\tvalues\tframes"]
    for sample in all_samples():
        values = json.dumps(sample.decoded, ensure_ascii=False)
        rows.append("\t".join([f"samples/reports/{sample.path}", sample.rule, sample.certainty, values,
                               "; ".join(sample.frames)]))
    return "\n".join(rows)


def main():
    arguments = argparse.ArgumentParser(description="write the sample reports")
    arguments.add_argument("--output", type=pathlib.Path, default=HERE)
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--expectations", action="store_true")
    options = arguments.parse_args()
    if options.expectations:
        print(expectations())
        return 0
    changed = []
    for path, data in files().items():
        target = options.output / path
        if target.is_file() and target.read_bytes() == data:
            continue
        changed.append(path)
        if not options.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    if options.check:
        for path in changed:
            print(f"samples/{path} is not what make_reports.py writes", file=sys.stderr)
        return 1 if changed else 0
    print(f"{len(changed)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
