// refdext-ctl: lists, arms and runs the faults of com.panicscan.refdext.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <IOKit/IOKitLib.h>

#include "../refdext/Faults/FaultTable.h"
#include "../refdext/PSRefProtocol.h"

namespace {

constexpr char kUsage[] =
    "use: refdext-ctl list                     the table of faults\n"
    "     refdext-ctl status                   what is armed\n"
    "     refdext-ctl arm F15 [--panic] [N]    arm one; --panic: the machine may panic; N: its "
    "argument\n"
    "     refdext-ctl strike                   run the armed fault, when its place is a call\n"
    "     refdext-ctl disarm\n"
    "     refdext-ctl terminate                the service ends itself (F17, F18)\n";

/// The connection to the extension; closing it runs the user client's Stop (F15 strikes there).
class Connection {
 public:
  Connection() {
    CFMutableDictionaryRef matching = IOServiceMatching("IOUserService");
    CFMutableDictionaryRef properties = CFDictionaryCreateMutable(
        nullptr, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
    CFDictionarySetValue(properties, CFSTR("PSRefNub"), kCFBooleanTrue);
    CFDictionarySetValue(matching, CFSTR("IOPropertyMatch"), properties);
    CFRelease(properties);
    const io_service_t service =
        IOServiceGetMatchingService(kIOMainPortDefault, matching);  // consumes matching
    if (service == IO_OBJECT_NULL) {
      std::fprintf(stderr, "refdext-ctl: the extension is not running\n");
      std::exit(1);
    }
    check(IOServiceOpen(service, mach_task_self(), 0, &connect_), "open");
    IOObjectRelease(service);
  }
  ~Connection() { IOServiceClose(connect_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void call(psref::Selector selector, const uint64_t* in, uint32_t in_count, uint64_t* out,
            uint32_t out_count) const {
    check(IOConnectCallScalarMethod(connect_, selector, in, in_count, out, &out_count), "call");
  }

 private:
  static void check(kern_return_t ret, const char* what) {
    if (ret == KERN_SUCCESS) return;
    std::fprintf(
        stderr, "refdext-ctl: %s: 0x%08x%s\n", what, static_cast<unsigned>(ret),
        ret == kIOReturnNotPermitted  ? " (needs --panic, and PSAllowPanic in the personality)"
        : ret == kIOReturnUnsupported ? " (this fault is not armed by a call; see refdext-ctl list)"
                                      : "");
    std::exit(1);
  }
  io_connect_t connect_ = IO_OBJECT_NULL;
};

int list() {
  static constexpr const char* kWays[] = {"call",  "personality", "plist",
                                          "build", "signing",     "hardware"};
  for (const psref::FaultRow& row : psref::kFaults)
    std::printf("%-4s %c %-12s %-24s %s\n", row.id, static_cast<char>(row.safety),
                kWays[static_cast<int>(row.armed_by)], row.name, row.does);
  return 0;
}

int arm(int count, char** words) {
  const psref::Fault fault = count > 0 ? psref::FindFault(words[0]) : psref::Fault::count;
  if (fault == psref::Fault::count) {
    std::fprintf(stderr, "refdext-ctl: no such fault; see refdext-ctl list\n");
    return 2;
  }
  uint64_t in[3] = {static_cast<uint64_t>(fault), 0, 0};
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--panic") == 0)
      in[1] = psref::kPanicKey;
    else
      in[2] = std::strtoull(words[i], nullptr, 0);
  }
  Connection().call(psref::kArm, in, 3, nullptr, 0);
  std::printf("%s armed: %s\n", psref::Row(fault).id, psref::Row(fault).does);
  return 0;
}

int status() {
  uint64_t out[4] = {};
  Connection().call(psref::kReport, nullptr, 0, out, 4);
  const auto fault = static_cast<psref::Fault>(out[0]);
  std::printf("armed %s, steps %llu, timer callbacks %llu, power changes %llu\n",
              fault < psref::Fault::count ? psref::Row(fault).id : "?",
              static_cast<unsigned long long>(out[1]), static_cast<unsigned long long>(out[2]),
              static_cast<unsigned long long>(out[3]));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "list") return list();
  if (command == "arm") return arm(argc - 2, argv + 2);
  if (command == "status") return status();
  const auto plain = [](psref::Selector selector) {
    return Connection().call(selector, nullptr, 0, nullptr, 0), 0;
  };
  if (command == "strike") return plain(psref::kStrike);
  if (command == "disarm") return plain(psref::kDisarm);
  if (command == "terminate") return plain(psref::kTerminate);
  std::fputs(kUsage, stderr);
  return 2;
}
