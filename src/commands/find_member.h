// SPDX-License-Identifier: Apache-2.0
// The first steps of every command on a Member: check the ids, find the Organization, the Member
// and the session (rules C-01 … C-04, C-09, S-11); and the shapes of the answers.
#ifndef OTPCORE_SRC_COMMANDS_FIND_MEMBER_H_
#define OTPCORE_SRC_COMMANDS_FIND_MEMBER_H_

#include <optional>
#include <string>

#include "otpcore/commands/actor.h"
#include "otpcore/commands/checked.h"
#include "otpcore/plan/command.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {

// ---- Check ----

// kBadRequest with `absent_detail` when `text` is empty, kInvalidId, or an environment error.
Error CheckId(const CallContext& context, const std::string& text, const char* absent_detail,
              EntityId* id);

// Fills `*checked`. `session`: null when the command takes none. Errors: those of CheckId,
// kTooManySessionArguments.
Error CheckMember(const CallContext& context, const std::string& organization_id,
                  const std::string& member_id, const SessionArguments* session,
                  CheckedMember* checked);
// The same for a command that says whose act it is (C-10): `checked->session` is then the person's,
// or absent for the host. Errors also: kNoSessionArguments.
Error CheckMember(const CallContext& context, const std::string& organization_id,
                  const std::string& member_id, const Actor& actor, CheckedMember* checked);
Error CheckOrganization(const CallContext& context, const std::string& organization_id,
                        CheckedOrganization* checked);
Error CheckSessionArguments(const SessionArguments& arguments,
                            std::optional<SessionCredential>* session);

// ---- Find ----

struct FoundOrganization {
  const LoadedRecord* loaded = nullptr;
  OrganizationRecord organization;
};

// A Member that was found, on the way to a decision.
struct FoundMember {
  FoundMember() {}
  FoundOrganization organization;
  const LoadedRecord* loaded = nullptr;
  MemberRecord member;         // a copy: plans change it and write it
  bool clock_anomaly = false;  // `member` was clamped and should be written whatever is answered
  bool proves_address =
      false;              // the session is of no Member, and proves this one's address (EM-27)
  OperationMark earlier;  // the mark as it was loaded
  int device = -1;        // index of the known device that the request came from; -1: none

  KnownDevice* known_device() {
    return device < 0 ? nullptr : &member.devices[static_cast<size_t>(device)];
  }
  // Where this request's sends are counted (DV-03).
  SendLedger& sends() { return device < 0 ? member.sends : known_device()->sends; }
};

// True: found. False: `*decision` loads more, or answers kOrganizationNotFound.
bool FindOrganization(const CheckedOrganization& checked, const Facts& facts, bool deleted_too,
                      FoundOrganization* found, Decision* decision);

struct FindOptions {
  bool deleted_too = false;
  E164 number = {};  // whose claim will be needed
};
// True: found. False: `*decision` loads more, or answers kOrganizationNotFound or kMemberNotFound.
bool FindMember(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                const FindOptions& options, FoundMember* found, Decision* decision);

// FindMember for most commands: also answers a repeated operation, hides a deleted Member, and
// checks that the session is the Member's. A command that writes nothing has the kind kNone.
bool FindMemberForCommand(const CallContext& context, const CheckedMember& checked,
                          const Facts& facts, const FindOptions& options, FoundMember* found,
                          Decision* decision);

// The second half of it: the Member is not deleted, or may be, and the session is the Member's.
// For a command that looks after its repetition itself.
bool MayProceed(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                const FindOptions& options, const FoundMember& found, Decision* decision);

// The claim of a number: one for the two forms of a handset's (N-08).
inline RecordKey ClaimKey(const EntityId& organization, const E164& number) {
  return RecordKey::PhoneClaim(organization, HandsetKey(number));
}

// Sets `*id` to the id that a name stands for; leaves it when it is no name. False: `*decision`
// loads the name, or answers that it cannot be read (K-12).
bool FindName(const Facts& facts, const RecordKey& key, EntityId* id, Decision* decision);

