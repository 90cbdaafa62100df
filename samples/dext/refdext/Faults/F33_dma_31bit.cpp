#include <DriverKit/IOBufferMemoryDescriptor.h>
#include <DriverKit/IODMACommand.h>
#include <PCIDriverKit/IOPCIDevice.h>
#include "Faults.h"

// Wrong: the addresses that a DART hands out usually begin at 0x80000000, so 31 bits cannot be met
// and PrepareForDMA fails. 32 is the correct limit of a 32-bit device.
kern_return_t Fault_F33_dma_31bit(IOPCIDevice* device) {
  IOBufferMemoryDescriptor* memory = nullptr;
  IODMACommand* command = nullptr;
  const IODMACommandSpecification specification = {kIODMACommandSpecificationNoOptions, 31, {}};
  kern_return_t ret =
      IOBufferMemoryDescriptor::Create(kIOMemoryDirectionInOut, 4096, 4096, &memory);
  if (ret == kIOReturnSuccess)
    ret = IODMACommand::Create(device, kIODMACommandCreateNoOptions, &specification, &command);
  if (ret == kIOReturnSuccess) {
    uint64_t flags = 0;
    uint32_t count = 32;
    IOAddressSegment segments[32];
    psref::Step(psref::Fault::F33, "prepare-31-bits");
    // clang-format off
    ret = command->PrepareForDMA(kIODMACommandPrepareForDMANoOptions, memory, 0, 4096, &flags, &count, segments);  // fault: F33
    // clang-format on
    if (ret == kIOReturnSuccess) command->CompleteDMA(kIODMACommandCompleteDMANoOptions);
  }
  OSSafeReleaseNULL(command);
  OSSafeReleaseNULL(memory);
  IOLog("PSRef: F33 PrepareForDMA 0x%x, maxAddressBits 31\n", ret);
  return ret;
}
