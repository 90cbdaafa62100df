#include "PSRefPCI.h"

#include <DriverKit/DriverKit.h>
#include <DriverKit/IOBufferMemoryDescriptor.h>
#include <DriverKit/IODMACommand.h>
#include <DriverKit/IODispatchQueue.h>
#include <PCIDriverKit/IOPCIDevice.h>

#include "Faults/Faults.h"
#include "PSRefPersonality.h"

constexpr uint64_t kBufferSize = 4096;
constexpr uint64_t kDescriptorRegister = 0x10;  // the tester's board: where it takes a DMA address

struct PSRefPCI_IVars {
  IOPCIDevice* device;  // retained; open while `open`
  bool open;
  IODispatchQueue* queue;
  IOInterruptDispatchSource* interrupt;
  OSAction* interruptOccurred;
  IOMemoryMap* bar;
  IOBufferMemoryDescriptor* buffer;
  IODMACommand* dma;  // prepared while it exists
  uint64_t interrupts;
};

bool PSRefPCI::init() {
  if (!super::init()) return false;
  ivars = IONewZero(PSRefPCI_IVars, 1);
  return ivars != nullptr;
}

void PSRefPCI::free() {
  if (ivars != nullptr) {
    OSSafeReleaseNULL(ivars->dma);
    OSSafeReleaseNULL(ivars->buffer);
    OSSafeReleaseNULL(ivars->bar);
    OSSafeReleaseNULL(ivars->interruptOccurred);
    OSSafeReleaseNULL(ivars->interrupt);
    OSSafeReleaseNULL(ivars->queue);
    OSSafeReleaseNULL(ivars->device);
    IOSafeDeleteNULL(ivars, PSRefPCI_IVars, 1);
  }
  super::free();
}

kern_return_t IMPL(PSRefPCI, Start) {
  kern_return_t ret = Start(provider, SUPERDISPATCH);
  if (ret != kIOReturnSuccess) return ret;
  psref::ArmFromPersonality(this);
  // A dynamic cast: the personality decides what the provider is.
  ivars->device = OSDynamicCast(IOPCIDevice, provider);
  if (ivars->device == nullptr) {
    Stop(provider, SUPERDISPATCH);
    return kIOReturnNoDevice;
  }
  ivars->device->retain();
  ret = SetUp();
  if (ret == kIOReturnSuccess) ret = RegisterService();
  if (ret != kIOReturnSuccess) {
    CancelThenStop(provider);
    return ret;
  }
  StrikeIfArmed();
  return kIOReturnSuccess;
}

kern_return_t PSRefPCI::SetUp() {
  // Nothing of the device may be touched before Open.
  kern_return_t ret = ivars->device->Open(this);
  if (ret != kIOReturnSuccess) return ret;
  ivars->open = true;
  uint16_t command = 0;
  ivars->device->ConfigurationRead16(kIOPCIConfigurationOffsetCommand, &command);
  ivars->device->ConfigurationWrite16(
      kIOPCIConfigurationOffsetCommand,
      static_cast<uint16_t>(command | kIOPCICommandMemorySpace | kIOPCICommandBusMaster));

  IOMemoryDescriptor* memory = nullptr;
  ret = ivars->device->_CopyDeviceMemoryWithIndex(0, &memory, this);
  if (ret == kIOReturnSuccess) ret = memory->CreateMapping(0, 0, 0, 0, 0, &ivars->bar);
  OSSafeReleaseNULL(memory);

  // One source for one index.
  if (ret == kIOReturnSuccess)
    ret = ivars->device->ConfigureInterrupts(kIOInterruptTypePCIMessaged, 1, 1, 0);
  if (ret == kIOReturnSuccess) ret = CopyDispatchQueue(kIOServiceDefaultQueueName, &ivars->queue);
  if (ret == kIOReturnSuccess)
    ret = IOInterruptDispatchSource::Create(ivars->device, 0, ivars->queue, &ivars->interrupt);
  if (ret == kIOReturnSuccess) ret = CreateActionInterruptOccurred(0, &ivars->interruptOccurred);
  if (ret == kIOReturnSuccess) ret = ivars->interrupt->SetHandler(ivars->interruptOccurred);
  if (ret == kIOReturnSuccess) ret = ivars->interrupt->SetEnable(true);

  // Memory for the device: prepared once, completed in Stop, and freed only after that.
  const IODMACommandSpecification specification = {kIODMACommandSpecificationNoOptions, 64, {}};
  if (ret == kIOReturnSuccess)
    ret = IOBufferMemoryDescriptor::Create(kIOMemoryDirectionInOut, kBufferSize, kBufferSize,
                                           &ivars->buffer);
  IODMACommand* dma = nullptr;
  if (ret == kIOReturnSuccess)
    ret = IODMACommand::Create(ivars->device, kIODMACommandCreateNoOptions, &specification, &dma);
  if (ret == kIOReturnSuccess) {
    uint64_t flags = 0;
    uint32_t count = 32;
    IOAddressSegment segments[32];
    ret = dma->PrepareForDMA(kIODMACommandPrepareForDMANoOptions, ivars->buffer, 0, kBufferSize,
                             &flags, &count, segments);
  }
  if (ret == kIOReturnSuccess)
    ivars->dma = dma;
  else
    OSSafeReleaseNULL(dma);
  return ret;
}

kern_return_t IMPL(PSRefPCI, Stop) { return CancelThenStop(provider); }

// Order: the device stops mastering the bus, DMA is completed, the interrupt source is cancelled,
// the device is closed, and last super is told.
kern_return_t PSRefPCI::CancelThenStop(IOService* provider) {
  if (ivars->open) {
    uint16_t command = 0;
    ivars->device->ConfigurationRead16(kIOPCIConfigurationOffsetCommand, &command);
    ivars->device->ConfigurationWrite16(kIOPCIConfigurationOffsetCommand,
                                        static_cast<uint16_t>(command & ~kIOPCICommandBusMaster));
    if (ivars->dma != nullptr) ivars->dma->CompleteDMA(kIODMACommandCompleteDMANoOptions);
  }
  if (ivars->interrupt != nullptr) {
    retain();
    provider->retain();
    const kern_return_t ret = ivars->interrupt->Cancel(^{
      CloseAndStop(provider);
      provider->release();
      release();
    });
    if (ret == kIOReturnSuccess) return ret;
    provider->release();
    release();
  }
  return CloseAndStop(provider);
}

kern_return_t PSRefPCI::CloseAndStop(IOService* provider) {
  if (ivars->open) ivars->device->Close(this);
  ivars->open = false;
  return Stop(provider, SUPERDISPATCH);
}

kern_return_t IMPL(PSRefPCI, SetPowerState) { return SetPowerState(powerFlags, SUPERDISPATCH); }

// A level-triggered source would have to quiet the device here; messages need no answer.
void IMPL(PSRefPCI, InterruptOccurred) { ivars->interrupts += count; }

void PSRefPCI::StrikeIfArmed() {
  if (psref::Strikes(psref::Fault::F30)) {
    ivars->open = false;
    Fault_F30_mmio_after_close(ivars->device, this, ivars->bar->GetAddress());
  }
  if (psref::Strikes(psref::Fault::F31)) Fault_F31_double_interrupt(ivars->device, ivars->queue);
  if (psref::Strikes(psref::Fault::F32)) Fault_F32_dma_unmapped(ivars->device, kDescriptorRegister);
  if (psref::Strikes(psref::Fault::F33)) Fault_F33_dma_31bit(ivars->device);
}
