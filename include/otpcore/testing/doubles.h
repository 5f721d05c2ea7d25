// SPDX-License-Identifier: Apache-2.0
// Doubles: a virtual clock, seeded randomness, an SMS inbox. Sessions and records are kept by
// MemorySessionDirectory and MemoryStore. world.h puts them together, faults.h makes them fail.
//
// They ship with the library: tests of code that embeds otpcore use them as otpcore's own tests do.
#ifndef OTPCORE_TESTING_DOUBLES_H_
#define OTPCORE_TESTING_DOUBLES_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/engine/ports.h"

namespace otpcore {
namespace testing {

// A clock that moves when told to, also backwards. Thread-safe.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start = Instant::FromUnixMillis(1767225600000))  // 2026-01-01
      : millis_(start.unix_millis()) {}
  Instant Now() override { return Instant::FromUnixMillis(millis_.load()); }
  void Advance(Duration by) { millis_.fetch_add(by.count()); }
  void Set(Instant to) { millis_.store(to.unix_millis()); }

 private:
  std::atomic<int64_t> millis_;
};

// The same bytes for the same seed (SplitMix64): for tests only, anyone can predict it. Can be told
// to fail, or to repeat one byte for ever as a broken generator does. Thread-safe.
class SeededRandom final : public SecureRandom {
 public:
  explicit SeededRandom(uint64_t seed = 1) : state_(seed) {}
  bool Fill(uint8_t* bytes, size_t size) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++fills_;
    if (failing_) return false;
    for (size_t i = 0; i < size; ++i) {
      if (i % 8 == 0) word_ = Next();
      bytes[i] = stuck_ ? stuck_byte_.load() : static_cast<uint8_t>(word_ >> (8 * (i % 8)));
    }
    return true;
  }
  void set_failing(bool failing) { failing_ = failing; }
  void set_stuck(uint8_t byte) {
    stuck_ = true;
    stuck_byte_ = byte;
  }
  int fills() const { return fills_; }

 private:
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::mutex mutex_;
  uint64_t state_;
  uint64_t word_ = 0;
  std::atomic<int> fills_{0};
  std::atomic<bool> failing_{false};
  std::atomic<bool> stuck_{false};
  std::atomic<uint8_t> stuck_byte_{0};
};

// One message as the phone or the mailbox shows it.
struct ReceivedMessage {
  std::string to;
  std::string body;
  ChallengeId challenge_id;
  EntityId organization_id;
  EntityId member_id;
  Channel channel = Channel::kSms;
  std::string subject;      // of an e-mail
  std::string template_id;  // of an e-mail; what the request named
  EmailPurpose purpose = EmailPurpose::kNone;
};

// The first run of `digits` digits in `body`, or "" : what a person would type in.
inline std::string CodeIn(const std::string& body, size_t digits = 6) {
  size_t run = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    run = body[i] >= '0' && body[i] <= '9' ? run + 1 : 0;
    const bool ends = i + 1 == body.size() || body[i + 1] < '0' || body[i + 1] > '9';
    if (run == digits && ends) return body.substr(i + 1 - digits, digits);
  }
  return {};
}

// A sink that keeps what it accepts, messages to phones and e-mails in the order in which they
// came. `Script` queues answers for the next deliveries. A message whose challenge id came before
// is accepted and kept once. Thread-safe.
class SmsInbox final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++deliveries_;
    Delivery delivery;
    const bool email = message.channel == Channel::kEmail && !email_script_.empty();
    std::deque<Delivery>& script = email ? email_script_ : script_;
    if (!script.empty()) {
      delivery = script.front();
      script.pop_front();
    }
    if (delivery.kind == Delivery::Kind::kAccepted || delivery.kind == Delivery::Kind::kUnknown) {
      if (!seen_.insert(message.challenge_id).second) return delivery;
      messages_.push_back(
          {message.to.str(), std::string(message.text.Reveal(SecretAccess("this is the phone"))),
           message.challenge_id, message.organization_id, message.member_id, message.channel,
           message.subject.str(), message.template_id.str(), message.purpose});
    }
    return delivery;
  }
  void Script(Delivery next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    script_.push_back(next);
  }
  // The same for the next e-mails alone.
  void ScriptEmail(Delivery next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    email_script_.push_back(next);
  }
  std::vector<ReceivedMessage> messages() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return messages_;
  }
  // The code in the newest message; "" when there is none.
  std::string LastCode(size_t digits = 6) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return messages_.empty() ? std::string() : CodeIn(messages_.back().body, digits);
  }
  // The code in the newest message to this number or e-mail address.
  std::string LastCodeTo(const std::string& to, size_t digits = 6) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto message = messages_.rbegin(); message != messages_.rend(); ++message) {
      if (message->to == to) return CodeIn(message->body, digits);
    }
    return {};
  }
  int deliveries() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return deliveries_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Delivery> script_;
  std::deque<Delivery> email_script_;
  std::vector<ReceivedMessage> messages_;
  std::set<ChallengeId> seen_;
  int deliveries_ = 0;
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_DOUBLES_H_
