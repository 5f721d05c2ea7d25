// SPDX-License-Identifier: Apache-2.0
// After a call no copy of a key, of what was drawn, of a passcode, of a message's text, of the
// secret of a TOTP registration or of what somebody typed is left in writable memory (R-05, B-09).
// Runs the commands that meet them, also with every kind of failure, and then looks through all
// writable mappings. Linked with -z now: lazy binding spills registers to the stack.
#include "failing_allocations.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "memory_scan.h"
#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/records.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("looking for copies of it");
constexpr size_t kDigits = 10;  // eight of them in a row stand nowhere by chance

// What is looked for: the key, what was typed, and of each attempt of a call the draws, the
// passcode and the text.
Scan scan;
constexpr size_t kAttempts = Operation::kAttemptsMax;
constexpr size_t kKey = 0;
constexpr size_t kTyped = 1;
constexpr size_t kPasscodes = 2;
constexpr size_t kTexts = kPasscodes + kAttempts;
constexpr size_t kDraws = kTexts + kAttempts;
constexpr size_t kSecret = kDraws + kAttempts * kPasscodeDraws;  // of a TOTP registration
constexpr size_t kShownSecret = kSecret + 1;                     // in base32
constexpr size_t kSealingKey = kShownSecret + 1;
constexpr size_t kRequestKey = kSealingKey + 1;  // made of the key, for the tags of requests
constexpr size_t kCodeDraws = kRequestKey + 1;   // of recovery codes
constexpr size_t kCodes = kCodeDraws + 1;        // as they are shown, then in canonical form
static_assert(kCodes < Scan::kNeedles);
constexpr size_t kShownCodeBytes = 14;
size_t attempts = 0;  // of this call that drew something
size_t LastAttempt() { return attempts == 0 ? 0 : (attempts - 1) % kAttempts; }
Needle& LastPasscode() { return scan.needles[kPasscodes + LastAttempt()]; }

// A usual command takes no heap block, but the ports of a host do: so memory can run out in each.
void TakeAHeapBlock() { Free(Allocate(1)); }

// Bytes of which no generator state is a copy.
class MaskedRandom final : public SecureRandom {
 public:
  bool Fill(uint8_t* bytes, size_t size) override {
    if (failing) return false;
    for (size_t i = 0; i < size; ++i) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      bytes[i] = static_cast<uint8_t>(state_ >> 56);
    }
    if (size == kEntropyForPasscode) Learn(bytes + offsetof(Entropy, draws));
    if (size == kEntropyForSecret) LearnSecret(bytes + offsetof(Entropy, secret));
    TakeAHeapBlock();
    return true;
  }
  bool failing = false;

 private:
  static void Learn(const uint8_t* draws) {
    ++attempts;
    for (size_t draw = 0; draw < kPasscodeDraws; ++draw)
      scan.needles[kDraws + LastAttempt() * kPasscodeDraws + draw].Take(draws + 8 * draw, 8);
    // What will be made of it, also where nobody gets to see it. This leaves no more behind than
    // the command's own draw.
    Passcode passcode;
    if (!DrawPasscode(draws, static_cast<int>(kDigits), &passcode).ok()) std::abort();
    const std::string_view digits = passcode.Reveal(kTest);
    LastPasscode().Take(digits.data(), digits.size());
  }

  static void LearnSecret(const uint8_t* drawn) {
    const TotpSecret secret(drawn, TotpSecretBytes(TotpAlgorithm::kSha1));
    scan.needles[kSecret].Take(drawn, secret.size());
    const TotpSecretText text = FormatTotpSecret(secret);
    scan.needles[kShownSecret].Take(text.Reveal(kTest).data(), text.size());
    const uint8_t* const draws = drawn + offsetof(DrawnSecret, codes);
    scan.needles[kCodeDraws].Take(draws, 10 * RecoveryDrawBytes(3));
    const auto codes = DrawRecoveryCodes(draws, 10, 3);
    if (!codes) std::abort();
    LearnCodes(*codes);
  }
  static void LearnCodes(const RecoveryCodes& codes) {
    Needle& needle = scan.needles[kCodes];
    needle.Clear();
    for (const bool with_dashes : {true, false}) {
      for (size_t i = 0; i < codes.size(); ++i) {
        for (const char& c : codes[i].Reveal(kTest)) {
          if (with_dashes || c != '-') needle.Add(static_cast<uint8_t>(c));
        }
      }
    }
  }

  uint64_t state_ = 42;
};

