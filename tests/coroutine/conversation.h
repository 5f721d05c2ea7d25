// SPDX-License-Identifier: Apache-2.0
// A Member's commands, one after the other, chosen by a seed and by the answers so far. Who runs
// them, and what others do in the meantime, is not its affair: told the same answers it asks for
// the same things.
#ifndef OTPCORE_TESTS_COROUTINE_CONVERSATION_H_
#define OTPCORE_TESTS_COROUTINE_CONVERSATION_H_

#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "otpcore/testing/world.h"

namespace otpcore {

class Conversation {
 public:
  using Command = std::variant<SendSmsOtpRequest, AuthenticateSmsOtpRequest, MfaStepRequest,
                               DeleteMfaPhoneNumberRequest, UnlockMemberRequest, GetMemberRequest>;

  Conversation(int number, const Organization& organization)
      : random(static_cast<uint64_t>(number) + 1000),
        organization_(organization.organization_id.str()),
        member_("member-" + std::to_string(number)),
        phone_("+1415555" + std::to_string(1000 + number)),
        choice_(static_cast<uint64_t>(number)) {}

  // Of this Member's host alone, so that a trace does not depend on the others' draws and clocks.
  testing::VirtualClock clock;
  testing::SeededRandom random;
  MemorySessionDirectory directory{clock};
  testing::SmsInbox inbox;

  CreateMemberRequest Creation() const {
    CreateMemberRequest request;
    request.organization_id = organization_;
    request.member_id = member_;
    request.email_address = member_ + "@example.com";
    return request;
  }

  Command Next() {
    clock.Advance(std::chrono::seconds(1 + Choose(20)));
    if (Choose(20) == 0) clock.Advance(std::chrono::minutes(3));
    const int kind = Choose(100);
    if (kind < 30) return Send();
    if (kind < 70) return Authenticate();
    if (kind < 80) return Targeting<MfaStepRequest>();
    if (kind < 85) return DeleteMfaPhoneNumberRequest{organization_, member_, Actor::Host()};
    if (kind < 92) return Targeting<UnlockMemberRequest>();
    return Targeting<GetMemberRequest>();
  }

  // Everything a host can see of an answer.
  void Note(const ReplyBase& reply) {
    std::string line = reply.request_id() + " " + testing::ErrorTypeOf(reply);
    if (reply.ok()) {
      const Member member = reply.member();
      has_number_ = !member.mfa_phone_number.empty();
      line += " " + member.mfa_phone_number.str() +
              (member.mfa_phone_number_verified ? " verified" : "") +
              (member.is_locked ? " locked" : "") + (member.mfa_enrolled ? " enrolled " : " ") +
              std::string(WireName(member.default_mfa_method)) + " " +
              std::to_string(member.updated_at.unix_millis());
    } else {
      line += " " + std::to_string(reply.error().retry_after().count());
    }
    for (const Event& event : reply.events()) line += " " + std::string(NameOf(event.kind));
    trace_.push_back(line + " | " + inbox.LastCode());
  }
  const std::vector<std::string>& trace() const { return trace_; }

 private:
  int Choose(int below) { return static_cast<int>(choice_() % static_cast<uint64_t>(below)); }
  template <typename Request>
  Request Targeting() const {
    Request request;
    request.organization_id = organization_;
    request.member_id = member_;
    return request;
  }
  Command Send() const {
    auto request = Targeting<SendSmsOtpRequest>();
    if (!has_number_) request.mfa_phone_number = phone_;
    return request;
  }
  Command Authenticate() {
    auto request = Targeting<AuthenticateSmsOtpRequest>();
    std::string code = inbox.LastCode();
    if (code.empty()) code = "000000";
    request.code.emplace(Choose(3) == 0 ? testing::WrongCode(code) : code);
    Session session = testing::World::PrimarySession();
    session.organization_id = organization_;
    session.member_id = member_;
    const std::string token = member_ + "-" + std::to_string(trace_.size());
    directory.Add({SessionCredential::Kind::kSessionToken, token}, session,
                  clock.Now() + std::chrono::hours(1));
    request.session.session_token = token;
    return request;
  }

  const std::string organization_;
  const std::string member_;
  const std::string phone_;
  std::mt19937_64 choice_;
  bool has_number_ = false;
  std::vector<std::string> trace_;
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_COROUTINE_CONVERSATION_H_
