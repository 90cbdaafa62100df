#!/usr/bin/env python3
"""Writes refdext.xcodeproj/project.pbxproj from the files that are there.

use: make_project.py [--check]

The ids are hashes of what they name, so the same files give the same bytes.
"""

import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {".cpp": "sourcecode.cpp.cpp", ".h": "sourcecode.c.h", ".iig": "sourcecode.iig", ".swift": "sourcecode.swift",
         ".plist": "text.plist.xml", ".entitlements": "text.plist.entitlements"}
PRODUCTS = {
    "refdext": ("com.apple.product-type.driver-extension", "wrapper.driver-extension", "com.panicscan.refdext.dext"),
    "RefDextApp": ("com.apple.product-type.application", "wrapper.application", "RefDextApp.app"),
    "refdext-ctl": ("com.apple.product-type.tool", "compiled.mach-o.executable", "refdext-ctl"),
}
COMMON = {"CODE_SIGN_STYLE": "Automatic", "CLANG_CXX_LANGUAGE_STANDARD": "gnu++17", "CURRENT_PROJECT_VERSION": "1"}
SETTINGS = {
    "refdext": {
        "CODE_SIGN_ENTITLEMENTS": "refdext/refdext.entitlements", "DEBUG_INFORMATION_FORMAT": "dwarf-with-dsym",
        "DRIVERKIT_DEPLOYMENT_TARGET": "24.0", "HEADER_SEARCH_PATHS": ["$(SRCROOT)/refdext", "$(SRCROOT)/refdext/Faults"],
        "INFOPLIST_FILE": "refdext/Info.plist", "PRODUCT_BUNDLE_IDENTIFIER": "com.panicscan.refdext",
        "PRODUCT_NAME": "com.panicscan.refdext", "RUN_CLANG_STATIC_ANALYZER": "YES", "SDKROOT": "driverkit",
        "SKIP_INSTALL": "YES"},
    "RefDextApp": {
        "CODE_SIGN_ENTITLEMENTS": "app/RefDextApp.entitlements", "ENABLE_HARDENED_RUNTIME": "YES",
        "GENERATE_INFOPLIST_FILE": "YES", "MACOSX_DEPLOYMENT_TARGET": "15.0",
        "PRODUCT_BUNDLE_IDENTIFIER": "com.panicscan.refdext.app", "PRODUCT_NAME": "RefDextApp", "SDKROOT": "macosx",
        "SWIFT_VERSION": "5.0"},
    "refdext-ctl": {"MACOSX_DEPLOYMENT_TARGET": "15.0", "PRODUCT_NAME": "refdext-ctl", "SDKROOT": "macosx"},
}
FRAMEWORKS = {
    "refdext": [f"System/DriverKit/System/Library/Frameworks/{name}.framework"
                for name in ("DriverKit", "PCIDriverKit", "SCSIControllerDriverKit")],
    "RefDextApp": ["System/Library/Frameworks/SystemExtensions.framework"],
    "refdext-ctl": [f"System/Library/Frameworks/{name}.framework" for name in ("CoreFoundation", "IOKit")],
}


def identifier(*names):
    return hashlib.sha256("/".join(names).encode()).hexdigest()[:24].upper()


def text(value, depth=0):
    tabs = "\t" * (depth + 1)
    if isinstance(value, dict):
        return "{\n" + "".join(f"{tabs}{text(k)} = {text(v, depth + 1)};\n" for k, v in value.items()) + "\t" * depth + "}"
    if isinstance(value, list):
        return "(\n" + "".join(f"{tabs}{text(v, depth + 1)},\n" for v in value) + "\t" * depth + ")"
    value = str(value)
    plain = value and all(c.isascii() and (c.isalnum() or c in "_./") for c in value)
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Project:
    def __init__(self):
        self.objects = {}

    def add(self, isa, *names, **fields):
        key = identifier(isa, *names)
        self.objects[key] = {"isa": isa, **fields}
        return key

    def file(self, path):
        return self.add("PBXFileReference", path, lastKnownFileType=KINDS[pathlib.Path(path).suffix], path=path,
                        name=pathlib.Path(path).name, sourceTree="SOURCE_ROOT")

    def group(self, name, children):
        return self.add("PBXGroup", name, children=children, name=name, sourceTree="<group>")

    def configurations(self, owner, settings):
        lists = [self.add("XCBuildConfiguration", owner, name, name=name, buildSettings=dict(sorted(
            {**settings, **({"GCC_OPTIMIZATION_LEVEL": "0", "ONLY_ACTIVE_ARCH": "YES"} if name == "Debug" else {})}.items())))
                 for name in ("Debug", "Release")]
        return self.add("XCConfigurationList", owner, buildConfigurations=lists, defaultConfigurationIsVisible="0",
                        defaultConfigurationName="Release")

    def phase(self, isa, owner, files, **more):
        builds = [self.add("PBXBuildFile", owner, file, fileRef=file, **more.pop("settings", {})) for file in files]
        return self.add(isa, owner, buildActionMask="2147483647", files=builds, runOnlyForDeploymentPostprocessing="0", **more)


