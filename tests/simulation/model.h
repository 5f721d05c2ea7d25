// SPDX-License-Identifier: Apache-2.0
// The model: what every command must answer and change, written from the rules and from nothing
// else. Slow and simple on purpose: whole lists instead of bounded ledgers, times as plain
// milliseconds, codes in plain text.
#ifndef OTPCORE_TESTS_SIMULATION_MODEL_H_
#define OTPCORE_TESTS_SIMULATION_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model_state.h"

namespace otpcore {
namespace simulation {

constexpr char kSlugs[] = "(slugs)";

// What one attempt of a host has seen: each thing and each name as of the load that brought it, or
// of the first load when none did.
struct View {
  StatePtr first;
  // By PathOf(organization, name or e-mail address), of slugs by PathOf(kSlugs, lower case).
  std::map<std::string, StatePtr> names;
  std::map<std::string, std::shared_ptr<const ModelOrganization>> organizations;
  std::map<std::string, std::shared_ptr<const ModelMember>> members;
  std::map<std::string, std::shared_ptr<const ModelClaim>> claims;
  std::map<std::string, std::shared_ptr<const ModelAddress>> addresses;

  const ModelOrganization* FindOrganization(const std::string& id) const;
  // C-02: the one whose slug this is but for the case of its letters.
  const ModelOrganization* FindBySlug(const std::string& slug) const;
  const ModelMember* FindMember(const std::string& organization, const std::string& id) const;
  const ModelClaim* FindClaim(const std::string& organization, const std::string& number) const;
  const ModelAddress* FindAddress(const std::string& address) const;  // in lower case
  // The state in which `name` is looked up; of Organizations' names `organization` is empty.
  const ModelState& At(const std::string& organization, const std::string& name) const;
};

// A phone number as the world has it, independent of libphonenumber.
struct NumberFact {
  const char* text;
  const char* canonical;
  const char* region;
  bool valid;  // and of a type that a person receives a passcode on
};
const std::vector<NumberFact>& Numbers();

// An event that a command must tell of (V-02); of most, only that it is told.
struct ModelEvent {
  EventKind kind = EventKind::kUpdated;
  ErrorCode reason = ErrorCode::kOk;
  int codes_left = 0;
  bool after_restore = false;
};

struct Question {
  const Policy* policy = nullptr;
  const Call* call = nullptr;
  const View* view = nullptr;
  Millis now = 0;
  uint64_t epoch = 0;
  ModelRun run = 0;                    // of this attempt
  std::optional<Session> session;      // what the directory found
  bool generator_stuck = false;        // no passcode can be drawn
  std::optional<Admission> admission;  // absent: the guard was not asked
  std::string new_id;  // that the product chose for what it creates; empty: not known yet
  // The bytes of the Entropy that this attempt drew, as many as were asked for.
  std::string_view drawn;
  // The sealing keys of the host, the one that seals last; empty: it has none.
  std::vector<uint32_t> sealing_keys;
  uint32_t digest_key = 0;  // the one that digests
};

// Whose passcode it is: of the Member's number, of the candidate (E-04), of the e-mail address, of
// an address outside any Organization.
enum class IssuedTo { kNumber, kCandidate, kAddress, kDiscovery };

// What becomes of the session (EM-17).
struct ModelEffect {
  SessionEffect::Kind kind = SessionEffect::Kind::kCreate;
  int minutes = 0;
  // Of an exchange: it consumes the token, and the factor was shown earlier (SE-03).
  bool consumes = false;
  FactorKind factor = FactorKind::kEmailPasscode;
  Millis shown = 0;
};

// How the call must be answered and what it must change.
struct Expected {
  ErrorCode error = ErrorCode::kOk;
  std::optional<Millis> retry_after;
  bool asks_guard = false;  // needs an admission that was not given yet
  std::string asks_for;     // the number, and whether it is a sandbox number
  bool replay = false;
  std::string organization, member;  // the ids found
  // The Member found, with instants too far ahead pulled back (T-02), and whether there were any.
  std::shared_ptr<const ModelMember> target;
  bool anomaly = false;
  // What changes; a null claim is released.
  std::shared_ptr<ModelOrganization> new_organization;
  std::shared_ptr<ModelMember> new_member;
  std::map<std::string, std::shared_ptr<const ModelClaim>> new_claims;
  // Likewise of an address outside any Organization (EM-25). Blank when nothing is remembered.
  std::string address;  // in lower case
  std::shared_ptr<const ModelAddress> target_address;
  std::shared_ptr<ModelAddress> new_address;
  bool purges = false;      // the address
  bool gives_back = false;  // of a report: the send (D-02)
  // A passcode is issued: the code and the id are the product's to choose.
  bool issues = false;
  IssuedTo issued_to = IssuedTo::kNumber;
  bool delivers = false;  // and handed to the sink
  std::optional<int> sends_left;
  std::optional<int> tries_left;
  // The MFA step.
  bool authenticated = false;
  bool required = false;
  bool initiated = false;
  bool has_options = false;
  bool applied = false;               // a report, unlock and purge of an address
  bool made = false;                  // a Member, by a send by e-mail (EM-06) or an exchange
  std::optional<ModelEffect> effect;  // of a proof of an address
  // TOTP and recovery codes. What a registration must show is in the Member.
  bool shows_secret = false;      // the answer has secret and URI
  bool shows_codes = false;       // and all unused codes
  bool keeps_digest_key = false;  // of reseal: another digest key than the current one must stay
  bool knows_events = false;      // `events` are all that must be told; else they are not compared
  std::vector<ModelEvent> events;

