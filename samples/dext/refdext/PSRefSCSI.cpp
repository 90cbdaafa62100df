#include "PSRefSCSI.h"

#include <string.h>

#include <DriverKit/DriverKit.h>
#include <DriverKit/IODispatchQueue.h>

#include "Faults/Faults.h"
#include "PSRefDisk.h"
#include "PSRefPersonality.h"

constexpr uint64_t kDiskSize = 1u << 20, kMaxTransfer = 1u << 20, kInitiator = 7, kTarget = 1;
constexpr uint32_t kMaxTasks = kMaxBundledParallelTasks;
constexpr char kAuxiliaryQueueName[] = "AuxiliaryQueue";

struct PSRefSCSI_IVars {
  IODispatchQueue *defaultQueue, *auxiliaryQueue;
#if PSREF_F08
  IODispatchQueue* faultQueue;
#endif
  uint8_t* store;
  uint32_t lastTaskID;
  // The bundle that "the hardware" has: filled by UserProcessBundledParallelTasks, emptied by
  // CompleteBundle. Both run on the default queue, so there is no lock.
  IOBufferMemoryDescriptor *commands, *responses;
  const SCSIUserParallelTask* commandSlots;
  SCSIUserParallelResponse* responseSlots;
  uint16_t pending[kMaxBundledParallelTasks];
  uint16_t pendingCount;
  OSAction* bundleAction;  // retained while pendingCount > 0
};

bool PSRefSCSI::init() {
  if (!super::init()) return false;
  IOLog("PSRefSCSI: init\n");
  ivars = IONewZero(PSRefSCSI_IVars, 1);
  if (ivars == nullptr) return false;
  ivars->store = IONewZero(uint8_t, kDiskSize);
  return ivars->store != nullptr;
}

void PSRefSCSI::free() {
  if (ivars != nullptr) {
    OSSafeReleaseNULL(ivars->bundleAction);
    OSSafeReleaseNULL(ivars->commands);
    OSSafeReleaseNULL(ivars->responses);
    OSSafeReleaseNULL(ivars->auxiliaryQueue);
    OSSafeReleaseNULL(ivars->defaultQueue);
#if PSREF_F08
    OSSafeReleaseNULL(ivars->faultQueue);
#endif
    IOSafeDeleteNULL(ivars->store, uint8_t, kDiskSize);
    IOSafeDeleteNULL(ivars, PSRefSCSI_IVars, 1);
  }
  super::free();
}

kern_return_t IMPL(PSRefSCSI, Start) {
  IOLog("PSRefSCSI: Start\n");
  // The family delivers UserCreateTargetForID to this queue and does not make it. A target made
  // from the default queue would wait for answers that come on the default queue.
  kern_return_t ret = IODispatchQueue::Create(kAuxiliaryQueueName, 0, 0, &ivars->auxiliaryQueue);
  if (ret == kIOReturnSuccess) ret = SetDispatchQueue(kAuxiliaryQueueName, ivars->auxiliaryQueue);
#if PSREF_F08
  // fault F08: created, as the class table says, and never set.
  if (ret == kIOReturnSuccess)
    ret = IODispatchQueue::Create("FaultQueue", 0, 0, &ivars->faultQueue);
#endif
  if (ret == kIOReturnSuccess) ret = Start(provider, SUPERDISPATCH);
  if (ret != kIOReturnSuccess) return ret;
  psref::ArmFromPersonality(this);
  ret = CopyDispatchQueue(kIOServiceDefaultQueueName, &ivars->defaultQueue);
  if (ret != kIOReturnSuccess) Stop(provider, SUPERDISPATCH);
  return ret;
}

kern_return_t IMPL(PSRefSCSI, Stop) {
  // The family has ended all targets before this, and completions run on this queue: nothing is
  // pending.
  return Stop(provider, SUPERDISPATCH);
}

kern_return_t IMPL(PSRefSCSI, SetPowerState) { return SetPowerState(powerFlags, SUPERDISPATCH); }

kern_return_t IMPL(PSRefSCSI, UserInitializeController) {
  IOLog("PSRefSCSI: UserInitializeController\n");
  // All seven are required, before this method returns: without them the family has no limits for
  // DMA.
  static const struct {
    const char* key;
    uint64_t value;
  } kConstraints[] = {
      {kIOMaximumSegmentCountReadKey, 1},
      {kIOMaximumSegmentCountWriteKey, 1},
      {kIOMaximumSegmentByteCountReadKey, kMaxTransfer},
      {kIOMaximumSegmentByteCountWriteKey, kMaxTransfer},
      {kIOMinimumSegmentAlignmentByteCountKey, 4},
      {kIOMaximumSegmentAddressableBitCountKey, 64},
      {kIOMinimumHBADataAlignmentMaskKey, 0xfffffffffffffffc},
  };
  OSDictionary* constraints = OSDictionary::withCapacity(7);
  if (constraints == nullptr) return kIOReturnNoMemory;
  for (const auto& each : kConstraints) {
    OSNumber* number = OSNumber::withNumber(each.value, 64);
    if (number != nullptr) constraints->setObject(each.key, number);
    OSSafeReleaseNULL(number);
  }
  const kern_return_t ret = UserReportHBAConstraints(constraints);
  constraints->release();
  return ret;
}

