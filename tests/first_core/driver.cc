// SPDX-License-Identifier: Apache-2.0
// Plays random worlds with one core and prints a line for each call: what was asked, what the ports
// saw, what was answered. Compiled with each core (first/core.h, second/core.h), it makes the same
// calls of the same seed; compare.py holds the two outputs against each other.
//
// Nothing that is drawn depends on what the core does, but for what clients learn of it: codes that
// arrive, ids, whether a Member has a number. So two cores that behave alike are asked alike.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core.h"
#include "simulation/clients.h"
#include "simulation/clocks.h"
#include "simulation/policy_variant.h"

namespace otpcore {
namespace {

using simulation::Call;
using simulation::Calling;
using simulation::Clients;
using simulation::Draw;
using simulation::Heard;
using simulation::NewSession;
using simulation::Verb;

constexpr uint32_t kHosts = 3;
constexpr uint32_t kStepsOfAWorld = 300;

uint64_t Mix(uint64_t a, uint64_t b) { return Draw(a ^ Draw(b).Next()).Next(); }

// The first three are the usual ones. Argentina has two forms of one handset (N-08); the last
// number is none.
std::vector<std::string> NumberTexts(const Policy& policy) {
  std::vector<std::string> numbers = {"+14155550123",   "+16502530000",  "+16135550187",
                                      "+12423650123",   "+447400123456", "+4407400123456",
                                      "+19002530000",   "+18002530000",  "+15005550006",
                                      "+5491123456789", "+541123456789", "+19995550123"};
  if (policy.allowed_regions.back() == "AR") std::swap(numbers[0], numbers[10]);
  return numbers;
}

// ---- What goes wrong in one call ----

enum class CommitFault { kNone, kConflict, kUnavailable, kUnknownLost, kUnknownApplied };
enum class EntropyFault { kNone, kFails, kStuck };

struct Faults {
  int failing_load = -1;  // the first load after so many commits fails
  size_t stale = 0;       // the first attempt reads Members so many versions back
  EntropyFault entropy = EntropyFault::kNone;
  std::array<CommitFault, 10> commits{};
  Admission admission;  // kAdmitted: the guard is asked
  bool lose_settlement = false;
  bool refuse_session = false;
  Delivery delivery;
  bool arrives = true;  // of kUnknown
  bool twice = false;
  bool late = false;
  int nest = -1;             // before the commit of this number another call runs to its end
  bool clock_moves = false;  // after a commit that was not taken
};

// `draws`: a command for which the first core draws.
Faults DrawFaults(bool draws, Draw* draw) {
  Faults faults;
  faults.late = draw->Chance(1, 6);
  if (draw->Chance(1, 2)) return faults;
  if (draw->Chance(1, 25)) faults.failing_load = static_cast<int>(draw->Below(3));
  if (draw->Chance(1, 20)) faults.stale = 1 + draw->Below(2);
  if (draw->Chance(1, draws ? 80 : 2000))
    faults.entropy = draw->Chance(1, 2) ? EntropyFault::kFails : EntropyFault::kStuck;
  const bool stormy = draw->Chance(1, 15);
  for (CommitFault& fault : faults.commits) {
    if (draw->Chance(stormy ? 2 : 1, stormy ? 3 : 8))
      fault = static_cast<CommitFault>(1 + draw->Below(4));
  }
  if (draw->Chance(1, 10)) {
    faults.admission.kind = static_cast<Admission::Kind>(1 + draw->Below(3));
    faults.admission.retry_after = Duration(1000 * (1 + draw->Below(3600)));
  }
  faults.lose_settlement = draw->Chance(1, 20);
  faults.refuse_session = draw->Chance(1, 20);
  if (draw->Chance(1, 4)) {
    faults.delivery.kind = static_cast<Delivery::Kind>(2 + draw->Below(3));
    faults.delivery.unsubscribed =
        faults.delivery.kind == Delivery::Kind::kRejected && draw->Chance(1, 3);
  }
  faults.arrives = draw->Chance(1, 2);
  faults.twice = draw->Chance(1, 20);
  if (draw->Chance(1, 8)) faults.nest = static_cast<int>(draw->Below(2));
  faults.clock_moves = draw->Chance(1, 4);
  return faults;
}

bool Draws(const Call& call) { return call.verb == Verb::kSend || call.verb == Verb::kMfaStep; }

// ---- Calls that clients of the simulation do not make ----

// A code as people type it, in ways that both cores read or refuse (A-05).
std::string Typed(const std::string& code, Draw* draw) {
  static constexpr const char* kFullWidth[] = {"０", "１", "２", "３", "４",
                                               "５", "６", "７", "８", "９"};
  switch (draw->Below(6)) {
    case 0: return " " + code + "\n";
    case 1: return code.substr(0, 2) + " " + code.substr(2);
    case 2: return code.substr(0, 2) + "-" + code.substr(2);
    case 3: return code + "x";
    case 4: return code.substr(0, 3);
    default: break;
  }
  std::string wide;
  for (const char digit : code) {
    if (digit < '0' || digit > '9') return code;
    wide += kFullWidth[digit - '0'];
  }
  return wide;
}

void MakeOdd(Draw* draw, Call* call, const OperationId& earlier) {
  const std::string many(129, 'n');
  switch (draw->Below(16)) {
    case 0: call->organization.clear(); break;
    case 1: call->member = draw->Chance(1, 2) ? "a/b" : many; break;
    case 2: call->member = "member-live-00000000-0000-4000-8000-000000000000"; break;
    case 3: call->external_id = "member-test-00000000-0000-4000-8000-000000000000"; break;
    case 4: call->email = draw->Chance(1, 2) ? "nobody" : "M1@EXAMPLE.com"; break;
    case 5: call->name = draw->Chance(1, 2) ? many : "a\nb"; break;
    case 6: call->slug = draw->Chance(1, 2) ? "s" : "ACME-slug"; break;
    case 7:
      call->mfa_methods = "RESTRICTED";
      call->allowed_methods.emplace();
      break;
    case 8: call->allowed_methods = {"totp", "email_otp"}; break;
    case 9: call->default_method = "email_otp"; break;
    case 10: call->minutes = draw->Chance(1, 2) ? 527041 : 527040; break;
    case 11: call->locale = draw->Chance(1, 2) ? "en_US" : "FR"; break;
    case 12: call->operation = earlier; break;  // of another command (C-07)
    case 13: call->number = "+1 4155550123"; break;
    case 14:
      call->number = "+19995550123";
      call->email = "nobody";
      break;  // two things wrong
    default:
      call->mfa_policy = "SOMETIMES";
      call->slug = "s";
      break;
  }
}

// What only the second core takes. Rare: what follows from it is not compared.
void MakeNew(Draw* draw, Call* call) {
  static constexpr const char* kLocales[] = {"en-US", "pt", "de", "zh-CN", "zh-TW", "es-MX"};
  static constexpr const char* kBetween[] = {"  ", " - ", "\xE2\x80\x93", "\xE2\x80\x8B"};
  const uint32_t locale = draw->Below(6);
  const uint32_t between = draw->Below(4);  // blanks, a dash between blanks, an en dash, no width
  const bool even = draw->Chance(1, 2);
  if (call->code && call->code->size() >= 4) {
    call->code->insert(2, kBetween[between]);
  } else if (call->verb == Verb::kCreateMember && even) {
    call->number_verified = true;  // an import (N-06)
    call->number = "+19995550123";
  } else if (call->verb == Verb::kMfaStep || even) {
    call->locale = kLocales[locale];
  } else {
    call->number = "+13505550123";  // an area code that is newer than the packaged metadata (N-06)
  }
}

// ---- A world ----

class SetClock final : public Clock {
 public:
  int64_t now = 0;
  Instant Now() override { return Instant::FromUnixMillis(now); }
};

Policy PolicyOf(bool live, Draw* draw) {
  const uint32_t variant = draw->Below(64);
  Policy policy = simulation::PolicyVariant(variant);
  core::AdmitShortCodes(&policy);
  if (live) policy.environment = Environment::kLive;
  if (live) policy.sandbox_numbers.clear();
  if (variant == 0) return policy;
  policy.number_sends_max = 1 + static_cast<int>(draw->Below(10));
  policy.region_sends_max = 5 + static_cast<int>(draw->Below(60));
  policy.organization_sends_max = 5 + static_cast<int>(draw->Below(90));
  policy.conversion_ended_min = 2 + static_cast<int>(draw->Below(30));
  policy.conversion_percent_min = static_cast<int>(draw->Below(70));
  policy.send_when_guard_unreachable = draw->Chance(1, 4);
  policy.accept_possible_numbers = draw->Chance(1, 8);
  if (draw->Chance(1, 4)) policy.allowed_regions = {"US", "GB"};
  if (draw->Chance(1, 8)) policy.allowed_regions = {"US", "AR"};
  if (draw->Chance(1, 8)) policy.unsupported_regions = {"CA"};
  return policy;
}

// How far the rotation of the digest keys is: the old key, both, the new one alone (R-03).
KeyRing Keys(size_t rotation) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(7);
  KeyRing keys(7, DigestKey(bytes));
  bytes.fill(8);
  if (rotation > 0) keys.Add(8, DigestKey(bytes));
  if (rotation > 1) keys.Remove(7);
  return keys;
}

MessageConfig Texts(Draw* draw) {
  MessageConfig texts;
  texts.brand = "Acme";
  if (draw->Chance(1, 2)) texts.web_otp_host = "acme.example";
  return texts;
}

class World {
 public:
  explicit World(uint64_t seed) : seed_(seed), clocks_(kHosts) {
    Draw draw(seed);
    const bool live = draw.Chance(1, 10);
    if (live) environment_ = Environment::kLive;
    const Policy policy = PolicyOf(live, &draw);
    // One host may have another policy, as in a roll-out.
    Policy other = PolicyOf(live, &draw);
    if (draw.Chance(3, 4)) other = policy;
    const MessageConfig texts = Texts(&draw);
    for (uint32_t host = 0; host < kHosts; ++host) {
      for (size_t rotation = 0; rotation < kRotations; ++rotation) {
        std::string problem;
        configs_[host][rotation] =
            Config::Create(host == 2 ? other : policy, Keys(rotation), texts, &problem);
        if (configs_[host][rotation] != nullptr) continue;
        std::printf("refused\t%s\n", problem.c_str());
        return;
      }
    }
    MemorySendGuard::Options options;
    options.spraying_failures = 3 + static_cast<int>(draw.Below(20));
    guard_ = std::make_unique<MemorySendGuard>(guard_clock_, options);
    clients_ = std::make_unique<Clients>(
        1 + draw.Below(4), policy.passcode_digits, NumberTexts(policy),
        [this](const std::string& organization, const std::string& member) {
          const auto found = seen_.find(organization + "/" + member);
          return found == seen_.end() ? Clients::Sight() : found->second;
        });
    for (const Call& call : clients_->SetUp()) {
      calls_ = "set-up";
      Run({call, {}}, Faults(), 0, Mix(seed, calls_number_), nullptr);
    }
  }