void LearnMessage(const Message& message) {
  const std::string_view passcode = message.passcode.Reveal(kTest);
  const std::string_view text = message.text.Reveal(kTest);
  if (passcode.size() != kDigits || text.find(passcode) == text.npos) std::abort();
  for (size_t i = 0; i < kDigits; ++i) {
    if (static_cast<uint8_t>(passcode[i]) != LastPasscode().At(i)) std::abort();
  }
  Needle& whole = scan.needles[kTexts + LastAttempt()];
  whole.Take(text.data(), text.size());
  whole.window = text.size();  // most of it is no secret; a part with the passcode is found anyhow
}

class MaskedStore final : public Store {
 public:
  LoadResult Load(LoadBatch& batch) override {
    TakeAHeapBlock();
    return failing_load ? LoadResult() : memory.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    if (changes.message != nullptr) LearnMessage(*changes.message);
    TakeAHeapBlock();
    if (outcomes == 0) return memory.Commit(changes);
    --outcomes;
    if (applied) memory.Commit(changes);
    return outcome;
  }
  void Answer(CommitOutcome with, bool and_apply = false, int times = 100) {
    outcome = with;
    applied = and_apply;
    outcomes = times;
  }
  MemoryStore memory;
  bool failing_load = false;
  CommitOutcome outcome = CommitOutcome::kCommitted;
  bool applied = false;
  int outcomes = 0;
};

class MaskedSink final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    LearnMessage(message);
    TakeAHeapBlock();
    return answer;
  }
  Delivery answer;
};

// Never on the stack that is searched, nor anything else of it.
struct Host {
  testing::VirtualClock clock;
  MaskedRandom random;
  MaskedStore store;
  MemorySessionDirectory sessions{clock};
  MaskedSink sink;
  MemorySendGuard guard{clock};
  std::unique_ptr<const Config> config;
  Session session;
  std::string failed;     // the error_type of the last call
  int needs_left = -1;    // of the next operation; -1: all are met
  Needle mailed;          // the passcode of the last e-mail
  uint8_t operation = 0;  // id of the next ones; 0: they are not repeatable
  bool was_done = false;

  OperationId Id() const {
    OperationId id;
    id.bytes[0] = operation;
    return id;
  }
  Ports ports() { return {clock, random, store, sessions, sink, guard}; }
  Engine MakeEngine() { return Engine(*config, ports()); }
  template <typename Request>
  void Run(Request request) {
    if (needs_left >= 0) return RunHalfWay(std::move(request));
    const auto reply = MakeEngine().Run(request, {"", Id()});
    failed = reply.ok() ? "" : reply.error().error_type();
  }
  // Meets `needs_left` needs and drops the operation then, as a host that goes down.
  template <typename Request>
  void RunHalfWay(Request request) {
    OperationFor<CommandOfT<Request>> dropped(ContextOf(*config, Id()), std::move(request));
    Need need = dropped.driver().Start();
    while (needs_left-- > 0 && !std::holds_alternative<Done>(need))
      need = MeetNeed(need, ports(), &dropped.driver());
    was_done = std::holds_alternative<Done>(need);
    needs_left = -1;
    failed = "";
  }

