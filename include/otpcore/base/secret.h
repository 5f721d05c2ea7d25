// SPDX-License-Identifier: Apache-2.0
// Types for bytes that must not leak: passcodes, keys, drawn entropy, message texts (rule R-05).
//
// They wipe themselves, cannot be printed, cannot be compared with ==, and cannot be copied by
// accident: copies are spelled `Duplicate()`. Reading one takes a `SecretAccess` token, so a search
// for that word finds every place where a secret leaves its type.
#ifndef OTPCORE_BASE_SECRET_H_
#define OTPCORE_BASE_SECRET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace otpcore {

// Overwrites `size` bytes in a way the compiler may not remove. `data` may be null when `size` is
// 0.
inline void WipeMemory(void* data, size_t size) {
#if defined(__GNUC__)
  if (size > 0) std::memset(data, 0, size);
  asm volatile("" : : "r"(data) : "memory");  // may read the zeros, so they must be there
#else
  volatile auto* const bytes = static_cast<volatile unsigned char*>(data);
  for (size_t i = 0; i < size; ++i) bytes[i] = 0;
#endif
}

// Passed to `Reveal`. The reason is for the reader of the code; nothing stores it.
struct SecretAccess {
  explicit constexpr SecretAccess(const char* /*reason*/) {}
};

// Exactly N secret bytes, zero at first. Not safe for concurrent writes.
template <size_t N>
class SecretBytes {
 public:
  SecretBytes() { bytes_.fill(0); }
  explicit SecretBytes(const std::array<uint8_t, N>& bytes) : bytes_(bytes) {}
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_(other.bytes_) { other.Wipe(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.Wipe();
    }
    return *this;
  }
  ~SecretBytes() { Wipe(); }

  SecretBytes Duplicate() const { return SecretBytes(bytes_); }
  static constexpr size_t size() { return N; }
  const uint8_t* Reveal(SecretAccess) const { return bytes_.data(); }
  uint8_t* RevealMutable(SecretAccess) { return bytes_.data(); }
  void Wipe() { WipeMemory(bytes_.data(), N); }

 private:
  std::array<uint8_t, N> bytes_;
};

// A secret text of at most `Capacity` bytes that lives inside its owner. Longer text is not taken:
// the object is then `overflowed()` and empty, so nothing can act on a cut secret.
// Not safe for concurrent writes.
template <size_t Capacity>
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string_view text) { Append(text); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  SecretText(SecretText&& other) noexcept { TakeFrom(other); }
  SecretText& operator=(SecretText&& other) noexcept {
    if (this != &other) {
      Wipe();
      TakeFrom(other);
    }
    return *this;
  }
  ~SecretText() { Wipe(); }

  SecretText Duplicate() const {
    SecretText copy(std::string_view(bytes_, size_));
    copy.overflowed_ = overflowed_;
    return copy;
  }
  void Append(std::string_view text) {
    if (overflowed_ || text.size() > Capacity - size_) {
      Wipe();
      overflowed_ = true;
      return;
    }
    if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  void Wipe() {
    // A short text is wiped whole, which takes a store or two. Of a longer one only what was
    // written can hold a secret.
    if (Capacity <= 64) {
      WipeMemory(bytes_, Capacity);
    } else if (size_ > 0) {
      WipeMemory(bytes_, size_);
    }
    size_ = 0;
    overflowed_ = false;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t room() const { return Capacity - size_; }
  bool overflowed() const { return overflowed_; }
  std::string_view Reveal(SecretAccess) const { return {bytes_, size_}; }

 private:
  void TakeFrom(SecretText& other) {
    if (other.size_ > 0) std::memcpy(bytes_, other.bytes_, other.size_);
    size_ = other.size_;
    overflowed_ = other.overflowed_;
    other.Wipe();
  }

  char bytes_[Capacity];
  size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace otpcore

#endif  // OTPCORE_BASE_SECRET_H_
