// A disk in memory that understands seven SCSI commands. Plain C++, tested on any host.
#pragma once
#include <stddef.h>
#include <stdint.h>

class PSRefDisk {
 public:
  static constexpr uint32_t kBlockSize = 512;

  struct Outcome {
    uint8_t status;        // SAM status: 0x00 good, 0x02 check condition
    uint8_t sense_key;     // of fixed format sense data, when the status is 0x02
    uint8_t asc;           // additional sense code
    uint64_t transferred;  // bytes of `data` read or written
  };

  /// `store` is the content, a multiple of kBlockSize; the disk does not own it.
  PSRefDisk(uint8_t* store, uint64_t size) : store_(store), blocks_(size / kBlockSize) {}

  /// Runs a command. `data` is its buffer: written for reads, read for writes, never beyond
  /// `length`.
  Outcome Execute(const uint8_t cdb[16], uint8_t* data, uint64_t length) const;

 private:
  Outcome Move(const uint8_t cdb[16], uint8_t* data, uint64_t length, bool write) const;
  uint8_t* store_;
  uint64_t blocks_;
};
