// SPDX-License-Identifier: Apache-2.0
// The parts a command is made of, each alone: phone numbers, message texts, packing, the
// generators; and the one command that needs libphonenumber, the first send to a new number.
#include "bench/bench_main.h"
#include "bench/world.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <phonenumbers/phonenumberutil.h>
#pragma GCC diagnostic pop

namespace otpcore {
namespace bench {
namespace {

using benchmark::DoNotOptimize;
using State = benchmark::State;

constexpr size_t kCallsEach = 256;  // of one iteration

template <typename Run>
void Repeat(State& state, const Run& run) {
  Stopwatch watch;
  for (auto _ : state) {
    watch.Start();
    for (size_t i = 0; i < kCallsEach; ++i) run(i);
    watch.Stop(kCallsEach);
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// ---- Phone numbers ----

// Numbers of the region that are valid and in no cache of results.
std::vector<std::string> Numbers() {
  std::vector<std::string> numbers;
  for (size_t i = 0; i < kCallsEach; ++i) numbers.push_back(NumberOf(3550000 + 37 * i));
  return numbers;
}

void RunLibphonenumber(State& state) {
  using Util = i18n::phonenumbers::PhoneNumberUtil;
  const Util& util = *Util::GetInstance();
  const std::vector<std::string> numbers = Numbers();
  size_t valid = 0;
  Repeat(state, [&](size_t i) {
    i18n::phonenumbers::PhoneNumber number;
    std::string e164;
    if (util.Parse(numbers[i], "ZZ", &number) != Util::NO_PARSING_ERROR) return;
    valid += util.IsValidNumber(number);
    util.Format(number, Util::E164, &e164);
    DoNotOptimize(e164);
  });
  Require(valid > 0 && valid % kCallsEach == 0, "libphonenumber refused a number");
}

void RunParse(State& state) {
  const std::vector<std::string> numbers = Numbers();
  Repeat(state, [&](size_t i) {
    const auto parsed = ParseE164(numbers[i]);
    DoNotOptimize(parsed);
    Require(parsed.has_value(), "a number was refused");
  });
}

// The whole command for Members without a number: parse, claim, link, issue. Members are unlinked
// again outside the clock.
void RunFirstSends(State& state) {
  static World world(1024);
  static Walk walk(world.size());
  Stopwatch watch;
  std::vector<SendSmsOtpRequest> requests(kChunk);
  Reply<SendSmsOtp> reply;
  for (auto _ : state) {
    for (size_t i = 0; i < kChunk; ++i) {
      const size_t member = walk.Next();
      world.Edit(member, [](MemberRecord* record) {
        record->phone = PhoneFactor();
        record->sends = {};
      });
      requests[i] = World::Send(member);
      requests[i].mfa_phone_number = NumberOf(member);
    }
    world.clock().Advance(std::chrono::hours(8));
    size_t sent = 0;
    watch.Start();
    for (const auto& request : requests) {
      world.engine().Run(request, {}, &reply);
      sent += reply.ok();
    }
    watch.Stop(kChunk);
    Require(sent == kChunk, "a first send was refused");
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// The unit that the others are stated in.
void RunDigest(State& state) {
  const KeptMember record = MemberOf(0, Instant());
  const DigestKey key = BenchKey();
  const Passcode code("271828");
  Repeat(state, [&](size_t) {
    DoNotOptimize(DigestPasscode(key, 1,
                                 {FactorKind::kSmsPasscode, record.organization_id,
                                  record.member_id, record.phone.number, record.challenge.id},
                                 code));
  });
}

// ---- Texts ----

void RunRender(Locale locale, State& state) {
  MessageConfig config;
  config.web_otp_host = "example.com";
  MessageRenderer renderer;
  Require(MessageRenderer::Create(config, &renderer, nullptr), "the message was refused");
  Repeat(state,
         [&](size_t) { DoNotOptimize(renderer.Render(Channel::kSms, locale, "271828", 2)); });
}

void RunMeasure(State& state) {
  const std::string text = "271828 is your passcode for Example. It is valid for two minutes.";
  Repeat(state, [&](size_t) { DoNotOptimize(MeasureSms(text)); });
}

// ---- Records ----

struct PackedMember {
  RecordKey key;
  KeptMember record;
  std::string bytes;
};
PackedMember AMember(bool busy) {
  const Instant now = testing::VirtualClock().Now();
  PackedMember one{MemberKeyOf(7), MemberOf(7, now), {}};
  if (busy) {  // full ledgers: the longest a usual Member gets
    GiveLiveChallenge(BenchKey(), now, &one.record);
    for (int i = 0; i < 25; ++i) one.record.failures.recent.Push(now, 25);
    for (int i = 0; i < 5; ++i) one.record.sends.Push(now, 5);
  }
  one.bytes = testing::Packed<MemberRecord>(one.record);
  return one;
}
void RunPack(bool busy, State& state) {
  const PackedMember one = AMember(busy);
  char bytes[kMemberRecordBytesMax];
  Repeat(state, [&](size_t) {
    DoNotOptimize(Pack(one.record, bytes));
    DoNotOptimize(bytes);
  });
  state.counters["record_bytes"] = static_cast<double>(one.bytes.size());
}
void RunUnpack(bool busy, State& state) {
  const PackedMember one = AMember(busy);
  MemberRecord record;
  Repeat(state, [&](size_t) {
    DoNotOptimize(Unpack(one.key, one.bytes, &record));
    DoNotOptimize(record);
  });
}
// What a store outside the process adds.
void RunProtect(State& state) {
  const PackedMember one = AMember(false);
  Repeat(state, [&](size_t) { DoNotOptimize(Protect(one.key, one.bytes)); });
}
void RunUnprotect(State& state) {
  const PackedMember one = AMember(false);
  const std::string bytes = Protect(one.key, one.bytes);
  Repeat(state, [&](size_t) { DoNotOptimize(Unprotect(one.key, bytes)); });
}

// ---- Generators ----

void RunRandom(SecureRandom& random, size_t size, State& state) {
  uint8_t bytes[128];
  Repeat(state, [&](size_t) {
    DoNotOptimize(random.Fill(bytes, size));
    DoNotOptimize(bytes);
  });
}

}  // namespace

std::vector<Case> Cases(size_t) {
  static SodiumRandom sodium;
  static BufferedRandom buffered;
  return {
      {"libphonenumber", RunLibphonenumber},
      {"parse", RunParse},
      {"first_send", RunFirstSends},
      {"digest", RunDigest},
      {"render_en", [](State& state) { RunRender(Locale::kEn, state); }},
      {"render_zh", [](State& state) { RunRender(Locale::kZhHans, state); }},
      {"measure_sms", RunMeasure},
      {"pack", [](State& state) { RunPack(false, state); }},
      {"pack_busy", [](State& state) { RunPack(true, state); }},
      {"unpack", [](State& state) { RunUnpack(false, state); }},
      {"unpack_busy", [](State& state) { RunUnpack(true, state); }},
      {"protect", RunProtect},
      {"unprotect", RunUnprotect},
      {"sodium_random_run", [](State& state) { RunRandom(sodium, kEntropyForRun, state); }},
      {"buffered_random_run", [](State& state) { RunRandom(buffered, kEntropyForRun, state); }},
      {"sodium_random_send", [](State& state) { RunRandom(sodium, kEntropyForPasscode, state); }},
      {"buffered_random_send",
       [](State& state) { RunRandom(buffered, kEntropyForPasscode, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