  void Configure() {
    DigestKey key;
    random.Fill(key.RevealMutable(kTest), key.size());
    scan.needles[kKey].Take(key.Reveal(kTest), key.size());
    Policy policy;
    policy.passcode_digits = policy.email_passcode_digits = static_cast<int>(kDigits);
    policy.email_sends_max = 8;
    policy.email_sends_window = std::chrono::minutes(1);
    policy.email_address_sends_max = 1000;
    policy.sends_max = 16;
    policy.totp_issuer = "Acme";
    policy.totp.digits = 8;
    SealingKey sealing_key;
    random.Fill(sealing_key.RevealMutable(kTest), sealing_key.size());
    scan.needles[kSealingKey].Take(sealing_key.Reveal(kTest), sealing_key.size());
    config = Config::Create(std::move(policy), KeyRing(1, std::move(key)),
                            SealingKeyRing(2, std::move(sealing_key)));
    scan.needles[kKey].allowed = config->keys().Find(1)->Reveal(kTest);
    const TagKey& request_key = *config->keys().FindTagKey(1);
    scan.needles[kRequestKey].Take(request_key.Reveal(kTest), TagKey::size());
    scan.needles[kRequestKey].allowed = request_key.Reveal(kTest);
    scan.needles[kSealingKey].allowed = config->sealing_keys().Find(2)->Reveal(kTest);
  }
  void MakeMembers() {
    CreateOrganizationRequest create;
    create.organization_name = "Acme";
    create.organization_slug = "acme";
    Run(create);
    for (const char* id : {"ada", "new"}) {
      CreateMemberRequest member;
      member.organization_id = "acme";
      member.member_id = id;
      member.email_address = std::string(id) + "@example.com";
      if (std::string(id) == "ada") member.mfa_phone_number = "+14155550123";
      member.mfa_phone_number_verified = true;
      const auto reply = MakeEngine().Run(member);
      if (!reply.ok()) std::abort();
      if (std::string(id) != "ada") continue;
      session.organization_id = reply.member().organization_id;
      session.member_id = reply.member().member_id;
      session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    }
    sessions.Add({SessionCredential::Kind::kSessionToken, "token"}, session,
                 clock.Now() + std::chrono::hours(1000));
    Session proved = session;
    proved.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
    sessions.Add({SessionCredential::Kind::kSessionToken, "proved"}, proved,
                 clock.Now() + std::chrono::hours(1000));
    UpdateOrganizationRequest update;
    update.organization_id = "acme";
    update.mfa_policy = "REQUIRED_FOR_ALL";
    Run(update);
  }
  void Send(const char* member = "ada", const char* number = "") {
    Run(SendSmsOtpRequest{"acme", member, number, "", {}});
  }
  void StepUp() { Run(MfaStepRequest{"acme", "ada", "", {}}); }
  // Types the code of the last message, on a keyboard with full-width digits if told so; `change`
  // is added to its last digit, `extra` digits follow.
  void Authenticate(int change = 0, int extra = 0, bool full_width = false) {
    AuthenticateSmsOtpRequest request;
    request.organization_id = "acme";
    request.member_id = "ada";
    request.session.session_token = "token";
    Type(LastPasscode(), change, extra, full_width, &request.code.emplace());
    Run(std::move(request));
  }
  static void Type(const Needle& code, int change, int extra, bool full_width, TypedCode* text) {
    Needle& typed = scan.needles[kTyped];
    typed.Clear();
    for (size_t i = 0; i < code.size + static_cast<size_t>(extra); ++i) {
      int digit = i < code.size ? code.At(i) - '0' : 7;
      if (i + 1 == code.size) digit = (digit + change) % 10;
      const char ascii[] = {static_cast<char>('0' + digit)};
      const char wide[] = {'\xEF', '\xBC', static_cast<char>(0x90 + digit)};
      const std::string_view bytes =
          full_width ? std::string_view(wide, sizeof wide) : std::string_view(ascii, sizeof ascii);
      text->Append(bytes);
      for (const char& byte : bytes) typed.Add(static_cast<uint8_t>(byte));
    }
  }
  void StartChange(const char* number) {
    Run(StartPhoneChangeRequest{"acme", "ada", Actor::Person({"", "proved", ""}), number});
  }
  void FinishChange(int change = 0) {
    FinishPhoneChangeRequest request{"acme", "ada", Actor::Person({"", "proved", ""})};
    Type(LastPasscode(), change, 0, false, &request.code.emplace());
    Run(std::move(request));
  }
  void SendMail(const char* address = "ada@example.com") {
    SendEmailPasscodeRequest request;
    request.organization_id = "acme";
    request.email_address = address;
    request.just_in_time = JustInTime::kAllow;
    Run(std::move(request));
    if (attempts > 0) mailed = LastPasscode();
  }
  // Types the code of the last e-mail, as Authenticate does; each proof draws a passcode for the
  // SMS of its MFA step.
  void ProveMail(int change = 0, int extra = 0, const char* address = "ada@example.com") {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = "acme";
    request.email_address = address;
    Type(mailed, change, extra, false, &request.code.emplace());
    Run(std::move(request));
  }
  // Types the code at `index` of the set that was drawn last; `wrong`: with another last symbol.
  void UseRecoveryCode(size_t index, bool wrong = false) {
    UseRecoveryCodeRequest request;
    request.organization_id = "acme";
    request.member_id = "ada";
    request.session.session_token = "proved";
    request.recovery_code.emplace();
    Needle& typed = scan.needles[kTyped];
    typed.Clear();
    for (size_t i = 0; i < kShownCodeBytes; ++i) {
      uint8_t byte = scan.needles[kCodes].At(index * kShownCodeBytes + i);
      if (wrong && i + 1 == kShownCodeBytes) byte = byte == '7' ? '8' : '7';
      const char c = static_cast<char>(byte);
      request.recovery_code->Append({&c, 1});
      typed.Add(byte);
    }
    Run(std::move(request));
  }
  void GetRecoveryCodes() {
    Run(GetRecoveryCodesRequest{"acme", "ada", Actor::Person({"", "proved", ""})});
  }
  void RotateRecoveryCodes() {
    Run(RotateRecoveryCodesRequest{"acme", "ada", Actor::Person({"", "proved", ""})});
  }
  void DeleteTotp() { Run(DeleteTotpRequest{"acme", "ada", Actor::Person({"", "proved", ""})}); }
  // Imports the secret that was drawn last; the draws of this call are others.
  void MigrateTotp() {
    Needle& typed = scan.needles[kTyped];
    typed = scan.needles[kShownSecret];
    typed.name = "typed secret";
    MigrateTotpRequest request;
    request.organization_id = "acme";
    request.member_id = "ada";
    request.parameters.digits = 8;
    request.secret.emplace();
    for (size_t i = 0; i < typed.size; ++i) {
      const char c = static_cast<char>(typed.At(i));
      request.secret->Append({&c, 1});
    }
    Run(std::move(request));
  }
  void CreateTotp() { Run(CreateTotpRequest{"acme", "ada", Actor::Person({"", "proved", ""})}); }
  // Types what the app shows; `change` is added to its last digit.
  void AuthenticateTotp(int change = 0) {
    const RecordKey key = RecordKey::Member(session.organization_id, session.member_id);
    testing::Kept<MemberRecord> record;
    if (!testing::ReadStored(testing::LoadFrom(store.memory, key), &record)) std::abort();
    const InlineText<kIdBytesMax> organization = record.organization_id.text();
    const InlineText<kIdBytesMax> member = record.member_id.text();
    const TotpFactor& totp = record.totp;
    const auto secret = OpenTotpSecret(
        config->sealing_keys(), {organization.view(), member.view(), totp.id, totp.parameters},
        totp.sealed_secret);
    const Passcode code =
        TotpCodeAt(*secret, totp.parameters, TotpStepAt(clock.Now(), totp.parameters));
    AuthenticateTotpRequest request;
    request.organization_id = "acme";
    request.member_id = "ada";
    request.session.session_token = "proved";
    request.code.emplace();
    Needle& typed = scan.needles[kTyped];
    typed.Clear();
    for (size_t i = 0; i < code.size(); ++i) {
      int digit = code.Reveal(kTest)[i] - '0';
      if (i + 1 == code.size()) digit = (digit + change) % 10;
      const char ascii[] = {static_cast<char>('0' + digit)};
      request.code->Append({ascii, 1});
      typed.Add(static_cast<uint8_t>(ascii[0]));
    }
    Run(std::move(request));
  }
  void Unlock() {
    UnlockMemberRequest request;
    request.organization_id = "acme";
    request.member_id = "ada";
    Run(std::move(request));
  }
  void Lock() {
    const RecordKey key = RecordKey::Member(session.organization_id, session.member_id);
    const testing::StoredRecord stored = testing::LoadFrom(store.memory, key);
    testing::Kept<MemberRecord> record;
    if (!testing::ReadStored(stored, &record)) std::abort();
    record.failures.locked_until = clock.Now() + std::chrono::minutes(30);
    testing::CommitTo(store.memory,
                      {{key, stored.revision, testing::Packed<MemberRecord>(record)}});
  }
};