def sources():
    """Target -> files it compiles, relative to this folder."""
    def found(*patterns):
        return sorted(str(path.relative_to(HERE)) for pattern in patterns for path in HERE.glob(pattern))
    return {"refdext": found("refdext/*.cpp", "refdext/*.iig", "refdext/Faults/*.cpp"), "RefDextApp": found("app/*.swift"),
            "refdext-ctl": [*found("ctl/*.cpp"), "refdext/Faults/FaultTable.cpp"]}


def project():
    p = Project()
    compiled = sources()
    shown = sorted(str(path.relative_to(HERE)) for folder in ("refdext", "app", "ctl") for path in (HERE / folder).rglob("*")
                   if path.suffix in KINDS)
    files = {path: p.file(path) for path in shown}
    products = {name: p.add("PBXFileReference", "product", name, explicitFileType=kind, includeInIndex="0", path=path,
                            sourceTree="BUILT_PRODUCTS_DIR") for name, (_, kind, path) in PRODUCTS.items()}
    frameworks = {path: p.add("PBXFileReference", path, lastKnownFileType="wrapper.framework", path=path,
                              name=pathlib.Path(path).name, sourceTree="SDKROOT")
                  for path in sorted({f for each in FRAMEWORKS.values() for f in each})}
    root = identifier("PBXProject", "refdext")
    targets = {name: identifier("PBXNativeTarget", name) for name in PRODUCTS}
    for name, (product_type, _, _) in PRODUCTS.items():
        phases = [p.phase("PBXSourcesBuildPhase", name, [files[path] for path in compiled[name]]),
                  p.phase("PBXFrameworksBuildPhase", name, [frameworks[path] for path in FRAMEWORKS[name]])]
        dependencies = []
        if name == "RefDextApp":
            # The app carries the extension where the system looks for it.
            phases.append(p.phase("PBXCopyFilesBuildPhase", name, [products["refdext"]], dstPath="$(SYSTEM_EXTENSIONS_FOLDER_PATH)",
                                  dstSubfolderSpec="16", name="Embed System Extensions",
                                  settings={"settings": {"ATTRIBUTES": ["RemoveHeadersOnCopy"]}}))
            proxy = p.add("PBXContainerItemProxy", name, containerPortal=root, proxyType="1",
                          remoteGlobalIDString=targets["refdext"], remoteInfo="refdext")
            dependencies = [p.add("PBXTargetDependency", name, target=targets["refdext"], targetProxy=proxy)]
        p.add("PBXNativeTarget", name, buildConfigurationList=p.configurations(name, SETTINGS[name]), buildPhases=phases,
              buildRules=[], dependencies=dependencies, name=name, productName=name, productReference=products[name],
              productType=product_type)
    groups = [p.group(folder, [key for path, key in files.items() if path.startswith(folder + "/")])
              for folder in ("refdext", "app", "ctl")]
    groups += [p.group("Frameworks", list(frameworks.values())), p.group("Products", list(products.values()))]
    p.add("PBXProject", "refdext", attributes={"BuildIndependentTargetsInParallel": "1", "LastUpgradeCheck": "1620"},
          buildConfigurationList=p.configurations("project", COMMON), compatibilityVersion="Xcode 14.0",
          developmentRegion="en", hasScannedForEncodings="0", knownRegions=["en", "Base"], mainGroup=p.group("main", groups),
          productRefGroup=groups[-1], projectDirPath="", projectRoot="", targets=list(targets.values()))
    objects = dict(sorted(p.objects.items(), key=lambda item: (item[1]["isa"], item[0])))
    return "// !$*UTF8*$!\n" + text({"archiveVersion": "1", "classes": {}, "objectVersion": "56", "objects": objects,
                                     "rootObject": root}) + "\n"


def main():
    path = HERE / "refdext.xcodeproj" / "project.pbxproj"
    wanted = project()
    if "--check" in sys.argv:
        if not path.exists() or path.read_text() != wanted:
            sys.exit("project.pbxproj is not what make_project.py writes")
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(wanted)


if __name__ == "__main__":
    main()
