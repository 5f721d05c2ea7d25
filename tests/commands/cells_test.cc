// SPDX-License-Identifier: Apache-2.0
// Every cell of (Member status × enrolment × policy × session × command) has its outcome written
// down (rules C-10, S-01 … S-08, A-01 … A-14, E-04, M-01 … M-05, P-01, P-02, S-12, S-13).
#include <functional>

#include "fixture.h"

namespace otpcore {
namespace {

// One letter for each value; '*' in a row stands for any.
constexpr char kStatuses[] = "piad";     // pending, invited, active, deleted
constexpr char kEnrollments[] = "nphv";  // none, pending, pending and linked by the host, verified
constexpr char kPolicies[] = "orx";      // OPTIONAL, REQUIRED_FOR_ALL, RESTRICTED without sms_otp
constexpr char kSessions[] = "-ifm";     // none, intermediate, full, full with an MFA factor

struct Row {
  const char* command;
  const char* cell;  // status, enrolment, policy, session
  const char* outcome;
};

// The first row that fits counts. After "ok" comes the enrolment that the command leaves behind.
constexpr Row kRows[] = {
    {"send", "d***", "member_not_found"},
    {"send", "p***", "action_available_only_for_active_members"},
    {"send", "i***", "action_available_only_for_active_members"},
    {"send", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"send", "*n**", "secondary_factor_not_found"},
    {"send", "*v**", "ok verified"},
    {"send", "****", "ok pending"},

    {"send number", "d***", "member_not_found"},
    {"send number", "p***", "action_available_only_for_active_members"},
    {"send number", "i***", "action_available_only_for_active_members"},
    {"send number", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"send number", "*v**", "ok verified"},
    {"send number", "****", "ok pending"},

    {"send other", "d***", "member_not_found"},
    {"send other", "p***", "action_available_only_for_active_members"},
    {"send other", "i***", "action_available_only_for_active_members"},
    {"send other", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"send other", "*n**", "ok pending"},
    {"send other", "****", "duplicate_member_phone_number_for_member"},

    {"authenticate", "***-", "no_session_arguments"},
    {"authenticate", "d***", "member_not_found"},
    {"authenticate", "p***", "action_available_only_for_active_members"},
    {"authenticate", "i***", "action_available_only_for_active_members"},
    {"authenticate", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"authenticate", "*n**", "otp_code_not_found"},
    {"authenticate", "****", "ok verified"},

    {"authenticate wrong", "***-", "no_session_arguments"},
    {"authenticate wrong", "d***", "member_not_found"},
    {"authenticate wrong", "p***", "action_available_only_for_active_members"},
    {"authenticate wrong", "i***", "action_available_only_for_active_members"},
    {"authenticate wrong", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"authenticate wrong", "****", "otp_code_not_found"},

    {"report rejected", "d***", "member_not_found"},
    {"report rejected", "*v**", "ok verified"},
    {"report rejected", "*h**", "ok pending"},
    {"report rejected", "****", "ok none"},

    {"update number", "d***", "member_not_found"},
    {"update number", "*v*i", "insufficient_factors"},
    {"update number", "*v*f", "insufficient_factors"},
    {"update number", "*h*i", "insufficient_factors"},
    {"update number", "*h*f", "insufficient_factors"},
    {"update number", "p***", "action_available_only_for_active_members"},
    {"update number", "i***", "action_available_only_for_active_members"},
    {"update number", "*n**", "ok pending"},
    {"update number", "****", "duplicate_member_phone_number_for_member"},

    {"update other", "d***", "member_not_found"},
    {"update other", "*v*i", "insufficient_factors"},
    {"update other", "*v*f", "insufficient_factors"},
    {"update other", "*h*i", "insufficient_factors"},
    {"update other", "*h*f", "insufficient_factors"},
    {"update other", "p***", "action_available_only_for_active_members"},
    {"update other", "i***", "action_available_only_for_active_members"},
    {"update other", "*n**", "ok pending"},
    {"update other", "****", "duplicate_member_phone_number_for_member"},

    {"rename", "d***", "member_not_found"},
    {"rename", "*n**", "ok none"},
    {"rename", "*v**", "ok verified"},
    {"rename", "****", "ok pending"},

    {"unenroll", "d***", "member_not_found"},
    {"unenroll", "*v*i", "insufficient_factors"},
    {"unenroll", "*v*f", "insufficient_factors"},
    {"unenroll", "*h*i", "insufficient_factors"},
    {"unenroll", "*h*f", "insufficient_factors"},
    {"unenroll", "*n**", "ok none"},
    {"unenroll", "*v**", "ok verified"},
    {"unenroll", "****", "ok pending"},

    {"break glass", "d***", "member_not_found"},
    {"break glass", "***i", "unauthorized_action"},
    {"break glass", "***f", "unauthorized_action"},
    {"break glass", "***m", "unauthorized_action"},
    {"break glass", "*n**", "ok none"},
    {"break glass", "*v**", "ok verified"},
    {"break glass", "****", "ok pending"},

    {"delete number", "d***", "member_not_found"},
    {"delete number", "*v*i", "insufficient_factors"},
    {"delete number", "*v*f", "insufficient_factors"},
    {"delete number", "*h*i", "insufficient_factors"},
    {"delete number", "*h*f", "insufficient_factors"},
    {"delete number", "*n**", "member_phone_number_not_found"},
    {"delete number", "****", "ok none"},

    {"set totp", "d***", "member_not_found"},
    {"set totp", "*v*i", "insufficient_factors"},
    {"set totp", "*v*f", "insufficient_factors"},
    {"set totp", "*h*i", "insufficient_factors"},
    {"set totp", "*h*f", "insufficient_factors"},
    {"set totp", "*n**", "ok none"},
    {"set totp", "*v**", "ok verified"},
    {"set totp", "****", "ok pending"},

    {"start change", "d***", "member_not_found"},
    {"start change", "p***", "action_available_only_for_active_members"},
    {"start change", "i***", "action_available_only_for_active_members"},
    {"start change", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"start change", "*v*i", "insufficient_factors"},
    {"start change", "*v*f", "insufficient_factors"},
    {"start change", "*v**", "ok verified"},
    {"start change", "****", "member_phone_number_not_found"},

    {"finish change", "d***", "member_not_found"},
    {"finish change", "p***", "action_available_only_for_active_members"},
    {"finish change", "i***", "action_available_only_for_active_members"},
    {"finish change", "**x*", "operation_restricted_by_organization_mfa_methods"},
    {"finish change", "*v*i", "insufficient_factors"},
    {"finish change", "*v*f", "insufficient_factors"},
    {"finish change", "*h*i", "insufficient_factors"},
    {"finish change", "*h*f", "insufficient_factors"},
    {"finish change", "*v**", "ok verified"},
    {"finish change", "****", "otp_code_not_found"},

    {"unlock", "d***", "member_not_found"},
    {"unlock", "*n**", "ok none"},
    {"unlock", "*v**", "ok verified"},
    {"unlock", "****", "ok pending"},

    {"delete", "d***", "member_not_found"},
    {"delete", "****", "ok none"},
    {"reactivate", "d***", "ok none"},
    {"reactivate", "****", "no_deleted_member_found_for_reactivation"},
    {"purge", "****", "ok none"},

    {"mfa step", "d***", "member_not_found"},
    {"mfa step", "***m", "authenticated"},
    {"mfa step", "**o*", "authenticated"},
    {"mfa step", "**x*", "authenticated"},
    {"mfa step", "*n**", "required"},
    {"mfa step", "****", "required, sent"},
};

const char* ExpectedOf(const std::string& command, const std::string& cell) {
  for (const Row& row : kRows) {
    bool fits = command == row.command;
    for (size_t i = 0; i < 4; ++i) fits = fits && (row.cell[i] == '*' || row.cell[i] == cell[i]);
    if (fits) return row.outcome;
  }
  return "not written down";
}

// One Member in the state of `cell`, with a live challenge where there is a number.
class Cell {
 public:
  explicit Cell(const std::string& cell) {
    CreateOrganizationRequest create;
    if (cell[2] == 'r') create.mfa_policy = "REQUIRED_FOR_ALL";
    const Organization organization = world_.MakeOrganization(create);
    CreateMemberRequest person;
    person.email_address_verified = true;
    if (cell[1] == 'h') person.mfa_phone_number = kNumber;
    member_ = world_.MakeMember(organization, person);
    if (cell[1] != 'n') {
      std::ignore = world_.Send(member_, kNumber);
      if (cell[1] == 'v') {
        std::ignore = world_.Authenticate(member_, world_.inbox.LastCode());
        std::ignore = world_.Send(member_);
      }
    }
    code_ = cell[1] == 'n' ? "123456" : world_.inbox.LastCode();
    if (cell[1] == 'v') {
      auto change = On<StartPhoneChangeRequest>(member_, Actor::Host());
      change.mfa_phone_number = kOtherNumber;
      std::ignore = world_.engine.Run(change);
      change_code_ = world_.inbox.LastCode();
    }
    auto record = *world_.RecordOf(member_);
    challenge_ = record.challenge.id;
    if (cell[0] == 'p') record.status = MemberStatus::kPending;
    if (cell[0] == 'i') record.status = MemberStatus::kInvited;
    if (cell[0] == 'd') {
      // Deleted Members have no number; the column is filled by deleting one that had.
      DeleteMemberRequest request;
      Name(&request);
      std::ignore = world_.engine.Run(request);
    } else {
      record.mfa_enrolled = false;
      world_.Put(record);
    }
    if (cell[2] == 'x') {
      UpdateOrganizationRequest update;
      update.organization_id = organization.organization_id.str();
      update.mfa_methods = "RESTRICTED";
      update.allowed_mfa_methods = {"totp"};
      std::ignore = world_.engine.Run(update);
    }
    Session session = World::PrimarySession();
    if (cell[3] == 'm') session.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
    if (cell[3] == 'i') session_ = world_.Intermediate(member_, session);
    if (cell[3] == 'f' || cell[3] == 'm') session_ = world_.Full(member_, session);
  }

