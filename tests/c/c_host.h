// SPDX-License-Identifier: Apache-2.0
// A host of the C interface that meets each need by the ports of the C++ one, so that both can be
// compared. It uses nothing of the operation but the C functions.
#ifndef OTPCORE_TESTS_C_C_HOST_H_
#define OTPCORE_TESTS_C_C_HOST_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/c/otpcore.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

using Fields = std::vector<std::pair<std::string, std::string>>;

// What a command answered, as text.
struct Answered {
  otpcore_code code = 0;
  int64_t retry_after_ms = 0;
  std::string detail, json, events, hints;

  bool operator==(const Answered& other) const {
    return code == other.code && retry_after_ms == other.retry_after_ms && detail == other.detail &&
           json == other.json && events == other.events && hints == other.hints;
  }
};
inline std::ostream& operator<<(std::ostream& out, const Answered& answered) {
  return out << answered.code << " after " << answered.retry_after_ms << " " << answered.detail
             << "\n"
             << answered.json << "\n"
             << answered.events << "\n"
             << answered.hints;
}

inline std::string TextOf(otpcore_view view) { return {view.data, view.size}; }

template <typename Struct>
Struct Sized() {
  Struct made;
  std::memset(&made, 0xA5, sizeof made);  // whatever was there before
  made.struct_size = sizeof made;
  return made;
}

class CHost {
 public:
  explicit CHost(const Ports& ports) : ports_(ports) {}

  otpcore_code Run(otpcore_op* op) {
    otpcore_ports table = {sizeof table, this,    nullptr, nullptr,
                           nullptr,      nullptr, nullptr, nullptr};
    table.load = Meet<&CHost::Load>;
    table.admit = Meet<&CHost::Admit>;
    table.commit = Meet<&CHost::Commit>;
    table.session = Meet<&CHost::Apply>;
    table.deliver = Meet<&CHost::Deliver>;
    table.settle = Meet<&CHost::Settle>;
    return otpcore_run(op, &table);
  }
  // A whole command. Fails the test when the call itself does.
  Answered Run(const otpcore_config* config, const char* command, const Fields& fields,
               const uint8_t* operation_id = nullptr) {
    const std::unique_ptr<otpcore_op, void (*)(otpcore_op*)> op(
        otpcore_op_new(config, command, operation_id), otpcore_op_free);
    EXPECT_NE(op, nullptr) << command;
    for (const auto& [name, value] : fields)
      EXPECT_EQ(otpcore_op_set(op.get(), name.c_str(), value.data(), value.size()), OTPCORE_OK)
          << name;
    EXPECT_EQ(Run(op.get()), OTPCORE_OK) << command;
    return AnswerOf(op.get());
  }
  static Answered AnswerOf(otpcore_op* op) {
    auto reply = Sized<otpcore_reply>();
    EXPECT_EQ(otpcore_op_reply(op, &reply), OTPCORE_OK);
    return {reply.code,
            reply.retry_after_ms,
            TextOf(reply.detail),
            TextOf(reply.json),
            TextOf(reply.events),
            std::to_string(reply.expires_at_ms) + " " + std::to_string(reply.next_send_at_ms) +
                " " + std::to_string(reply.sends_left) + " " + std::to_string(reply.tries_left)};
  }

 private:
  template <otpcore_code (CHost::*Function)(otpcore_op*, const otpcore_need&)>
  static otpcore_code Meet(void* host, otpcore_op* op, const otpcore_need* need) {
    return (static_cast<CHost*>(host)->*Function)(op, *need);
  }

  otpcore_code Load(otpcore_op* op, const otpcore_need& need) {
    bool ok = true;
    uint64_t epoch = 0;
    Records records;
    std::vector<RecordKey> keys;
    for (uint32_t i = 0; i < need.count; ++i) {
      otpcore_view key;
      EXPECT_EQ(otpcore_op_key(op, i, &key), OTPCORE_OK);
      keys.push_back(RecordKey::FromBytes(TextOf(key)));
      records.Want(keys.back());
    }
    if (need.count > 0) {
      LoadBatch batch = records.Batch();
      const Store::LoadResult result = ports_.store.Load(batch);
      ok = result.ok && records.TakeBatch();
      epoch = result.epoch;
      for (uint32_t i = 0; ok && i < need.count; ++i) {
        const LoadedRecord& found = *records.Find(keys[i]);
        if (found.revision == 0) continue;
        EXPECT_EQ(otpcore_op_record(op, i, found.revision, found.bytes.data(), found.bytes.size()),
                  OTPCORE_OK);
      }
    }
    if (ok && need.session_kind != OTPCORE_NO_SESSION) {
      const std::string value = TextOf(need.session);
      const auto found = ports_.sessions.Find(
          {static_cast<SessionCredential::Kind>(need.session_kind - 1), value});
      ok = found.ok;
      if (found.session) GiveSession(op, *found.session);
    }
    std::vector<uint8_t> entropy(need.entropy_size);
    const bool drawn =
        ok && need.entropy_size > 0 && ports_.random.Fill(entropy.data(), entropy.size());
    return otpcore_op_loaded(op, ok, ports_.clock.Now().unix_millis(), epoch,
                             drawn ? entropy.data() : nullptr, entropy.size());
  }
  static void GiveSession(otpcore_op* op, const Session& found) {
    const std::string organization = found.organization_id.str(), member = found.member_id.str();
    auto session = Sized<otpcore_session>();
    session.organization_id = {organization.data(), organization.size()};
    session.member_id = {member.data(), member.size()};
    session.session_id = {found.id.view().data(), found.id.size()};
    session.email_address = {found.email_address.view().data(), found.email_address.size()};
    session.factors = 0;
    for (uint32_t kind = 0; kind < kFactorKindCount; ++kind)
      session.factors |= uint32_t{found.factors.Has(static_cast<FactorKind>(kind))} << kind;
    EXPECT_EQ(otpcore_op_session(op, &session), OTPCORE_OK);
  }

