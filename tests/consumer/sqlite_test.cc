// SPDX-License-Identifier: Apache-2.0
// A program that takes otpcore::sqlite from an installed otpcore.
#include <otpcore/sqlite/store.h>

int main() {
  std::string problem;
  return otpcore::SqliteDatabase::Open(otpcore::SqliteOptions(), &problem) == nullptr ? 0 : 1;
}
