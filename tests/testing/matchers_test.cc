// SPDX-License-Identifier: Apache-2.0
#include "otpcore/testing/matchers.h"

#include <gtest/gtest.h>

#include "otpcore/testing/world.h"

namespace otpcore {
namespace testing {
namespace {

using ::testing::Field;
using ::testing::Gt;
using ::testing::Not;
using ::testing::PrintToString;

// A command that answers with a number.
struct Numbered {
  struct Response {
    int value = 0;
  };
};
struct NumberedReply : Reply<Numbered> {
  NumberedReply(int number, const Error& error) {
    value = number;
    error_ = error;
  }
};
Reply<Numbered> Success(int value) { return NumberedReply(value, ErrorCode::kOk); }
Reply<Numbered> Failure(const Error& error) { return NumberedReply(0, error); }

TEST(Matchers, SucceedsMatchesRepliesAndResultsThatHoldAValue) {
  EXPECT_THAT(Success(1), Succeeds());
  EXPECT_THAT(Result<int>(1), Succeeds());
  EXPECT_THAT(Failure(ErrorCode::kInvalidCode), Not(Succeeds()));
  EXPECT_THAT(Result<int>(ErrorCode::kInvalidCode), Not(Succeeds()));
}

TEST(Matchers, SucceedsWithLooksIntoTheValue) {
  const auto of = [](auto matcher) { return Field(&Numbered::Response::value, matcher); };
  EXPECT_THAT(Success(7), SucceedsWith(of(7)));
  EXPECT_THAT(Success(7), SucceedsWith(of(Gt(6))));
  EXPECT_THAT(Success(7), Not(SucceedsWith(of(8))));
  EXPECT_THAT(Failure(ErrorCode::kInvalidCode), Not(SucceedsWith(of(0))));
  EXPECT_THAT(Result<int>(7), SucceedsWith(7));
}

TEST(Matchers, FailsWithComparesTheErrorType) {
  EXPECT_THAT(Failure(ErrorCode::kOtpCodeNotFound), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Result<int>(ErrorCode::kOtpCodeNotFound), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Failure(ErrorCode::kOtpCodeNotFound), Not(FailsWith("unable_to_auth_otp_code")));
  EXPECT_THAT(Success(0), Not(FailsWith("otp_code_not_found")));
}

TEST(Matchers, FailsWithRefusesNamesThatAreNoErrorType) {
  EXPECT_THROW(FailsWith("otp_code_notfound"), std::logic_error);
  EXPECT_THROW(FailsWith(""), std::logic_error);
}

TEST(Matchers, FailsWithCodeTellsApartWhatSharesAnErrorType) {
  const auto rejected = Failure(ErrorCode::kDownstreamCarrierRejected);
  EXPECT_THAT(rejected, FailsWith("downstream_carrier_error"));
  EXPECT_THAT(rejected, FailsWithCode(ErrorCode::kDownstreamCarrierRejected));
  EXPECT_THAT(rejected, Not(FailsWithCode(ErrorCode::kDownstreamCarrierUnavailable)));
  EXPECT_THAT(Success(0), Not(FailsWithCode(ErrorCode::kDownstreamCarrierRejected)));
}

TEST(Matchers, FailsWithClassSaysWhatTheCallerShouldDo) {
  EXPECT_THAT(Failure(ErrorCode::kTooManyRequests), FailsWithClass(ErrorClass::kWait));
  EXPECT_THAT(Failure(ErrorCode::kTooManyRequests), Not(FailsWithClass(ErrorClass::kRetry)));
  EXPECT_THAT(Success(0), Not(FailsWithClass(ErrorClass::kWait)));
}

TEST(Matchers, HasEventLooksIntoTheReply) {
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  const auto sent = world.Send(ada, kNumber);
  EXPECT_THAT(sent, HasEvent(EventKind::kNumberLinked));
  EXPECT_THAT(sent, Not(HasEvent(EventKind::kNumberVerified)));
  EXPECT_THAT(sent, Succeeds());
}

TEST(Matchers, AFailedExpectationNamesTheErrorAndTheWait) {
  const std::string text =
      PrintToString(Failure(Error(ErrorCode::kTooManyRequests, std::chrono::seconds(3))));
  EXPECT_NE(text.find("too_many_requests (429"), std::string::npos) << text;
  EXPECT_NE(text.find("wait 3000 ms"), std::string::npos) << text;
  EXPECT_EQ(PrintToString(Success(1)), "success");
  EXPECT_NE(
      PrintToString(Result<int>(Error(ErrorCode::kBadRequest, "member_id"))).find("member_id"),
      std::string::npos);
}

TEST(Matchers, DescribeThemselves) {
  const ::testing::Matcher<Reply<Numbered>> fails = FailsWith("invalid_code");
  std::ostringstream text;
  fails.DescribeTo(&text);
  text << "; ";
  fails.DescribeNegationTo(&text);
  const ::testing::Matcher<Reply<Numbered>> code = FailsWithCode(ErrorCode::kBadRequest);
  code.DescribeTo(&(text << "; "));
  const ::testing::Matcher<Reply<Numbered>> error_class = FailsWithClass(ErrorClass::kRetry);
  error_class.DescribeTo(&(text << "; "));
  EXPECT_EQ(text.str(),
            "fails with invalid_code; does not fail with invalid_code; "
            "fails with code bad_request (1001); fails with class kRetry");

  World world;
  const ::testing::Matcher<Reply<SendSmsOtp>> tells = HasEvent(EventKind::kLocked);
  ::testing::StringMatchResultListener listener;
  const Member ada = world.MakeMember(world.MakeOrganization());
  EXPECT_FALSE(tells.MatchAndExplain(world.Send(ada, kNumber), &listener));
  EXPECT_EQ(listener.str(), "the events are number_linked sent");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
