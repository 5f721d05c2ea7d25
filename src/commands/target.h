// SPDX-License-Identifier: Apache-2.0
// The first steps of every command on a Member: find the Organization, the Member and the session
// (rules C-01 … C-04, C-09, S-11), and the shape of the answers.
#ifndef OTPCORE_SRC_COMMANDS_TARGET_H_
#define OTPCORE_SRC_COMMANDS_TARGET_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "otpcore/commands/members.h"
#include "otpcore/commands/sms_passcode.h"
#include "otpcore/plan/command.h"

namespace otpcore {

inline RecordKey OrganizationKey(const Id& id) {
  return {RecordKind::kOrganization, Id(), id.view()};
}
inline RecordKey MemberKey(const Id& organization, const Id& id) {
  return {RecordKind::kMember, organization, id.view()};
}
inline RecordKey OrganizationNameKey(std::string_view name) {
  return {RecordKind::kOrganizationName, Id(), name};
}
inline RecordKey MemberNameKey(const Id& organization, std::string_view name) {
  return {RecordKind::kMemberName, organization, name};
}
// One for the two forms of a handset's number (N-08).
inline RecordKey ClaimKey(const Id& organization, const E164& number) {
  return {RecordKind::kPhoneClaim, organization, HandsetKey(number).view()};
}

// The id that `name_key` stands for; empty when it is no name, or not loaded.
Id NamedBy(const Facts& facts, const RecordKey& name_key);

// kBadRequest when absent, kInvalidId when malformed, an environment error, or kOk.
Error CheckRequiredId(const Policy& policy, const std::string& id, const char* absent_detail);

// Both ids of a request, in the plan that comes before any load: later ones rest on it.
Error CheckIds(const CallContext& context, const Facts& facts, const std::string& organization_id,
               const std::string& member_id);

// A session argument; refers to the request.
struct GivenSession {
  SessionCredential::Kind kind;
  const std::string* value;
  SessionCredential credential() const { return {kind, *value}; }
};

// The one session argument that is given. Errors: kTooManySessionArguments.
Result<std::optional<GivenSession>> OneCredential(const SessionArguments& arguments);

// A Member that was found, on the way to a decision. Functions that make the decision take it as
// `Target&&`: it is big, and moving it is a copy of most of it.
struct Target {
  OrganizationSnapshot organization;
  Revision revision = 0;
  MemberRecord member;  // a copy: plans change it and write it
  EventList events;
  bool clock_anomaly =
      false;              // `member` was pulled back and should be written whatever is answered
  OperationMark earlier;  // the mark as it was loaded

  RecordKey key() const { return MemberKey(member.organization_id, member.member_id); }
  void AddEvent(EventKind kind, Instant at, ErrorCode reason = ErrorCode::kOk);
};

Event EventAbout(const Enrollment& enrollment, EventKind kind, Instant at, ErrorCode reason);

// What to look up. The views must outlive the call.
struct Lookup {
  std::string_view organization;
  std::string_view member;
  const std::optional<GivenSession>* session = nullptr;  // null: the command takes none
  bool entropy = false;
  bool deleted_too = false;      // also find a deleted Member
  std::string_view number = {};  // its claim will be needed
};

// Fills `*organization`, or returns what to do instead: load more, or answer kOrganizationNotFound.
std::optional<Decision> FindOrganization(std::string_view spelling, const Facts& facts,
                                         OrganizationSnapshot* organization,
                                         bool deleted_too = false);

// Fills `*target`, or returns what to do instead: load more, or answer kOrganizationNotFound or
// kMemberNotFound.
std::optional<Decision> FindTarget(const CallContext& context, const Lookup& lookup,
                                   const Facts& facts, Target* target);

// kOk when `credential` is absent, or the session was found and is this Member's (S-11).
Error CheckSession(const std::optional<GivenSession>& given, const Facts& facts,
                   const MemberRecord& member);

// True when the Member has a second factor and the session, if there is one, has not shown it: such
// a session adds no factor and takes none away (S-12).
bool LacksFactor(const Facts& facts, const MemberRecord& member);

// What a command on a Member starts with.
struct MemberCall {
  CommandKind kind = CommandKind::kNone;  // kNone: it only reads
  const std::string& organization_id;
  const std::string& member_id;
  const SessionArguments* session = nullptr;  // null: it takes none
  bool entropy = false;
  bool deleted_too = false;
};

// The first steps of most commands: ids and session arguments checked, the Member found, a repeated
// operation answered, the session the Member's. Fills `*target`, or returns what to do instead.
std::optional<Decision> Begin(const CallContext& context, const MemberCall& call,
                              const Facts& facts, Target* target);

inline constexpr char kOperationIdOfAnotherCommand[] =
    "the operation id was used for another command";

// True when this operation is the latest that changed the Member: its answer is in `target.earlier`
// (C-07).
bool IsRepeated(const CallContext& context, const Target& target);

// The answer of a repeated operation: kBadRequest when it was another command's. A session that is
// another Member's is refused still.
Decision AnswerRepeated(CommandKind command, const Facts& facts, Target&& target);

// An answer that changes nothing — but for instants that had to be pulled back, which are then
// written with it, under no command: repeated, it is judged anew like any other refusal.
Decision Refuse(const CallContext& context, Target&& target, Error error);

// An error that is found before there is a Member.
Decision RefuseRequest(Error error);

// An answer that changes nothing and shows the Member.
Decision AnswerWithMember(Target&& target);

// Starts the changes of a success or of a counted failure: the Member record with its mark, as the
// first write, with room for as many more.
Commit StartCommit(OperationMark mark, Target&& target, Error error, size_t more_writes = 0);

// The response of commands that answer with the Member after them.
Result<MemberResponse> RespondWithMember(const Conclusion& conclusion);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_TARGET_H_
