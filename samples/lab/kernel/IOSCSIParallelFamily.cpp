// A task completed after its target was destroyed. Names: Apple's IOSCSIParallelFamily, whose
// source is not public; the bodies only call one another.
#include "xnu.h"

enum SCSITaskStatus : u32 {};
enum SCSIServiceResponse : u32 {};
struct SCSIUserParallelResponse {
  u64 target, status, transferred;
};

struct SCSITarget {
  u64 identifier;
  volatile u64 workLoop;
};

class IOSCSIParallelInterfaceController {
 public:
  void CompleteParallelTask(OSObject* request, SCSITaskStatus status, SCSIServiceResponse response);
  SCSITarget* targets;
};

class IOUserSCSIParallelInterfaceController : public IOSCSIParallelInterfaceController {
 public:
  int ParallelTaskCompletion_Impl(OSAction* action, SCSIUserParallelResponse response);
  int UserCreateTargetForID_Impl(u64 target);
};

KEPT void IOSCSIParallelInterfaceController::CompleteParallelTask(OSObject* request, SCSITaskStatus status,
                                                                  SCSIServiceResponse response) {
  note((u64)request + status);
  const u64 loop = targets->workLoop;
  note(loop + response);
}

KEPT int IOUserSCSIParallelInterfaceController::ParallelTaskCompletion_Impl(
    OSAction* action, SCSIUserParallelResponse response) {
  note(response.target);
  CompleteParallelTask((OSObject*)action, (SCSITaskStatus)response.status, (SCSIServiceResponse)2);
  note(response.transferred);
  return 0;
}

extern "C" void lck_mtx_sleep(void* lock);

KEPT int IOUserSCSIParallelInterfaceController::UserCreateTargetForID_Impl(u64 target) {
  note(target);
  lck_mtx_sleep(this);
  return 0;
}