  otpcore_code Admit(otpcore_op* op, const otpcore_need& need) {
    Quotas quotas;
    for (uint32_t i = 0; i < need.count; ++i) {
      auto asked = Sized<otpcore_quota>();
      EXPECT_EQ(otpcore_op_quota(op, i, &asked), OTPCORE_OK);
      Quota quota;
      quota.subject = static_cast<Quota::Subject>(asked.subject);
      quota.organization_id = EntityId::FromPacked(TextOf(asked.organization_id));
      quota.member_id = EntityId::FromPacked(TextOf(asked.member_id));
      quota.address.Assign(TextOf(asked.address));
      quota.region.Assign(TextOf(asked.region));
      quota.max = asked.max;
      quota.min_ended = asked.min_ended;
      quota.window = Duration(asked.window_ms);
      quota.life = Duration(asked.life_ms);
      std::copy_n(asked.replaces, 16, quota.replaces.bytes.begin());
      quotas.Add(quota);
    }
    const Admission admission = ports_.guard.Admit(IdOf(need.id), quotas);
    return otpcore_op_admitted(op, static_cast<int32_t>(admission.kind),
                               admission.retry_after.count());
  }

  otpcore_code Commit(otpcore_op* op, const otpcore_need& need) {
    std::vector<RecordKey> keys(need.count);
    Changes changes;
    for (uint32_t i = 0; i < need.count; ++i) {
      auto write = Sized<otpcore_write>();
      EXPECT_EQ(otpcore_op_write(op, i, &write), OTPCORE_OK);
      keys[i] = RecordKey::FromBytes(TextOf(write.key));
      changes.writes.Add({&keys[i], write.expected, {write.record.data, write.record.size}});
    }
    return otpcore_op_committed(op, static_cast<int32_t>(ports_.store.Commit(changes)));
  }

  otpcore_code Apply(otpcore_op* op, const otpcore_need&) {
    auto wanted = Sized<otpcore_session_effect>();
    EXPECT_EQ(otpcore_op_session_effect(op, &wanted), OTPCORE_OK);
    SessionEffect effect;
    effect.kind = static_cast<SessionEffect::Kind>(wanted.kind);
    effect.credential = {static_cast<SessionCredential::Kind>(wanted.session_kind - 1),
                         {wanted.session.data, wanted.session.size}};
    effect.organization_id = EntityId(TextOf(wanted.organization_id));
    effect.member_id = EntityId(TextOf(wanted.member_id));
    effect.duration = Duration(wanted.duration_ms);
    effect.proof.kind = KindOf(wanted.factor);
    effect.proof.at = Instant::FromUnixMillis(wanted.at_ms);
    effect.proof.address.Assign(TextOf(wanted.address));
    return otpcore_op_session_applied(op, ports_.sessions.Apply(effect));
  }
  static FactorKind KindOf(uint32_t bit) {
    uint8_t kind = 0;
    while (bit > 1) ++kind, bit >>= 1;
    return static_cast<FactorKind>(kind);
  }

  otpcore_code Deliver(otpcore_op* op, const otpcore_need&) {
    auto wanted = Sized<otpcore_message>();
    EXPECT_EQ(otpcore_op_message(op, &wanted), OTPCORE_OK);
    Message message;
    message.challenge_id = IdOf(wanted.challenge_id);
    message.organization_id = EntityId(TextOf(wanted.organization_id));
    message.member_id = EntityId(TextOf(wanted.member_id));
    EXPECT_TRUE(ParseChannel(TextOf(wanted.channel), &message.channel));
    EXPECT_TRUE(ParseLocale(TextOf(wanted.locale), &message.locale));
    message.to.Assign(TextOf(wanted.to));
    message.text.Append(TextOf(wanted.text));
    message.passcode.Append(TextOf(wanted.passcode));
    message.brand.Assign(TextOf(wanted.brand));
    message.life = std::chrono::minutes(wanted.minutes);
    message.expires_at = Instant::FromUnixMillis(wanted.expires_at_ms);
    const Delivery delivery = ports_.sink.Deliver(message);
    return otpcore_op_delivered(op, static_cast<int32_t>(delivery.kind), delivery.unsubscribed);
  }

  otpcore_code Settle(otpcore_op* op, const otpcore_need& need) {
    ports_.guard.Settle(IdOf(need.id),
                        need.spent != 0 ? Settlement::kSpent : Settlement::kReturned);
    return otpcore_op_settled(op);
  }

  static Uuid IdOf(const uint8_t (&bytes)[16]) {
    Uuid id;
    std::copy_n(bytes, 16, id.bytes.begin());
    return id;
  }

  const Ports ports_;
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_C_C_HOST_H_
