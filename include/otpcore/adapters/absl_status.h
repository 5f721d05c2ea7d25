// SPDX-License-Identifier: Apache-2.0
// A bridge to abseil, for hosts that speak absl::Status. Header-only and optional: the one header
// that includes abseil, and otpcore.h does not include it. A host that uses it links absl::status
// and absl::statusor itself.
#ifndef OTPCORE_ADAPTERS_ABSL_STATUS_H_
#define OTPCORE_ADAPTERS_ABSL_STATUS_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "otpcore/base/error.h"
#include "otpcore/base/result.h"

namespace otpcore {

// The payloads of a status made here: the `error_type`; and, when waiting helps, the wait in
// milliseconds as decimal digits.
inline constexpr char kErrorTypePayload[] = "otpcore/error_type";
inline constexpr char kRetryAfterPayload[] = "otpcore/retry_after_ms";

// The canonical code that asks the caller for the same thing as `error_class` does.
inline absl::StatusCode StatusCodeOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kFixRequest: return absl::StatusCode::kInvalidArgument;
    case ErrorClass::kNotFound: return absl::StatusCode::kNotFound;
    case ErrorClass::kFixState: return absl::StatusCode::kFailedPrecondition;
    case ErrorClass::kDenied: return absl::StatusCode::kPermissionDenied;
    case ErrorClass::kWait: return absl::StatusCode::kResourceExhausted;
    case ErrorClass::kRetry: return absl::StatusCode::kUnavailable;
    case ErrorClass::kDefect: return absl::StatusCode::kInternal;
  }
  return absl::StatusCode::kInternal;
}

// OK for kOk; else code, "message" or "message: detail", and payloads. Thread-safe.
inline absl::Status StatusOf(const Error& error) {
  if (error.code() == ErrorCode::kOk) return absl::OkStatus();
  std::string text(error.message());
  if (!error.detail().empty()) text.append(": ").append(error.detail());
  absl::Status status(StatusCodeOf(error.error_class()), text);
  // In some releases absl::string_view is a type of its own.
  const std::string_view type = error.error_type();
  status.SetPayload(kErrorTypePayload, absl::Cord(absl::string_view(type.data(), type.size())));
  if (error.retry_after().count() > 0) {
    // Cord's constructor from a std::string has another name for clang 18 and later than in a
    // library that gcc built.
    const std::string millis = std::to_string(error.retry_after().count());
    status.SetPayload(kRetryAfterPayload, absl::Cord(absl::string_view(millis)));
  }
  return status;
}

// The value, or StatusOf(the error).
template <typename T>
absl::StatusOr<T> StatusOrOf(Result<T> result) {
  if (!result) return StatusOf(result.error());
  return *std::move(result);
}

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_ABSL_STATUS_H_