// The family asks UserTargetPresentForID for each id and makes the targets; making one here as well
// would make it twice.
kern_return_t IMPL(PSRefSCSI, UserStartController) {
  IOLog("PSRefSCSI: UserStartController\n");
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserReportInitiatorIdentifier) {
  *id = kInitiator;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserReportHighestSupportedDeviceID) {
  *id = psref::Strikes(psref::Fault::F35) ? 0 : kTarget;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserReportMaximumTaskCount) {
  *count = kMaxTasks;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserReportHBAHighestLogicalUnitNumber) {
  *value = 0;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserDoesHBAPerformAutoSense) {
  *result = true;  // RunTask fills the sense data
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserDoesHBASupportMultiPathing) {
  *result = false;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserDoesHBAPerformDeviceManagement) {
  *result = false;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserDoesHBASupportSCSIParallelFeature) {
  *result = false;  // nothing to negotiate without a bus
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserTargetPresentForID) {
  *result = targetID == (psref::Strikes(psref::Fault::F35) ? 0 : kTarget);
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserInitializeTargetForID) { return kIOReturnSuccess; }

kern_return_t IMPL(PSRefSCSI, UserGetDMASpecification) {
  // Agrees with the constraints above: one segment of kMaxTransfer.
  *maxTransferSize = kMaxTransfer;
  *alignment = 4;
  *numAddressBits = 64;
  *segmentType = kDMAOutputSegmentHost64;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserMapHBAData) {
  *uniqueTaskID = ++ivars->lastTaskID;  // the family tells tasks apart by it
  return kIOReturnSuccess;
}

void PSRefSCSI::RunTask(const SCSIUserParallelTask* task, SCSIUserParallelResponse* response) {
  if (psref::Strikes(psref::Fault::F37)) Fault_F37_iova_deref(task);
  memset(response, 0, sizeof(*response));
  response->version = kScsiUserParallelTaskResponseCurrentVersion1;
  response->fTargetID = task->fTargetID;
  response->fControllerTaskIdentifier = task->fControllerTaskIdentifier;
  response->fServiceResponse = kSCSIServiceResponse_TASK_COMPLETE;

  // fBufferIOVMAddr is for hardware. A driver that moves the bytes itself asks for the memory.
  IOBufferMemoryDescriptor* buffer = nullptr;
  IOAddressSegment range = {0, 0};
  if (task->fRequestedTransferCount != 0) {
    kern_return_t ret =
        UserGetDataBuffer(task->fTargetID, task->fControllerTaskIdentifier, &buffer);
    if (ret == kIOReturnSuccess) ret = buffer->GetAddressRange(&range);
    if (ret != kIOReturnSuccess) {
      OSSafeReleaseNULL(buffer);
      response->fServiceResponse = kSCSIServiceResponse_SERVICE_DELIVERY_OR_TARGET_FAILURE;
      response->fCompletionStatus = kSCSITaskStatus_No_Status;
      return;
    }
  }
  const uint64_t length =
      range.length < task->fRequestedTransferCount ? range.length : task->fRequestedTransferCount;
  const PSRefDisk disk(ivars->store, kDiskSize);
  const auto outcome = disk.Execute(task->fCommandDescriptorBlock,
                                    reinterpret_cast<uint8_t*>(range.address), length);
  OSSafeReleaseNULL(buffer);

  response->fCompletionStatus = static_cast<SCSITaskStatus>(outcome.status);
  response->fBytesTransferred = outcome.transferred;
  if (outcome.status == kSCSITaskStatus_CHECK_CONDITION) {
    response->fSenseBuffer[0] = 0x70;  // fixed format, current error (SPC-3 4.5.3)
    response->fSenseBuffer[2] = outcome.sense_key;
    response->fSenseBuffer[7] = 10;
    response->fSenseBuffer[12] = outcome.asc;
    response->fSenseLength = 18;
  }
}

