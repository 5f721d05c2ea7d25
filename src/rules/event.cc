// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/event.h"

namespace otpcore {

std::string_view NameOf(LockRule rule) {
  switch (rule) {
    case LockRule::kNone: return "";
    case LockRule::kFailuresInARow: return "failures_in_a_row";
    case LockRule::kFailuresSinceSuccess: return "failures_since_success";
    case LockRule::kRollingFailures: return "rolling_failures";
  }
  return "unknown";
}

std::string_view NameOf(EventKind kind) {
  switch (kind) {
    case EventKind::kSent: return "sent";
    case EventKind::kDeliveryFailed: return "delivery_failed";
    case EventKind::kAuthenticated: return "authenticated";
    case EventKind::kFailure: return "failure";
    case EventKind::kChallengeDead: return "challenge_dead";
    case EventKind::kLocked: return "locked";
    case EventKind::kUnlocked: return "unlocked";
    case EventKind::kNumberLinked: return "number_linked";
    case EventKind::kNumberVerified: return "number_verified";
    case EventKind::kNumberUnlinked: return "number_unlinked";
    case EventKind::kEnrolled: return "enrolled";
    case EventKind::kUnenrolled: return "unenrolled";
    case EventKind::kRefusedByLimit: return "refused_by_limit";
    case EventKind::kClockAnomaly: return "clock_anomaly";
    case EventKind::kSpraying: return "spraying";
    case EventKind::kMfaSmsNotSent: return "mfa_sms_not_sent";
    case EventKind::kCreated: return "created";
    case EventKind::kTotpCreated: return "totp_created";
    case EventKind::kTotpActivated: return "totp_activated";
    case EventKind::kTotpExpired: return "totp_expired";
    case EventKind::kTotpDeleted: return "totp_deleted";
    case EventKind::kKeyMissing: return "key_missing";
    case EventKind::kNumberTaken: return "number_taken";
    case EventKind::kDeviceKnown: return "device_known";
    case EventKind::kDeviceForgotten: return "device_forgotten";
    case EventKind::kMfaSpared: return "mfa_spared";
    case EventKind::kDefaultMethodChanged: return "default_method_changed";
    case EventKind::kBreakglassChanged: return "breakglass_changed";
    case EventKind::kEmailChanged: return "email_changed";
    case EventKind::kNameChanged: return "name_changed";
    case EventKind::kExternalIdChanged: return "external_id_changed";
    case EventKind::kActivated: return "activated";
    case EventKind::kDeleted: return "deleted";
    case EventKind::kReactivated: return "reactivated";
    case EventKind::kPurged: return "purged";
    case EventKind::kTotpSet: return "totp_set";
    case EventKind::kTotpCleared: return "totp_cleared";
    case EventKind::kTotpCodeReused: return "totp_code_reused";
    case EventKind::kUpdated: return "updated";
    case EventKind::kOrganizationCreated: return "organization_created";
    case EventKind::kOrganizationDeleted: return "organization_deleted";
    case EventKind::kOrganizationPolicyChanged: return "organization_policy_changed";
    case EventKind::kOrganizationMethodsChanged: return "organization_methods_changed";
    case EventKind::kOrganizationNamesChanged: return "organization_names_changed";
    case EventKind::kTotpImported: return "totp_imported";
    case EventKind::kRecoveryCodeUsed: return "recovery_code_used";
    case EventKind::kRecoveryCodesLow: return "recovery_codes_low";
    case EventKind::kRecoveryCodesRotated: return "recovery_codes_rotated";
    case EventKind::kResealed: return "resealed";
    case EventKind::kEmailSent: return "email_sent";
    case EventKind::kEmailAuthenticated: return "email_authenticated";
    case EventKind::kEmailVerified: return "email_verified";
    case EventKind::kDiscoverySent: return "discovery_sent";
    case EventKind::kDiscoveryAuthenticated: return "discovery_authenticated";
    case EventKind::kDiscoveryPurged: return "discovery_purged";
    case EventKind::kSessionExchanged: return "session_exchanged";
    case EventKind::kPhoneChangeStarted: return "phone_change_started";
    case EventKind::kPhoneChanged: return "phone_changed";
    case EventKind::kPhoneChangeDropped: return "phone_change_dropped";
  }
  return "unknown";
}

PasscodeEnd PasscodeEndOf(const EventList& events) {
  PasscodeEnd end;
  const bool failed = events.Has(EventKind::kFailure);
  for (const Event& event : events) {
    if (event.kind == EventKind::kNumberVerified && !event.challenge_id.empty())
      return {event.challenge_id, true};
    // Without a failure it was void or had expired, or its code was right and the number another's.
    if (event.kind == EventKind::kChallengeDead &&
        (failed || event.reason == ErrorCode::kDuplicateMemberPhoneNumber))
      end.challenge_id = event.challenge_id;
  }
  return end;
}

}  // namespace otpcore
