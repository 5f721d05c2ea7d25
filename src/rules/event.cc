// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/event.h"

namespace otpcore {
namespace {

struct Named {
  EventKind kind;
  std::string_view name;
};

constexpr Named kNames[] = {
    {EventKind::kSent, "sent"},
    {EventKind::kDeliveryFailed, "delivery_failed"},
    {EventKind::kAuthenticated, "authenticated"},
    {EventKind::kFailure, "failure"},
    {EventKind::kChallengeDead, "challenge_dead"},
    {EventKind::kLocked, "locked"},
    {EventKind::kUnlocked, "unlocked"},
    {EventKind::kNumberLinked, "number_linked"},
    {EventKind::kNumberVerified, "number_verified"},
    {EventKind::kNumberUnlinked, "number_unlinked"},
    {EventKind::kEnrolled, "enrolled"},
    {EventKind::kUnenrolled, "unenrolled"},
    {EventKind::kRefusedByLimit, "refused_by_limit"},
    {EventKind::kClockAnomaly, "clock_anomaly"},
    {EventKind::kSpraying, "spraying"},
    {EventKind::kMfaSmsNotSent, "mfa_sms_not_sent"},
    {EventKind::kCreated, "created"},
    {EventKind::kTotpCreated, "totp_created"},
    {EventKind::kTotpActivated, "totp_activated"},
    {EventKind::kTotpExpired, "totp_expired"},
    {EventKind::kTotpDeleted, "totp_deleted"},
    {EventKind::kKeyMissing, "key_missing"},
    {EventKind::kNumberTaken, "number_taken"},
    {EventKind::kDeviceKnown, "device_known"},
    {EventKind::kDeviceForgotten, "device_forgotten"},
    {EventKind::kMfaSpared, "mfa_spared"},
    {EventKind::kDefaultMethodChanged, "default_method_changed"},
    {EventKind::kBreakglassChanged, "breakglass_changed"},
    {EventKind::kEmailChanged, "email_changed"},
    {EventKind::kNameChanged, "name_changed"},
    {EventKind::kExternalIdChanged, "external_id_changed"},
    {EventKind::kActivated, "activated"},
    {EventKind::kDeleted, "deleted"},
    {EventKind::kReactivated, "reactivated"},
    {EventKind::kPurged, "purged"},
    {EventKind::kTotpSet, "totp_set"},
    {EventKind::kTotpCleared, "totp_cleared"},
    {EventKind::kTotpCodeReused, "totp_code_reused"},
    {EventKind::kUpdated, "updated"},
    {EventKind::kOrganizationCreated, "organization_created"},
    {EventKind::kOrganizationDeleted, "organization_deleted"},
    {EventKind::kOrganizationPolicyChanged, "organization_policy_changed"},
    {EventKind::kOrganizationMethodsChanged, "organization_methods_changed"},
    {EventKind::kOrganizationNamesChanged, "organization_names_changed"},
    {EventKind::kTotpImported, "totp_imported"},
    {EventKind::kRecoveryCodeUsed, "recovery_code_used"},
    {EventKind::kRecoveryCodesLow, "recovery_codes_low"},
    {EventKind::kRecoveryCodesRotated, "recovery_codes_rotated"},
    {EventKind::kResealed, "resealed"},
    {EventKind::kEmailSent, "email_sent"},
    {EventKind::kEmailAuthenticated, "email_authenticated"},
    {EventKind::kEmailVerified, "email_verified"},
    {EventKind::kDiscoverySent, "discovery_sent"},
    {EventKind::kDiscoveryAuthenticated, "discovery_authenticated"},
    {EventKind::kDiscoveryPurged, "discovery_purged"},
    {EventKind::kSessionExchanged, "session_exchanged"},
    {EventKind::kPhoneChangeStarted, "phone_change_started"},
    {EventKind::kPhoneChanged, "phone_changed"},
    {EventKind::kPhoneChangeDropped, "phone_change_dropped"},
};

}  // namespace

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
  for (const Named& one : kNames) {
    if (one.kind == kind) return one.name;
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
