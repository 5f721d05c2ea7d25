// SPDX-License-Identifier: Apache-2.0
// The world the programs measure in: one engine over a MemoryStore with N Members, ports that cost
// next to nothing, and a walk over the Members that returns to one as late as it can.
#ifndef OTPCORE_BENCH_WORLD_H_
#define OTPCORE_BENCH_WORLD_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/population.h"
#include "bench/timing.h"
#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace bench {

class NoopSink final : public MessageSink {
 public:
  Delivery Deliver(const Message&) override { return {}; }
};

// Answers for the sessions of the chunk that is being run: the last three characters of a token are
// the place in it. No table, no lock: what a session directory costs is the host's.
class ChunkSessions final : public SessionDirectory {
 public:
  static std::string Token(size_t place) {
    std::string token = "session-token-of-a-usual-length-000";
    for (size_t i = 0; i < 3; ++i, place /= 10)
      token[token.size() - 1 - i] = static_cast<char>('0' + place % 10);
    return token;
  }
  Session& operator[](size_t place) { return sessions_[place]; }

  FindResult Find(const SessionCredential& credential) override {
    const std::string_view digits = credential.value.substr(credential.value.size() - 3);
    size_t place = 0;
    for (const char digit : digits) place = place * 10 + static_cast<size_t>(digit - '0');
    return {true, sessions_[place]};
  }
  bool Apply(const SessionEffect&) override { return true; }

 private:
  std::array<Session, kChunk> sessions_;
};

// Visits all of 0 … size-1 before it returns to one, in an order without locality.
class Walk {
 public:
  explicit Walk(size_t size, size_t start = 0) : size_(size), at_(start % size) {
    stride_ = static_cast<size_t>(static_cast<double>(size) * 0.6180339887) | 1;
    while (Divisor(stride_, size_) != 1) stride_ += 2;
  }
  size_t Next() {
    at_ = (at_ + stride_) % size_;
    ++visited_;
    return at_;
  }
  // True once after each round over all.
  bool RoundEnded() {
    if (visited_ < size_) return false;
    visited_ = 0;
    return true;
  }

 private:
  static size_t Divisor(size_t a, size_t b) {
    while (b != 0) a = std::exchange(b, a % b);
    return a;
  }
  size_t size_;
  size_t at_;
  size_t stride_;
  size_t visited_ = 0;
};

class World {
 public:
  explicit World(size_t members, const WorldOptions& options = {})
      : size_(members),
        config_(Config::Create(options.policy, KeyRing(1, BenchKey()))),
        engine_(*config_, {clock_, options.random != nullptr ? *options.random : random_, store_,
                           sessions_, sink_, guard_}) {
    Populate(store_, key_, 0, size_, clock_.Now(), options);
  }

  size_t size() const { return size_; }
  const Config& config() const { return *config_; }
  testing::VirtualClock& clock() { return clock_; }
  BufferedRandom& random() { return random_; }
  MemoryStore& store() { return store_; }
  ChunkSessions& sessions() { return sessions_; }
  NoopSink& sink() { return sink_; }
  NoGuard& guard() { return guard_; }
  Engine& engine() { return engine_; }

  static SendSmsOtpRequest Send(size_t member) {
    return {OrganizationIdOf(member), MemberIdOf(member), "", "", {}};
  }
  // `place`: in the chunk, 0 … kChunk-1.
  AuthenticateSmsOtpRequest Authenticate(size_t member, const char* code, size_t place) {
    AuthenticateSmsOtpRequest request;
    request.organization_id = OrganizationIdOf(member);
    request.member_id = MemberIdOf(member);
    request.code.emplace(code);
    request.session.session_token = ChunkSessions::Token(place);
    sessions_[place].organization_id = request.organization_id;
    sessions_[place].member_id = request.member_id;
    sessions_[place].factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    return request;
  }

  template <typename Change>
  void Edit(size_t member, const Change& change) {
    EditRecord(store_, member, change);
  }
  void GiveLiveChallenge(size_t member) {
    Edit(member,
         [this](MemberRecord* record) { bench::GiveLiveChallenge(key_, clock_.Now(), record); });
  }

 private:
  const size_t size_;
  DigestKey key_ = BenchKey();
  std::unique_ptr<const Config> config_;
  testing::VirtualClock clock_;
  BufferedRandom random_;
  MemoryStore store_;
  ChunkSessions sessions_;
  NoopSink sink_;
  NoGuard guard_;  // what a guard costs is measured by bench_guard
  Engine engine_;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_WORLD_H_