std::unique_ptr<Host> host;
int failures = 0;
int scenarios = 0;

// Runs `call` on its own stack; afterwards nothing is left, and it ended as expected.
void Leaves(const char* what, const char* error_type, const std::function<void()>& call) {
  ++scenarios;
  OnAStackOfItsOwn([&call] { call(); });
  const int found = scan.Run();
  const bool as_expected = host->failed == error_type;
  std::printf("%-52s %-26s %d left%s\n", what, host->failed.c_str(), found,
              as_expected ? "" : "  <- NOT THE EXPECTED ANSWER");
  if (found != 0 || !as_expected) ++failures;
}

// The search finds what is left behind on purpose, on the heap and below the stack.
void FindsWhatIsPlanted() {
  static volatile uint8_t* block = nullptr;
  const auto plant = [](size_t needle, bool on_heap) {
    OnAStackOfItsOwn([needle, on_heap] {
      volatile uint8_t room[64];
      if (block == nullptr) block = static_cast<volatile uint8_t*>(std::malloc(64));
      volatile uint8_t* const copy = on_heap ? block : room;
      const Needle& from = scan.needles[needle];
      for (size_t i = 0; i < from.size && i < 32; ++i) copy[i] = from.At(i);
    });
    scan.quiet = true;
    const int found = scan.Run();
    scan.quiet = false;
    std::printf("%-52s %-26s %d found\n", on_heap ? "planted on the heap" : "planted on the stack",
                scan.needles[needle].name, found);
    if (found == 0) ++failures;
    for (size_t i = 0; i < 64; ++i) block[i] = 0;
  };
  for (const size_t needle : {kKey, kTyped, kPasscodes, kDraws, kDraws + 1, kSecret, kShownSecret,
                              kSealingKey, kRequestKey, kCodeDraws, kCodes}) {
    plant(needle, false);
    plant(needle, true);
  }
}

