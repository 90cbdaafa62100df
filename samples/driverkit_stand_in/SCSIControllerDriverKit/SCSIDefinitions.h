// Stand-in: the SCSI vocabulary that the controller class speaks. Values: SCSI Architecture Model
// and IOSCSIParallelFamily SCSIControllerDriverKit/SCSIDefinitions.h.
#pragma once
#include <stdint.h>

typedef uint64_t SCSIDeviceIdentifier;
typedef SCSIDeviceIdentifier SCSITargetIdentifier;
typedef uint8_t SCSILogicalUnitBytes[8];
typedef uint8_t SCSICommandDescriptorBlock[16];

enum SCSITaskAttribute {
  kSCSITask_SIMPLE = 0,
  kSCSITask_ORDERED = 1,
  kSCSITask_HEAD_OF_QUEUE = 2,
  kSCSITask_ACA = 3
};
enum SCSIServiceResponse {
  kSCSIServiceResponse_Request_In_Process = 0,
  kSCSIServiceResponse_SERVICE_DELIVERY_OR_TARGET_FAILURE = 1,
  kSCSIServiceResponse_TASK_COMPLETE = 2,
  kSCSIServiceResponse_FUNCTION_COMPLETE = 4,
  kSCSIServiceResponse_FUNCTION_REJECTED = 5,
};
enum SCSITaskStatus {
  kSCSITaskStatus_GOOD = 0x00,
  kSCSITaskStatus_CHECK_CONDITION = 0x02,
  kSCSITaskStatus_BUSY = 0x08,
  kSCSITaskStatus_TASK_SET_FULL = 0x28,
  kSCSITaskStatus_DeviceNotPresent = 0x04,
  kSCSITaskStatus_No_Status = 0xff,
};
enum { kSCSIParallelFeature_TotalFeatureCount = 5 };
