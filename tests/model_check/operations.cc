// SPDX-License-Identifier: Apache-2.0
#include "model_check/operations.h"

#include <algorithm>
#include <cstdlib>

#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace model {
namespace {

constexpr SecretAccess kAccess("the model reads the phone");

// A command of the library, typed.
class Running {
 public:
  virtual ~Running() = default;
  virtual Operation& driver() = 0;
  virtual ErrorCode Respond(Conclusion conclusion) const = 0;
};

template <typename C>
class RunningFor final : public Running {
 public:
  RunningFor(const CallContext& context, typename C::Request request)
      : RunningFor(std::make_unique<CommandFor<C>>(context, std::move(request))) {}
  Operation& driver() override { return driver_; }
  ErrorCode Respond(Conclusion conclusion) const override {
    const auto response = command_->Respond(std::move(conclusion));
    return response ? ErrorCode::kOk : response.error().code();
  }

 private:
  explicit RunningFor(std::unique_ptr<const CommandFor<C>> command)
      : command_(command.get()), driver_(std::move(command)) {}
  const CommandFor<C>* command_;  // owned by driver_
  Operation driver_;
};

template <typename Request>
Request RequestFor(const CommandSpec& spec) {
  Request request;
  request.organization_id = OrganizationId().str();
  request.member_id = MemberId(spec.member).str();
  return request;
}

template <typename C>
std::unique_ptr<Running> Simple(const CallContext& context, const CommandSpec& spec) {
  return std::make_unique<RunningFor<C>>(context, RequestFor<typename C::Request>(spec));
}

std::unique_ptr<Running> Begin(const Config& config, const CommandSpec& spec, uint8_t operation) {
  using Kind = CommandSpec::Kind;
  CallContext context;
  context.config = &config;
  context.operation_id = OperationIdOf(operation);
  switch (spec.kind) {
    case Kind::kSend: {
      auto request = RequestFor<SendSmsOtpRequest>(spec);
      if (spec.argument != kNoNumber) request.mfa_phone_number = NumberText(spec.argument);
      return std::make_unique<RunningFor<SendSmsOtp>>(context, std::move(request));
    }
    case Kind::kAuthenticate: {
      auto request = RequestFor<AuthenticateSmsOtpRequest>(spec);
      request.code.emplace(CodeText(spec.argument));
      request.session.session_token = "session";
      return std::make_unique<RunningFor<AuthenticateSmsOtp>>(context, std::move(request));
    }
    case Kind::kReport: {
      auto request = RequestFor<ReportDeliveryRequest>(spec);
      request.challenge_id = ChallengeIdOf(spec.argument);
      request.delivery.kind = Delivery::Kind::kRejected;
      return std::make_unique<RunningFor<ReportDelivery>>(context, std::move(request));
    }
    case Kind::kDeleteNumber: return Simple<DeleteMfaPhoneNumber>(context, spec);
    case Kind::kUnlock: return Simple<UnlockMember>(context, spec);
    case Kind::kDeleteMember: return Simple<DeleteMember>(context, spec);
    case Kind::kReactivate: return Simple<ReactivateMember>(context, spec);
  }
  std::abort();
}

void AddInput(const Input& input, const RecordTable& records, Hasher* hasher) {
  hasher->Add(static_cast<uint64_t>(input.answers) | static_cast<uint64_t>(input.outcome) << 8 |
              static_cast<uint64_t>(input.minute) << 16 | static_cast<uint64_t>(input.epoch) << 24 |
              static_cast<uint64_t>(input.slot) << 32 | static_cast<uint64_t>(input.later) << 40);
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
  point->message_right = testing::CodeIn(std::string(message.text.Reveal(kAccess)), kDigits) ==
                             CodeText(point->message_slot) &&
                         MemberOf(message.member_id) == point->command.member;
}

// What the input itself tells about the point after it.
void Carry(const Point& before, Point* point) {
  const Input& input = point->input;
  point->follow_up = before.follow_up;
  point->in_doubt = before.in_doubt;
  point->known = before.known;
  point->minute = before.minute;
  point->slot = before.slot;
  point->member_seen = before.member_seen;
  const auto outcome = static_cast<CommitOutcome>(input.outcome);
  switch (input.answers) {
    case NeedKind::kLoad:
      if (input.outcome == 0) return;
      point->known |= before.keys;
      if (before.in_doubt) return;  // it asks what became of a commit; nothing is decided again
      point->minute = input.minute;
      if (input.slot != 0) point->slot = input.slot;
      if ((before.keys & (1u << point->command.member)) != 0)
        point->member_seen = input.records[point->command.member];
      return;
    case NeedKind::kCommit:
      if (outcome == CommitOutcome::kUnknown) point->in_doubt = true;
      if (outcome == CommitOutcome::kConflict && !before.in_doubt) point->known = 0;
      return;
    case NeedKind::kDelivery:
      if (static_cast<Delivery::Kind>(input.outcome) == Delivery::Kind::kAccepted) return;
      point->follow_up = true;
      point->in_doubt = false;
      point->known = 0;
      return;
    default: return;
  }
}

}  // namespace

