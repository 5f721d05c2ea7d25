// SPDX-License-Identifier: Apache-2.0
// Prints docs/errors.md from the catalogue in the library (rule X-03).
#include <iostream>
#include <string>

#include "otpcore/base/error.h"

namespace {

const char* ClassName(otpcore::ErrorClass error_class) {
  using C = otpcore::ErrorClass;
  switch (error_class) {
    case C::kFixRequest: return "fix the request";
    case C::kNotFound: return "not found";
    case C::kFixState: return "fix the state";
    case C::kDenied: return "denied";
    case C::kWait: return "wait";
    case C::kRetry: return "retry";
    case C::kDefect: return "defect";
  }
  return "";
}

std::string ShownToEndUser(const otpcore::ErrorInfo& row) {
  if (row.end_user_code == otpcore::ErrorCode::kOk) return "as a success";
  if (row.end_user_code == row.code) return "the same";
  return "`" + std::string(otpcore::Describe(row.end_user_code).error_type) + "`";
}

// A bar would end the table's cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

}  // namespace

int main() {
  std::cout
      << "# Errors\n\n"
         "Written by `make docs` from the table in `src/base/error.cc`; a test fails when it is "
         "stale.\n\n"
         "The number is for programs and never changes; `error_type` and the status are the "
         "wire's. The class says\nwhat the caller should do. The last column is what an end "
         "user may be shown (`ErrorInfo::end_user_code`):\nit does not tell who holds a "
         "number, nor what was wrong with a code. Several errors of a send tell that a "
         "Member exists: to an\nend user who has proved no primary factor, answer every error of "
         "a send as if it had succeeded. For\npasscodes by e-mail use `SafeSendEmailError` and "
         "`SafeAuthenticateEmailError`.\n\n"
         "| number | error_type | status | class | message | to an end user |\n"
         "|---|---|---|---|---|---|\n";
  for (const otpcore::ErrorInfo& row : otpcore::AllErrors()) {
    std::cout << "| " << static_cast<int>(row.code) << " | `" << row.error_type << "` | "
              << row.http_status << " | " << ClassName(row.error_class) << " | "
              << Cell(row.message) << " | " << ShownToEndUser(row) << " |\n";
  }
}
