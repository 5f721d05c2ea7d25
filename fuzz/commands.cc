// SPDX-License-Identifier: Apache-2.0
// Command sequences with faults: bytes choose commands, Members, codes, clock steps, faults of
// every port, and commands that run in the window of another's commit. After each the records and
// the answers must be as the rules have them (A-02, A-06, C-06, C-07, C-08, D-07, S-07).
#include <cstring>

#include "world.h"

namespace otpcore {
namespace fuzz {
namespace {

using CommitFault = testing::FaultyStore::CommitFault;

struct Run {
  World& world;
  Input& input;
  int depth = 0;
  uint64_t operations = 0;
  std::string organization = {}, member = {};

  MemberRecord Record() { return world.RecordOf(organization, member); }

  // Runs one command and checks what may be said of any. Undisturbed, an error changes nothing but
  // what a rule names in `writes` (C-06), and the same operation again changes nothing (C-07).
  template <typename Request>
  ErrorCode Do(const std::function<Request()>& make, const std::set<ErrorCode>& writes = {}) {
    CallOptions options;
    const uint64_t number = ++operations;
    std::memcpy(options.operation_id.bytes.data(), &number, sizeof number);
    options.operation_id.bytes[15] = 1;
    const RecordKey key = {RecordKind::kMember, organization, member};
    const Revision before = world.Load(key).revision;
    const bool disturbed = depth > 0 || world.Disturbed();
    const auto reply = world.engine->Run(make(), options);
    const ErrorCode code = reply.ok() ? ErrorCode::kOk : reply.error().code();
    FUZZ_CHECK(!reply.request_id().empty());
    if (disturbed) return code;
    FUZZ_CHECK(code != ErrorCode::kServerUnavailable && code != ErrorCode::kInternalServerError);
    const Revision after = world.Load(key).revision;
    if (after == before) return code;
    FUZZ_CHECK(code == ErrorCode::kOk || reply.events().Has(EventKind::kClockAnomaly) ||
               writes.count(code) == 1);
    const size_t sent = world.sms.size();
    const auto again = world.engine->Run(make(), options);
    FUZZ_CHECK((again.ok() ? ErrorCode::kOk : again.error().code()) == code);
    FUZZ_CHECK(world.sms.size() == sent && world.Load(key).revision == after);
    return code;
  }
  // A request about the Member whose turn it is.
  template <typename Request>
  Request Of() const {
    Request request;
    request.organization_id = organization;
    request.member_id = member;
    return request;
  }

  void Send(const std::string& number) {
    Do<SendSmsOtpRequest>([&] {
      auto request = Of<SendSmsOtpRequest>();
      request.mfa_phone_number = number;
      if (number == kNumbers[2])
        request.session.session_token = World::TokenOf(organization, member);
      return request;
    });
  }

  void Authenticate(int choice) {
    const Sms* latest = world.LatestOf(organization, member);
    std::string code = latest == nullptr ? "0000" : latest->code;
    if (choice == 1) code[3] = static_cast<char>('0' + (code[3] - '0' + 1) % 10);
    if (choice == 2 && !world.sms.empty()) code = world.sms[input.Byte() % world.sms.size()].code;
    const MemberRecord before = Record();
    const bool alone = depth == 0 && !world.nested;
    const ErrorCode answer = Do<AuthenticateSmsOtpRequest>(
        [&] {
          auto request = Of<AuthenticateSmsOtpRequest>();
          request.code.emplace(code);
          request.session.session_token = World::TokenOf(organization, member);
          request.set_mfa_enrollment = choice == 0 ? "enroll" : "";
          return request;
        },
        {ErrorCode::kOtpCodeNotFound, ErrorCode::kUnableToAuthOtpCode,
         ErrorCode::kDuplicateMemberPhoneNumber});
    const MemberRecord after = Record();
    if (answer == ErrorCode::kOk) {  // S-09
      latest = world.LatestOf(organization, member);
      FUZZ_CHECK(latest != nullptr && latest->code == code);
      FUZZ_CHECK(after.challenge.state == ChallengeState::kUsed);
      FUZZ_CHECK(world.succeeded.insert(after.challenge.id).second);
      FUZZ_CHECK(world.clock.Now() < after.challenge.expires_at);
      FUZZ_CHECK(after.phone.state == EnrollmentState::kVerified);
      FUZZ_CHECK(!alone || !ViewOf(before, world.clock.Now()).is_locked);
    } else if (alone && after.challenge.failures > before.challenge.failures) {
      FUZZ_CHECK(after.failures.since_success == before.failures.since_success + 1);
    }
  }

