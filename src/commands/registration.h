// SPDX-License-Identifier: Apache-2.0
// A TOTP registration and its recovery codes, as the commands on them make, renew and end them
// (rules TO-02, TO-05, TO-22, TO-24, RC-01, RC-15, RC-16).
//
// The texts of a record are views: whoever makes or renews bytes keeps them until the record is
// written.
#ifndef OTPCORE_SRC_COMMANDS_REGISTRATION_H_
#define OTPCORE_SRC_COMMANDS_REGISTRATION_H_

#include "commands/find_member.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/factors/totp.h"
#include "otpcore/factors/verdict.h"

namespace otpcore {

using RegistrationIdText = InlineText<64>;
// "member-totp-<environment>-<uuid>".
RegistrationIdText RegistrationIdOf(const Uuid& id, const CallContext& context);

// What is bound to the registration of one Member, and the ids as texts, which the bindings view.
struct RegistrationBinding {
  explicit RegistrationBinding(const MemberRecord& member);
  RegistrationBinding(const RegistrationBinding&) = delete;
  RegistrationBinding& operator=(const RegistrationBinding&) = delete;
  ~RegistrationBinding() = default;

  InlineText<kIdBytesMax> organization_id;
  InlineText<kIdBytesMax> member_id;
  TotpBinding totp;
  RecoveryBinding recovery;
};

// ---- Making ----

// Why no secret or code can be made: kInternalServerError without a sealing key, or when two draws
// of this run are equal.
Error CheckMeans(const CallContext& context, const Facts& facts);
// The same for a registration, which needs an issuer too.
Error CheckMeansToRegister(const CallContext& context, const Facts& facts);

struct RegistrationBytes {
  SealedTotpSecret secret;
  RecoverySet set;
  SealedRecoveryCodes copy;
};

// Replaces the registration of `*member` by a new one with this secret, pending or active, without
// recovery codes.
Error Register(const CallContext& context, const Facts& facts, const TotpParameters& parameters,
               const TotpSecret& secret, RegistrationState state, MemberRecord* member,
               RegistrationBytes* bytes);

// Gives the registration of `*member` a new set, of `imported` or (null) of the codes that this run
// draws, with a readable copy or without.
Error SetRecoveryCodes(const CallContext& context, const Facts& facts,
                       const RecoveryCodes* imported, bool readable, MemberRecord* member,
                       RegistrationBytes* bytes);

// ---- Reading ----

// The unused codes of a Member whose record has the readable copy.
Result<RecoveryCodes> ReadableCodes(const CallContext& context, const MemberRecord& member);
// The Member's record as the answer shows it. Errors: the answer's.
Error ReadAnswer(const Conclusion& conclusion, MemberRecord* member);
// Fills in what a command that made a set shows: the readable copy, or what was drawn; nothing when
// neither is there, as when it is repeated (C-07).
Error ShowNewCodes(const CallContext& context, const Conclusion& conclusion,
                   const MemberRecord& member, RecoveryCodes* codes);

// An event about the codes of `member`, with how many are left (RC-12).
void AddCodesEvent(EventKind kind, const MemberRecord& member, Instant now, bool after_restore,
                   Decision* decision);

// ---- Ending ----

// Whether a pending registration is over (TO-05).
bool HasEnded(const TotpFactor& totp, Instant now);
// kMatch: a code may prove the pending registration now. kExpired: it is over. kDead: this clock is
// far behind the one that made it; for other hosts it stands (T-02).
Verdict WhyNotProved(const CallContext& context, const TotpFactor& totp, Instant now);
// Erases the secret and the codes of one that is.
void ExpireRegistration(Instant now, FoundMember* found, Decision* decision);

// ---- Renewing ----

struct RenewedBytes {
  SealedTotpSecret secret;
  SealedRecoveryCodes copy;
  RecoverySet set;
};

// Seals anew what an old sealing key sealed (TO-24), and with `digests_too` digests anew what an
// old digest key digested, if the codes can be read (RC-16). Errors, kInternalServerError:
// something old does not open; what was renewed before it stays renewed.
Error Renew(const CallContext& context, const Facts& facts, bool digests_too, MemberRecord* member,
            RenewedBytes* bytes, bool* changed);
// The same beside a success, which stands when it fails: then an event says so.
void RenewOnSuccess(const CallContext& context, const Facts& facts, FoundMember* found,
                    RenewedBytes* bytes, Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_REGISTRATION_H_
