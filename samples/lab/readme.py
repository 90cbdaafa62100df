"""The table of README.md: fault, rule."""

import pathlib

README = pathlib.Path(__file__).resolve().parent / "README.md"


def table(faults):
    rows = ["| fault | name | rule |", "|---|---|---|"]
    return "\n".join(rows + [f"| {number} | {name} | {f'`{rule}`' if rule else '(nothing)'} |"
                             for number, (name, rule, _) in faults.items()])


def update(faults):
    text = README.read_text()
    README.write_text(text[:text.index("| fault |")] + table(faults) + "\n")
    return 0


def check(faults):
    """0 when README.md has the table."""
    if README.read_text().endswith(table(faults) + "\n"):
        return 0
    print(f"{README} should have:\n{table(faults)}")
    return 1
