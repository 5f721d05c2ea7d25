// SPDX-License-Identifier: Apache-2.0
// What the tests for oracles look at: the digests made, the calls of the store, and every byte that
// a caller gets.
#ifndef OTPCORE_TESTS_SECRECY_ORACLE_H_
#define OTPCORE_TESTS_SECRECY_ORACLE_H_

#include <string>

#include "fixture.h"

namespace otpcore {

// That libsodium finished; oracle_test.cc counts them.
extern int digests;

// Passes all calls on and remembers them as text.
class RecordingStore final : public Store {
 public:
  explicit RecordingStore(Store& inner) : inner_(inner) {}
  LoadResult Load(LoadBatch& batch) override {
    calls += "load";
    for (size_t i = 0; i < batch.size(); ++i) {
      const RecordKey& key = batch.key(i);
      calls += ' ' + std::string(key.bytes()) + " @" +
               std::to_string(testing::LoadFrom(inner_, key).revision);
    }
    return inner_.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    calls += "commit";
    for (const Write& write : changes.writes) {
      calls += ' ' + std::string(write.key->bytes()) + " @" + std::to_string(write.expected) + ' ' +
               std::string(write.record);
    }
    return inner_.Commit(changes);
  }
  std::string calls;

 private:
  Store& inner_;
};

// All that a caller gets.
template <typename C>
std::string TextOf(const Reply<C>& reply) {
  std::string text = reply.request_id() + '|';
  if (reply.ok()) {
    text += reply.member().member_id.str();
  } else {
    const Error& error = reply.error();
    text += std::to_string(static_cast<int>(error.code())) + '|' + std::string(error.error_type()) +
            '|' + std::string(error.message()) + '|' + std::string(error.detail()) + '|' +
            std::to_string(error.retry_after().count());
  }
  const Hints& hints = reply.hints();
  for (const int64_t hint : {hints.expires_at.unix_millis(), hints.next_send_at.unix_millis(),
                             int64_t{hints.sends_left}, int64_t{hints.tries_left}})
    text += '|' + std::to_string(hint);
  text += '|' + reply.events().organization_id.str() + '|' + reply.events().member_id.str();
  for (const Event& event : reply.events()) {
    text += '|' + std::string(NameOf(event.kind)) + ' ' + std::to_string(event.at.unix_millis()) +
            ' ' + std::to_string(static_cast<int>(event.reason)) + ' ' + event.region.str() + ' ' +
            event.last_digits.str();
  }
  return text;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SECRECY_ORACLE_H_
