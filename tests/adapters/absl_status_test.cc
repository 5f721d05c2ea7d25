// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/absl_status.h"

#include <gtest/gtest.h>

#include <memory>

namespace otpcore {
namespace {

// What the payload `name` of `status` says; "none" when it is not there.
std::string PayloadOf(const absl::Status& status, const char* name) {
  const auto payload = status.GetPayload(name);
  return payload ? std::string(*payload) : "none";
}

TEST(AbslStatus, EveryErrorBecomesAStatusThatCarriesItsErrorType) {
  for (const ErrorInfo& info : AllErrors()) {
    const absl::Status status = StatusOf(info.code);
    EXPECT_FALSE(status.ok()) << info.error_type;
    EXPECT_EQ(status.code(), StatusCodeOf(info.error_class)) << info.error_type;
    EXPECT_EQ(std::string(status.message()), info.message);
    EXPECT_EQ(PayloadOf(status, kErrorTypePayload), info.error_type);
    EXPECT_EQ(PayloadOf(status, kRetryAfterPayload), "none");
  }
}

TEST(AbslStatus, EachClassHasACodeOfItsOwn) {
  EXPECT_EQ(StatusOf(ErrorCode::kInvalidCode).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(StatusOf(ErrorCode::kMemberNotFound).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusOf(ErrorCode::kDuplicateMemberEmail).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(StatusOf(ErrorCode::kInsufficientFactors).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(StatusOf(ErrorCode::kTooManyRequests).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(StatusOf(ErrorCode::kServerUnavailable).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusOf(ErrorCode::kInternalServerError).code(), absl::StatusCode::kInternal);
}

TEST(AbslStatus, NoErrorIsOk) { EXPECT_TRUE(StatusOf(ErrorCode::kOk).ok()); }

TEST(AbslStatus, DetailAndWaitTravelAlong) {
  const absl::Status detailed = StatusOf(Error(ErrorCode::kBadRequest, "member_id"));
  EXPECT_NE(std::string(detailed.message()).find(": member_id"), std::string::npos);
  const absl::Status wait = StatusOf(Error(ErrorCode::kTooManyRequests, std::chrono::seconds(90)));
  EXPECT_EQ(PayloadOf(wait, kRetryAfterPayload), "90000");
}

TEST(AbslStatus, AResultBecomesAStatusOr) {
  const absl::StatusOr<int> seven = StatusOrOf(Result<int>(7));
  ASSERT_TRUE(seven.ok());
  EXPECT_EQ(*seven, 7);
  EXPECT_EQ(StatusOrOf(Result<int>(ErrorCode::kInvalidCode)).status().code(),
            absl::StatusCode::kInvalidArgument);
  // Also one that cannot be copied.
  auto moved = StatusOrOf(Result<std::unique_ptr<int>>(std::make_unique<int>(3)));
  ASSERT_TRUE(moved.ok());
  EXPECT_EQ(**moved, 3);
}

}  // namespace
}  // namespace otpcore
