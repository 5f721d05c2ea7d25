// SPDX-License-Identifier: Apache-2.0
// The directory kit: what an implementation of Directory must pass before searches rest on it.
//
//   DirectoryUnderTest MakeSut();  // opens store and Directory; several checks may share them
//   OTPCORE_DIRECTORY_CONFORMANCE(MyDirectory, MakeSut);
//
// gives tests such as Kit/MyDirectory.Keeps/SR10_FoundOnceUnderWrites. The checks are plain
// functions, so they can be run without GoogleTest too. Run the store kit on its store as well.
#ifndef OTPCORE_TESTING_DIRECTORY_KIT_H_
#define OTPCORE_TESTING_DIRECTORY_KIT_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "otpcore/testing/directory_checks.h"

namespace otpcore {
namespace testing {

struct DirectoryCheck {
  const char* name;                                 // begins with the rule
  std::string (*run)(DirectoryUnderTest&);          // "" or what is wrong
  const char* (*lacks)(const DirectoryUnderTest&);  // the hook that is missing; null: it can run
};

inline void PrintTo(const DirectoryCheck& check, std::ostream* out) { *out << check.name; }

// All checks, in any order, also again on the same store. They leave records behind.
inline const std::vector<DirectoryCheck>& AllDirectoryChecks() {
  using Sut = const DirectoryUnderTest&;
  static const auto none = [](Sut) -> const char* { return nullptr; };
  static const auto damage = [](Sut sut) { return sut.damage ? nullptr : "damage"; };
  static const auto cut = [](Sut sut) { return sut.unreachable ? nullptr : "unreachable"; };
  static const std::vector<DirectoryCheck> checks = {
      {"SR09_KeysAscendByBytes", CheckSR09KeysAscendByBytes, none},
      {"SR10_RangesStayApart", CheckSR10RangesStayApart, none},
      {"SR10_SeesWhatIsCommitted", CheckSR10SeesWhatIsCommitted, none},
      {"SR10_FoundOnceUnderWrites", CheckSR10FoundOnceUnderWrites, none},
      {"SR11_LimitHolds", CheckSR11LimitHolds, none},
      {"SR13_TellsTheOrganizationsOfAnId", CheckSR13TellsTheOrganizationsOfAnId, none},
      {"K12_FailsOnDamage", CheckK12DirectoryFailsOnDamage, damage},
      {"K12_FailsUnreachable", CheckK12DirectoryFailsUnreachable, cut},
  };
  return checks;
}

// Runs one check as the body of a test.
inline void RunDirectoryCheck(const DirectoryCheck& check, DirectoryUnderTest sut) {
  if (!sut.skip_because.empty()) GTEST_SKIP() << sut.skip_because;
  ASSERT_NE(sut.store, nullptr) << "the store cannot be opened";
  ASSERT_NE(sut.directory, nullptr) << "the Directory cannot be opened";
  if (const char* const hook = check.lacks(sut))
    GTEST_SKIP() << "the Directory has no hook '" << hook << "'";
  EXPECT_EQ(check.run(sut), "");
}

}  // namespace testing
}  // namespace otpcore

// Tests Kit/<suite>.Keeps/<check> for every check; `make` is a function without arguments that
// returns a DirectoryUnderTest.
#define OTPCORE_DIRECTORY_CONFORMANCE(suite, make)                                        \
  class suite : public ::testing::TestWithParam<::otpcore::testing::DirectoryCheck> {};   \
  TEST_P(suite, Keeps) { ::otpcore::testing::RunDirectoryCheck(GetParam(), make()); }     \
  INSTANTIATE_TEST_SUITE_P(Kit, suite,                                                    \
                           ::testing::ValuesIn(::otpcore::testing::AllDirectoryChecks()), \
                           [](const auto& check) { return std::string(check.param.name); })

#endif  // OTPCORE_TESTING_DIRECTORY_KIT_H_
