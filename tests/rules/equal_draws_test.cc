// SPDX-License-Identifier: Apache-2.0
#include "rules/equal_draws.h"

#include <gtest/gtest.h>

#include <vector>

#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

// The draws of one run that creates a registration and ten codes of three groups.
const std::vector<size_t> kSizes = {20, 24, 16, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 24, 16};

struct OneRun {
  std::vector<uint8_t> bytes;
  std::vector<DrawnBytes> draws;
};

OneRun RunOf(SecureRandom& random) {
  OneRun run;
  size_t total = 0;
  for (const size_t size : kSizes) total += size;
  run.bytes.resize(total);
  EXPECT_TRUE(random.Fill(run.bytes.data(), total));
  size_t at = 0;
  for (const size_t size : kSizes) {
    run.draws.push_back({run.bytes.data() + at, size});
    at += size;
  }
  return run;
}

TEST(HasEqualDraws, TakesASoundGenerator) {
  testing::SeededRandom random;
  for (int i = 0; i < 100; ++i) {
    const OneRun run = RunOf(random);
    EXPECT_EQ(run.bytes.size(), 180u);
    EXPECT_FALSE(HasEqualDraws(run.draws.data(), run.draws.size()));
  }
}

TEST(HasEqualDraws, SeesAGeneratorThatIsStuck) {
  for (const int byte : {0, 1, 255}) {
    testing::SeededRandom random;
    random.set_stuck(static_cast<uint8_t>(byte));
    const OneRun run = RunOf(random);
    EXPECT_TRUE(HasEqualDraws(run.draws.data(), run.draws.size()));
  }
}

TEST(HasEqualDraws, SeesEachPair) {
  testing::SeededRandom random;
  for (size_t a = 0; a < kSizes.size(); ++a) {
    for (size_t b = 0; b < kSizes.size(); ++b) {
      if (a == b) continue;
      OneRun run = RunOf(random);
      auto* const copy = const_cast<uint8_t*>(run.draws[a].bytes);
      for (size_t i = 0; i < 8; ++i) copy[i] = run.draws[b].bytes[i];
      EXPECT_TRUE(HasEqualDraws(run.draws.data(), run.draws.size())) << a << " " << b;
      for (size_t i = 0; i < 8; ++i) {  // one bit apart
        copy[i] ^= 0x80;
        EXPECT_FALSE(HasEqualDraws(run.draws.data(), run.draws.size())) << a << " " << b;
        copy[i] ^= 0x80;
      }
    }
  }
}

TEST(HasEqualDraws, LeavesShortDrawsAlone) {
  const uint8_t bytes[16] = {};
  const DrawnBytes draws[] = {{bytes, 7}, {bytes, 7}, {bytes, 16}};
  EXPECT_FALSE(HasEqualDraws(draws, 3));
  const DrawnBytes last[] = {{bytes, 16}, {bytes, 7}};
  EXPECT_FALSE(HasEqualDraws(last, 2));
  const DrawnBytes none[] = {{bytes, 7}, {bytes, 8}, {bytes, 8}};
  EXPECT_TRUE(HasEqualDraws(none, 3)) << "eight bytes are enough";
}

}  // namespace
}  // namespace otpcore