  std::string Run(const std::string& command) {
    if (command == "send") return Send("");
    if (command == "send number") return Send(kNumber);
    if (command == "send other") return Send(kOtherNumber);
    if (command == "authenticate") return Authenticate(code_);
    if (command == "authenticate wrong") return Authenticate(World::Wrong(code_));
    if (command == "report rejected") {
      ReportDeliveryRequest request;
      Name(&request);
      request.challenge_id = challenge_;
      if (challenge_.empty()) request.challenge_id.bytes[0] = 1;
      request.delivery.kind = Delivery::Kind::kRejected;
      return Outcome(request);
    }
    if (command == "update number")
      return Update([](UpdateMemberRequest& request) { request.mfa_phone_number = kNumber; });
    if (command == "update other")
      return Update([](UpdateMemberRequest& request) { request.mfa_phone_number = kOtherNumber; });
    if (command == "rename")
      return Update([](UpdateMemberRequest& request) { request.name = "Ada"; });
    if (command == "unenroll")
      return Update([](UpdateMemberRequest& request) { request.mfa_enrolled = false; });
    if (command == "break glass")
      return Update([](UpdateMemberRequest& request) { request.is_breakglass = true; });
    if (command == "delete number")
      return Outcome(On<DeleteMfaPhoneNumberRequest>(member_, ActorOf(session_)));
    if (command == "unlock") return OutcomeOf<UnlockMemberRequest>();
    if (command == "delete") return OutcomeOf<DeleteMemberRequest>();
    if (command == "reactivate") return OutcomeOf<ReactivateMemberRequest>();
    if (command == "purge") return OutcomeOf<PurgeMemberRequest>();
    if (command == "start change") {
      auto request = On<StartPhoneChangeRequest>(member_, ActorOf(session_));
      request.mfa_phone_number = "+16135550187";
      return Outcome(request);
    }
    if (command == "finish change") {
      auto request = On<FinishPhoneChangeRequest>(member_, ActorOf(session_));
      request.code.emplace(change_code_);
      return Outcome(std::move(request));
    }
    if (command == "set totp") {
      auto request = On<SetTotpRegistrationRequest>(member_, ActorOf(session_));
      request.totp_registration_id = "totp-1";
      return Outcome(request);
    }
    return MfaStep();
  }

