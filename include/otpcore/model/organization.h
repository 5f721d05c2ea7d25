// SPDX-License-Identifier: Apache-2.0
// Organization: a tenant, and how it treats the second factor of its Members.
#ifndef OTPCORE_MODEL_ORGANIZATION_H_
#define OTPCORE_MODEL_ORGANIZATION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "otpcore/base/export.h"
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
};

// The latest operation that changed a record, and how it was answered (C-07, C-08).
struct OperationMark {
  OperationId id;
  CommandKind command = CommandKind::kNone;
  uint16_t answer = 0;  // the ErrorCode's number; 0: it succeeded
  friend bool operator==(const OperationMark& a, const OperationMark& b) {
    return a.id == b.id && a.command == b.command && a.answer == b.answer;
  }
};

// Wire names OPTIONAL, REQUIRED_FOR_ALL. Stable numbers.
enum class MfaPolicy : uint8_t { kOptional = 0, kRequiredForAll = 1 };
// Wire names ALL_ALLOWED, RESTRICTED. Stable numbers.
enum class MfaMethods : uint8_t { kAllAllowed = 0, kRestricted = 1 };

// What the core keeps of an Organization; everything else belongs to the host.
struct Organization {
  Id organization_id;
  Id organization_slug;         // empty: none
  Id organization_external_id;  // empty: none
  std::string organization_name;
  MfaPolicy mfa_policy = MfaPolicy::kOptional;
  MfaMethods mfa_methods = MfaMethods::kAllAllowed;
  bool sms_otp_allowed = false;  // in allowed_mfa_methods; read when mfa_methods is kRestricted
  bool totp_allowed = false;     // likewise
  Instant created_at;
  Instant updated_at;

  bool AllowsSmsOtp() const { return mfa_methods == MfaMethods::kAllAllowed || sms_otp_allowed; }
  bool AllowsTotp() const { return mfa_methods == MfaMethods::kAllAllowed || totp_allowed; }
};

struct OrganizationRecord {
  Organization organization;
  bool deleted = false;
  OperationMark mark;
};

// A loaded Organization: shared and never changed, since commands on Members only read it.
using OrganizationSnapshot = std::shared_ptr<const OrganizationRecord>;

OTPCORE_EXPORT std::string_view WireName(MfaPolicy policy);
OTPCORE_EXPORT std::string_view WireName(MfaMethods methods);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_ORGANIZATION_H_
