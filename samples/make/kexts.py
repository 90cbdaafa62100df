"""Kernel extensions that Apple ships (names are public), in the order of a "loaded kexts" list."""

MACOS = [
    ("com.apple.filesystems.autofs", "3.0"),
    ("com.apple.driver.AppleTopCaseHIDEventDriver", "9440.2"),
    ("com.apple.driver.AppleBiometricServices", "1"),
    ("com.apple.driver.SEPHibernation", "1"),
    ("com.apple.driver.DiskImages.ReadWriteDiskImage", "493.0.0"),
    ("com.apple.driver.AppleFileSystemDriver", "3.0.1"),
    ("com.apple.driver.AppleUSBDeviceNCM", "5.0.0"),
    ("com.apple.driver.AppleThunderboltIP", "4.0.3"),
    ("com.apple.driver.AppleSmartBatteryManager", "161.0.0"),
    ("com.apple.filesystems.apfs", "2313.1.2"),
    ("com.apple.security.BootPolicy", "1"),
    ("com.apple.driver.AppleMobileDispT603X-DCP", "140.0"),
    ("com.apple.AGXG15X", "320.2"),
    ("com.apple.driver.AppleAVD", "862"),
    ("com.apple.driver.AppleM68Buttons", "1.0.0d1"),
    ("com.apple.driver.AppleARMWatchdogTimer", "1"),
    ("com.apple.driver.AppleT8110DART", "1"),
    ("com.apple.driver.AppleT6000PCIeC", "1"),
    ("com.apple.driver.usb.AppleUSBXHCIPCI", "1.2"),
    ("com.apple.driver.usb.AppleUSBXHCI", "1.2"),
    ("com.apple.driver.AppleSEPKeyStore", "2"),
    ("com.apple.driver.AppleSEPManager", "1.0.1"),
    ("com.apple.driver.RTBuddy", "1.0.0"),
    ("com.apple.driver.IOSlaveProcessor", "1"),
    ("com.apple.iokit.IOUserEthernet", "1.0.1"),
    ("com.apple.iokit.IOHIDFamily", "2.0.0"),
    ("com.apple.driver.DiskImages", "493.0.0"),
    ("com.apple.driver.AppleDCP", "1"),
    ("com.apple.iokit.IOMobileGraphicsFamily-DCP", "343.0.0"),
    ("com.apple.iokit.IOSkywalkFamily", "1.0"),
    ("com.apple.iokit.IOSCSIParallelFamily", "3.0.0"),
    ("com.apple.iokit.IOSCSIArchitectureModelFamily", "500.0.2"),
    ("com.apple.iokit.IOThunderboltFamily", "9.3.3"),
    ("com.apple.iokit.IOPCIFamily", "2.9"),
    ("com.apple.iokit.IOUSBHostFamily", "1.2"),
    ("com.apple.driver.AppleMobileFileIntegrity", "1.0.5"),
    ("com.apple.driver.AppleARMPlatform", "1.0.2"),
    ("com.apple.iokit.IOStorageFamily", "2.1"),
    ("com.apple.iokit.IOReportFamily", "47"),
    ("com.apple.kec.pthread", "1"),
    ("com.apple.kec.corecrypto", "14.0"),
]

IOS = [
    ("com.apple.driver.AppleUSBDeviceMux", "1.0.0d1"),
    ("com.apple.nke.l2tp", "1.9"),
    ("com.apple.filesystems.apfs", "2632.40.17"),
    ("com.apple.driver.AppleSmartBatteryManagerEmbedded", "161.0.0"),
    ("com.apple.driver.AppleBasebandPCI", "1"),
    ("com.apple.driver.AppleT8030PMGR", "1"),
    ("com.apple.driver.AppleMobileDispT8030", "140.0"),
    ("com.apple.driver.AppleARMWatchdogTimer", "1"),
    ("com.apple.driver.AppleM68Buttons", "1.0.0d1"),
    ("com.apple.driver.AppleSEPKeyStore", "2.0"),
    ("com.apple.driver.AppleSEPManager", "1.0.1"),
    ("com.apple.iokit.IOMobileGraphicsFamily", "343.0.0"),
    ("com.apple.iokit.IOHIDFamily", "2.0.0"),
    ("com.apple.driver.AppleARMPlatform", "1.0.2"),
    ("com.apple.driver.AppleMobileFileIntegrity", "1.0.5"),
    ("com.apple.iokit.IOReportFamily", "47"),
    ("com.apple.kec.pthread", "1"),
    ("com.apple.kec.corecrypto", "26.0"),
]

INTEL = [
    ("com.apple.filesystems.autofs", "3.0"),
    ("com.apple.driver.AGPM", "111.4.4"),
    ("com.apple.driver.ApplePlatformEnabler", "2.7.0d0"),
    ("com.apple.driver.X86PlatformShim", "1.0.0"),
    ("com.apple.driver.AppleHDA", "283.15"),
    ("com.apple.driver.AppleUpstreamUserClient", "3.6.8"),
    ("com.apple.driver.AppleIntelKBLGraphicsFramebuffer", "14.0.4"),
    ("com.apple.driver.AppleIntelKBLGraphics", "14.0.4"),
    ("com.apple.driver.AppleSMCLMU", "212"),
    ("com.apple.driver.AppleIntelPCHPMC", "2.0.1"),
    ("com.apple.iokit.SCSITaskUserClient", "422.120.3"),
    ("com.apple.driver.usb.AppleUSBXHCIPCI", "1.2"),
    ("com.apple.driver.usb.AppleUSBXHCI", "1.2"),
    ("com.apple.driver.AppleSMC", "3.1.9"),
    ("com.apple.driver.AppleACPIPlatform", "6.1"),
    ("com.apple.iokit.IOUSBHostFamily", "1.2"),
    ("com.apple.iokit.IONVMeFamily", "2.1.0"),
    ("com.apple.iokit.IOGraphicsFamily", "576.1"),
    ("com.apple.iokit.IOHIDFamily", "2.0.0"),
    ("com.apple.iokit.IOStorageFamily", "2.1"),
    ("com.apple.iokit.IOPCIFamily", "2.9"),
    ("com.apple.kec.pthread", "1"),
    ("com.apple.kec.corecrypto", "1.0"),
]

# How an Intel kernel shortens names in its list. Source: xnu libkern/kext_panic_report.h.
_PREFIXES = [("com.apple.driver.", ">"), ("com.apple.iokit.", "|"),
             ("com.apple.security.", "$"), ("com.apple.", "@")]
_WORDS = [("AppleUSB", "!U"), ("Apple", "!A"), ("Family", "!F"), ("Storage", "!S"),
          ("Controller", "!C"), ("Bluetooth", "!B"), ("Intel", "!I")]


def compacted(bundle):
    """The name as an Intel panic abbreviates it: com.apple.iokit.IOUSBFamily is |IOUSB!F."""
    for prefix, mark in _PREFIXES:
        if bundle.startswith(prefix):
            head, rest = mark, bundle[len(prefix):]
            break
    else:
        head, rest = "", bundle
    for word, mark in _WORDS:
        rest = rest.replace(word, mark)
    return head + rest
