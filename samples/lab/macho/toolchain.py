"""Where LLVM is, and folders that are built only when something changed."""

import pathlib
import shutil
import sys

SKIP = 77  # the exit code that says: the tools are not installed
FOLDERS = [f"/usr/lib/llvm-{n}" for n in (19, 22, 21, 20)] + ["/opt/homebrew/opt/llvm", "/usr/local/opt/llvm"]


def find_llvm(wanted, tools):
    """The first folder that has every tool in its bin, the wanted one before others. None, and a
    word about it: there is no such folder."""
    for folder in [wanted, *FOLDERS] if wanted else FOLDERS:
        if all((pathlib.Path(folder) / "bin" / tool).exists() for tool in tools):
            return folder
    print(f"SKIPPED: no folder /usr/lib/llvm-NN has all of {', '.join(tools)}")
    return None


def build_once(out, current, build):
    """Calls `build` with `out` emptied, unless `out` was built from the same input: `current` is a
    digest of all that the output depends on."""
    stamp = out / "stamp"
    if stamp.exists() and stamp.read_text() == current:
        return
    if out.exists() and any(out.iterdir()) and not stamp.exists():
        sys.exit(f"{out} is not empty, and not of my making")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    stamp.write_text("unfinished")
    build(out)
    stamp.write_text(current)
