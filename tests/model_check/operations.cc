// SPDX-License-Identifier: Apache-2.0
#include "model_check/operations.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "otpcore/testing/records.h"
#include "otpcore/testing/world.h"

namespace otpcore {
namespace model {
namespace {

constexpr SecretAccess kAccess("the model reads the phone");
constexpr char kToken[] = "token";  // of kExchange

// A command of the library, on its way.
class Running {
 public:
  virtual ~Running() = default;
  virtual Operation& driver() = 0;
  // Once it is done.
  virtual void Answer(Point* point) const = 0;
};

template <typename C>
class RunningFor final : public Running {
 public:
  RunningFor(const CallContext& context, typename C::Request request)
      : operation_(context, std::move(request)) {}
  Operation& driver() override { return operation_.driver(); }
  void Answer(Point* point) const override {
    Reply<C> reply;
    operation_.Respond("request", &reply);
    point->answer = reply.error().code();
    if (!reply.ok() || !point->committed) return;
    if (IsOfAddress(point->command.kind)) return;  // there is none
    point->shows_both = reply.organization().organization_id == OrganizationId() &&
                        MemberOf(reply.member().member_id) == point->command.member;
  }

 private:
  OperationFor<C> operation_;
};

template <typename Request>
std::unique_ptr<Running> Begin(const CallContext& context, Request request) {
  return std::make_unique<RunningFor<CommandOfT<Request>>>(context, std::move(request));
}

std::unique_ptr<Running> BeginOfApp(const CallContext& context, const CommandSpec& spec,
                                    const Member& member) {
  using Kind = CommandSpec::Kind;
  const Actor person = Actor::Person({"", "session", ""});
  switch (spec.kind) {
    case Kind::kCreateApp: {
      auto request = testing::On<CreateTotpRequest>(member, person);
      request.expiration_minutes = kAppLife;
      return Begin(context, std::move(request));
    }
    case Kind::kProveApp:
    case Kind::kTypeAppCode: {
      auto request = testing::On<AuthenticateTotpRequest>(member);
      request.code.emplace(AppCodeText(spec.argument));
      request.session.session_token = "session";
      return Begin(context, std::move(request));
    }
    case Kind::kRecover: {
      auto request = testing::On<UseRecoveryCodeRequest>(member);
      request.recovery_code.emplace(RecoveryCodeText(spec.argument));
      request.session.session_token = "session";
      return Begin(context, std::move(request));
    }
    case Kind::kDeleteApp:
    case Kind::kDeleteOwnApp: return Begin(context, testing::On<DeleteTotpRequest>(member, person));
    case Kind::kRotate:
    case Kind::kRotateOwn:
      return Begin(context, testing::On<RotateRecoveryCodesRequest>(member, person));
    default: std::abort();
  }
}

template <typename R>
R OnAddress() {
  R request;
  request.email_address = AddressText(kAddress, 1);
  return request;
}

std::unique_ptr<Running> BeginOfAddress(const CallContext& context, const CommandSpec& spec) {
  switch (spec.kind) {
    case CommandSpec::Kind::kDiscover:
      return Begin(context, OnAddress<SendDiscoveryPasscodeRequest>());
    case CommandSpec::Kind::kTypeDiscovered: {
      auto request = OnAddress<AuthenticateDiscoveryPasscodeRequest>();
      request.code.emplace(CodeText(spec.argument));
      return Begin(context, std::move(request));
    }
    case CommandSpec::Kind::kReportDiscovered: {
      auto request = OnAddress<ReportDiscoveryDeliveryRequest>();
      request.challenge_id = ChallengeIdOf(spec.argument);
      request.delivery.kind = Delivery::Kind::kRejected;
      return Begin(context, std::move(request));
    }
    case CommandSpec::Kind::kUnlockAddress:
      return Begin(context, OnAddress<UnlockDiscoveryAddressRequest>());
    default: return Begin(context, OnAddress<PurgeDiscoveryAddressRequest>());
  }
}

std::unique_ptr<Running> BeginOfMail(const CallContext& context, const CommandSpec& spec,
                                     const Member& member) {
  switch (spec.kind) {
    case CommandSpec::Kind::kSendMail: {
      SendEmailPasscodeRequest request;
      request.organization_id = OrganizationId().str();
      request.email_address = AddressText(spec.member, 0);
      return Begin(context, std::move(request));
    }
    case CommandSpec::Kind::kTypeMail: {
      AuthenticateEmailPasscodeRequest request;
      request.organization_id = OrganizationId().str();
      request.email_address = AddressText(spec.member, 0);
      request.code.emplace(CodeText(spec.argument));
      return Begin(context, std::move(request));
    }
    default: {
      auto request = testing::On<UpdateMemberRequest>(member, Actor::Host());
      request.email_address = AddressText(spec.member, spec.argument);
      return Begin(context, std::move(request));
    }
  }
}

std::unique_ptr<Running> Begin(const CallContext& context, const CommandSpec& spec) {
  using Kind = CommandSpec::Kind;
  Member member;
  member.organization_id = OrganizationId();
  member.member_id = MemberId(spec.member);
  switch (spec.kind) {
    case Kind::kSend: {
      auto request = testing::On<SendSmsOtpRequest>(member);
      if (spec.argument != kNoNumber) request.mfa_phone_number = E164Text(spec.argument);
      return Begin(context, std::move(request));
    }
    case Kind::kAuthenticate: {
      auto request = testing::On<AuthenticateSmsOtpRequest>(member);
      request.code.emplace(CodeText(spec.argument));
      request.session.session_token = "session";
      return Begin(context, std::move(request));
    }
    case Kind::kReport: {
      auto request = testing::On<ReportDeliveryRequest>(member);
      request.challenge_id = ChallengeIdOf(spec.argument);
      request.delivery.kind = Delivery::Kind::kRejected;
      return Begin(context, std::move(request));
    }
    case Kind::kDeleteNumber:
      return Begin(context, testing::On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()));
    case Kind::kUnlock: return Begin(context, testing::On<UnlockMemberRequest>(member));
    case Kind::kDeleteMember: return Begin(context, testing::On<DeleteMemberRequest>(member));
    case Kind::kReactivate: return Begin(context, testing::On<ReactivateMemberRequest>(member));
    case Kind::kGiveNumber: {
      auto request = testing::On<UpdateMemberRequest>(member, Actor::Host());
      request.mfa_phone_number = E164Text(spec.argument);
      return Begin(context, std::move(request));
    }
    case Kind::kStartChange:
    case Kind::kStartOwnChange: {
      const bool own = spec.kind == Kind::kStartOwnChange;
      auto request = testing::On<StartPhoneChangeRequest>(
          member, own ? Actor::Person({"", "session", ""}) : Actor::Host());
      request.mfa_phone_number = E164Text(spec.argument);
      return Begin(context, std::move(request));
    }
    case Kind::kFinishChange: {
      auto request = testing::On<FinishPhoneChangeRequest>(member, Actor::Host());
      request.code.emplace(CodeText(spec.argument));
      return Begin(context, std::move(request));
    }
    case Kind::kExchange: {
      ExchangeIntermediateSessionRequest request;
      request.organization_id = OrganizationId().str();
      request.intermediate_session_token = kToken;
      return Begin(context, std::move(request));
    }
    case Kind::kDeleteOwnNumber:
      return Begin(context, testing::On<DeleteMfaPhoneNumberRequest>(
                                member, Actor::Person({"", "session", ""})));
    default:
      if (IsOfAddress(spec.kind)) return BeginOfAddress(context, spec);
      return IsOfMail(spec.kind) ? BeginOfMail(context, spec, member)
                                 : BeginOfApp(context, spec, member);
  }
}

void AddInput(const Input& input, const RecordTable& records, Hasher* hasher) {
  hasher->Add(static_cast<uint64_t>(input.answers) | static_cast<uint64_t>(input.outcome) << 8 |
              static_cast<uint64_t>(input.minute) << 16 | static_cast<uint64_t>(input.epoch) << 24 |
              static_cast<uint64_t>(input.slot) << 32 | static_cast<uint64_t>(input.later) << 40 |
              static_cast<uint64_t>(input.kept) << 48 |
              static_cast<uint64_t>(input.token_gone) << 56);
  if (input.answers != NeedKind::kLoad) return;
  for (size_t key = 0; key < kKeys; ++key) {
    if (input.records[key] == 0) continue;
    hasher->Add(key);
    hasher->Add(records.at(input.records[key]).hash);
  }
}

void DescribeMessage(const Message& message, Point* point) {
  point->message_slot = SlotOf(message.challenge_id);
  point->message_to = NumberOf(message.to);
  point->message_spelling = SpellingOf(point->command.member, message.to);
  const std::string code = CodeText(point->message_slot);
  point->message_right =
      testing::CodeIn(std::string(message.text.Reveal(kAccess)), kDigits) == code &&
      message.passcode.Reveal(kAccess) == code &&
      (IsOfAddress(point->command.kind)
           ? message.member_id.str().empty() && message.organization_id.str().empty()
           : MemberOf(message.member_id) == point->command.member);
}

// It has proved the Member's address.
Session SessionOfNobody(int member) {
  Session session;
  session.id = "session-of-nobody";
  session.email_address = AddressText(member, 0);
  session.factors.Add(FactorKind::kEmailPasscode, Instant::FromUnixMillis(1));
  return session;
}

// What the input itself tells about the point after it.
void Carry(const Point& before, Point* point) {
  const Input& input = point->input;
  point->follow_up = before.follow_up;
  point->in_doubt = before.in_doubt;
  point->known = before.known;
  point->minute = before.minute;
  point->slot = before.slot;
  point->run = before.run;
  point->member_seen = before.member_seen;
  point->admitted = before.admitted;
  point->admission = before.admission;
  point->admission_right = before.admission_right;
  point->doubtful_message = before.doubtful_message;
  point->report_asked = before.report_asked;
  point->report_committed = before.report_committed;
  switch (input.answers) {
    case NeedKind::kLoad:
      if (input.outcome == 0) return;
      point->known |= before.keys;
      if (before.entropy) point->in_doubt = false;  // another attempt
      if (point->in_doubt) return;  // it asks what became of a commit; nothing is decided again
      point->minute = input.minute;
      if (input.slot != 0) point->run = input.slot;
      if (input.slot != 0 && !point->follow_up)
        point->slot = input.kept != 0 ? input.kept : input.slot;
      if ((before.keys & (1u << point->command.member)) != 0)
        point->member_seen = input.records[point->command.member];
      return;
    case NeedKind::kAdmission: {
      const auto kind = static_cast<Admission::Kind>(input.outcome);
      if (kind == Admission::Kind::kAdmitted || kind == Admission::Kind::kUnreachable)
        point->admitted = true;
      return;
    }
    case NeedKind::kCommit:
      point->report_asked = before.follow_up;
      point->report_committed = before.follow_up && static_cast<CommitOutcome>(input.outcome) ==
                                                        CommitOutcome::kCommitted;
      if (static_cast<CommitOutcome>(input.outcome) != CommitOutcome::kUnknown) return;
      point->in_doubt = true;
      point->doubtful_message = before.message_slot != 0;
      return;
    case NeedKind::kDelivery:
      point->doubtful_message = false;
      point->follow_up = static_cast<Delivery::Kind>(input.outcome) != Delivery::Kind::kAccepted;
      return;
    default: return;
  }
}

}  // namespace

PointTable::PointTable(const Config& config, RecordTable& records)
    : config_(config), records_(records), organization_(testing::Packed(TheOrganization())) {}

uint32_t PointTable::Start(const CommandSpec& command, uint8_t operation) {
  Point point;
  point.command = command;
  point.operation = operation;
  Hasher hasher;
  hasher.Add(static_cast<uint64_t>(command.kind) | static_cast<uint64_t>(command.member) << 8 |
             static_cast<uint64_t>(command.argument) << 16 |
             static_cast<uint64_t>(operation) << 24);
  point.hash = hasher.hash();
  return points_.Get(point.hash, [&] { return Run(point); });
}

uint32_t PointTable::Next(uint32_t before, const Input& input) {
  const Point& earlier = at(before);
  Hasher hasher;
  hasher.Add(earlier.hash);
  AddInput(input, records_, &hasher);
  return points_.Get(hasher.hash(), [&] {
    Point point;
    point.hash = hasher.hash();
    point.before = before;
    point.input = input;
    point.command = earlier.command;
    point.operation = earlier.operation;
    Carry(earlier, &point);
    return Run(point);
  });
}

Point PointTable::Run(Point point) {
  std::vector<const Input*> inputs;
  if (point.before != 0) inputs.push_back(&point.input);
  for (uint32_t number = point.before; number != 0; number = at(number).before) {
    if (at(number).before != 0) inputs.push_back(&at(number).input);
  }
  std::reverse(inputs.begin(), inputs.end());

  CallContext context;
  context.config = &config_;
  context.operation_id = OperationIdOf(point.operation);
  const std::unique_ptr<Running> running = Begin(context, point.command);
  Operation& driver = running->driver();
  const auto settle = [&](Need need) {
    while (const auto* settlement = std::get_if<NeedSettlement>(&need)) {
      ++point.settlements;
      point.settlement = settlement->settlement;
      if (SlotOf(settlement->id) != point.admission) point.admission_right = false;
      need = driver.OnSettled();
    }
    return need;
  };
  Need need = settle(driver.Start());
  for (const Input* input : inputs) need = settle(Feed(&driver, need, point.command, *input));
  Describe(need, &point);
  if (point.need == NeedKind::kDone) {
    point.committed = driver.conclusion().committed;
    running->Answer(&point);
  }
  return point;
}

Need PointTable::Feed(Operation* driver, const Need& need, const CommandSpec& command,
                      const Input& input) const {
  switch (input.answers) {
    case NeedKind::kLoad:
      return driver->OnLoaded(LoadedFor(*std::get_if<NeedLoad>(&need), command, input));
    case NeedKind::kAdmission: {
      Admission admission;
      admission.kind = static_cast<Admission::Kind>(input.outcome);
      return driver->OnAdmitted(admission);
    }
    case NeedKind::kCommit: return driver->OnCommitted(static_cast<CommitOutcome>(input.outcome));
    case NeedKind::kSessionEffect: return driver->OnSessionEffect(input.outcome != 0);
    case NeedKind::kDelivery: {
      Delivery delivery;
      delivery.kind = static_cast<Delivery::Kind>(input.outcome);
      return driver->OnDelivered(delivery);
    }
    case NeedKind::kDone: break;
  }
  std::abort();
}

Loaded PointTable::LoadedFor(const NeedLoad& need, const CommandSpec& command,
                             const Input& input) const {
  Loaded loaded;
  loaded.ok = input.outcome != 0;
  loaded.now = AtMinute(input.minute);
  loaded.epoch = input.epoch;
  LoadBatch batch = need.batch;
  for (size_t i = 0; i < batch.size(); ++i) {
    const int key = IndexOf(batch.key(i));
    if (key < 0) {
      if (batch.key(i).kind() == RecordKind::kOrganization) batch.Found(i, 1, organization_);
      continue;
    }
    const uint32_t record = input.records[static_cast<size_t>(key)];
    if (record == 0) continue;
    batch.Found(i, (input.later & (1u << key)) != 0 ? kLaterRevision : kFirstRevision,
                records_.at(record).bytes);
  }
  if (need.session != nullptr && command.kind == CommandSpec::Kind::kExchange) {
    if (!input.token_gone) loaded.session = SessionOfNobody(command.member);
  } else if (need.session != nullptr) {
    // Whoever types a code has signed in with a primary factor; commands name the Member.
    loaded.session = testing::World::PrimarySession();
    loaded.session->organization_id = OrganizationId();
    loaded.session->member_id = MemberId(command.member);
    if (ShowsFactor(command.kind))
      loaded.session->factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
  }
  loaded.has_entropy = need.entropy != nullptr && input.slot != 0;
  if (loaded.has_entropy) {
    EntropyBytes bytes = EntropyOf(input.slot);
    // The operation keeps the id; a slot's code goes with it.
    constexpr size_t kDraws = offsetof(Entropy, draws);
    if (input.kept != 0) {
      const EntropyBytes kept = EntropyOf(input.kept);
      std::copy(kept.begin() + kDraws, kept.end(), bytes.begin() + kDraws);
    }
    std::copy_n(bytes.begin(), need.entropy_bytes, reinterpret_cast<uint8_t*>(need.entropy));
  }
  return loaded;
}

void PointTable::Describe(const Need& need, Point* point) {
  if (const auto* load = std::get_if<NeedLoad>(&need)) {
    point->need = NeedKind::kLoad;
    point->entropy = load->entropy != nullptr;
    if (point->entropy) point->known = 0;  // an attempt begins: nothing before counts
    for (size_t i = 0; i < load->batch.size(); ++i) {
      const int key = IndexOf(load->batch.key(i));
      if (key >= 0) point->keys = static_cast<uint8_t>(point->keys | 1u << key);
    }
  } else if (const auto* admission = std::get_if<NeedAdmission>(&need)) {
    point->need = NeedKind::kAdmission;
    if (point->admission == 0) point->admission = SlotOf(admission->id);
    if (point->admission != SlotOf(admission->id)) point->admission_right = false;
  } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
    point->need = NeedKind::kCommit;
    for (const Write& write : commit->changes->writes) {
      const int key = IndexOf(*write.key);
      if (key < 0) std::abort();
      WriteView& view = point->writes[point->write_count++];
      view.key = static_cast<uint8_t>(key);
      view.expected = static_cast<uint8_t>(write.expected);
      view.record = records_.Intern(key, write.record);
    }
    point->effect = commit->changes->session_effect != nullptr;
    point->has_message = commit->changes->message != nullptr;
    if (point->has_message) DescribeMessage(*commit->changes->message, point);
  } else if (const auto* session = std::get_if<NeedSessionEffect>(&need)) {
    point->need = NeedKind::kSessionEffect;
    const SessionCredential& credential = session->effect->credential;
    point->names_token = credential.kind == SessionCredential::Kind::kIntermediateToken &&
                         credential.value == kToken;
  } else if (const auto* delivery = std::get_if<NeedDelivery>(&need)) {
    point->need = NeedKind::kDelivery;
    DescribeMessage(*delivery->message, point);
  }
}

}  // namespace model
}  // namespace otpcore
