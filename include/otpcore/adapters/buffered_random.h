// SPDX-License-Identifier: Apache-2.0
// BufferedRandom: a SecureRandom that asks the system for entropy only now and then (rule R-06).
//
// The default generator, SodiumRandom, makes a system call for each Fill. This one keeps ChaCha20
// output in memory and hands it out: a draw costs little more than a copy. It is opt-in, since
// bytes that wait in memory are one more thing to protect:
//
//   - Fast key erasure: each refill replaces the key by output of its own, and bytes are wiped as
//     they are handed out. Memory that leaks tells nothing of what was drawn before.
//   - Wiped at fork: the pages are cleared by the kernel in a child, which then seeds itself anew.
//   - Left out of core dumps. Not locked in memory: a host with swap should encrypt it.
//   - Seeded anew from the system after every megabyte.
//
// A copy of a running virtual machine repeats what waits in its buffers; hosts that are cloned
// while they run should stay with SodiumRandom.
#ifndef OTPCORE_ADAPTERS_BUFFERED_RANDOM_H_
#define OTPCORE_ADAPTERS_BUFFERED_RANDOM_H_

#include <cstddef>
#include <cstdint>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// Thread-safe: up to 64 threads draw at the same time without waiting for each other.
class OTPCORE_EXPORT BufferedRandom final : public SecureRandom {
 public:
  // Initialises libsodium and reserves 256 KiB of address space, of which each drawing thread
  // touches 4 KiB. Where the kernel cannot wipe memory at fork nothing is buffered and every Fill
  // asks libsodium.
  BufferedRandom();
  ~BufferedRandom() override;  // wipes
  BufferedRandom(const BufferedRandom&) = delete;
  BufferedRandom& operator=(const BufferedRandom&) = delete;

  // False only when libsodium could not be initialised.
  [[nodiscard]] bool Fill(uint8_t* bytes, size_t size) override;

  // False: nothing is buffered.
  bool buffers() const { return shards_ != nullptr; }

 private:
  struct Shard;
  Shard* shards_ = nullptr;  // in pages of their own; all zero means fresh
  bool ready_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_BUFFERED_RANDOM_H_
