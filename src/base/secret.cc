// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/secret.h"

#ifndef __GNUC__
#include <sodium.h>

namespace otpcore {

void WipeMemory(void* data, size_t size) { sodium_memzero(data, size); }

}  // namespace otpcore
#endif