uint32_t PointTable::Start(const CommandSpec& command, uint8_t operation) {
  Point point;
  point.command = command;
  point.operation = operation;
  Hasher hasher;
  hasher.Add(static_cast<uint64_t>(command.kind) | static_cast<uint64_t>(command.member) << 8 |
             static_cast<uint64_t>(command.argument) << 16 |
             static_cast<uint64_t>(operation) << 24);
  point.hash = hasher.hash();
  return points_.Get(point.hash, [&] { return Run(std::move(point)); });
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
    return Run(std::move(point));
  });
}

Point PointTable::Run(Point point) {
  std::vector<const Input*> inputs;
  if (point.before != 0) inputs.push_back(&point.input);
  for (uint32_t number = point.before; number != 0; number = at(number).before) {
    if (at(number).before != 0) inputs.push_back(&at(number).input);
  }
  std::reverse(inputs.begin(), inputs.end());

  const std::unique_ptr<Running> running = Begin(config_, point.command, point.operation);
  Need need = running->driver().Start();
  for (const Input* input : inputs) need = Feed(&running->driver(), need, *input);
  Describe(need, &point);
  if (point.need == NeedKind::kDone) {
    Conclusion conclusion = running->driver().TakeConclusion();
    point.committed = !conclusion.changes.writes.empty();
    point.answer = running->Respond(std::move(conclusion));
  }
  return point;
}

Need PointTable::Feed(Operation* driver, const Need& need, const Input& input) const {
  switch (input.answers) {
    case NeedKind::kLoad: return driver->OnLoaded(LoadedFor(*std::get_if<NeedLoad>(&need), input));
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

Loaded PointTable::LoadedFor(const NeedLoad& need, const Input& input) const {
  Loaded loaded;
  loaded.ok = input.outcome != 0;
  loaded.now = AtMinute(input.minute);
  loaded.epoch = input.epoch;
  for (const RecordKey& key : *need.keys) {
    LoadedRecord& record = loaded.records.emplace_back();
    record.key = key;
    const int index = IndexOf(key);
    if (index < 0) {
      if (key.kind != RecordKind::kOrganization) continue;
      record.revision = 1;
      record.record = organization_;
      continue;
    }
    record.record = records_.Decode(index, input.records[static_cast<size_t>(index)]);
    if (std::holds_alternative<std::monostate>(record.record)) continue;
    record.revision = (input.later & (1u << index)) != 0 ? kLaterRevision : kFirstRevision;
  }
  if (need.session != nullptr) {
    // Whoever types a code has signed in with a primary factor; commands name the Member.
    Session session;
    session.organization_id = OrganizationId();
    session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    for (const RecordKey& key : *need.keys) {
      if (key.kind == RecordKind::kMember) session.member_id = key.name.view();
    }
    loaded.session = session;
  }
  loaded.has_entropy = need.entropy && input.slot != 0;
  if (loaded.has_entropy) FillEntropy(input.slot, &loaded.entropy);
  return loaded;
}

void PointTable::Describe(const Need& need, Point* point) {
  if (const auto* load = std::get_if<NeedLoad>(&need)) {
    point->need = NeedKind::kLoad;
    point->entropy = load->entropy;
    point->session = load->session != nullptr;
    for (const RecordKey& key : *load->keys) {
      const int index = IndexOf(key);
      if (index >= 0) point->keys = static_cast<uint8_t>(point->keys | 1u << index);
    }
  } else if (std::holds_alternative<NeedAdmission>(need)) {
    point->need = NeedKind::kAdmission;
  } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
    point->need = NeedKind::kCommit;
    for (const Write& write : commit->changes->writes) {
      const int key = IndexOf(write.key);
      if (key < 0) std::abort();
      WriteView& view = point->writes[point->write_count++];
      view.key = static_cast<uint8_t>(key);
      view.expected = static_cast<uint8_t>(write.expected);
      view.record = records_.Intern(key, write.record);
    }
    point->effect = commit->changes->session_effect.has_value();
    if (commit->changes->message) DescribeMessage(*commit->changes->message, point);
  } else if (std::holds_alternative<NeedSessionEffect>(need)) {
    point->need = NeedKind::kSessionEffect;
  } else if (const auto* delivery = std::get_if<NeedDelivery>(&need)) {
    point->need = NeedKind::kDelivery;
    DescribeMessage(*delivery->message, point);
  } else {
    point->need = NeedKind::kDone;
    point->settlement = std::get_if<Done>(&need)->settlement;
  }
}

}  // namespace model
}  // namespace otpcore
