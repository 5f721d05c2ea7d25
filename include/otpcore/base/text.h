// SPDX-License-Identifier: Apache-2.0
// InlineText: a short text of bounded length that lives inside its owner, without a heap block.
//
// Phone numbers and region codes are held this way, so a record can be copied without allocating
// for them.
#ifndef OTPCORE_BASE_TEXT_H_
#define OTPCORE_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace otpcore {

// At most `Capacity` bytes (1 … 255). Text that is longer is cut, so check the length first where
// that matters (`Fits`). Distinct objects may be used from different threads.
template <size_t Capacity>
class InlineText {
  static_assert(Capacity >= 1 && Capacity <= 255, "the length is kept in one byte");

 public:
  InlineText() { Blank(); }
  // Not explicit: a literal or a view is the usual way to write one.
  InlineText(std::string_view text) {  // NOLINT(google-explicit-constructor)
    Blank();
    Assign(text);
  }
  InlineText(const char* text) : InlineText(std::string_view(text)) {}         // NOLINT
  InlineText(const std::string& text) : InlineText(std::string_view(text)) {}  // NOLINT

  // Copies move the used bytes only: most ids fill a third of their capacity. Of a short text they
  // move all of it, which takes an instruction or two instead of a call.
  InlineText(const InlineText& other) { *this = other; }
  InlineText& operator=(const InlineText& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    size_ = other.size_;
    if (kShort || size_ > 0) std::memmove(bytes_, other.bytes_, kShort ? Capacity : size_);
    return *this;
  }
  ~InlineText() = default;

  // As assigning a temporary, but copied once.
  void Assign(std::string_view text) {
    size_ = static_cast<uint8_t>(text.size() < Capacity ? text.size() : Capacity);
    if (size_ > 0) std::memcpy(bytes_, text.data(), size_);
  }

  static constexpr bool Fits(std::string_view text) { return text.size() <= Capacity; }

  std::string_view view() const { return {bytes_, size_}; }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  std::string str() const { return std::string(view()); }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  void clear() { size_ = 0; }

  // To any stream that prints a string_view.
  template <typename Stream>
  friend auto operator<<(Stream& out, const InlineText& text)
      -> decltype(out << std::string_view()) {
    return out << text.view();
  }
  friend bool operator==(const InlineText& a, const InlineText& b) { return a.view() == b.view(); }
  friend bool operator!=(const InlineText& a, const InlineText& b) { return !(a == b); }
  friend bool operator<(const InlineText& a, const InlineText& b) { return a.view() < b.view(); }

 private:
  static constexpr bool kShort = Capacity <= 32;
  void Blank() {
    if constexpr (kShort) std::memset(bytes_, 0, Capacity);
  }

  // bytes_ past size_ are never read, and indeterminate in a text that is not short.
  char bytes_[Capacity];
  uint8_t size_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_BASE_TEXT_H_