kern_return_t IMPL(PSRefSCSI, UserProcessParallelTask) {
  if (psref::Strikes(psref::Fault::F36)) {
    Fault_F36_scsi_limbo();
    *response = kSCSIServiceResponse_Request_In_Process;
    return kIOReturnSuccess;
  }
  // The action is lent for this call and used after it: keep it, and give it back once, after
  // completing.
  completion->retain();
  const SCSIUserParallelTask task = parallelRequest;
  retain();
  // Where a driver with hardware would start it and return; the block stands for its interrupt.
  ivars->defaultQueue->DispatchAsync(^{
    if (psref::Strikes(psref::Fault::F35)) Fault_F35_scsi_late_completion(60);
    SCSIUserParallelResponse answer;
    RunTask(&task, &answer);
    ParallelTaskCompletion(completion, answer);
    completion->release();
    release();
  });
  *response = kSCSIServiceResponse_Request_In_Process;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserMapBundledParallelTaskCommandAndResponseBuffers) {
  IOAddressSegment commands, responses;
  kern_return_t ret = parallelCommandIOMemoryDescriptor->GetAddressRange(&commands);
  if (ret == kIOReturnSuccess)
    ret = parallelResponseIOMemoryDescriptor->GetAddressRange(&responses);
  if (ret != kIOReturnSuccess) return ret;
  if (commands.length < kMaxTasks * sizeof(SCSIUserParallelTask) ||
      responses.length < kMaxTasks * sizeof(SCSIUserParallelResponse))
    return kIOReturnError;  // the family then sends tasks one by one
  // The mapping lives as long as the descriptors: keep them while the pointers are kept.
  parallelCommandIOMemoryDescriptor->retain();
  parallelResponseIOMemoryDescriptor->retain();
  OSSafeReleaseNULL(ivars->commands);
  OSSafeReleaseNULL(ivars->responses);
  ivars->commands = parallelCommandIOMemoryDescriptor;
  ivars->responses = parallelResponseIOMemoryDescriptor;
  ivars->commandSlots = reinterpret_cast<const SCSIUserParallelTask*>(commands.address);
  ivars->responseSlots = reinterpret_cast<SCSIUserParallelResponse*>(responses.address);
  return kIOReturnSuccess;
}

void IMPL(PSRefSCSI, UserProcessBundledParallelTasks) {
  if (psref::Strikes(psref::Fault::F36)) return Fault_F36_scsi_limbo();
  const bool idle = ivars->pendingCount == 0;
  for (uint16_t i = 0; i < parallelRequestSlotIndicesCount; ++i) {
    const uint16_t slot = parallelRequestSlotIndices[i];
    // The slots come from the kernel; the bound is checked once more because it indexes memory.
    if (slot < kMaxTasks && ivars->pendingCount < kMaxTasks)
      ivars->pending[ivars->pendingCount++] = slot;
  }
  if (!idle || ivars->pendingCount == 0) return;
  // One action serves all bundles of the controller. It is kept while anything is pending.
  completion->retain();
  ivars->bundleAction = completion;
  retain();
  ivars->defaultQueue->DispatchAsync(^{
    CompleteBundle();
    release();
  });
}

void PSRefSCSI::CompleteBundle() {
  uint16_t slots[kMaxBundledParallelTasks];
  const uint16_t count = ivars->pendingCount;
  for (uint16_t i = 0; i < count; ++i) {
    slots[i] = ivars->pending[i];
    // A command slot belongs to this driver until the completion names it; write the answer before.
    const SCSIUserParallelTask task = ivars->commandSlots[slots[i]];
    RunTask(&task, &ivars->responseSlots[slots[i]]);
  }
  OSAction* action = ivars->bundleAction;
  ivars->bundleAction = nullptr;
  ivars->pendingCount = 0;
  if (psref::Strikes(psref::Fault::F10)) {
    Fault_F10_bundled_wrong_completion(this, action,
                                       ivars->commandSlots[slots[0]].fControllerTaskIdentifier);
  } else {
    BundledParallelTaskCompletion(action, slots, count);
  }
  action->release();
  if (psref::Strikes(psref::Fault::F09)) Fault_F09_bundled_release(action);
}

// Tasks end within the call that starts them, so there is never one to abort.
kern_return_t IMPL(PSRefSCSI, UserAbortTaskRequest) {
  *response = kSCSIServiceResponse_FUNCTION_COMPLETE;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserAbortTaskSetRequest) {
  *response = kSCSIServiceResponse_FUNCTION_COMPLETE;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserClearACARequest) {
  *response = kSCSIServiceResponse_FUNCTION_REJECTED;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserClearTaskSetRequest) {
  *response = kSCSIServiceResponse_FUNCTION_REJECTED;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserLogicalUnitResetRequest) {
  *response = kSCSIServiceResponse_FUNCTION_COMPLETE;
  return kIOReturnSuccess;
}

kern_return_t IMPL(PSRefSCSI, UserTargetResetRequest) {
  *response = kSCSIServiceResponse_FUNCTION_COMPLETE;
  return kIOReturnSuccess;
}
