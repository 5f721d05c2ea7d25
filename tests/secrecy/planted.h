// SPDX-License-Identifier: Apache-2.0
// Mistakes on purpose: the secrecy check must report each of them (B-08).
#ifndef OTPCORE_TESTS_SECRECY_PLANTED_H_
#define OTPCORE_TESTS_SECRECY_PLANTED_H_

namespace otpcore {

// Branches on the digit.
void BranchOn(char digit);
// Looks the digit up in a table.
char IndexBy(char digit);
// Divides by the digit, which memcheck does not see: the check reads the machine code for it.
int DivideBy(int number, char digit);

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SECRECY_PLANTED_H_