  void Update(int choice) {
    Do<UpdateMemberRequest>([&] {
      auto request = Of<UpdateMemberRequest>();
      request.mfa_phone_number = kNumbers[choice % 4];
      if (choice % 3 == 1) request.external_id = "external" + std::to_string(choice % 2);
      if (choice % 3 == 2) request.default_mfa_method = choice % 2 == 0 ? "totp" : "sms_otp";
      if (choice % 5 == 1) request.email_address = "one" + std::to_string(choice % 2) + "@e.org";
      return request;
    });
  }
  void Organize(int choice) {
    UpdateOrganizationRequest request;
    request.organization_id = organization;
    request.mfa_policy = choice % 2 == 0 ? "OPTIONAL" : "REQUIRED_FOR_ALL";
    request.mfa_methods = choice % 4 == 3 ? "RESTRICTED" : "ALL_ALLOWED";
    request.allowed_mfa_methods = std::vector<std::string>{"totp"};
    world.engine->Run(std::move(request));
  }
  void Report(int choice) {
    if (world.sms.empty()) return;
    const Sms& sms = world.sms[input.Byte() % world.sms.size()];
    const ReportDeliveryRequest request = {
        sms.organization,
        sms.member,
        sms.challenge,
        {static_cast<Delivery::Kind>(1 + choice % 4), choice % 8 > 3}};
    Do<ReportDeliveryRequest>([&] { return request; });
  }

  // One command on the Member that `who` names.
  void Command(int what, int who) {
    organization = kOrganizations[who & 1];
    member = kMembers[who >> 1 & 1];
    const int choice = who >> 2;
    switch (what) {
      case 0:
      case 1: return Send(kNumbers[choice % 4]);
      case 2:
      case 3:
      case 4: return Authenticate(choice % 3);
      case 5: return Update(choice);
      case 6: return Organize(choice);
      case 7: return Report(choice);
      case 8:
        Do<DeleteMfaPhoneNumberRequest>([&] { return Of<DeleteMfaPhoneNumberRequest>(); });
        return;
      case 9: Do<UnlockMemberRequest>([&] { return Of<UnlockMemberRequest>(); }); return;
      case 10:
        if (choice % 2 == 0) {
          Do<DeleteMemberRequest>([&] { return Of<DeleteMemberRequest>(); });
        } else {
          Do<ReactivateMemberRequest>([&] { return Of<ReactivateMemberRequest>(); });
        }
        return;
      case 11: Do<MfaStepRequest>([&] { return Of<MfaStepRequest>(); }); return;
      default:
        Do<SetTotpRegistrationRequest>([&] {
          auto request = Of<SetTotpRegistrationRequest>();
          if (choice % 2 == 0) request.totp_registration_id = "totp-1";
          return request;
        });
    }
  }

  // What befalls the next command; false: `what` is none of these.
  bool Disturb(int what, int choice) {
    static constexpr int64_t kSteps[] = {1,     59,         119,   121, 601, 3601, 7201,
                                         86401, 31 * 86400, 90000, -1,  -7,  -3600};
    switch (what) {
      case 20: world.clock.Advance(std::chrono::seconds(kSteps[choice % 13])); return true;
      case 21: world.next_commit = static_cast<CommitFault>(1 + choice % 4); return true;
      case 22:
        world.next_delivery = {static_cast<Delivery::Kind>(1 + choice % 4), choice > 127};
        return true;
      case 23: world.fail_next_load = true; return true;
      case 24: world.entropy_fails = true; return true;
      case 25: world.refuse_effects = true; return true;
      case 26: world.memory.BeginEpoch(static_cast<uint64_t>(choice)); return true;
      case 27:
      case 28: {
        const int inner = input.Below(13);
        world.nested = [this, inner, choice] {
          Run other{world, input, depth + 1, operations + 1000000};
          other.Command(inner, choice);
        };
        return true;
      }
      default: return false;
    }
  }
};

}  // namespace
}  // namespace fuzz
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace otpcore::fuzz;
  Input input(data, std::min<size_t>(size, 200));
  World world(input.Byte() % 2 == 1);
  Run run{world, input};
  while (!input.done()) {
    const int what = input.Below(29);
    const int choice = input.Byte();
    if (run.Disturb(what, choice)) continue;
    world.random.set_failing(world.entropy_fails);
    run.Command(what % 13, choice);
    world.Calm();
    world.CheckAll();
  }
  return 0;
}
