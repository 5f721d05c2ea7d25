// SPDX-License-Identifier: Apache-2.0
#include "planted.h"

namespace otpcore {
namespace {

volatile int calls = 0;
const volatile char kTable[] = "9876543210";

}  // namespace

void BranchOn(char digit) {
  if (digit == '7') calls = calls + 1;
}

char IndexBy(char digit) { return kTable[digit - '0']; }

int DivideBy(int number, char digit) { return number / (digit - '0'); }

}  // namespace otpcore
