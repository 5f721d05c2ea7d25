// SPDX-License-Identifier: Apache-2.0
// What crosses from C and back: structs of another size, views, and no exception.
#ifndef OTPCORE_SRC_C_BOUNDARY_H_
#define OTPCORE_SRC_C_BOUNDARY_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include "otpcore/c/otpcore.h"

namespace otpcore {

inline otpcore_view ViewOf(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view TextOf(const char* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(data, size);
}
inline std::string_view TextOf(const otpcore_view& view) { return TextOf(view.data, view.size); }

// Fills in as much of the caller's struct as that has room for.
template <typename Struct>
otpcore_code Give(Struct filled, Struct* out) {
  if (out == nullptr || out->struct_size < sizeof(size_t)) return OTPCORE_MISUSE;
  filled.struct_size = out->struct_size;
  std::memcpy(static_cast<void*>(out), &filled, std::min(out->struct_size, sizeof filled));
  return OTPCORE_OK;
}

// Takes as much as the caller's struct has; the rest is zero. False: null.
template <typename Struct>
bool Take(const Struct* in, Struct* taken) {
  if (in == nullptr || in->struct_size < sizeof(size_t)) return false;
  *taken = {};
  std::memcpy(static_cast<void*>(taken), in, std::min(in->struct_size, sizeof *taken));
  return true;
}

// What C calls, without an exception: memory is all that can run out.
template <typename Function>
otpcore_code Guarded(const Function& function) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return OTPCORE_NO_MEMORY;
  }
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_BOUNDARY_H_
