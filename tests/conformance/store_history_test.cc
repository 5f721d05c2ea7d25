// SPDX-License-Identifier: Apache-2.0
// The check of histories is itself checked, on histories made by hand (K-09).
#include "otpcore/testing/store_history.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace testing {
namespace {

constexpr CommitOutcome kCommitted = CommitOutcome::kCommitted;
constexpr CommitOutcome kConflict = CommitOutcome::kConflict;
constexpr CommitOutcome kUnavailable = CommitOutcome::kUnavailable;
constexpr CommitOutcome kUnknown = CommitOutcome::kUnknown;

TEST(StoreHistory, AcceptsWhatARegisterCouldHaveDone) {
  EXPECT_EQ(CheckRegister({}, "first", "first"), "");
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kCommitted}}, "first", "a"), "");
  EXPECT_EQ(
      CheckRegister({{1, 4, "first", "a", kCommitted}, {2, 3, "a", "b", kCommitted}}, "first", "b"),
      "")
      << "they overlap";
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kConflict}, {3, 4, "first", "b", kCommitted}},
                          "first", "b"),
            "");
}

TEST(StoreHistory, LetsAnUnknownHappenNeverNowOrLater) {
  const StoreAttempt unknown = {1, 2, "first", "a", kUnknown};
  EXPECT_EQ(CheckRegister({unknown}, "first", "first"), "");
  EXPECT_EQ(CheckRegister({unknown}, "first", "a"), "");
  EXPECT_EQ(CheckRegister({unknown, {3, 4, "first", "b", kConflict}, {5, 6, "a", "c", kCommitted}},
                          "first", "c"),
            "")
      << "it took effect after 2, before 4";
}

TEST(StoreHistory, FindsWhatNoRegisterDoes) {
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kCommitted}}, "first", "first"),
            "the commit of 'a' was lost");
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kCommitted}, {3, 4, "first", "b", kCommitted}},
                          "first", "b"),
            "the commit of 'a' was lost")
      << "two on one revision";
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kConflict}}, "first", "a"),
            "a conflict was applied");
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kUnavailable}}, "first", "a"),
            "an unavailable was applied");
  EXPECT_EQ(CheckRegister({}, "first", "z"), "the value 'z' was never written");
  EXPECT_EQ(
      CheckRegister({{1, 2, "b", "a", kCommitted}, {3, 4, "a", "b", kCommitted}}, "first", "b"),
      "the values replace each other in a circle");
  EXPECT_EQ(CheckRegister({{1, 2, "first", "a", kUnknown}, {3, 4, "a", "b", kConflict}}, "first",
                          "first"),
            "'a' was read, then undone");
  EXPECT_EQ(
      CheckRegister({{3, 4, "first", "a", kCommitted}, {1, 2, "a", "b", kCommitted}}, "first", "b"),
      "commits took effect in an impossible order");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
