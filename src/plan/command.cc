// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/command.h"

namespace otpcore {

Error FaultError(Fault fault) {
  switch (fault) {
    case Fault::kNone: return ErrorCode::kOk;
    case Fault::kUnavailable: return Error(ErrorCode::kServerUnavailable, "a port is unavailable");
    case Fault::kContention: return Error(ErrorCode::kServerUnavailable, "too many conflicts");
    case Fault::kUnknown:
      return Error(ErrorCode::kServerUnavailable, "the outcome of the commit is unknown");
    case Fault::kMisuse:
      return Error(ErrorCode::kInternalServerError,
                   "the host gave no operation id, or an outcome that nothing asked for");
    case Fault::kNoEntropy: return Error(ErrorCode::kInternalServerError, "no entropy");
  }
  return ErrorCode::kInternalServerError;
}

}  // namespace otpcore
