#include "PSRefDisk.h"

namespace {

constexpr uint8_t kGood = 0x00, kCheckCondition = 0x02;
constexpr uint8_t kIllegalRequest = 0x05;
constexpr uint8_t kInvalidCommand = 0x20, kBlockOutOfRange = 0x21;

// Commands: SPC-3 and SBC-2.
enum : uint8_t {
  kTestUnitReady = 0x00,
  kRequestSense = 0x03,
  kInquiry = 0x12,
  kReadCapacity10 = 0x25,
  kRead10 = 0x28,
  kWrite10 = 0x2a,
  kSynchronizeCache10 = 0x35,
};

uint32_t Big32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

void PutBig32(uint8_t* bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

PSRefDisk::Outcome Good(uint64_t transferred) { return {kGood, 0, 0, transferred}; }

/// As much of an answer as the initiator has room for.
PSRefDisk::Outcome Answer(const uint8_t* answer, uint64_t size, uint8_t* data, uint64_t length) {
  const uint64_t count = size < length ? size : length;
  for (uint64_t i = 0; i < count; ++i) data[i] = answer[i];
  return Good(count);
}

}  // namespace

PSRefDisk::Outcome PSRefDisk::Move(const uint8_t cdb[16], uint8_t* data, uint64_t length,
                                   bool write) const {
  const uint64_t first = Big32(cdb + 2), count = uint64_t{cdb[7]} << 8 | cdb[8];
  if (first + count > blocks_) return {kCheckCondition, kIllegalRequest, kBlockOutOfRange, 0};
  const uint64_t wanted = count * kBlockSize, bytes = wanted < length ? wanted : length;
  uint8_t* stored = store_ + first * kBlockSize;
  for (uint64_t i = 0; i < bytes; ++i) (write ? stored[i] : data[i]) = write ? data[i] : stored[i];
  return Good(bytes);
}

PSRefDisk::Outcome PSRefDisk::Execute(const uint8_t cdb[16], uint8_t* data, uint64_t length) const {
  switch (cdb[0]) {
    case kTestUnitReady:
    case kSynchronizeCache10:
      return Good(0);
    case kInquiry: {
      // Direct access, SPC-3, 31 bytes follow; vendor, product, revision.
      static constexpr char kText[] = "PSREF   REFERENCE DISK  0001";
      uint8_t answer[36] = {0x00, 0x00, 0x05, 0x02, 31};
      for (unsigned i = 0; i < 28; ++i) answer[8 + i] = static_cast<uint8_t>(kText[i]);
      return Answer(answer, sizeof(answer), data, length);
    }
    case kRequestSense: {
      const uint8_t answer[18] = {0x70, 0, 0, 0, 0, 0, 0, 10};
      return Answer(answer, sizeof(answer), data, length);
    }
    case kReadCapacity10: {
      uint8_t answer[8];
      PutBig32(answer, static_cast<uint32_t>(blocks_ - 1));
      PutBig32(answer + 4, kBlockSize);
      return Answer(answer, sizeof(answer), data, length);
    }
    case kRead10:
      return Move(cdb, data, length, false);
    case kWrite10:
      return Move(cdb, data, length, true);
    default:
      return {kCheckCondition, kIllegalRequest, kInvalidCommand, 0};
  }
}
