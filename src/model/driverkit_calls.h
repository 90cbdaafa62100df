#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace panicscan {

/// A family of DriverKit whose services have a class of their own in the kernel: the IOClass of the
/// personality, and the bundle that has it (CFBundleIdentifierKernel).
struct DriverKitFamily {
  std::string_view name;  ///< for sentences; empty: a plain service
  std::string_view kernel_class, kernel_bundle;
};

namespace driverkit_families {
inline constexpr DriverKitFamily kPlain{"", "IOUserService", "com.apple.kpi.iokit"};
inline constexpr DriverKitFamily kScsi{"SCSI controller", "IOUserSCSIParallelInterfaceController",
                                       "com.apple.iokit.IOSCSIParallelFamily"};
inline constexpr DriverKitFamily kEthernet{"Ethernet", "IOUserNetworkEthernet",
                                           "com.apple.iokit.IOSkywalkFamily"};
inline constexpr DriverKitFamily kBlock{"block storage", "IOUserBlockStorageDevice",
                                        "com.apple.iokit.IOStorageFamily"};
inline constexpr DriverKitFamily kSerial{"serial", "IOUserSerial",
                                         "com.apple.driver.driverkit.serial"};
}  // namespace driverkit_families

/// A method of DriverKit by which a log can be understood.
struct DriverKitCall {
  std::string_view method;
  const DriverKitFamily* family;
};

/// Sorted by name. Source: the public headers of DriverKit, SCSIControllerDriverKit,
/// NetworkingDriverKit, BlockStorageDeviceDriverKit and SerialDriverKit.
inline constexpr std::array kDriverKitCalls{
    DriverKitCall{"BundledParallelTaskCompletion", &driverkit_families::kScsi},
    DriverKitCall{"ChangePowerState", &driverkit_families::kPlain},
    DriverKitCall{"CompleteDMA", &driverkit_families::kPlain},
    DriverKitCall{"CompleteIO", &driverkit_families::kBlock},
    DriverKitCall{"ConnectQueues", &driverkit_families::kSerial},
    DriverKitCall{"CopyDispatchQueue", &driverkit_families::kPlain},
    DriverKitCall{"DoAsyncReadWrite", &driverkit_families::kBlock},
    DriverKitCall{"HwActivate", &driverkit_families::kSerial},
    DriverKitCall{"HwProgramUART", &driverkit_families::kSerial},
    DriverKitCall{"NewUserClient", &driverkit_families::kPlain},
    DriverKitCall{"ParallelTaskCompletion", &driverkit_families::kScsi},
    DriverKitCall{"PrepareForDMA", &driverkit_families::kPlain},
    DriverKitCall{"RegisterEthernetInterface", &driverkit_families::kEthernet},
    DriverKitCall{"RegisterService", &driverkit_families::kPlain},
    DriverKitCall{"ReportAvailableMediaTypes", &driverkit_families::kEthernet},
    DriverKitCall{"ReportLinkStatus", &driverkit_families::kEthernet},
    DriverKitCall{"SetDispatchQueue", &driverkit_families::kPlain},
    DriverKitCall{"SetPowerState", &driverkit_families::kPlain},
    DriverKitCall{"SetProperties", &driverkit_families::kPlain},
    DriverKitCall{"Start", &driverkit_families::kPlain},
    DriverKitCall{"Stop", &driverkit_families::kPlain},
    DriverKitCall{"UserCreateTargetForID", &driverkit_families::kScsi},
    DriverKitCall{"UserDestroyTargetForID", &driverkit_families::kScsi},
    DriverKitCall{"UserGetDataBuffer", &driverkit_families::kScsi},
    DriverKitCall{"UserInitializeController", &driverkit_families::kScsi},
    DriverKitCall{"UserInitializeTargetForID", &driverkit_families::kScsi},
    DriverKitCall{"UserProcessBundledParallelTasks", &driverkit_families::kScsi},
    DriverKitCall{"UserProcessParallelTask", &driverkit_families::kScsi},
    DriverKitCall{"UserReportHBAConstraints", &driverkit_families::kScsi},
    DriverKitCall{"UserStartController", &driverkit_families::kScsi},
    DriverKitCall{"UserTargetPresentForID", &driverkit_families::kScsi},
    DriverKitCall{"init", &driverkit_families::kPlain},
};
static_assert(std::ranges::is_sorted(kDriverKitCalls, {}, &DriverKitCall::method));

/// The row of a method; null when it is none of them.
constexpr const DriverKitCall* find_driverkit_call(std::string_view method) {
  const auto* row = std::ranges::lower_bound(kDriverKitCalls, method, {}, &DriverKitCall::method);
  return row != kDriverKitCalls.end() && row->method == method ? row : nullptr;
}
static_assert(find_driverkit_call("UserStartController")->family == &driverkit_families::kScsi);
static_assert(find_driverkit_call("UserStart") == nullptr);

}  // namespace panicscan