void Sends() {
  using Kind = Delivery::Kind;
  Host& h = *host;
  const auto next = [&] { h.clock.Advance(std::chrono::minutes(11)); };
  Leaves("send", "", [&] { h.Send(); });
  Leaves("send, the sink rejects", "downstream_carrier_error", [&] {
    h.sink.answer = {Kind::kRejected, false};
    h.Send();
  });
  Leaves("send, the sink is unavailable", "downstream_carrier_error", [&] {
    h.sink.answer = {Kind::kUnavailable, false};
    h.Send();
  });
  Leaves("send, the sink's answer is unknown", "downstream_carrier_error", [&] {
    h.sink.answer = {Kind::kUnknown, false};
    h.Send();
  });
  h.sink.answer = Delivery();
  next();
  Leaves("send, the store is unavailable", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnavailable);
    h.Send();
  });
  Leaves("send, two conflicts", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 2);
    h.Send();
  });
  Leaves("send, conflicts for ever", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kConflict);
    h.Send();
  });
  Leaves("send, unknown and applied", "", [&] {
    h.store.Answer(CommitOutcome::kUnknown, true, 1);
    h.Send();
  });
  Leaves("send, unknown and lost", "", [&] {
    h.store.Answer(CommitOutcome::kUnknown, false, 1);
    h.Send();
  });
  Leaves("send, unknown for ever", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnknown);
    h.Send();
  });
  h.store.outcomes = 0;
  next();
  Leaves("send, no entropy", "internal_server_error", [&] {
    h.random.failing = true;
    h.Send();
  });
  h.random.failing = false;
  Leaves("send to a new number", "", [&] { h.Send("new", "+16502530000"); });
  Leaves("send to nobody", "member_not_found", [&] { h.Send("nobody"); });
  next();
  Leaves("MFA step", "", [&] { h.StepUp(); });
  Leaves("MFA step, the sink is unavailable", "", [&] {
    h.sink.answer = {Kind::kUnavailable, false};
    h.StepUp();
  });
  h.sink.answer = Delivery();
  next();
}