// Whether an intermediate session of no Member may be used for a Member with this address: it
// proves the same one, and no second factor, which could be nobody's (EM-27).
bool ProvesAddress(const Session& session, std::string_view email_address);
// Whether the session that `credential` names may be used for the Member.
bool MayUse(const SessionCredential& credential, const Session& session,
            const MemberRecord& member);

// kOk when no session was given, or it was found and may be used for this Member (S-11).
Error CheckSession(const CheckedMember& checked, const Facts& facts, const MemberRecord& member);

// The Member must be active, and the Organization allow the factor (S-08, S-13).
Error CheckStatusAndMethod(const FoundMember& found, const FactorTraits& traits);

// True when the Member has an active second factor and the session, which must be there, has not
// shown one: such a session proves no factor that is pending (S-12). For acts on what there is
// already see MayChangeFactors.
bool LacksFactor(const Facts& facts, const MemberRecord& member);

// ---- Repeated operations (C-07) ----

// True when the latest operation that changed the record with this mark had the same id. Of an
// operation that is not repeatable nothing is looked for.
bool IsRepeated(const CallContext& context, const OperationMark& earlier);
// kOk when such an operation has the same request and comes in time; else kBadRequest, with a
// detail that says why.
Error CheckRepeated(const CallContext& context, const OperationMark& earlier, Instant now);
// Answers a repeated operation as it was answered. True: that was a success.
bool AnswerRepeated(const CallContext& context, const Facts& facts, const FoundMember& found,
                    Decision* decision);
// The same for a command that may have a session. A success needs it still (S-11).
void AnswerRepeated(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                    const FoundMember& found, Decision* decision);
// Refuses a repeated operation: nothing is changed, and nothing told.
void RefuseRepeated(Error error, Decision* decision);

// ---- Answers ----

// With what events show of the number.
Event EventOf(const PhoneFactor& phone, const ChallengeId& id, EventKind kind, Instant at,
              ErrorCode reason);
void AddEvent(const PhoneFactor& phone, EventKind kind, Instant at, ErrorCode reason,
              Decision* decision);
void AddEvent(const FoundMember& found, EventKind kind, Instant at, ErrorCode reason,
              Decision* decision);
inline void AddEvent(const FoundMember& found, EventKind kind, Instant at, Decision* decision) {
  AddEvent(found, kind, at, ErrorCode::kOk, decision);
}
// About a passcode: the challenge `id`; empty: none (V-01).
void AddEvent(const FoundMember& found, const ChallengeId& id, EventKind kind, Instant at,
              ErrorCode reason, Decision* decision);

// Sets the preference, with an event if it was another.
void SetDefaultMethod(MfaMethod method, Instant now, FoundMember* found, Decision* decision);
// Erases the registration, whoever keeps it, its recovery codes, and the preference for it.
void EraseTotp(Instant now, FoundMember* found, Decision* decision);

// An answer that changes nothing, before there is a Member.
void Refuse(Error error, Decision* decision);
// An answer that changes nothing but times that had to be clamped. These are written with it under
// no command: repeated, it is judged anew like any other refusal.
void Refuse(const CallContext& context, const FoundMember& found, const Facts& facts, Error error,
            Decision* decision);

// An answer that changes nothing and shows the Member.
void ShowMember(const FoundMember& found, Decision* decision);

// The changes of a success or of a counted failure: writes the Member's record with its mark. Must
// come before other writes. The answer shows the Member. With a success a session of no Member that
// was used verifies the address and makes the Member active (EM-27).
void CommitMember(const CallContext& context, const Facts& facts, FoundMember* found, Error error,
                  Decision* decision);

// The same with a mark of the command's own.
void CommitMemberWith(const OperationMark& mark, FoundMember* found, Error error,
                      Decision* decision);

// The mark of this run.
OperationMark MarkFor(const CallContext& context, const Facts& facts, ErrorCode answer);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_FIND_MEMBER_H_
