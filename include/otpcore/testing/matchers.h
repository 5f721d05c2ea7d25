// SPDX-License-Identifier: Apache-2.0
// GoogleTest matchers for replies and results. The only header that needs gmock.
//
//   EXPECT_THAT(world.Send(ada), Succeeds());
//   EXPECT_THAT(world.Authenticate(ada, "000000"), FailsWith("otp_code_not_found"));
//   EXPECT_THAT(reply, SucceedsWith(Field(&MfaStepResponse::member_authenticated, true)));
#ifndef OTPCORE_TESTING_MATCHERS_H_
#define OTPCORE_TESTING_MATCHERS_H_

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "otpcore/base/result.h"
#include "otpcore/engine/reply.h"
#include "otpcore/rules/event.h"
#include "otpcore/testing/setup_failure.h"

namespace otpcore {

// How GoogleTest prints an error, a result and a reply. None of them holds a secret.
inline void PrintTo(const Error& error, std::ostream* out) {
  *out << error.error_type() << " (" << error.http_status() << ", " << error.message();
  if (!error.detail().empty()) *out << "; " << error.detail();
  if (error.retry_after().count() > 0) *out << "; wait " << error.retry_after().count() << " ms";
  *out << ")";
}
template <typename T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (result) {
    *out << "success";
  } else {
    PrintTo(result.error(), out);
  }
}
template <typename C>
void PrintTo(const Reply<C>& reply, std::ostream* out) {
  if (reply.ok()) {
    *out << "success";
  } else {
    PrintTo(reply.error(), out);
  }
}

namespace testing {
namespace internal {

inline std::string NameFor(ErrorCode code) {
  return std::string(Error(code).error_type()) + " (" + std::to_string(static_cast<int>(code)) +
         ")";
}
inline std::string NameFor(ErrorClass error_class) {
  static constexpr const char* kNames[] = {"none",    "kFixRequest", "kNotFound", "kFixState",
                                           "kDenied", "kWait",       "kRetry",    "kDefect"};
  return kNames[static_cast<size_t>(error_class)];
}

// kOk for a success.
template <typename T>
Error ErrorIn(const Result<T>& result) {
  return result ? Error(ErrorCode::kOk) : result.error();
}
inline Error ErrorIn(const ReplyBase& reply) { return reply.error(); }
inline Error ErrorIn(const Error& error) { return error; }

template <typename T>
const T& SuccessIn(const Result<T>& result) {
  return *result;
}
template <typename C>
const Reply<C>& SuccessIn(const Reply<C>& reply) {
  return reply;
}

}  // namespace internal

// Any success.
MATCHER(Succeeds, negation ? "fails" : "succeeds") {
  static_cast<void>(result_listener);
  return internal::ErrorIn(arg).ok();
}

// A success that matches `matcher`: a reply, or the value of a result.
MATCHER_P(SucceedsWith, matcher,
          negation ? "fails, or succeeds otherwise" : "succeeds with a match") {
  return internal::ErrorIn(arg).ok() &&
         ::testing::ExplainMatchResult(matcher, internal::SuccessIn(arg), result_listener);
}

// A failure with this code. Tells apart codes that share an `error_type`.
MATCHER_P(FailsWithCode, code,
          (negation ? "does not fail with code " : "fails with code ") + internal::NameFor(code)) {
  static_cast<void>(result_listener);
  return !internal::ErrorIn(arg).ok() && internal::ErrorIn(arg).code() == code;
}

// A failure that asks the caller to do this: ErrorClass::kWait, kRetry, …
MATCHER_P(FailsWithClass, error_class,
          (negation ? "does not fail with class " : "fails with class ") +
              internal::NameFor(error_class)) {
  static_cast<void>(result_listener);
  return !internal::ErrorIn(arg).ok() && internal::ErrorIn(arg).error_class() == error_class;
}

// A reply, of a success or a failure, with an event of this kind.
MATCHER_P(HasEvent, kind,
          (negation ? "has no event " : "has an event ") + std::string(NameOf(kind))) {
  *result_listener << "the events are";
  for (const Event& event : arg.events()) *result_listener << " " << NameOf(event.kind);
  return arg.events().Has(kind);
}

namespace internal {

MATCHER_P(FailsWithType, type, (negation ? "does not fail with " : "fails with ") + type) {
  static_cast<void>(result_listener);
  return !ErrorIn(arg).ok() && ErrorIn(arg).error_type() == type;
}

}  // namespace internal

// A failure with this `error_type`. A name that is none of otpcore's fails the test: it could never
// match, and its negation always would.
inline internal::FailsWithTypeMatcherP<std::string> FailsWith(const std::string& error_type) {
  const ErrorCatalogue all = AllErrors();
  const bool known = std::any_of(
      all.begin(), all.end(), [&](const ErrorInfo& info) { return info.error_type == error_type; });
  if (!known) SetupFailed("there is no error_type " + error_type);
  return internal::FailsWithType(error_type);
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_MATCHERS_H_