  // Each step has a salt of its own, so that steps can be left out.
  void Step(uint32_t number) {
    if (clients_ == nullptr) return;
    calls_ = std::to_string(number);
    Draw draw(Mix(seed_, 1000 + number));
    const uint32_t what = draw.Below(1000);
    if (what < 90) {
      clocks_.Move(&draw, true);
    } else if (what < 140) {
      Arrive(&draw);
    } else if (what < 148) {
      store_.Backup(std::make_shared<simulation::ModelState>());
    } else if (what < 153) {
      if (store_.Restore() != nullptr) ++epoch_;
    } else if (what < 158) {
      rotation_ = draw.Below(kRotations);
    } else {
      StartCall(&draw);
    }
  }

  // What is left of every Member and Organization.
  void Look() {
    if (clients_ == nullptr) return;
    calls_ = "at-last";
    const std::vector<std::string> paths = paths_;
    for (const std::string& path : paths) {
      Call call;
      call.verb = Verb::kGetMember;
      call.organization = path.substr(0, path.find('/'));
      call.member = path.substr(path.find('/') + 1);
      if (call.member.empty()) call.verb = Verb::kGetOrganization;
      Run({call, {}}, Faults(), 0, 1, nullptr);
    }
  }

 private:
  struct Nested {
    Calling calling;
    Faults faults;
    uint64_t salt = 0;
    bool done = false;
  };

