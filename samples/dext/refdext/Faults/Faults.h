// Every fault that is code, one function each (F09's in Faults/F09_bundled_release.cpp, and so on).
// The correct code calls one only where `psref::Strikes(Fault::Fnn)` says so; what is correct is
// beside the call, and why.
//
// The line where the process stands, waits or dies ends in `// fault: Fnn` or `// fault: Fnn
// (role)`: build.py lists these lines, and reports made from the extension are checked against
// them.
#pragma once
#include <DriverKit/DriverKit.h>
#include <DriverKit/IODispatchQueue.h>
#include <DriverKit/IOService.h>
#include "FaultState.h"

// A fault keeps its own frame, so that a report names it.
#define PSREF_FAULT __attribute__((noinline))

class IOPCIDevice;
class PSRefSCSI;
struct SCSIUserParallelTask;

// Power: called instead of the correct SetPowerState.
PSREF_FAULT kern_return_t Fault_F01_pm_no_super(uint32_t powerFlags);
PSREF_FAULT kern_return_t Fault_F02_pm_no_super_off(IOService* service, uint32_t powerFlags);
PSREF_FAULT kern_return_t Fault_F03_pm_block(IOService* service, uint32_t powerFlags);
PSREF_FAULT kern_return_t Fault_F04_pm_error_no_super(uint32_t powerFlags);
PSREF_FAULT kern_return_t Fault_F05_pm_late_ack(IOService* service, IODispatchQueue* other,
                                                uint32_t powerFlags);

// Start and Stop.
PSREF_FAULT void Fault_F13_use_after_stop(IOService* stopped);
PSREF_FAULT void Fault_F17_stop_hang();
PSREF_FAULT kern_return_t Fault_F18_stop_no_super();
PSREF_FAULT void Fault_F19_start_hang();
PSREF_FAULT void Fault_F22_crash_loop();
PSREF_FAULT void Fault_F23_wrong_cast(IOService* provider);

// Calls of the user client; Fault_Call runs the armed one.
PSREF_FAULT void Fault_F11_over_retain();
PSREF_FAULT void Fault_F12_over_release();
PSREF_FAULT void Fault_F14_cancel_order(IODispatchQueue* queue, OSAction* action);
PSREF_FAULT void Fault_F16_self_sync(IODispatchQueue* current);
PSREF_FAULT void Fault_F20_crash_null();
PSREF_FAULT void Fault_F24_deep_recursion();
PSREF_FAULT void Fault_F25_garbage_pointer();
PSREF_FAULT void Fault_F26_memory_hog();

// SCSI controller.
PSREF_FAULT void Fault_F09_bundled_release(OSAction* completion);
PSREF_FAULT void Fault_F10_bundled_wrong_completion(PSRefSCSI* controller, OSAction* completion,
                                                    uint64_t task);
PSREF_FAULT void Fault_F35_scsi_late_completion(uint64_t seconds);
PSREF_FAULT void Fault_F36_scsi_limbo();
PSREF_FAULT uint8_t Fault_F37_iova_deref(const SCSIUserParallelTask* task);

// PCI device.
PSREF_FAULT uint32_t Fault_F30_mmio_after_close(IOPCIDevice* device, IOService* client,
                                                uint64_t bar);
PSREF_FAULT void Fault_F31_double_interrupt(IOPCIDevice* device, IODispatchQueue* queue);
PSREF_FAULT void Fault_F32_dma_unmapped(IOPCIDevice* device, uint64_t descriptorRegister);
PSREF_FAULT kern_return_t Fault_F33_dma_31bit(IOPCIDevice* device);
