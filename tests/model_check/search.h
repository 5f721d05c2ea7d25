// SPDX-License-Identifier: Apache-2.0
// Breadth first search over the states of a World: every state once, the shortest way to a
// violation first. The same answer whatever the number of threads.
#ifndef OTPCORE_TESTS_MODEL_CHECK_SEARCH_H_
#define OTPCORE_TESTS_MODEL_CHECK_SEARCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model_check/world.h"

namespace otpcore {
namespace model {

struct SearchLimits {
  uint64_t states = 1000000;  // stop after about this many
  int steps = 60;
  int threads = 2;
  bool progress = false;  // a line on standard error every few seconds
  double seconds = 0;     // 0: no limit
  std::string only;       // not empty: look for violations with this in their text alone
};

struct SearchResult {
  uint64_t states = 0;  // distinct
  uint64_t steps_taken = 0;
  int depth = 0;        // steps from the start, all states within which were seen
  bool closed = false;  // there are no further states
  double seconds = 0;
  size_t points = 0;   // distinct points in the life of an operation: runs of the real library
  size_t records = 0;  // distinct records
  Violation violation = nullptr;
  std::vector<uint8_t> way;  // to the violation: which action was taken at each step
};

SearchResult Search(World* world, const SearchLimits& limits);

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_SEARCH_H_