  void StartCall(Draw* draw) {
    Calling calling = clients_->Next(draw);
    if (!last_code_.empty() && draw->Chance(1, 3)) AnswerCode(draw, &calling);
    // A step that is asked again after other commands (C-07).
    if (earlier_step_ && draw->Chance(1, 40)) calling = {*earlier_step_, {}};
    Decorate(draw, &calling.call);
    if (calling.call.verb == Verb::kMfaStep) earlier_step_ = calling.call;
    Faults faults = DrawFaults(Draws(calling.call), draw);
    const uint32_t host = draw->Below(kHosts);
    const uint64_t salt = draw->Next();
    std::optional<Nested> nested;
    if (faults.nest >= 0) {
      nested.emplace();
      // Another client, or the same request in parallel.
      if (draw->Chance(1, 4))
        nested->calling = calling;
      else
        nested->calling = clients_->Next(draw);
      nested->faults = DrawFaults(Draws(nested->calling.call), draw);
      nested->faults.nest = -1;
      nested->salt = draw->Next();
    }
    Run(calling, faults, host, salt, nested ? &*nested : nullptr);
  }

  // Whoever has just been sent a code types it, or another: the calls of clients alone meet a live
  // challenge too rarely.
  void AnswerCode(Draw* draw, Calling* calling) {
    Call call;
    call.verb = Verb::kAuthenticate;
    call.operation = calling->call.operation;
    call.organization = last_path_.substr(0, last_path_.find('/'));
    call.member = last_path_.substr(last_path_.find('/') + 1);
    call.code = last_code_;
    if (draw->Chance(2, 5)) call.code->back() = static_cast<char>('0' + draw->Below(10));
    call.set_default_mfa = draw->Chance(1, 8);
    NewSession session;
    session.value = "d" + std::to_string(calls_number_);
    session.organization = call.organization;
    session.member = call.member;
    session.host_primary = true;
    session.totp = draw->Chance(1, 4);
    (draw->Chance(1, 2) ? call.session.intermediate_session_token : call.session.session_token) =
        session.value;
    calling->call = call;
    calling->session = session;
  }

