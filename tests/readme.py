#!/usr/bin/env python3
"""Prints README.md with the output of every ```console block made again.

A block's lines that begin with `$ ./dev run` are run (by the program given); what follows each,
up to the next one or the end of the block, is replaced by what it prints. A line `…` at the end
of the old output cuts the new one at the same number of lines.
"""

import pathlib
import re
import shlex
import subprocess
import sys


def output_of(program, line, old):
    arguments = shlex.split(line.removeprefix("$ ./dev run "))
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).rstrip("\n").splitlines()
    if old and old[-1] == "…":
        lines = lines[: len(old) - 1] + ["…"]
    return lines


def renew(block, program):
    out, old, command = [], [], None
    for line in [*block, "$"]:
        if not line.startswith("$"):
            old.append(line)
            continue
        if command:
            out += [command, *(output_of(program, command, old) if command.startswith("$ ./dev run ") else old)]
        command, old = line, []
    return out


def main():
    program, readme = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")

    def replace(match):
        return "```console\n" + "\n".join(renew(match[1].splitlines(), program)) + "\n```"

    print(re.sub(r"```console\n(.*?)\n```", replace, readme, flags=re.S), end="")


if __name__ == "__main__":
    main()
