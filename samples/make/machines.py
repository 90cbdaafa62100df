"""The invented machines the samples come from, one for each generation of Apple's kernels."""

from . import kexts
from .machine import Arm, Intel

PCI = ["com.apple.iokit.IOPCIFamily", "com.apple.iokit.IOReportFamily"]
ARM_DEPENDENCIES = {
    "com.apple.driver.AppleARMWatchdogTimer": ["com.apple.driver.AppleARMPlatform"],
    "com.apple.driver.AppleT8110DART": ["com.apple.driver.AppleARMPlatform"],
    "com.apple.driver.AppleT6000PCIeC": PCI,
    "com.apple.driver.AppleM68Buttons": ["com.apple.driver.AppleARMPlatform",
                                         "com.apple.iokit.IOHIDFamily"],
    "com.apple.driver.AppleSEPKeyStore": ["com.apple.driver.AppleSEPManager",
                                          "com.apple.kec.corecrypto"],
    "com.apple.driver.RTBuddy": ["com.apple.driver.AppleARMPlatform"],
    "com.example.driver.FrameGrabber": PCI,
    "com.example.filter.NetGuard": ["com.apple.kec.corecrypto"],
}
INTEL_DEPENDENCIES = {
    "com.apple.iokit.IOUSBHostFamily": ["com.apple.iokit.IOPCIFamily"],
    "com.example.driver.CardReader": ["com.apple.iokit.IOPCIFamily",
                                      "com.apple.iokit.IOStorageFamily"],
    "com.example.driver.VirtualNIC": ["com.apple.kec.corecrypto"],
    "com.example.fs.RemoteVolume": ["com.apple.kec.pthread"],
}


def _arm(name, os, build, darwin, when, xnu, soc, product, iboot, **facts):
    kernel = (f"Darwin Kernel Version {darwin}: {when}; "
              f"root:xnu-{xnu}/RELEASE_ARM64_T{soc}")
    facts.setdefault("kexts", kexts.MACOS)
    facts.setdefault("dependencies", ARM_DEPENDENCIES)
    facts.setdefault("last_started", "com.apple.filesystems.autofs")
    facts.setdefault("clusters", ["EACC0"] * 4 + ["PACC1"] * 4)
    facts.setdefault("memory_id", 6)
    facts.setdefault("is_mac", os.startswith("macOS"))
    return Arm(name, os=f"{os} ({build})", build=build, darwin=int(darwin.split(".")[0]),
               kernel=kernel, soc=soc, product=product, iboot=f"iBoot-{iboot}", **facts)


def mac26(name, **facts):
    """macOS 26 on an M4."""
    return _arm(name, "macOS 26.1", "25B78", "25.1.0", "Mon Oct 20 19:34:05 PDT 2025",
                "12377.41.6~2", "8132", "Mac16,1", "13822.42.2", has_sptm=True, **facts)


def mac15(name, **facts):
    """macOS 15 on an M2."""
    return _arm(name, "macOS 15.5", "24F74", "24.5.0", "Tue Apr 22 19:54:49 PDT 2025",
                "11417.121.6~2", "8112", "Mac14,2", "11881.121.1", has_sptm=True, **facts)


def mac14(name, **facts):
    """macOS 14 on an M1 Pro."""
    return _arm(name, "macOS 14.4", "23E214", "23.4.0", "Wed Feb 21 21:44:43 PST 2024",
                "10063.101.15~2", "6000", "MacBookPro18,1", "10151.101.3",
                clusters=["EACC0"] * 2 + ["PACC1"] * 4 + ["PACC2"] * 4, **facts)


def mac13(name, **facts):
    """macOS 13 on an M1."""
    return _arm(name, "macOS 13.2", "22D49", "22.3.0", "Mon Jan 30 20:39:35 PST 2023",
                "8792.81.3~2", "8103", "MacBookAir10,1", "8419.80.7", **facts)


def mac12(name, **facts):
    """macOS 12 on an M1."""
    return _arm(name, "macOS 12.2", "21D49", "21.3.0", "Wed Jan  5 21:37:58 PST 2022",
                "8019.80.24~20", "8101", "iMac21,1", "7429.81.3", **facts)