  void Decorate(Draw* draw, Call* call) {
    if (call->code && call->code->size() >= 4 && draw->Chance(1, 60))
      call->code = Typed(*call->code, draw);
    const bool organization = call->verb == Verb::kUpdateOrganization;
    if (draw->Chance(1, organization ? 6 : 60)) MakeOdd(draw, call, earlier_);
    const bool seldom = call->verb == Verb::kMfaStep || call->verb == Verb::kCreateMember;
    if (draw->Chance(1, seldom ? 100 : 400)) MakeNew(draw, call);
    if (!call->operation.empty()) earlier_ = call->operation;
  }

  void Learn(const NewSession& session) {
    sessions_[session.value] = core::SessionOf(session, Instant::FromUnixMillis(clocks_.now()));
  }

  void Arrive(Draw* draw) {
    if (under_way_.empty()) return;
    const auto which = under_way_.begin() + draw->Below(static_cast<uint32_t>(under_way_.size()));
    clients_->Received(which->first, which->second);
    under_way_.erase(which);
  }

  void Run(const Calling& calling, const Faults& faults, uint32_t host, uint64_t salt,
           Nested* nested);
  Loaded MeetLoad(const NeedLoad& need, const Faults& faults, uint32_t host, uint64_t salt);
  CommitOutcome MeetCommit(const NeedCommit& need, const OperationId& operation,
                           const Faults& faults, uint64_t salt, Nested* nested);
  Admission MeetAdmission(const NeedAdmission& need, const Faults& faults, uint32_t host);
  bool MeetSession(const NeedSessionEffect& need, const Faults& faults);
  Delivery MeetDelivery(const NeedDelivery& need, const Config& config, const Faults& faults);
  void TakeAnswer(const Call& call, const Config& config, Heard heard);
  void Remember(const Heard& heard);
  void Show(const Member& member);
  void Show(const Organization& organization);

  void Field(const char* name, const std::string& value) {
    line_ += '\t';
    line_ += name;
    line_ += '=';
    line_ += value;
  }
  void Flush();