void Authentications() {
  Host& h = *host;
  Leaves("send", "", [&] { h.Send(); });
  Leaves("authenticate, too many digits", "invalid_code", [&] { h.Authenticate(0, 1); });
  Leaves("authenticate, wrong", "otp_code_not_found", [&] { h.Authenticate(1); });
  Leaves("authenticate, wrong, full-width digits", "otp_code_not_found",
         [&] { h.Authenticate(4, 0, true); });
  Leaves("authenticate, right, the load fails", "server_unavailable", [&] {
    h.store.failing_load = true;
    h.Authenticate();
  });
  h.store.failing_load = false;
  Leaves("authenticate, right, the store is unavailable", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnavailable);
    h.Authenticate();
  });
  Leaves("authenticate, wrong, the outcome unknown and applied", "otp_code_not_found", [&] {
    h.store.Answer(CommitOutcome::kUnknown, true, 1);
    h.Authenticate(2);
  });
  Leaves("authenticate, right, a conflict first", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 1);
    h.Authenticate();
  });
  Leaves("authenticate, right again", "unable_to_auth_otp_code", [&] { h.Authenticate(); });
  Leaves("send", "", [&] { h.Send(); });
  h.Lock();
  Leaves("authenticate, right, locked", "user_lock_limit_reached", [&] { h.Authenticate(); });
  Leaves("authenticate, wrong, locked", "user_lock_limit_reached", [&] { h.Authenticate(3); });
  h.clock.Advance(std::chrono::minutes(31));
  Leaves("authenticate, right, expired", "unable_to_auth_otp_code", [&] { h.Authenticate(); });
}

// With an operation id the whole request is hashed, the code among it (C-07).
void Repetitions() {
  Host& h = *host;
  h.clock.Advance(std::chrono::minutes(11));
  h.operation = 1;
  Leaves("send, with an id", "", [&] { h.Send(); });
  Leaves("send, with an id, again", "", [&] { h.Send(); });
  h.operation = 2;
  Leaves("send, with another id", "", [&] { h.Send(); });
  h.operation = 3;
  Leaves("authenticate, wrong, with an id", "otp_code_not_found", [&] { h.Authenticate(1); });
  Leaves("authenticate, wrong, with an id, again", "otp_code_not_found",
         [&] { h.Authenticate(1); });
  Leaves("authenticate, right, with its id", "bad_request", [&] { h.Authenticate(); });
  h.operation = 4;
  Leaves("authenticate, right, with an id", "", [&] { h.Authenticate(); });
  Leaves("authenticate, right, with an id, again", "", [&] { h.Authenticate(); });
  Leaves("authenticate, wrong, with its id", "bad_request", [&] { h.Authenticate(1); });
  h.operation = 0;
}

// The host goes down before each need in turn: what is dropped wipes what it held.
void Dropped(const char* what, const std::function<void()>& prepare,
             const std::function<void()>& call) {
  int found = 0;
  int needs = 0;
  for (host->was_done = false; !host->was_done; ++needs) {
    host->clock.Advance(std::chrono::minutes(11));
    OnAStackOfItsOwn([&] { prepare(); });
    host->needs_left = needs;
    OnAStackOfItsOwn([&] { call(); });
    found += scan.Run();
  }
  std::printf("%-52s after %d needs %12s %d left\n", what, needs - 1, "", found);
  if (found != 0 || needs < 3) ++failures;
}

// Memory runs out at each allocation in turn, and what was on its way is wiped all the same (B-18).
void Interrupted(const char* what, const std::function<void()>& prepare,
                 const std::function<void()>& call) {
  int found = 0;
  int which = 0;
  for (bool threw = true; threw;) {
    host->clock.Advance(std::chrono::minutes(11));
    OnAStackOfItsOwn([&] { prepare(); });
    threw = false;
    ++which;
    OnAStackOfItsOwn([&] {
      allocations.FailAt(which);
      try {
        call();
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      allocations.Stop();
    });
    found += scan.Run();
  }
  std::printf("%-52s %3d times %16s %d left\n", what, which - 1, "", found);
  if (found != 0 || which < 4) ++failures;
}

void Totp() {
  Host& h = *host;
  Leaves("unlock", "", [&] { h.Unlock(); });
  Leaves("TOTP create", "", [&] { h.CreateTotp(); });
  Leaves("TOTP create, two conflicts", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 2);
    h.CreateTotp();
  });
  Leaves("TOTP create, unknown and applied", "", [&] {
    h.store.Answer(CommitOutcome::kUnknown, true, 1);
    h.CreateTotp();
  });
  Leaves("TOTP create, unknown for ever", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnknown);
    h.CreateTotp();
  });
  h.store.outcomes = 0;
  Dropped(
      "TOTP create, dropped", [] {}, [] { host->CreateTotp(); });
  Interrupted(
      "TOTP create, out of memory", [] {}, [] { host->CreateTotp(); });
  Leaves("TOTP authenticate, wrong", "unable_to_authenticate_totp", [&] { h.AuthenticateTotp(1); });
  Leaves("TOTP authenticate, right", "", [&] { h.AuthenticateTotp(); });
  Leaves("TOTP authenticate, used", "totp_code_already_authenticated",
         [&] { h.AuthenticateTotp(); });
  Leaves("TOTP create, beside an active one", "active_totp_exists", [&] { h.CreateTotp(); });
}

