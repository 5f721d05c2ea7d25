// SPDX-License-Identifier: Apache-2.0
#include "inspect.h"

#include <optional>
#include <string_view>

#include "otpcore/otpcore.h"

namespace otpcore_tool {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Bytes(std::string_view hex) {
  if (hex.substr(0, 2) == "\\x") hex.remove_prefix(2);  // as psql prints bytea
  if (hex.empty() || hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// Adds "name: value".
class Lines {
 public:
  explicit Lines(std::string* text) : text_(*text) {}
  void Add(std::string_view name, std::string_view value) {
    text_.append(name).append(": ").append(value.empty() ? "-" : value).append("\n");
  }
  void Add(std::string_view name, int value) { Add(name, std::to_string(value)); }
  void Add(std::string_view name, bool value) { Add(name, std::string_view(value ? "yes" : "no")); }
  void Add(std::string_view name, Instant at) {
    Add(name, at == Instant() ? std::string() : FormatRfc3339(at));
  }

 private:
  std::string& text_;
};

std::string_view NameOf(ChallengeState state) {
  switch (state) {
    case ChallengeState::kNone: return "none";
    case ChallengeState::kLive: return "live";
    case ChallengeState::kUsed: return "used";
    case ChallengeState::kExpired: return "expired";
    case ChallengeState::kExhausted: return "exhausted";
    case ChallengeState::kVoid: return "void";
  }
  return "unknown";
}

void ShowOrganization(const OrganizationRecord& organization, Lines* lines) {
  lines->Add("organization_id", organization.organization_id.str());
  lines->Add("organization_name", organization.organization_name);
  lines->Add("organization_slug", organization.organization_slug);
  lines->Add("mfa_policy", WireName(organization.mfa_policy));
  lines->Add("mfa_methods", WireName(organization.mfa_methods));
  lines->Add("sms_otp allowed", organization.sms_otp_allowed);
  lines->Add("totp allowed", organization.totp_allowed);
  lines->Add("deleted", organization.deleted);
  lines->Add("created_at", organization.created_at);
  lines->Add("updated_at", organization.updated_at);
}

void ShowMember(const MemberRecord& member, Lines* lines) {
  lines->Add("organization_id", member.organization_id.str());
  lines->Add("member_id", member.member_id.str());
  lines->Add("status", WireName(member.status));
  lines->Add("mfa_enrolled", member.mfa_enrolled);
  lines->Add("default_mfa_method", WireName(member.default_mfa_method));
  lines->Add("created_at", member.created_at);
  lines->Add("updated_at", member.updated_at);
  lines->Add("number", otpcore::NameOf(member.phone.state));
  if (const std::string_view number = member.phone.number; number.size() > 2) {
    lines->Add("number's region", member.phone.region.view());
    lines->Add("number's last digits", number.substr(number.size() - 2));
  }
  lines->Add("passcode", NameOf(member.challenge.state));
  if (member.challenge.state != ChallengeState::kNone) {
    lines->Add("passcode issued", member.challenge.issued_at);
    lines->Add("passcode ends", member.challenge.expires_at);
    lines->Add("passcode's failures", member.challenge.failures);
  }
  lines->Add("totp", otpcore::NameOf(member.registration_state()));
  if (!member.recovery.empty()) lines->Add("recovery codes left", SetOf(member.recovery).left());
  lines->Add("failures in a row", member.failures.in_a_row);
  lines->Add("failures since success", member.failures.since_success);
  lines->Add("failures in the budget", member.failures.recent.count);
  lines->Add("sends counted", member.sends.count);
  lines->Add("known devices", static_cast<int>(member.devices.size()));
}

// Nothing of the address (V-02): whoever asks has the key.
void ShowDiscovery(const DiscoveryRecord& record, Lines* lines) {
  const EmailFactor& email = record.email;
  lines->Add("passcode", NameOf(email.challenge.state));
  lines->Add("passcode issued", email.challenge.issued_at);
  lines->Add("passcode ends", email.challenge.expires_at);
  lines->Add("passcode's failures", email.challenge.failures);
  lines->Add("failures in a row", email.failures.in_a_row);
  lines->Add("failures since success", email.failures.since_success);
  lines->Add("failures in the budget", email.failures.recent.count);
  lines->Add("locked until", email.failures.locked_until);
  lines->Add("locked without end", email.failures.disabled);
  lines->Add("sends counted", email.sends.count);
  lines->Add("may be forgotten from", record.forget_at);
}

template <typename R>
void ShowHolds(const R& record, const Policy& policy, Instant now, Lines* lines) {
  for (const Hold& hold : Explain(record, policy, now)) {
    std::string text = "since " + FormatRfc3339(hold.since);
    text += hold.until ? ", until " + FormatRfc3339(*hold.until) : std::string(", without end");
    const std::string_view end = EndOf(hold.kind);
    if (!end.empty()) text.append(". ").append(end);
    lines->Add("held by " + std::string(RuleOf(hold.kind)), text);
  }
}

}  // namespace

std::string Inspect(const std::string& key, const std::string& record, const Policy& policy,
                    Instant now, std::string* text) {
  const std::optional<std::string> key_bytes = Bytes(key);
  const std::optional<std::string> record_bytes = Bytes(record);
  if (!key_bytes || !record_bytes) return "Key and record must be hexadecimal digits.";
  const RecordKey stored = RecordKey::FromBytes(*key_bytes);
  if (stored.empty()) return "These bytes are no key of a record.";
  const Result<std::string_view> packed = Unprotect(stored, *record_bytes);
  if (!packed) return "The record cannot be read: " + std::string(packed.error().detail()) + ".";
  text->clear();
  Lines lines(text);
  OrganizationRecord organization;
  MemberRecord member;
  DiscoveryRecord discovery;
  NameEntry name;
  PhoneClaim claim;
  if (Unpack(stored, *packed, &organization)) {
    ShowOrganization(organization, &lines);
  } else if (Unpack(stored, *packed, &member)) {
    ShowMember(member, &lines);
    ShowHolds(member, policy, now, &lines);
  } else if (Unpack(stored, *packed, &discovery)) {
    ShowDiscovery(discovery, &lines);
    ShowHolds(discovery, policy, now, &lines);
  } else if (Unpack(stored, *packed, &claim)) {
    lines.Add("a number of", claim.member_id.str());
    lines.Add("proved", claim.permanent);
    lines.Add("lease ends", claim.lease_end);
  } else if (Unpack(stored, *packed, &name)) {
    lines.Add("a name of", name.id.str());
  }
  return "";
}

}  // namespace otpcore_tool
