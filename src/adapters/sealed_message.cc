// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/sealed_message.h"

#include <sodium.h>

#include <vector>

namespace otpcore {
namespace {

// The first byte of the plain form: another one is that of another version.
constexpr uint8_t kForm = 3;

// Room for the greatest message: form and kinds, challenge, times, eight texts with their lengths.
constexpr size_t kPlainBytesMax = 5 + 16 + 2 * 8 + 8 * 2 + 2 * kIdBytesMax + kEmailBytesMax +
                                  kPasscodeDigitsMax + kMessageBytesMax + kBrandBytesMax +
                                  kEmailSubjectBytesMax + 128;

// A buffer of fixed size, so that no copy is left behind by growing; wiped at its end.
class PlainBuffer {
 public:
  ~PlainBuffer() { WipeMemory(bytes_.data(), bytes_.size()); }

  void Put(std::string_view text) {
    PutNumber(text.size(), 2);
    Append(text);
  }
  void PutNumber(uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_[size_++] = static_cast<uint8_t>(number >> (8 * i));
  }
  void Append(std::string_view text) {
    for (const char byte : text) bytes_[size_++] = static_cast<uint8_t>(byte);
  }

  // Reading; after the first failure everything is empty.
  std::string_view Take(size_t size) {
    good_ = good_ && size <= size_ - read_;
    if (!good_) return {};
    read_ += size;
    return {reinterpret_cast<const char*>(bytes_.data()) + read_ - size, size};
  }
  uint64_t TakeNumber(size_t bytes) {
    uint64_t number = 0;
    const std::string_view text = Take(bytes);
    for (size_t i = text.size(); i > 0; --i)
      number = number << 8 | static_cast<uint8_t>(text[i - 1]);
    return number;
  }
  std::string_view TakeText() { return Take(TakeNumber(2)); }
  // Whether all was there, and nothing else.
  bool good() const { return good_ && read_ == size_; }

  uint8_t* data() { return bytes_.data(); }
  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return size_; }
  void set_size(size_t size) { size_ = size; }

 private:
  std::array<uint8_t, kPlainBytesMax> bytes_;
  size_t size_ = 0;
  size_t read_ = 0;
  bool good_ = true;
};

constexpr SecretAccess kSealing("sealed for the outbox");

}  // namespace

std::string SealMessage(const OutboxKey& key, const Message& message) {
  PlainBuffer plain;
  plain.PutNumber(kForm, 1);
  plain.Append({reinterpret_cast<const char*>(message.challenge_id.bytes.data()), 16});
  plain.PutNumber(static_cast<uint64_t>(message.factor), 1);
  plain.PutNumber(static_cast<uint64_t>(message.channel), 1);
  plain.PutNumber(static_cast<uint64_t>(message.locale), 1);
  plain.PutNumber(static_cast<uint64_t>(message.purpose), 1);
  plain.PutNumber(static_cast<uint64_t>(message.life.count()), 8);
  plain.PutNumber(static_cast<uint64_t>(message.expires_at.unix_millis()), 8);
  plain.Put(message.organization_id.packed());
  plain.Put(message.member_id.packed());
  plain.Put(message.to);
  plain.Put(message.passcode.Reveal(kSealing));
  plain.Put(message.text.Reveal(kSealing));
  plain.Put(message.brand);
  plain.Put(message.subject);
  plain.Put(message.template_id);

  std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), '\0');
  auto* bytes = reinterpret_cast<uint8_t*>(sealed.data());
  randombytes_buf(bytes, crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(bytes + crypto_secretbox_NONCEBYTES, plain.data(), plain.size(), bytes,
                        key.bytes.Reveal(kSealing));
  return sealed;
}

std::optional<Message> OpenMessage(const OutboxKey& key, std::string_view sealed) {
  constexpr size_t kExtra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < kExtra || sealed.size() > kExtra + kPlainBytesMax) return std::nullopt;
  const auto* bytes = reinterpret_cast<const uint8_t*>(sealed.data());
  PlainBuffer plain;
  plain.set_size(sealed.size() - kExtra);
  if (crypto_secretbox_open_easy(plain.data(), bytes + crypto_secretbox_NONCEBYTES,
                                 sealed.size() - crypto_secretbox_NONCEBYTES, bytes,
                                 key.bytes.Reveal(kSealing)) != 0)
    return std::nullopt;

  if (plain.TakeNumber(1) != kForm) return std::nullopt;
  Message message;
  const std::string_view id = plain.Take(16);
  for (size_t i = 0; i < id.size(); ++i)
    message.challenge_id.bytes[i] = static_cast<uint8_t>(id[i]);
  message.factor = static_cast<FactorKind>(plain.TakeNumber(1));
  message.channel = static_cast<Channel>(plain.TakeNumber(1));
  message.locale = static_cast<Locale>(plain.TakeNumber(1));
  message.purpose = static_cast<EmailPurpose>(plain.TakeNumber(1));
  message.life = Duration(static_cast<int64_t>(plain.TakeNumber(8)));
  message.expires_at = Instant::FromUnixMillis(static_cast<int64_t>(plain.TakeNumber(8)));
  message.organization_id = EntityId::FromPacked(plain.TakeText());
  message.member_id = EntityId::FromPacked(plain.TakeText());
  message.to = plain.TakeText();
  message.passcode = Passcode(plain.TakeText());
  message.text = MessageText(plain.TakeText());
  message.brand = plain.TakeText();
  message.subject = plain.TakeText();
  message.template_id = plain.TakeText();
  if (!plain.good() || message.passcode.overflowed() || message.text.overflowed())
    return std::nullopt;
  return message;
}

}  // namespace otpcore