void Recovery() {
  Host& h = *host;
  Leaves("recovery codes, rotate", "", [&] { h.RotateRecoveryCodes(); });
  Leaves("recovery codes, rotate, two conflicts", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 2);
    h.RotateRecoveryCodes();
  });
  h.store.outcomes = 0;
  Leaves("recovery codes, get", "", [&] { h.GetRecoveryCodes(); });
  Leaves("recovery code, wrong", "unable_to_authenticate_recovery_code",
         [&] { h.UseRecoveryCode(1, true); });
  Leaves("recovery code, right", "", [&] { h.UseRecoveryCode(1); });
  Leaves("recovery code, used", "unable_to_authenticate_recovery_code",
         [&] { h.UseRecoveryCode(1); });
  Dropped(
      "recovery code, dropped", [] {}, [] { host->UseRecoveryCode(2); });
  Interrupted(
      "recovery codes, rotate, out of memory", [] {}, [] { host->RotateRecoveryCodes(); });
  Leaves("TOTP delete", "", [&] { h.DeleteTotp(); });
  Leaves("TOTP migrate", "", [&] { h.MigrateTotp(); });
  Leaves("TOTP migrate, beside an active one", "active_totp_exists", [&] { h.MigrateTotp(); });
}

void ChangesOfPhone() {
  Host& h = *host;
  h.clock.Advance(std::chrono::hours(1));
  Leaves("change of phone, started", "", [&] { h.StartChange("+16135550187"); });
  Leaves("change of phone, wrong", "otp_code_not_found", [&] { h.FinishChange(1); });
  Leaves("change of phone, started anew, a conflict first", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 1);
    h.StartChange("+16135550187");
  });
  Leaves("change of phone, right, the store is unavailable", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnavailable);
    h.FinishChange();
  });
  h.store.outcomes = 0;
  Leaves("change of phone, right", "", [&] { h.FinishChange(); });
  Leaves("change of phone, right again", "otp_code_not_found", [&] { h.FinishChange(); });
  Leaves("change of phone, the sink rejects", "downstream_carrier_error", [&] {
    h.sink.answer = {Delivery::Kind::kRejected, false};
    h.StartChange("+14155550123");
  });
  h.sink.answer = Delivery();
}

void Mails() {
  using Kind = Delivery::Kind;
  Host& h = *host;
  const auto next = [&] { h.clock.Advance(std::chrono::hours(1)); };
  next();
  Leaves("send by e-mail", "", [&] { h.SendMail(); });
  Leaves("send by e-mail, the sink rejects", "inactive_email", [&] {
    h.sink.answer = {Kind::kRejected, false};
    h.SendMail();
  });
  Leaves("send by e-mail, the sink is unavailable", "server_unavailable", [&] {
    h.sink.answer = {Kind::kUnavailable, false};
    h.SendMail();
  });
  h.sink.answer = Delivery();
  Leaves("send by e-mail, two conflicts", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 2);
    h.SendMail();
  });
  Leaves("send by e-mail, unknown for ever", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnknown);
    h.SendMail();
  });
  h.store.outcomes = 0;
  next();
  Leaves("send by e-mail, makes a Member", "", [&] { h.SendMail("grace@example.com"); });
  Leaves("authenticate by e-mail, who was made", "",
         [&] { h.ProveMail(0, 0, "grace@example.com"); });
  Leaves("send by e-mail", "", [&] { h.SendMail(); });
  Leaves("authenticate by e-mail, nobody", "otp_code_not_found",
         [&] { h.ProveMail(0, 0, "nobody@example.com"); });
  Leaves("authenticate by e-mail, too many digits", "invalid_code", [&] { h.ProveMail(0, 1); });
  Leaves("authenticate by e-mail, wrong", "otp_code_not_found", [&] { h.ProveMail(1); });
  Leaves("authenticate by e-mail, wrong, unknown and applied", "otp_code_not_found", [&] {
    h.store.Answer(CommitOutcome::kUnknown, true, 1);
    h.ProveMail(2);
  });
  Leaves("authenticate by e-mail, right, the store is unavailable", "server_unavailable", [&] {
    h.store.Answer(CommitOutcome::kUnavailable);
    h.ProveMail();
  });
  Leaves("authenticate by e-mail, right, with an SMS, two conflicts", "", [&] {
    h.store.Answer(CommitOutcome::kConflict, false, 2);
    h.ProveMail();
  });
  h.store.outcomes = 0;
  Leaves("authenticate by e-mail, right again", "unable_to_auth_otp_code", [&] { h.ProveMail(); });
  h.operation = 5;
  Leaves("send by e-mail, with an id", "", [&] { h.SendMail(); });
  h.operation = 6;
  Leaves("authenticate by e-mail, right, with an id", "", [&] { h.ProveMail(); });
  Leaves("authenticate by e-mail, right, with an id, again", "", [&] { h.ProveMail(); });
  Leaves("authenticate by e-mail, wrong, with its id", "bad_request", [&] { h.ProveMail(1); });
  h.operation = 0;
  Dropped(
      "send by e-mail, dropped", [] {}, [] { host->SendMail(); });
  Dropped(
      "authenticate by e-mail, dropped", [] { host->SendMail(); }, [] { host->ProveMail(); });
  Interrupted(
      "send by e-mail, out of memory", [] {}, [] { host->SendMail(); });
  Interrupted(
      "authenticate by e-mail, out of memory", [] { host->SendMail(); }, [] { host->ProveMail(); });
}

