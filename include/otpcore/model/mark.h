// SPDX-License-Identifier: Apache-2.0
// The operation mark: who wrote a record last, and what was answered (rules C-07, C-08).
#ifndef OTPCORE_MODEL_MARK_H_
#define OTPCORE_MODEL_MARK_H_

#include <cstdint>

#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"

namespace otpcore {

// Which command an operation mark belongs to. Stable numbers, append only: they are stored.
enum class CommandKind : uint8_t {
  kNone = 0,
  kSendSmsOtp = 1,
  kAuthenticateSmsOtp = 2,
  kReportDelivery = 3,
  kCreateOrganization = 4,
  kCreateMember = 5,
  kUpdateOrganization = 6,
  kDeleteOrganization = 7,
  kUpdateMember = 8,
  kDeleteMember = 9,
  kReactivateMember = 10,
  kPurgeMember = 11,
  kDeleteMfaPhoneNumber = 12,
  kSetTotpRegistration = 13,
  kUnlockMember = 14,
  kMfaStep = 15,
  kCreateTotp = 16,
  kAuthenticateTotp = 17,
  kDeleteTotp = 18,
  kForgetDevices = 19,
  kMigrateTotp = 20,
  kUseRecoveryCode = 21,
  kRotateRecoveryCodes = 22,
  kReseal = 23,
  kSendEmailPasscode = 24,
  kAuthenticateEmailPasscode = 25,
  kStartPhoneChange = 40,
  kFinishPhoneChange = 41,
  kSendDiscoveryPasscode = 50,
  kAuthenticateDiscoveryPasscode = 51,
  kReportDiscoveryDelivery = 52,
  kUnlockDiscoveryAddress = 53,
  kPurgeDiscoveryAddress = 54,
  kExchangeIntermediateSession = 55,
};

// The latest operation that changed a record, and how it was answered.
struct OperationMark {
  OperationId id = {};  // empty: it was not repeatable
  RunId run = 0;        // of the commit that wrote the record: no other commit has it
  CommandKind command = CommandKind::kNone;
  uint16_t answer = 0;  // the ErrorCode's number; 0: it succeeded
  // Of an operation with an id only: what a repetition is compared with (C-07).
  uint64_t request = 0;      // keyed tag of the whole request
  uint32_t request_key = 0;  // id of the key in the KeyRing that made the tag
  Instant at = {};           // when the operation was decided
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_MARK_H_
