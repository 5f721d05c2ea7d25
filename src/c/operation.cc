// SPDX-License-Identifier: Apache-2.0
// Operations in C: each need as a struct, its parts by accessors, each outcome as a call.
#include <algorithm>
#include <cstring>
#include <optional>

#include "c/any_command.h"
#include "c/boundary.h"
#include "c/config_handle.h"
#include "c/show.h"

using namespace otpcore;  // NOLINT(google-build-using-namespace): a file of C functions

struct otpcore_op {
  std::unique_ptr<AnyCommand> command;
  CallContext context;
  bool has_begun = false;
  Need need = Done();
  std::optional<Session> session;  // that the host found
  uint32_t session_factors = 0;
  const ReplyBase* reply = nullptr;
  JsonWriter json, events;
  // Texts that views point into.
  InlineText<kIdBytesMax> organization_id, member_id, factor_id;

  template <typename N>
  N* Has() {
    return has_begun ? std::get_if<N>(&need) : nullptr;
  }
  template <typename N>
  const N* Has() const {
    return has_begun ? std::get_if<N>(&need) : nullptr;
  }
  Operation& driver() { return command->driver(); }
  otpcore_code Take(const Need& next) {
    need = next;
    session.reset();
    return OTPCORE_OK;
  }
  // Of the commit or of a need of its own; null: there is none.
  const Message* message() const {
    if (const auto* delivery = Has<NeedDelivery>()) return delivery->message;
    const auto* commit = Has<NeedCommit>();
    return commit != nullptr ? commit->changes->message : nullptr;
  }
  const SessionEffect* effect() const {
    if (const auto* wanted = Has<NeedSessionEffect>()) return wanted->effect;
    const auto* commit = Has<NeedCommit>();
    return commit != nullptr ? commit->changes->session_effect : nullptr;
  }
};

namespace {

constexpr SecretAccess kHandsOver("the host's gateway sends it");

static_assert(OTPCORE_LOAD - 1 == 0 && OTPCORE_DONE - 1 == 6, "as the alternatives of Need");

int32_t KindOf(SessionCredential::Kind kind) { return static_cast<int32_t>(kind) + 1; }

uint32_t BitOf(FactorKind kind) { return 1u << static_cast<unsigned>(kind); }

void CopyId(const Uuid& id, uint8_t* out) { std::memcpy(out, id.bytes.data(), id.bytes.size()); }

FactorSet FactorsOf(uint32_t bits, Instant at) {
  FactorSet factors;
  for (size_t i = 0; i < kFactorKindCount; ++i) {
    const auto kind = static_cast<FactorKind>(i);
    if ((bits & BitOf(kind)) != 0) factors.Add(kind, at);
  }
  return factors;
}

otpcore_need Show(const Need& need) {
  otpcore_need out = {};
  out.kind = static_cast<int32_t>(need.index()) + 1;
  if (const auto* load = std::get_if<NeedLoad>(&need)) {
    out.count = static_cast<uint32_t>(load->batch.size());
    out.entropy_size = load->entropy_bytes;
    if (load->session != nullptr) {
      out.session_kind = KindOf(load->session->kind);
      out.session = ViewOf(load->session->value);
    }
  } else if (const auto* admission = std::get_if<NeedAdmission>(&need)) {
    out.count = static_cast<uint32_t>(admission->quotas->size());
    CopyId(admission->id, out.id);
  } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
    out.count = static_cast<uint32_t>(commit->changes->writes.size());
    out.has_message = commit->changes->message != nullptr;
    out.has_session_effect = commit->changes->session_effect != nullptr;
  } else if (const auto* settlement = std::get_if<NeedSettlement>(&need)) {
    CopyId(settlement->id, out.id);
    out.spent = settlement->settlement == Settlement::kSpent;
  }
  return out;
}

}  // namespace