int Main() {
  scan.needles[kKey].name = "key";
  scan.needles[kTyped].name = "typed code";
  for (size_t i = 0; i < kAttempts; ++i) {
    scan.needles[kPasscodes + i].name = "passcode";
    scan.needles[kTexts + i].name = "text";
  }
  for (size_t i = kDraws; i < Scan::kNeedles; ++i) {
    scan.needles[i].name = "draw";
    scan.needles[i].window = 6;  // found also in an id, which has fixed bits in its seventh byte
  }
  for (const size_t i : {kSecret, kShownSecret, kSealingKey, kRequestKey, kCodeDraws, kCodes})
    scan.needles[i].window = 8;
  scan.needles[kSecret].name = "TOTP secret";
  scan.needles[kShownSecret].name = "TOTP secret in base32";
  scan.needles[kSealingKey].name = "sealing key";
  scan.needles[kRequestKey].name = "key for tags";
  scan.needles[kCodeDraws].name = "draws of recovery codes";
  scan.needles[kCodes].name = "recovery codes";

  host = std::make_unique<Host>();
  Leaves("configure", "", [] { host->Configure(); });
  Leaves("make Members", "", [] { host->MakeMembers(); });
  Sends();
  Authentications();
  Repetitions();
  Dropped(
      "send, dropped", [] {}, [] { host->Send(); });
  Dropped(
      "authenticate, dropped", [] { host->Send(); }, [] { host->Authenticate(); });
  Interrupted(
      "send, out of memory", [] {}, [] { host->Send(); });
  Interrupted(
      "send, not delivered, out of memory",
      [] {
        host->sink.answer = {Delivery::Kind::kUnavailable, false};
      },
      [] { host->Send(); });
  host->sink.answer = Delivery();
  Interrupted(
      "authenticate, out of memory", [] { host->Send(); }, [] { host->Authenticate(); });
  Totp();
  Recovery();
  ChangesOfPhone();
  Mails();
  FindsWhatIsPlanted();
  Leaves("the end of the configuration", host->failed.c_str(), [] {
    scan.needles[kKey].allowed = nullptr;
    scan.needles[kSealingKey].allowed = nullptr;
    scan.needles[kRequestKey].allowed = nullptr;
    host->config.reset();
  });
  std::printf("%d calls, %zu KB searched after each, %d failures\n", scenarios, scan.bytes >> 10,
              failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace otpcore

int main(int, char** argv) {
  // -z now binds this program's own calls; those inside the shared libraries are bound lazily
  // still.
  if (std::getenv("LD_BIND_NOW") == nullptr) {
    setenv("LD_BIND_NOW", "1", 1);
    execv("/proc/self/exe", argv);
    return 2;
  }
  return otpcore::Main();
}