 private:
  template <typename Request>
  void Name(Request* request) {
    request->organization_id = member_.organization_id.str();
    request->member_id = member_.member_id.str();
  }
  template <typename Request>
  std::string Outcome(Request request) {
    const std::string type = ErrorTypeOf(world_.engine.Run(std::move(request)));
    if (!type.empty()) return type;
    return "ok " + std::string(NameOf(world_.RecordOf(member_)->phone.state));
  }
  template <typename Request>
  std::string OutcomeOf() {
    return Outcome(On<Request>(member_));
  }
  std::string Send(const char* number) {
    SendSmsOtpRequest request;
    Name(&request);
    request.mfa_phone_number = number;
    request.session = session_;
    return Outcome(request);
  }
  std::string Authenticate(const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member_, code);
    fields.session = session_;
    return Outcome(fields.Request());
  }
  template <typename Change>
  std::string Update(const Change& change) {
    auto request = On<UpdateMemberRequest>(member_, ActorOf(session_));
    change(request);
    return Outcome(request);
  }
  std::string MfaStep() {
    MfaStepRequest request;
    Name(&request);
    request.session = session_;
    const auto reply = world_.engine.Run(request);
    if (!reply.ok()) return ErrorTypeOf(reply);
    if (reply.member_authenticated) return "authenticated";
    return reply.mfa_required->secondary_auth_initiated ? "required, sent" : "required";
  }

  World world_;
  Member member_;
  std::string code_;
  std::string change_code_ = "123456";
  ChallengeId challenge_;
  SessionArguments session_;
};

TEST(Cells, EachIsAsWrittenDown) {
  const char* const commands[] = {"send",
                                  "send number",
                                  "send other",
                                  "authenticate",
                                  "authenticate wrong",
                                  "report rejected",
                                  "update number",
                                  "update other",
                                  "rename",
                                  "unenroll",
                                  "break glass",
                                  "delete number",
                                  "set totp",
                                  "start change",
                                  "finish change",
                                  "unlock",
                                  "delete",
                                  "reactivate",
                                  "purge",
                                  "mfa step"};
  int cells = 0;
  for (const char* command : commands) {
    for (const char* status = kStatuses; *status != '\0'; ++status) {
      for (const char* enrollment = kEnrollments; *enrollment != '\0'; ++enrollment) {
        for (const char* policy = kPolicies; *policy != '\0'; ++policy) {
          for (const char* session = kSessions; *session != '\0'; ++session, ++cells) {
            const std::string cell = {*status, *enrollment, *policy, *session};
            EXPECT_EQ(Cell(cell).Run(command), ExpectedOf(command, cell)) << command << " " << cell;
          }
        }
      }
    }
  }
  EXPECT_EQ(cells, 20 * 4 * 4 * 3 * 4);
}

}  // namespace
}  // namespace otpcore