  const uint64_t seed_;
  static constexpr size_t kRotations = 3;
  std::unique_ptr<const Config> configs_[kHosts][kRotations];
  size_t rotation_ = 0;
  Environment environment_ = Environment::kTest;
  simulation::SimStore store_;
  SetClock guard_clock_;
  std::unique_ptr<MemorySendGuard> guard_;
  std::unique_ptr<Clients> clients_;
  simulation::Clocks clocks_;
  uint64_t epoch_ = 1;
  std::map<std::string, Session> sessions_;
  std::vector<std::string> paths_;              // of seen_, in the order they appeared
  std::map<std::string, Clients::Sight> seen_;  // by path; of an Organization's "id/"
  std::deque<std::pair<std::string, std::string>> under_way_;  // member path, code
  std::string last_path_, last_code_;                          // of the message that left last
  OperationId earlier_;
  std::optional<Call> earlier_step_;
  std::set<OperationId> committed_;
  // How each operation was asked for, and when it was decided.
  struct Asked {
    std::vector<std::string> texts;
    std::vector<int64_t> times;
    std::set<size_t> rotations;  // of the keys
    std::string Met() const;
  };
  std::map<OperationId, Asked> asked_;
  Asked* under_way_call_ = nullptr;
  OperationId last_operation_;                // of the latest commit
  std::map<std::string, std::string> names_;  // of ids that the library chose
  std::set<std::string> generated_;
  uint64_t calls_number_ = 0;
  std::string calls_;  // the step
  std::string line_;
  std::string met_;  // faults that struck
  size_t commits_ = 0;
  bool loaded_ = false;  // something, since the last commit
};

// Ids that the library chose differ between cores: they are named in the order they appear.
void World::Flush() {
  std::string out;
  constexpr size_t kUuid = 36;
  for (size_t at = 0; at < line_.size();) {
    const size_t mark = std::min(line_.find("-test-", at), line_.find("-live-", at));
    if (mark == std::string::npos || mark + 6 + kUuid > line_.size()) {
      out += line_.substr(at);
      break;
    }
    const std::string uuid = line_.substr(mark + 6, kUuid);
    const auto [name, is_new] = names_.emplace(uuid, "#" + std::to_string(names_.size() + 1));
    (void)is_new;
    out += line_.substr(at, mark + 6 - at) + name->second;
    at = mark + 6 + kUuid;
  }
  std::replace(out.begin(), out.end(), '\n', '~');
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::fputc('\n', stdout);
}

std::string World::Asked::Met() const {
  constexpr int64_t kDay = int64_t{24} * 60 * 60 * 1000;
  std::string met;
  if (texts.size() > 1) met += " again";
  if (std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return text != texts[0]; }))
    met += " changed";
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  if (first != times.end() && *last - *first >= kDay) met += " old";
  // The key that made the mark may be gone.
  if (rotations.count(0) != 0 && rotations.count(kRotations - 1) != 0) met += " rotated";
  return met;
}

void World::Run(const Calling& calling, const Faults& faults, uint32_t host, uint64_t salt,
                Nested* nested) {
  // A nested call has a line of its own before this one's.
  const std::string outer_line = line_;
  const std::string outer_met = met_;
  const size_t outer_commits = commits_;
  const bool outer_loaded = loaded_;
  line_ = calls_ + (outer_line.empty() ? "" : ".1");
  met_.clear();
  commits_ = 0;
  loaded_ = false;

  Call call = calling.call;
  ++calls_number_;
  Field("call", Describe(call) + (call.operation.empty() ? " once" : ""));
  Field("at", std::to_string(clocks_.NowOf(host)));
  if (call.operation.empty()) call.operation = core::OnceId(calls_number_);
  if (committed_.count(call.operation) != 0 && call.operation != last_operation_) met_ += " late";
  Asked& asked = asked_[call.operation];
  asked.texts.push_back(Describe(call));
  asked.rotations.insert(rotation_);
  Asked* const outer_asked = std::exchange(under_way_call_, &asked);
  if (calling.session) Learn(*calling.session);
  const Config& config = *configs_[host][rotation_];
  const auto running = Begin(config, call);
  Operation& driver = running->driver();
  Need need = driver.Start();
  const auto settle = [&](const AdmissionId& id, Settlement settlement) {
    Field("settle", std::to_string(static_cast<int>(settlement)));
    guard_clock_.now = clocks_.NowOf(host);
    if (!faults.lose_settlement) guard_->Settle(id, settlement);
  };
  while (!core::MeetEnd(&driver, &need, settle)) {
    if (const auto* load = std::get_if<NeedLoad>(&need)) {
      need = driver.OnLoaded(MeetLoad(*load, faults, host, salt));
    } else if (const auto* admit = std::get_if<NeedAdmission>(&need)) {
      need = driver.OnAdmitted(MeetAdmission(*admit, faults, host));
    } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
      need = driver.OnCommitted(MeetCommit(*commit, call.operation, faults, salt, nested));
    } else if (const auto* session = std::get_if<NeedSessionEffect>(&need)) {
      need = driver.OnSessionEffect(MeetSession(*session, faults));
    } else if (const auto* delivery = std::get_if<NeedDelivery>(&need)) {
      need = driver.OnDelivered(MeetDelivery(*delivery, config, faults));
    }
  }
  guard_clock_.now = clocks_.NowOf(host);
  met_ += asked.Met();
  TakeAnswer(call, config, running->Take());
  Flush();
  line_ = outer_line;
  met_ = outer_met;
  commits_ = outer_commits;
  loaded_ = outer_loaded;
  under_way_call_ = outer_asked;
}