def mac11(name, **facts):
    """macOS 11 on an M1: its panics print no slide."""
    return _arm(name, "macOS 11.4", "20F71", "20.5.0", "Sat May  8 05:10:31 PDT 2021",
                "7195.121.3~9", "8101", "MacBookPro17,1", "6723.120.36", **facts)


def phone26(name, **facts):
    """iOS 26 on an iPhone with memory tagging."""
    return _arm(name, "iPhone OS 26.2", "23C55", "25.2.0", "Tue Nov 18 21:09:41 PST 2025",
                "12377.61.12~1", "8150", "iPhone18,2", "13822.62.5", kexts=kexts.IOS, has_sptm=True,
                has_mte=True, exclaves=True, memory_id=1,
                last_started="com.apple.driver.AppleUSBDeviceMux",
                clusters=["EACC0"] * 4 + ["PACC1"] * 2, **facts)


def phone17(name, **facts):
    """iOS 17 on an iPhone of the generation with 38-bit kernel addresses."""
    return _arm(name, "iPhone OS 17.5.1", "21F90", "23.5.0", "Mon Apr 29 18:02:16 PDT 2024",
                "10063.122.3~3", "8030", "iPhone12,5", "10151.122.1", kexts=kexts.IOS,
                link_base=0xFFFFFFF007004000, kernel_size=0x7F8000,
                last_started="com.apple.driver.AppleUSBDeviceMux",
                clusters=["EACC0"] * 4 + ["PACC1"] * 2, **facts)


def phone14(name, **facts):
    """iOS 14, before the kernel was part of a fileset: one slide moves everything."""
    return _arm(name, "iPhone OS 14.6", "18F72", "20.5.0", "Sat May  8 02:21:43 PDT 2021",
                "7195.122.1~4", "8015", "iPhone10,3", "6723.120.36", kexts=kexts.IOS,
                link_base=0xFFFFFFF007004000, kernel_size=0x6F0000, is_fileset=False, has_pac=False,
                last_started="com.apple.driver.AppleUSBDeviceMux", memory_id=1,
                clusters=["EACC0"] * 4 + ["PACC1"] * 2, **facts)


def _intel(name, os, build, darwin, when, xnu, product, board, **facts):
    facts.setdefault("kexts", kexts.INTEL)
    facts.setdefault("dependencies", INTEL_DEPENDENCIES)
    facts.setdefault("last_started", "com.apple.filesystems.autofs")
    return Intel(name, os=f"{os} ({build})", build=build, darwin=int(darwin.split(".")[0]),
                 kernel=f"Darwin Kernel Version {darwin}: {when}; "
                        f"root:xnu-{xnu}/RELEASE_X86_64",
                 product=product, board=board, **facts)


def intel_10_14(name, **facts):
    return _intel(name, "Mac OS X 10.14.6", "18G103", "18.7.0", "Tue Aug 20 16:57:14 PDT 2019",
                  "4903.271.2~2", "MacBookPro14,1", "Mac-B4831CEBD52A0C4C", **facts)


def intel_10_15(name, **facts):
    return _intel(name, "Mac OS X 10.15.7", "19H2", "19.6.0", "Mon Aug 31 22:12:52 PDT 2020",
                  "6153.141.2~1", "MacBookPro16,1", "Mac-E1008331FDC96864", **facts)


def intel_11(name, **facts):
    return _intel(name, "macOS 11.4", "20F71", "20.5.0", "Sat May  8 05:10:33 PDT 2021",
                  "7195.121.3~9", "iMac20,1", "Mac-CFF7D910A743CAAF", is_fileset=True, **facts)


def intel_14(name, **facts):
    return _intel(name, "macOS 14.4", "23E214", "23.4.0", "Fri Mar 15 00:11:05 PDT 2024",
                  "10063.101.17~1", "iMac19,1", "Mac-AA95B1DDAB278B95", is_fileset=True, **facts)


def intel_13(name, **facts):
    return _intel(name, "macOS 13.6", "22G120", "22.6.0", "Wed Jul  5 22:21:56 PDT 2023",
                  "8796.141.3~6", "iMac19,1", "Mac-AA95B1DDAB278B95", is_fileset=True, **facts)
