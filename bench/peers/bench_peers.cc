// SPDX-License-Identifier: Apache-2.0
// Issue + verify, the compiled half of `make bench-peers`: otpcore with all its state, and
// liboath's two bare functions. A case counts pairs: `ns` is what one passcode and its verification
// take.
#include <oath.h>

#include "bench/bench_main.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

constexpr size_t kChunksEach = 16;  // of one iteration

// The phones of one chunk: the passcodes that were sent, in order.
class Phones final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    passcodes_[received_++ % kChunk] = message.passcode.Duplicate();
    return {};
  }
  std::string Code(size_t place) const {
    return std::string(passcodes_[place].Reveal(SecretAccess("the phone's owner reads it")));
  }

 private:
  std::array<Passcode, kChunk> passcodes_;
  size_t received_ = 0;
};

// Each Member of a chunk gets a passcode, then each answers it; the clock stands still while the
// requests are built and the texts are read.
void RunOtpcore(World& world, benchmark::State& state) {
  static Phones phones;
  static Engine engine(world.config(), {world.clock(), world.random(), world.store(),
                                        world.sessions(), phones, world.guard()});
  static Walk walk(world.size());
  Stopwatch watch;
  std::vector<size_t> members(kChunk);
  std::vector<SendSmsOtpRequest> sends(kChunk);
  std::vector<AuthenticateSmsOtpRequest> answers(kChunk);
  Reply<SendSmsOtp> sent_reply;
  Reply<AuthenticateSmsOtp> proof_reply;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      // Five sends fit into ten minutes: one round over all each three minutes keeps within that.
      if (walk.RoundEnded()) world.clock().Advance(std::chrono::hours(8));
      for (size_t i = 0; i < kChunk; ++i) sends[i] = World::Send(members[i] = walk.Next());
      size_t sent = 0;
      watch.Start();
      for (const auto& request : sends) {
        engine.Run(request, {}, &sent_reply);
        sent += sent_reply.ok();
      }
      watch.Stop(kChunk);
      Require(sent == kChunk, "a send was refused");
      for (size_t i = 0; i < kChunk; ++i)
        answers[i] = world.Authenticate(members[i], phones.Code(i).c_str(), i);
      size_t proved = 0;
      watch.Start();
      for (const auto& request : answers) {
        engine.Run(request, {}, &proof_reply);
        proved += proof_reply.ok();
      }
      watch.Stop(0);  // the same pairs
      Require(proved == kChunk, "a right code was refused");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// The moving factor goes on, as it must after each code that was accepted.
void RunLiboath(benchmark::State& state) {
  constexpr unsigned kDigits = 6;
  constexpr size_t kWindow = 0;
  static const std::string secret = "twenty bytes of key.";  // as long as SHA-1's digest
  static uint64_t moving_factor = 0;
  Stopwatch watch;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      size_t right = 0;
      watch.Start();
      for (size_t i = 0; i < kChunk; ++i, ++moving_factor) {
        char code[kDigits + 1];
        right +=
            oath_hotp_generate(secret.data(), secret.size(), moving_factor, kDigits, false,
                               OATH_HOTP_DYNAMIC_TRUNCATION, code) == OATH_OK &&
            oath_hotp_validate(secret.data(), secret.size(), moving_factor, kWindow, code) == 0;
      }
      watch.Stop(kChunk);
      Require(right == kChunk, "liboath refused its own code");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  Require(oath_init() == OATH_OK, "liboath does not start");
  static World world(members);
  return {
      {"otpcore", [](benchmark::State& state) { RunOtpcore(world, state); }},
      {"liboath", [](benchmark::State& state) { RunLiboath(state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
