#!/usr/bin/env python3
"""Checks what of samples/dext is not compiled here: the Xcode project, the property lists, the README."""

import pathlib
import plistlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEXT = ROOT / "samples" / "dext"
TOKEN = re.compile(r'\s+|//[^\n]*|/\*.*?\*/|("(?:[^"\\]|\\.)*")|([{}()=;,])|([\w./$<>-]+)', re.S)
problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)


def tokens(text):
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            sys.exit(f"FAILED: project.pbxproj is no property list at {text[at:at + 40]!r}")
        at = found.end()
        if found.lastindex:
            yield found[0]


def value(stream, token):
    """Reads an old-style property list; `token` is its first token."""
    if token == "{":
        result = {}
        while (key := next(stream)) != "}":
            assert next(stream) == "=", key
            name = key.strip('"')
            expect(name not in result, f"{name} stands twice")
            result[name] = value(stream, next(stream))
            assert next(stream) == ";", key
        return result
    if token == "(":
        result = []
        while (item := next(stream)) != ")":
            result.append(value(stream, item))
            assert next(stream) == ",", item
        return result
    assert token not in "})=;,", token
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def references(thing):
    if isinstance(thing, dict):
        for each in thing.values():
            yield from references(each)
    elif isinstance(thing, list):
        for each in thing:
            yield from references(each)
    elif re.fullmatch(r"[0-9A-F]{24}", thing):
        yield thing


def check_project():
    stream = tokens((DEXT / "refdext.xcodeproj" / "project.pbxproj").read_text())
    project = value(stream, next(stream))
    expect(next(stream, None) is None, "something follows the project")
    objects, root = project["objects"], project["rootObject"]
    expect(objects[root]["isa"] == "PBXProject", "the root object is no project")
    seen, wave = {root}, [root]
    while wave:
        for each in references(objects[wave.pop()]):
            expect(each in objects, f"{each} is referred to and not there")
            if each in objects and each not in seen:
                seen.add(each)
                wave.append(each)
    for key in objects.keys() - seen:
        problems.append(f"{objects[key]['isa']} {key} is not referred to")
    for each in objects.values():
        if each["isa"] == "PBXFileReference" and each["sourceTree"] == "SOURCE_ROOT":
            expect((DEXT / each["path"]).exists(), f"{each['path']} is in the project and not there")
    targets = {o["name"]: o for o in objects.values() if o["isa"] == "PBXNativeTarget"}
    phase = next(objects[p] for p in targets["refdext"]["buildPhases"] if objects[p]["isa"] == "PBXSourcesBuildPhase")
    compiled = {objects[objects[f]["fileRef"]]["path"] for f in phase["files"]}
    there = {str(p.relative_to(DEXT)) for p in (DEXT / "refdext").rglob("*") if p.suffix in (".cpp", ".iig")}
    expect(compiled == there, f"the target compiles {sorted(compiled ^ there)} too much or too little")
    for each in objects.values():
        for key in ("INFOPLIST_FILE", "CODE_SIGN_ENTITLEMENTS"):
            if path := each.get("buildSettings", {}).get(key):
                expect((DEXT / path).exists(), f"{key} {path} is not there")
    yml = (DEXT / "project.yml").read_text()
    for name, target in targets.items():
        expect(f"\n  {name}:\n" in yml, f"project.yml has no target {name}")
        kind = target["productType"].rsplit(".", 1)[-1]
        expect(f"\n  {name}:\n    type: {kind}\n" in yml, f"project.yml has another type for {name}")


def differences(right, wrong, path=()):
    for key in sorted(right.keys() | wrong.keys()):
        a, b = right.get(key), wrong.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            yield from differences(a, b, (*path, key))
        elif a != b:
            yield "/".join((*path[1:], key))


def check_plists():
    right = plistlib.loads((DEXT / "refdext" / "Info.plist").read_bytes())
    expect(right["CFBundlePackageType"] == "DEXT", "CFBundlePackageType is not DEXT")
    for name, each in right["IOKitPersonalities"].items():
        expect(each["CFBundleIdentifier"] == right["CFBundleIdentifier"], f"{name}: another bundle identifier")
    wanted = {
        "bad-ioclass": ["PSRefDext/CFBundleIdentifierKernel", "PSRefDext/IOClass"],
        "bad-iouserservice": ["PSRefSCSI/CFBundleIdentifierKernel", "PSRefSCSI/IOClass"],
        "bad-userclass": ["PSRefDext/IOUserClass"],
        "bad-provider": ["PSRefDext/IOProviderClass"],
        "bad-server": ["PSRefDext/IOUserServerName"],
    }
    for name, changed in wanted.items():
        wrong = plistlib.loads((DEXT / "variants" / f"Info-{name}.plist").read_bytes())
        found = list(differences(right, wrong))
        expect(found == changed, f"Info-{name}.plist differs in {found}, not in {changed}")
    pci = plistlib.loads((DEXT / "variants" / "Info-pci.plist").read_bytes())["IOKitPersonalities"]["PSRefPCI"]
    expect(pci["IOProviderClass"] == "IOPCIDevice" and pci["IOUserClass"] == "PSRefPCI", "Info-pci.plist matches something else")
    for path in sorted(DEXT.rglob("*.entitlements")):
        keys = plistlib.loads(path.read_bytes())
        expect(path.parent.name == "app" or keys.get("com.apple.developer.driverkit") is True, f"{path.name}: no driverkit")


def check_readme():
    """One row a fault: | F15 | K | …, with the letter and the name of the table."""
    table = re.findall(r'^\s*\{"(F\w+)", "([\w-]+)", Safety::(\w)', (DEXT / "refdext/Faults/FaultTable.cpp").read_text(), re.M)
    letter = {"l": "L", "d": "D", "m": "K", "s": "S"}
    rows = re.findall(r"^\| (F\w+) ([\w-]+) \| (\w) \|", (DEXT / "README.md").read_text(), re.M)
    expect(rows == [(i, n, letter[s]) for i, n, s in table], "README.md's list of faults is not the table's")
    for path in sorted((DEXT / "variants").iterdir()):
        expect(path.name in (DEXT / "README.md").read_text(), f"README.md does not say what is wrong in {path.name}")


def main():
    for script in ("make_project.py", "make_variants.py"):
        done = subprocess.run([sys.executable, DEXT / script, "--check"], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, done.stderr.strip())
    check_project()
    check_plists()
    check_readme()
    if problems:
        sys.exit("FAILED:\n" + "\n".join(problems))


if __name__ == "__main__":
    main()