Loaded World::MeetLoad(const NeedLoad& need, const Faults& faults, uint32_t host, uint64_t salt) {
  const auto fill = [&](uint8_t* draws, uint8_t* id, uint8_t* phone_id) {
    Draw generator(Mix(salt, 77 + commits_));
    const bool stuck = faults.entropy == EntropyFault::kStuck;
    const auto part = [&](uint8_t* bytes, size_t size) {
      for (size_t i = 0; i < size; ++i)
        bytes[i] = stuck ? 7 : static_cast<uint8_t>(generator.Next());
    };
    part(draws, kPasscodeEntropyBytes);
    part(id, 16);
    part(phone_id, 16);
    if (faults.entropy != EntropyFault::kNone) met_ += stuck ? " stuck" : " no-entropy";
    return faults.entropy != EntropyFault::kFails;
  };
  Loaded loaded = core::Load(store_, need, commits_ == 0 ? faults.stale : 0, fill);
  loaded.ok = loaded_ || faults.failing_load != static_cast<int>(commits_);
  loaded_ = true;
  if (!loaded.ok) met_ += " load";
  if (commits_ == 0 && faults.stale > 0) met_ += " stale";
  loaded.epoch = epoch_;
  loaded.now = Instant::FromUnixMillis(clocks_.NowOf(host));
  under_way_call_->times.push_back(clocks_.NowOf(host));
  if (need.session != nullptr) {
    const auto found = sessions_.find(core::Text(need.session->value));
    if (found != sessions_.end()) loaded.session = found->second;
  }
  return loaded;
}

Admission World::MeetAdmission(const NeedAdmission& need, const Faults& faults, uint32_t host) {
  std::string quotas;
  for (const Quota& quota : *need.quotas) quotas += core::QuotaText(quota) + " ";
  Admission admission = faults.admission;
  guard_clock_.now = clocks_.NowOf(host);
  if (admission.kind == Admission::Kind::kAdmitted)
    admission = guard_->Admit(need.id, *need.quotas);
  else
    met_ += " guard";
  Field("admit", quotas + std::to_string(static_cast<int>(admission.kind)) + "/" +
                     std::to_string(admission.retry_after.count()));
  return admission;
}

CommitOutcome World::MeetCommit(const NeedCommit& need, const OperationId& operation,
                                const Faults& faults, uint64_t salt, Nested* nested) {
  const CommitFault fault = faults.commits[std::min(commits_, faults.commits.size() - 1)];
  if (nested != nullptr && !nested->done && static_cast<int>(commits_) == faults.nest) {
    nested->done = true;
    Run(nested->calling, nested->faults, 0, nested->salt, nullptr);
    met_ += " nested";
  }
  ++commits_;
  loaded_ = false;
  CommitOutcome outcome = CommitOutcome::kCommitted;
  if (fault == CommitFault::kConflict) outcome = CommitOutcome::kConflict;
  if (fault == CommitFault::kUnavailable) outcome = CommitOutcome::kUnavailable;
  if (fault == CommitFault::kUnknownLost || fault == CommitFault::kUnknownApplied)
    outcome = CommitOutcome::kUnknown;
  if (fault != CommitFault::kNone) met_ += " commit" + std::to_string(static_cast<int>(fault));
  if (fault == CommitFault::kNone || fault == CommitFault::kUnknownApplied) {
    if (!store_.WouldConflict(*need.changes)) {
      store_.Apply(*need.changes, nullptr);
      last_operation_ = operation;
      committed_.insert(operation);
    } else if (fault == CommitFault::kNone) {
      outcome = CommitOutcome::kConflict;
    }
  }
  if (outcome != CommitOutcome::kCommitted && faults.clock_moves) {
    Draw draw(Mix(salt, 99 + commits_));
    clocks_.Move(&draw, true);
  }
  Field("commit", std::to_string(static_cast<int>(outcome)));
  return outcome;
}

