// SPDX-License-Identifier: Apache-2.0
// Messages sealed for an outbox, and the sink that takes them out of it.
#include "otpcore/adapters/sealed_message.h"

#include <algorithm>

#include "messages.h"
#include "otpcore/adapters/outbox.h"

namespace otpcore {
namespace {

Uuid NewUuid() {
  static uint8_t number = 0;
  Uuid id;
  id.bytes.fill(++number);
  return id;
}

OutboxKey TestOutboxKey(uint32_t id) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(id));
  return {id, bytes};
}

TEST(SealedMessage, ComesBackWhole) {  // D-07
  const Message message = MessageOf(NewUuid(), Instant::FromUnixMillis(1234567890123));
  const auto opened = OpenMessage(TestOutboxKey(1), SealMessage(TestOutboxKey(1), message));
  ASSERT_TRUE(opened);
  ExpectSame(*opened, message);
}

TEST(SealedMessage, OpensWithItsKeyOnly) {  // D-07, R-05
  const Message message = MessageOf(NewUuid());
  std::string sealed = SealMessage(TestOutboxKey(1), message);
  EXPECT_TRUE(OpenMessage(TestOutboxKey(1), sealed));
  EXPECT_FALSE(OpenMessage(TestOutboxKey(2), sealed));
  EXPECT_NE(SealMessage(TestOutboxKey(1), message), sealed) << "a nonce of its own";
  for (size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(OpenMessage(TestOutboxKey(1), sealed.substr(0, size)));
  for (char& byte : sealed) {
    byte ^= 1;
    EXPECT_FALSE(OpenMessage(TestOutboxKey(1), sealed));
    byte ^= 1;
  }
}

TEST(SealedMessage, HasRoomForTheLongest) {  // D-07
  Message message = MessageOf(NewUuid());
  message.organization_id = message.member_id = std::string(kIdBytesMax, 'x');
  message.to = std::string(kEmailBytesMax, 'x');
  message.passcode = Passcode(std::string(kPasscodeDigitsMax, '9'));
  message.text = MessageText(std::string(kMessageBytesMax, 'x'));
  message.brand = std::string(kBrandBytesMax, 'x');
  message.subject = std::string(kEmailSubjectBytesMax, 'x');
  message.template_id = std::string(128, 'x');
  const auto opened = OpenMessage(TestOutboxKey(1), SealMessage(TestOutboxKey(1), message));
  ASSERT_TRUE(opened);
  ExpectSame(*opened, message);
}

TEST(SealedMessage, MayBeOfNoOrganization) {  // D-07, EM-30
  Message message = MessageOf(NewUuid());
  message.organization_id = message.member_id = EntityId();
  message.purpose = EmailPurpose::kDiscovery;
  const auto opened = OpenMessage(TestOutboxKey(1), SealMessage(TestOutboxKey(1), message));
  ASSERT_TRUE(opened);
  ExpectSame(*opened, message);
  EXPECT_TRUE(opened->organization_id.empty());
  EXPECT_TRUE(opened->member_id.empty());
}

// Of another form, by the same key.
TEST(SealedMessage, OpensNothingElse) {  // D-07
  EXPECT_FALSE(OpenMessage(TestOutboxKey(1), ""));
  EXPECT_FALSE(OpenMessage(TestOutboxKey(1), std::string(5000, 'x')));
}

TEST(OutboxKey, CopiesAreTheSame) {
  const OutboxKey key = TestOutboxKey(7);
  OutboxKey other = TestOutboxKey(8);
  other = key;
  EXPECT_EQ(other.id, 7u);
  const Message message = MessageOf(NewUuid());
  EXPECT_TRUE(OpenMessage(other, SealMessage(OutboxKey(key), message)));
}

// Notes what is removed.
struct NotingOutbox final : Outbox {
  std::vector<Message> PendingMessages(Duration, int) override { return {}; }
  bool RemoveMessage(const ChallengeId& id) override {
    removed.push_back(id);
    return true;
  }
  bool RemoveExpiredMessages() override { return true; }
  std::vector<ChallengeId> removed;
};

TEST(OutboxSink, TakesOutWhatItsSinkAnsweredFor) {  // D-07
  using Kind = Delivery::Kind;
  for (const Kind kind : {Kind::kAccepted, Kind::kRejected, Kind::kUnavailable, Kind::kUnknown}) {
    NotingOutbox outbox;
    testing::SmsInbox inbox;
    inbox.Script({kind, false});
    OutboxSink sink(inbox, outbox);
    const Message message = MessageOf(NewUuid());
    EXPECT_EQ(sink.Deliver(message).kind, kind);
    const std::vector<ChallengeId> expected(kind == Kind::kUnknown ? 0 : 1, message.challenge_id);
    EXPECT_EQ(outbox.removed, expected) << "kept where a relay may have to try again";
  }
}

}  // namespace
}  // namespace otpcore