  void Tell(EventKind kind, ErrorCode reason = ErrorCode::kOk) { events.push_back({kind, reason}); }
};

Expected Judge(const Question& question);

// Whether something must be written.
inline bool Writes(const Expected& expected) {
  return expected.new_member != nullptr || expected.new_organization != nullptr ||
         expected.new_address != nullptr || expected.purges;
}

// True while it is locked at `now`; `*until` is then the end, or 0 for a lock without end. Of a
// Member: either ledger (L-12).
bool IsLocked(const ModelLedger& ledger, Millis now, Millis* until);
bool IsLocked(const ModelMember& member, Millis now, Millis* until);

// ---- Between the files of the model ----

// Whether a clock that shows `now` is not of the same mind as one that showed `time` (T-02).
bool IsFarBehind(Millis now, Millis time);

// "member-test-<uuid>" and the like, as the product writes them: no alias may be such (C-02).
bool ShapedLikeAGeneratedId(const std::string& id);
// The form of a required id (C-03, C-04), and of those of a call on a Member.
ErrorCode CheckId(const std::string& id);
ErrorCode CheckIds(const Call& call);
// The same, with one session at most.
ErrorCode OneSessionShape(const Call& call);
// Fills the ids and the target and returns kOk, or the error. The ids' form was found right.
// `deleted_too`: for commands that bring deleted Members back or erase them.
ErrorCode FindTarget(const Question& question, Expected* expected, const ModelOrganization** org,
                     const ModelMember** member, bool deleted_too = false);
// Whose e-mail address it is, of the Members that are not deleted; empty: nobody's.
std::string OwnerOf(const Question& question, const std::string& organization,
                    const std::string& email);
// The Member of the Organization, not deleted, who has this e-mail address; or null.
const ModelMember* FindByEmail(const Question& question, const std::string& organization,
                               const std::string& email);
ErrorCode FindOrganizationOnly(const Question& question, Expected* expected,
                               const ModelOrganization** org);
struct Target {
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
};
// The first steps of a command on a Member: `shape` is what is wrong with its form, then the Member
// is found, then a repetition is answered. False: `*expected` has the answer.
bool Opens(const Question& question, ErrorCode shape, Target* target, Expected* expected);
// Whether the operation id is that of the latest operation, which left `mark` (C-07).
bool Repeats(const Question& question, const ModelMark& mark);
// What a repetition is answered with: kBadRequest unless it is the same request and in time.
ErrorCode AnswerOfReplay(const Question& question, const ModelMark& mark);
// The same of a command that may have a session: after a success it must be there still (S-11).
ErrorCode AnswerOfReplay(const Question& question, const ModelMember& member);
ModelMark MarkOf(const Question& question, ErrorCode answer);
// The Member's own session, or one of no Member that has proved their address (EM-27).
bool MayUseSession(const Question& question, const ModelMember& member);
// The latter.
bool ProvesAddress(const Question& question, const ModelMember& member);
// By such a session somebody becomes active, so that need not be known before.
bool IsActiveFor(const Question& question, const ModelMember& member);
// What a success in it does beside its own: the address is verified, the Member active.
void VerifyMail(ModelMember* member, Expected* expected);
ErrorCode CheckSession(const Question& question, const ModelMember& member);
int SessionCount(const SessionArguments& session);
bool HasSession(const SessionArguments& session);
// Lets `number` be linked to `member` (S-04, S-07, S-12, S-16, N-03, M-08). `needs_factor`: S-12.
// `imports`: the host has seen it verified (N-06).
struct Link {
  ErrorCode error = ErrorCode::kOk;
  std::string number;  // canonical
};
Link CheckLink(const Question& question, const ModelOrganization& org, const ModelMember& member,
               bool needs_factor, bool imports = false);
// S-12: a person must show a second factor before they touch what their MFA rests on, and has not.
bool MustShowFactor(const Question& question, const ModelMember& member);
// Of the Member's number, or of another that they may hold.
void ReleaseClaim(const Question& question, const ModelMember& member, Expected* expected);
void ReleaseClaim(const Question& question, const ModelMember& member, const std::string& number,
                  Expected* expected);
// Whether another Member holds `number`, so that `member` cannot link it (S-07).
bool IsTaken(const Question& question, const ModelMember& member, const std::string& number);
// The end of a lease that the Member takes now; 0: they had one in the last five lives.
Millis TakeLease(const Question& question, ModelMember* member);
struct NewNumber {
  std::string number;  // canonical
  bool verified = false;
  bool by_host = false;
};
void LinkNumber(const Question& question, const NewNumber& number, ModelMember* member,
                Expected* expected);
// T-02 of passcodes by e-mail, whoever's; whether there was anything to pull back.
bool PullBackMail(const Policy& policy, Millis now, ModelMail* mail);
// EM-22: what the sends to the address are counted under.
std::string CountingKeyOf(const std::string& address);
bool IsSandboxAddress(const Policy& policy, const std::string& address, Millis now);
const NumberFact* FactOf(const std::string& text);
// '+' and 8 … 15 digits (N-01).
bool ShapedLikeANumber(const std::string& text);
bool IsSandbox(const Policy& policy, const std::string& number, Millis now);
// The copy that will be written: marked, and its challenge has seen `now`.
std::shared_ptr<ModelMember> Changed(const Question& question, const ModelMember& member,
                                     ErrorCode answer);

// L-06: how long until the next send is allowed, 0: now; and what is remembered of one.
Millis WaitForSend(const Policy& policy, const ModelSends& sends, Millis now);
ModelSends AfterSend(const Policy& policy, ModelSends sends, Millis now);
// The same of e-mail (EM-21).
Millis WaitForEmail(const Policy& policy, const ModelSends& sends, Millis now);
ModelSends AfterEmail(const Policy& policy, ModelSends sends, Millis now);
int EmailsLeft(const Policy& policy, const ModelSends& sends, Millis now);

// DV-06.
void ForgetDevices(ModelMember* member);

// ---- Of passcodes ----

bool IsLocale(const std::string& locale);
// Which session it is; empty: none, or one without id. Told by hosts with another digest key it is
// another one.
std::string SessionOf(const Question& question);
// Likewise of who asks for an SMS: that may be said with the call.
std::string SenderOf(const Question& question);
enum class Life { kNone, kLive, kNotYet, kExpired, kForgotten, kDead };
Life LifeOf(const Question& question, const ModelChallenge& challenge);
int SendsLeft(const Policy& policy, const ModelSends& sends, Millis now);
// Whether the guard lets a send go on. False: `*expected` asks it, or refuses.
bool Admits(const Question& question, const std::string& asks_for, Expected* expected);
// The same of an SMS to `number`. `waits_for`: the passcode that a person is asked for meanwhile
// (S-20).
bool MayBeSent(const Question& question, const std::string& number, const ModelMember& member,
               const ModelChallenge& waits_for, Expected* expected);
// A new live passcode in place of `before`, whose code it supersedes.
ModelChallenge Issued(const Question& question, const ModelChallenge& before);
void TellOfLiveCode(const Question& question, const ModelMember& member,
                    const ModelChallenge& challenge, Expected* expected);
bool IsCodeShaped(const std::string& code);

// ---- What all factors share (model_proof.cc) ----

bool IsDevice(const std::string& device);  // DV-01
bool IsKnown(const Policy& policy, const ModelDevice& device, Millis now);
// Tells a known device from others, and from itself when it was forgotten and is known again by a
// host with another digest key.
std::string IdentityOf(const ModelDevice& device);
// The known device that the call names; null: none.
ModelDevice* DeviceOf(const Question& question, ModelMember* member);
const ModelDevice* DeviceOf(const Question& question, const ModelMember& member);

// How many codes of an app are right at once (TO-09, L-11).
int WindowWeight(const Policy& policy);
// L-04, L-12: how many failures are free, and what more of them cost.
struct ModelBudget {
  int failures = 0;
  Millis window = 0;
  Millis lock = 0;  // for each weight of one
};
struct ModelCounted {
  bool locks = false;
  bool lags = false;            // counted at the time of a later clock (T-02)
  bool forgets_device = false;  // the known device that it came from
};
// L-01 … L-04, L-11; L-05.
ModelCounted CountFailure(const Question& question, const ModelBudget& budget, int weight,
                          ModelLedger* ledger);
void ClearFailures(const Question& question, const ModelBudget& budget, ModelLedger* ledger);
// The same of second factors, where a known device has its own count (DV-03).
ModelCounted CountFailure(const Question& question, int weight, ModelMember* member);
// The same of a passcode, with A-13 of `challenge`, one of the Member's.
void CountFailure(const Question& question, ModelChallenge* challenge, ModelMember* member);
void ClearFailures(const Question& question, ModelMember* member);

// A request to prove a factor, without its code, and what stands behind it.
ErrorCode ProofTargetShape(const Call& call);
ErrorCode ProofOptionsShape(const Call& call);
// A-12, S-08, S-13. `allowed`: the factor's method, in the Organization.
ErrorCode CheckProver(const Question& question, const ModelMember& member, bool allowed);
// Of a proof: a success is given again to a session that may be served still, and whose method is
// allowed. A token that is gone was consumed by this success.
ErrorCode ReplayOfProof(const Question& question, const ModelMember& member, bool allowed);
// The first steps of a proof, CheckProver the last of them. `allows`: the factor's method.
bool OpensProof(const Question& question, ErrorCode shape,
                bool (ModelOrganization::*allows)() const, Target* target, Expected* expected);
// S-14, DV-03. True: `*expected` refuses, and tells so.
bool RefusesLocked(const Question& question, const ModelMember& member, Expected* expected);
// What a success does beside the factor's own. `method`: that it may enrol and prefer;
// empty: none.
void Succeed(const Question& question, const ModelOrganization& org, const std::string& method,
             ModelMember* member, Expected* expected);

// ---- Registrations (model_registration.cc) ----

// "<kind>-test-<uuid>" of 16 random bytes.
std::string GeneratedId(const std::string& kind, std::string bytes);
// So many of the bytes that this attempt drew.
std::string Drawn(const Question& question, size_t offset, size_t size);
std::string DrawnId(const Question& question, const std::string& kind, size_t offset);
std::vector<ModelRecoveryCode> DrawnCodes(const Question& question);
// Gives the registration a new set of these codes, readable or not.
void SetCodes(const Question& question, std::vector<ModelRecoveryCode> codes, bool readable,
              ModelRegistration* registration);
// Without a sealing key, or when the generator repeats itself, nothing can be made.
bool LacksMeans(const Question& question);
bool HasSealingKey(const Question& question, uint32_t key);
void ForgetDevicesAloud(ModelMember* member, Expected* expected);  // DV-06
// TO-05.
bool HasEnded(const Question& question, const ModelRegistration& registration);
// The clock is too far behind the one that made the registration to judge it (T-02).
bool IsFarBehind(const Question& question, const ModelRegistration& registration);
void ExpireRegistration(ModelMember* member, Expected* expected);
// The registration, its codes, and the preference for it go.
void DropTotp(ModelMember* member);
// The event of RC-12, with that of few codes left.
void TellOfCodes(EventKind kind, const ModelMember& member, bool after_restore, Expected* expected);
// TO-24: seals anew what another key than the host's current one sealed, and with `digests_too`
// digests anew what another one digested (RC-16). False: some key is gone.
bool SealAnew(const Question& question, bool digests_too, ModelRegistration* registration,
              bool* changed);
// The same beside a success, which stands without it.
void SealAnewOnSuccess(const Question& question, ModelMember* member, Expected* expected);
// Members that the library keeps no registration of: none, or the host's.
bool HasNoRegistration(const ModelMember& member);
void TellOfFailure(const ModelCounted& counted, Expected* expected);

// Everything of send after the target and the status is known: shared with the MFA step (P-04).
void JudgeSending(const Question& question, const ModelOrganization& org, const ModelMember& member,
                  Expected* expected);
// D-02: whether the send of `challenge` is given back to `sends`.
bool GivesBack(const Question& question, const ModelChallenge& challenge, ModelSends* sends);
// What the report of such an outcome leaves as the answer of the send.
ErrorCode ErrorOf(const Delivery& delivery, bool mail);
// P-04: what a report says of the SMS is no failure of the step.
ErrorCode WithoutDelivery(ErrorCode answer);
// Whether a second factor is needed, but for devices that are remembered (P-01).
void TakeStock(const Question& question, const ModelOrganization& org, const ModelMember& member,
               Expected* expected);
// DV-05: a remembered device spares the second factor.
bool IsSpared(const Question& question, const ModelOrganization& org, const ModelMember& member);
// The MFA step of a Member who is written anyway: with the SMS when one is sent (P-02).
void TakeMfaStep(const Question& question, const ModelOrganization& org,
                 const std::shared_ptr<ModelMember>& member, Expected* expected);

Expected JudgeSend(const Question& question);
Expected JudgeAuthenticate(const Question& question);
Expected JudgeReport(const Question& question);
Expected JudgeMfaStep(const Question& question);
Expected JudgeOrganization(const Question& question);
Expected JudgeCreateMember(const Question& question);
Expected JudgeUpdateMember(const Question& question);
Expected JudgeMember(const Question& question);
Expected JudgeStartPhoneChange(const Question& question);
Expected JudgeFinishPhoneChange(const Question& question);
Expected JudgeCreateTotp(const Question& question);
Expected JudgeAuthenticateTotp(const Question& question);
Expected JudgeMigrateTotp(const Question& question);
Expected JudgeDeleteTotp(const Question& question);
Expected JudgeUseRecoveryCode(const Question& question);
Expected JudgeGetRecoveryCodes(const Question& question);
Expected JudgeRotateRecoveryCodes(const Question& question);
Expected JudgeReseal(const Question& question);
Expected JudgeSendEmail(const Question& question);
Expected JudgeAuthenticateEmail(const Question& question);
Expected JudgeDiscovery(const Question& question);
Expected JudgeExchange(const Question& question);

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_MODEL_H_