extern "C" {

otpcore_op* otpcore_op_new(const otpcore_config* config, const char* command,
                           const uint8_t* operation_id) {
  otpcore_op* op = nullptr;
  const otpcore_code code = Guarded([&] {
    if (config == nullptr || config->sealed == nullptr || command == nullptr) return OTPCORE_MISUSE;
    auto made = std::make_unique<otpcore_op>();
    made->command = AnyCommand::Make(command);
    if (made->command == nullptr) return OTPCORE_UNKNOWN_NAME;
    OperationId id;
    if (operation_id != nullptr) std::copy_n(operation_id, id.bytes.size(), id.bytes.begin());
    made->context = ContextOf(*config->sealed, id);
    op = made.release();
    return OTPCORE_OK;
  });
  return code == OTPCORE_OK ? op : nullptr;
}

void otpcore_op_free(otpcore_op* op) { delete op; }

otpcore_code otpcore_op_set(otpcore_op* op, const char* field, const char* value, size_t size) {
  return Guarded([&] {
    if (op == nullptr || field == nullptr || (value == nullptr && size > 0) || op->has_begun)
      return OTPCORE_MISUSE;
    return op->command->Set(field, TextOf(value, size));
  });
}

otpcore_code otpcore_op_next(otpcore_op* op, otpcore_need* need) {
  return Guarded([&] {
    if (op == nullptr) return OTPCORE_MISUSE;
    if (!op->has_begun) {
      const otpcore_code code = op->command->Begin(op->context);
      if (code != OTPCORE_OK) return code;
      op->has_begun = true;
      op->need = op->driver().Start();
    }
    return Give(Show(op->need), need);
  });
}

// ---- Load ----

otpcore_code otpcore_op_key(const otpcore_op* op, uint32_t i, otpcore_view* key) {
  const auto* load = op == nullptr ? nullptr : op->Has<NeedLoad>();
  if (load == nullptr || key == nullptr || i >= load->batch.size()) return OTPCORE_MISUSE;
  *key = ViewOf(load->batch.key(i).bytes());
  return OTPCORE_OK;
}

otpcore_code otpcore_op_record(otpcore_op* op, uint32_t i, uint64_t revision, const char* record,
                               size_t size) {
  auto* load = op == nullptr ? nullptr : op->Has<NeedLoad>();
  if (load == nullptr || i >= load->batch.size() || (record == nullptr && size > 0))
    return OTPCORE_MISUSE;
  return load->batch.Found(i, revision, TextOf(record, size)) ? OTPCORE_OK : OTPCORE_BAD_VALUE;
}

otpcore_code otpcore_op_session(otpcore_op* op, const otpcore_session* session) {
  const auto* load = op == nullptr ? nullptr : op->Has<NeedLoad>();
  otpcore_session taken;
  if (load == nullptr || load->session == nullptr || !Take(session, &taken)) return OTPCORE_MISUSE;
  const std::string_view id = TextOf(taken.session_id);
  Session found;
  found.organization_id = EntityId(TextOf(taken.organization_id));
  found.member_id = EntityId(TextOf(taken.member_id));
  const std::string_view address = TextOf(taken.email_address);
  // Of no Member are those alone that have proved an address (EM-26); ids that are none are none.
  const bool has_ids = taken.organization_id.size + taken.member_id.size > 0;
  if ((has_ids ? found.organization_id.empty() || found.member_id.empty() : address.empty()) ||
      id.size() > kIdBytesMax || !Address::Fits(address))
    return OTPCORE_BAD_VALUE;
  found.id.Assign(id);
  found.email_address.Assign(address);
  op->session = found;
  op->session_factors = taken.factors;
  return OTPCORE_OK;
}

otpcore_code otpcore_op_loaded(otpcore_op* op, int ok, int64_t now_ms, uint64_t epoch,
                               const uint8_t* entropy, size_t size) {
  return Guarded([&] {
    auto* load = op == nullptr ? nullptr : op->Has<NeedLoad>();
    if (load == nullptr || (entropy != nullptr && size != load->entropy_bytes))
      return OTPCORE_MISUSE;
    Loaded loaded;
    loaded.ok = ok != 0;
    loaded.now = Instant::FromUnixMillis(now_ms);
    loaded.epoch = epoch;
    loaded.session = op->session;
    if (loaded.session) loaded.session->factors = FactorsOf(op->session_factors, loaded.now);
    if (load->entropy != nullptr && entropy != nullptr) {
      std::memcpy(static_cast<void*>(load->entropy), entropy, size);
      loaded.has_entropy = true;
    }
    return op->Take(op->driver().OnLoaded(loaded));
  });
}

// ---- Admit ----

otpcore_code otpcore_op_quota(const otpcore_op* op, uint32_t i, otpcore_quota* quota) {
  const auto* admission = op == nullptr ? nullptr : op->Has<NeedAdmission>();
  if (admission == nullptr || i >= admission->quotas->size()) return OTPCORE_MISUSE;
  const Quota& asked = (*admission->quotas)[i];
  otpcore_quota out = {};
  out.subject = static_cast<int32_t>(asked.subject);
  out.max = asked.max;
  out.min_ended = asked.min_ended;
  out.window_ms = asked.window.count();
  out.life_ms = asked.life.count();
  out.organization_id = ViewOf(asked.organization_id.packed());
  out.member_id = ViewOf(asked.member_id.packed());
  out.address = ViewOf(asked.address.view());
  out.region = ViewOf(asked.region.view());
  CopyId(asked.replaces, out.replaces);
  return Give(out, quota);
}

otpcore_code otpcore_op_admitted(otpcore_op* op, int32_t admission, int64_t retry_after_ms) {
  return Guarded([&] {
    if (op == nullptr || op->Has<NeedAdmission>() == nullptr) return OTPCORE_MISUSE;
    if (admission < OTPCORE_ADMITTED || admission > OTPCORE_GUARD_UNREACHABLE || retry_after_ms < 0)
      return OTPCORE_BAD_VALUE;
    return op->Take(op->driver().OnAdmitted(
        {static_cast<Admission::Kind>(admission), Duration(retry_after_ms)}));
  });
}

// ---- Commit ----

otpcore_code otpcore_op_write(const otpcore_op* op, uint32_t i, otpcore_write* write) {
  const auto* commit = op == nullptr ? nullptr : op->Has<NeedCommit>();
  if (commit == nullptr || i >= commit->changes->writes.size()) return OTPCORE_MISUSE;
  const Write& wanted = commit->changes->writes[i];
  otpcore_write out = {};
  out.key = ViewOf(wanted.key->bytes());
  out.expected = wanted.expected;
  out.record = ViewOf(wanted.record);
  return Give(out, write);
}

otpcore_code otpcore_op_committed(otpcore_op* op, int32_t outcome) {
  return Guarded([&] {
    if (op == nullptr || op->Has<NeedCommit>() == nullptr) return OTPCORE_MISUSE;
    if (outcome < OTPCORE_COMMITTED || outcome > OTPCORE_COMMIT_UNKNOWN) return OTPCORE_BAD_VALUE;
    return op->Take(op->driver().OnCommitted(static_cast<CommitOutcome>(outcome)));
  });
}

// ---- Session effect ----

otpcore_code otpcore_op_session_effect(otpcore_op* op, otpcore_session_effect* effect) {
  return Guarded([&] {
    const SessionEffect* const wanted = op == nullptr ? nullptr : op->effect();
    if (wanted == nullptr) return OTPCORE_MISUSE;
    op->organization_id = wanted->organization_id.text();
    op->member_id = wanted->member_id.text();
    op->factor_id = FormatId(TraitsOf(wanted->proof.kind).id_prefix,
                             op->context.config->policy().environment, wanted->proof.id);
    otpcore_session_effect out = {};
    out.kind = static_cast<int32_t>(wanted->kind);
    if (!wanted->credential.value.empty()) out.session_kind = KindOf(wanted->credential.kind);
    out.session = ViewOf(wanted->credential.value);
    out.organization_id = ViewOf(op->organization_id.view());
    out.member_id = ViewOf(op->member_id.view());
    out.duration_ms = wanted->duration.count();
    out.factor = BitOf(wanted->proof.kind);
    out.factor_id = ViewOf(op->factor_id.view());
    out.address = ViewOf(wanted->proof.address.view());
    out.at_ms = wanted->proof.at.unix_millis();
    return Give(out, effect);
  });
}

otpcore_code otpcore_op_session_applied(otpcore_op* op, int applied) {
  return Guarded([&] {
    if (op == nullptr || op->Has<NeedSessionEffect>() == nullptr) return OTPCORE_MISUSE;
    return op->Take(op->driver().OnSessionEffect(applied != 0));
  });
}

// ---- Deliver, settle ----

otpcore_code otpcore_op_message(otpcore_op* op, otpcore_message* message) {
  const Message* const wanted = op == nullptr ? nullptr : op->message();
  if (wanted == nullptr) return OTPCORE_MISUSE;
  op->organization_id = wanted->organization_id.text();
  op->member_id = wanted->member_id.text();
  otpcore_message out = {};
  CopyId(wanted->challenge_id, out.challenge_id);
  out.organization_id = ViewOf(op->organization_id.view());
  out.member_id = ViewOf(op->member_id.view());
  out.channel = ViewOf(WireName(wanted->channel));
  out.to = ViewOf(wanted->to.view());
  out.locale = ViewOf(LocaleName(wanted->locale));
  out.text = ViewOf(wanted->text.Reveal(kHandsOver));
  out.passcode = ViewOf(wanted->passcode.Reveal(kHandsOver));
  out.brand = ViewOf(wanted->brand.view());
  out.subject = ViewOf(wanted->subject.view());
  out.template_id = ViewOf(wanted->template_id.view());
  out.purpose = ViewOf(WireName(wanted->purpose));
  out.minutes = MessageMinutes(wanted->life);
  out.expires_at_ms = wanted->expires_at.unix_millis();
  return Give(out, message);
}

otpcore_code otpcore_op_delivered(otpcore_op* op, int32_t outcome, int unsubscribed) {
  return Guarded([&] {
    if (op == nullptr || op->Has<NeedDelivery>() == nullptr) return OTPCORE_MISUSE;
    if (outcome < OTPCORE_ACCEPTED || outcome > OTPCORE_DELIVERY_UNKNOWN) return OTPCORE_BAD_VALUE;
    return op->Take(
        op->driver().OnDelivered({static_cast<Delivery::Kind>(outcome), unsubscribed != 0}));
  });
}

otpcore_code otpcore_op_settled(otpcore_op* op) {
  return Guarded([&] {
    if (op == nullptr || op->Has<NeedSettlement>() == nullptr) return OTPCORE_MISUSE;
    return op->Take(op->driver().OnSettled());
  });
}

// ---- Reply ----

otpcore_code otpcore_op_reply(otpcore_op* op, otpcore_reply* reply) {
  return Guarded([&] {
    if (op == nullptr || op->Has<Done>() == nullptr) return OTPCORE_MISUSE;
    if (op->reply == nullptr) {
      const ReplyBase& made = op->command->Respond(&op->json);
      ShowEvents(made.events(), &op->events);
      op->reply = &made;
    }
    const Hints& hints = op->reply->hints();
    otpcore_reply out = {};
    out.code = static_cast<otpcore_code>(op->reply->error().code());
    out.retry_after_ms = op->reply->error().retry_after().count();
    out.detail = ViewOf(op->reply->error().detail());
    out.json = ViewOf(op->json.text());
    out.events = ViewOf(op->events.text());
    out.expires_at_ms = hints.expires_at.unix_millis();
    out.next_send_at_ms = hints.next_send_at.unix_millis();
    out.sends_left = hints.sends_left;
    out.tries_left = hints.tries_left;
    return Give(out, reply);
  });
}

otpcore_code otpcore_run(otpcore_op* op, const otpcore_ports* ports) {
  otpcore_ports taken;
  if (op == nullptr || !Take(ports, &taken)) return OTPCORE_MISUSE;
  const otpcore_meet meets[] = {taken.load,    taken.admit,   taken.commit,
                                taken.session, taken.deliver, taken.settle};
  otpcore_need need = {};
  need.struct_size = sizeof need;
  for (;;) {
    const otpcore_code code = otpcore_op_next(op, &need);
    if (code != OTPCORE_OK || need.kind == OTPCORE_DONE) return code;
    const otpcore_meet meet = meets[need.kind - 1];
    if (meet == nullptr) return OTPCORE_MISUSE;
    const otpcore_code met = meet(taken.host, op, &need);
    if (met < 0) return met;
  }
}

otpcore_code otpcore_describe(otpcore_code code, otpcore_error_info* info) {
  for (const ErrorInfo& row : AllErrors()) {
    if (static_cast<otpcore_code>(row.code) != code) continue;
    otpcore_error_info out = {};
    out.error_type = ViewOf(row.error_type);
    out.message = ViewOf(row.message);
    out.http_status = row.http_status;
    out.error_class = static_cast<int32_t>(row.error_class);
    out.end_user_code = static_cast<otpcore_code>(row.end_user_code);
    return Give(out, info);
  }
  return OTPCORE_UNKNOWN_NAME;
}

}  // extern "C"