bool World::MeetSession(const NeedSessionEffect& need, const Faults& faults) {
  const SessionEffect& effect = *need.effect;
  const auto found = sessions_.find(core::Text(effect.credential.value));
  const bool applied = !faults.refuse_session && found != sessions_.end();
  if (applied && core::Consumes(effect))
    sessions_.erase(found);
  else if (applied)
    core::AddFactor(effect, &found->second);
  Field("session", core::Text(effect.credential.value) +
                       std::to_string(static_cast<int>(effect.credential.kind)) + " " +
                       core::EffectText(effect, environment_) +
                       (applied ? " applied" : " refused"));
  return applied;
}

Delivery World::MeetDelivery(const NeedDelivery& need, const Config& config, const Faults& faults) {
  const auto& message = *need.message;
  const std::string body = core::BodyOf(message);
  const std::string code =
      testing::CodeIn(body, static_cast<size_t>(config.policy().passcode_digits));
  const std::string path =
      core::Text(message.organization_id) + "/" + core::Text(message.member_id);
  Field("sms", path + " " + core::Text(message.to) + " until " +
                   std::to_string(message.expires_at.unix_millis()) + " " + body);
  clients_->LearnChallenge(path, message.challenge_id);
  last_path_ = path;
  last_code_ = code;
  const Delivery::Kind kind = faults.delivery.kind;
  int copies = kind == Delivery::Kind::kAccepted ? 1 : 0;
  if (kind == Delivery::Kind::kUnknown && faults.arrives) copies = 1;
  if (copies > 0 && faults.twice) ++copies;
  for (int i = 0; i < copies; ++i) {
    if (faults.late)
      under_way_.emplace_back(path, code);
    else
      clients_->Received(path, code);
  }
  if (kind != Delivery::Kind::kAccepted) met_ += " sink" + std::to_string(static_cast<int>(kind));
  return faults.delivery;
}

std::string Millis(const std::optional<Instant>& instant) {
  return instant ? std::to_string(instant->unix_millis()) : "-";
}

void World::Show(const Member& member) {
  const std::string path = core::Text(member.organization_id) + "/" + core::Text(member.member_id);
  std::string text = path + "|" + core::Text(member.external_id) + "|" +
                     core::Text(member.email_address) + "|" + core::Text(member.name) + "|" +
                     core::Text(member.mfa_phone_number) + "|" +
                     core::Text(member.totp_registration_id);
  for (const int flag :
       {int{member.email_address_verified}, static_cast<int>(member.status),
        int{member.is_breakglass}, int{member.mfa_enrolled}, int{member.mfa_phone_number_verified},
        static_cast<int>(member.default_mfa_method), int{member.is_locked}})
    text += "|" + std::to_string(flag);
  text += "|lock " + Millis(member.lock_created_at) + " " + Millis(member.lock_expires_at) +
          "|made " + Millis(member.created_at) + " " + Millis(member.updated_at);
  Field("member", text);
}

void World::Show(const Organization& organization) {
  const std::string id = core::Text(organization.organization_id);
  std::string text = id + "|" + core::Text(organization.organization_slug) + "|" +
                     core::Text(organization.organization_external_id) + "|" +
                     core::Text(organization.organization_name);
  for (const int flag :
       {static_cast<int>(organization.mfa_policy), static_cast<int>(organization.mfa_methods),
        int{organization.sms_otp_allowed}, int{organization.totp_allowed}})
    text += "|" + std::to_string(flag);
  text += "|made " + Millis(organization.created_at) + " " + Millis(organization.updated_at);
  Field("org", text);
}

void World::Remember(const Heard& heard) {
  const auto remember = [this](const std::string& path, const Clients::Sight& sight) {
    if (seen_.find(path) == seen_.end()) paths_.push_back(path);
    seen_[path] = sight;
  };
  if (heard.member) {
    remember(core::Text(heard.member->organization_id) + "/" + core::Text(heard.member->member_id),
             {!core::Text(heard.member->mfa_phone_number).empty(),
              heard.member->status == MemberStatus::kDeleted});
  }
  if (heard.organization) remember(core::Text(heard.organization->organization_id) + "/", {});
}

