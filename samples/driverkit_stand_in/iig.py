#!/usr/bin/env python3
"""Does from .iig files what Apple's iig does: headers, class tables, dispatch.

use: iig.py --out DIR [-I DIR]… [-D NAME]… FILE.iig…

Writes DIR/FILE.h and DIR/FILE.iig.cpp of each file, and the headers of all .iig files of the stand-in
(DIR/DriverKit/IOService.h, …). README.md says what is known about the original and
what is not.
"""

import argparse
import pathlib
import sys

import iig_header
import iig_parser
import iig_source

HERE = pathlib.Path(__file__).resolve().parent


def framework_files():
    return sorted(str(path.relative_to(HERE)) for path in HERE.glob("*/*.iig"))


def generate(files, out, folders=(), defined=()):
    """Returns the .iig.cpp files written, in the order of `files`. Errors: IigError."""
    files = [pathlib.Path(file) for file in files]
    program = iig_parser.Program([*folders, *dict.fromkeys(file.parent for file in files), HERE], defined)
    for name in [*(file.name for file in files), *framework_files()]:
        program.load(name)
    out = pathlib.Path(out)
    for unit in program.units.values():
        path = out / (unit.name.removesuffix(".iig") + ".h")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(iig_header.header(program, unit))
    sources = []
    for file in files:
        sources.append(out / f"{file.name}.cpp")
        sources[-1].write_text(iig_source.source(program, program.units[file.name]))
    return sources


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE.iig")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("-I", action="append", default=[], dest="folders")
    parser.add_argument("-D", action="append", default=[], dest="defined")
    options = parser.parse_args()
    try:
        generate(options.files, options.out, options.folders, options.defined)
    except (iig_parser.IigError, ValueError) as error:
        sys.exit(f"iig.py: {error}")


if __name__ == "__main__":
    main()
