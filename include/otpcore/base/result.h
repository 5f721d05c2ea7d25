// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. Its member names are those of std::expected (C++23).
#ifndef OTPCORE_BASE_RESULT_H_
#define OTPCORE_BASE_RESULT_H_

#include <cassert>
#include <utility>
#include <variant>

#include "otpcore/base/error.h"

namespace otpcore {

// Holds exactly one of a T and an Error. Reading the one that is not there is undefined (asserted
// in debug builds). As thread-safe as the T it holds.
template <typename T>
class [[nodiscard]] Result {  // NOLINT(bugprone-exception-escape): no assignment of a T throws
 public:
  using value_type = T;
  using error_type = Error;

  Result(const T& value) : state_(std::in_place_index<0>, value) {}        // NOLINT
  Result(T&& value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, error) {}           // NOLINT
  Result(ErrorCode code) : Result(Error(code)) {}                          // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  const T& value() const& { return Checked(); }
  T& value() & { return const_cast<T&>(Checked()); }
  T&& value() && { return std::move(const_cast<T&>(Checked())); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  const T& Checked() const {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Error> state_;
};

}  // namespace otpcore

#endif  // OTPCORE_BASE_RESULT_H_