void World::TakeAnswer(const Call& call, const Config& config, Heard heard) {
  EventList events = core::EventsOf(heard);
  guard_->Observe(&events);
  Field("error", std::to_string(static_cast<int>(heard.error)) + " " +
                     std::string(Describe(heard.error).error_type));
  if (heard.retry_after.count() != 0)
    Field("retry_after", std::to_string(heard.retry_after.count()));
  const Hints hints = core::HintsOf(heard);
  Field("hints", std::to_string(hints.expires_at.unix_millis()) + " " +
                     std::to_string(hints.next_send_at.unix_millis()) + " " +
                     std::to_string(hints.sends_left) + " " + std::to_string(hints.tries_left));
  if (heard.member) Show(*heard.member);
  if (heard.organization) Show(*heard.organization);
  // The reply of report-delivery shows a Member in one core only.
  if (call.verb != Verb::kReportDelivery) Remember(heard);
  if (heard.applied) Field("applied", "1");
  if (heard.session_effect) Field("effect", core::EffectText(*heard.session_effect, environment_));
  if (call.verb == Verb::kMfaStep && heard.error == ErrorCode::kOk) {
    std::string text = heard.member_authenticated ? "authenticated" : "not authenticated";
    if (heard.mfa_required) {
      text += heard.mfa_required->secondary_auth_initiated ? " initiated" : " not initiated";
      if (const auto& options = heard.mfa_required->member_options)
        text += " " + core::Text(options->mfa_phone_number) + "|" +
                core::Text(options->totp_registration_id);
    }
    Field("mfa", text);
  }
  std::string told = core::Text(events.organization_id) + "/" + core::Text(events.member_id);
  for (const Event& event : events) {
    told += " " + std::string(NameOf(event.kind)) + ":" + std::to_string(event.at.unix_millis()) +
            ":" + std::to_string(static_cast<int>(event.reason)) + ":" + core::Text(event.region) +
            ":" + core::Text(event.last_digits);
  }
  if (events.size() > 0) Field("events", told);
  if (!met_.empty()) Field("~met", met_);

  if (heard.error != ErrorCode::kOk) return;
  // A sandbox number gets no message: who knows the policy knows the code.
  const bool sends = call.verb == Verb::kSend || call.verb == Verb::kMfaStep;
  if (sends && heard.member && !config.policy().sandbox_numbers.empty() &&
      core::Text(heard.member->mfa_phone_number) == config.policy().sandbox_numbers.front().e164)
    clients_->Received(
        core::Text(heard.member->organization_id) + "/" + core::Text(heard.member->member_id),
        config.policy().sandbox_numbers.front().code);
  if (call.verb == Verb::kCreateOrganization && call.organization.empty() && heard.organization) {
    const std::string id = core::Text(heard.organization->organization_id);
    if (generated_.insert(id).second) clients_->LearnId(id, "");
  }
  if (call.verb == Verb::kCreateMember && call.member.empty() && heard.member) {
    const std::string id = core::Text(heard.member->member_id);
    if (generated_.insert(id).second)
      clients_->LearnId(core::Text(heard.member->organization_id), id);
  }
}

void Play(uint64_t seed, uint64_t number, const std::vector<uint32_t>& steps) {
  std::printf("world %llu\n", static_cast<unsigned long long>(number));
  World world(Mix(seed, number));
  for (const uint32_t step : steps) world.Step(step);
  world.Look();
}

// driver SEED FIRST_WORLD WORLDS [STEP,STEP,…]: 0 worlds go on for ever.
int Main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: driver seed first-world worlds [step,step,...]\n");
    return 2;
  }
  const uint64_t seed = std::strtoull(argv[1], nullptr, 10);
  const uint64_t first = std::strtoull(argv[2], nullptr, 10);
  const uint64_t worlds = std::strtoull(argv[3], nullptr, 10);
  std::vector<uint32_t> steps;
  if (argc > 4) {
    const char* at = argv[4];
    while (*at != '\0') {
      char* end = nullptr;
      steps.push_back(static_cast<uint32_t>(std::strtoul(at, &end, 10)));
      at = *end == ',' ? end + 1 : end;
    }
  } else {
    for (uint32_t step = 0; step < kStepsOfAWorld; ++step) steps.push_back(step);
  }
  for (uint64_t world = 0; worlds == 0 || world < worlds; ++world) {
    Play(seed, first + world, steps);
    if (std::ferror(stdout) != 0) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) { return otpcore::Main(argc, argv); }
