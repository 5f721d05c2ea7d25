#include "otpcore/secret.h"

#include <sodium.h>

namespace otpcore {

void WipeMemory(void* data, size_t size) { sodium_memzero(data, size); }

}  // namespace otpcore
