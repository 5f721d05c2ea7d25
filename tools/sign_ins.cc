// SPDX-License-Identifier: Apache-2.0
#include "sign_ins.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bench/population.h"
#include "otpcore/otpcore.h"

namespace otpcore_tool {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would

constexpr int kPhases = 3;

// Keeps the newest passcode: this is the phone.
class Phone final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    code_ = std::string(message.passcode.Reveal(SecretAccess("this is the phone")));
    return {};
  }
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// The one session that is being used. What a session directory costs is not measured.
class OneSession final : public SessionDirectory {
 public:
  Session session;
  FindResult Find(const SessionCredential&) override { return {true, session}; }
  bool Apply(const SessionEffect&) override { return true; }
};

}  // namespace

struct SignIns::Worker {
  Worker(const Config& config, Store& store, Clock& clock)
      : engine(config, {clock, random, store, sessions, phone, guard}) {}
  BufferedRandom random;
  Phone phone;
  OneSession sessions;
  NoGuard guard;
  Engine engine;
  Reply<SendSmsOtp> send_reply;
  Reply<AuthenticateSmsOtp> proof_reply;
  size_t place = 0;  // of the Member
  int phase = 0;
  std::map<std::string, uint64_t> unexpected;
};

struct SignIns::State {
  uint64_t first = 0;
  size_t members = 0;
  std::vector<std::unique_ptr<Worker>> workers;
};

SignIns::SignIns(const Config& config, Store& store, Clock& clock, uint64_t first, size_t members,
                 int threads)
    : state_(std::make_unique<State>()) {
  // The Members of an Organization follow each other, and the first one brings it along.
  state_->first = first - first % bench::kMembersEach;
  state_->members = members;
  bench::Populate(store, bench::BenchKey(), state_->first, state_->first + members, clock.Now(),
                  {});
  for (int thread = 0; thread < threads; ++thread) {
    state_->workers.push_back(std::make_unique<Worker>(config, store, clock));
    state_->workers.back()->place = static_cast<size_t>(thread);
  }
}

SignIns::~SignIns() = default;

void SignIns::Step(int thread) {
  Worker& worker = *state_->workers[static_cast<size_t>(thread)];
  const size_t member = state_->first + worker.place;
  ErrorCode wanted = ErrorCode::kOk;
  const ReplyBase* reply = &worker.send_reply;
  if (worker.phase == 0) {
    const SendSmsOtpRequest request = {
        bench::OrganizationIdOf(member), bench::MemberIdOf(member), "", "", {}};
    worker.engine.Run(request, {}, &worker.send_reply);
  } else {
    std::string code = worker.phone.code();
    if (worker.phase == 1) {
      wanted = ErrorCode::kOtpCodeNotFound;
      if (!code.empty())
        code.back() = code.back() == '9' ? '0' : static_cast<char>(code.back() + 1);
    }
    AuthenticateSmsOtpRequest request;
    request.organization_id = bench::OrganizationIdOf(member);
    request.member_id = bench::MemberIdOf(member);
    request.code.emplace(code);
    request.session.session_token = "session-token-of-a-usual-length-000";
    Session& session = worker.sessions.session;
    session = Session();
    session.organization_id = request.organization_id;
    session.member_id = request.member_id;
    session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    worker.engine.Run(request, {}, &worker.proof_reply);
    reply = &worker.proof_reply;
  }
  if (reply->error().code() != wanted)
    ++worker.unexpected[reply->ok() ? "success" : std::string(reply->error().info().error_type)];
  if (++worker.phase < kPhases) return;
  worker.phase = 0;
  worker.place += state_->workers.size();
  if (worker.place >= state_->members) worker.place %= state_->workers.size();
}

std::map<std::string, uint64_t> SignIns::Unexpected() const {
  std::map<std::string, uint64_t> all;
  for (const auto& worker : state_->workers)
    for (const auto& [type, count] : worker->unexpected) all[type] += count;
  return all;
}

size_t MembersFor(uint64_t operations, int threads, int rounds) {
  const uint64_t each = uint64_t{kPhases} * static_cast<uint64_t>(rounds);
  // Threads need not do alike: a free one takes the next operation.
  return static_cast<size_t>(operations / each * 2 + static_cast<uint64_t>(threads));
}

}  // namespace otpcore_tool
