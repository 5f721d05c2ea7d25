// SPDX-License-Identifier: Apache-2.0
// Process start to first passcode, in CPU time of the process, which the kernel counts from its
// birth: loading the shared libraries is in it. Prints microseconds as JSON:
//
//   {"main": …, "passcode": …, "first_number": …}
//
// "main": when main() began; "passcode": when the first passcode was committed and handed to the
// sink; "first_number": when a number was parsed after that, which is libphonenumber's first use.
#include <time.h>

#include <array>
#include <cstdio>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/records.h"

namespace {

double ProcessMicros() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

class Sink final : public otpcore::MessageSink {
 public:
  otpcore::Delivery Deliver(const otpcore::Message&) override {
    at = ProcessMicros();
    return {};
  }
  double at = 0;
};

}  // namespace

int main() {
  const double at_main = ProcessMicros();
  using namespace otpcore;
  std::array<uint8_t, 32> key{};
  SystemClock clock;
  SodiumRandom random;
  if (!random.Fill(key.data(), key.size())) return 1;
  const auto config = Config::Create(Policy::Default(), KeyRing(1, DigestKey(key)));
  MemoryStore store;
  MemorySessionDirectory sessions(clock);
  Sink sink;
  MemorySendGuard guard(clock);
  Engine engine(*config, {clock, random, store, sessions, sink, guard});

  CreateOrganizationRequest acme;
  acme.organization_id = "acme";
  acme.organization_name = "Acme";
  CreateMemberRequest ada;
  ada.organization_id = "acme";
  ada.member_id = "ada";
  ada.email_address = "ada@example.com";
  if (!engine.Run(acme).ok() || !engine.Run(ada).ok()) return 1;
  // A number that was verified long ago, as it comes out of a store.
  const auto stored = testing::LoadFrom(store, RecordKey::Member("acme", "ada"));
  testing::Kept<MemberRecord> record;
  if (!testing::ReadStored(stored, &record)) return 1;
  record.phone.state = EnrollmentState::kVerified;
  record.phone.number = "+14155550123";
  record.phone.region = "US";
  testing::CommitTo(store, {{stored.key, stored.revision, testing::Packed<MemberRecord>(record)}});

  if (!engine.Run(SendSmsOtpRequest{"acme", "ada", "", "", {}}).ok()) return 1;
  WarmUpPhoneNumbers();
  std::printf("{\"main\": %.1f, \"passcode\": %.1f, \"first_number\": %.1f}\n", at_main, sink.at,
              ProcessMicros());
  return 0;
}
