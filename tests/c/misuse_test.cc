// SPDX-License-Identifier: Apache-2.0
// The C functions in any order and with any arguments that the header allows: what is no use is
// refused and changes nothing.
#include <algorithm>
#include <random>

#include "c/c_host.h"
#include "fixture.h"

namespace otpcore {
namespace {

struct Deleter {
  void operator()(otpcore_config* config) const { otpcore_config_free(config); }
  void operator()(otpcore_op* op) const { otpcore_op_free(op); }
};
using ConfigPointer = std::unique_ptr<otpcore_config, Deleter>;
using OpPointer = std::unique_ptr<otpcore_op, Deleter>;

otpcore_code Set(otpcore_config* config, const char* name, const std::string& value) {
  return otpcore_config_set(config, name, value.data(), value.size());
}
otpcore_code Set(otpcore_op* op, const char* name, const std::string& value) {
  return otpcore_op_set(op, name, value.data(), value.size());
}

ConfigPointer WithKey() {
  ConfigPointer config(otpcore_config_new());
  std::array<uint8_t, 32> key{};
  key.fill(7);
  EXPECT_EQ(otpcore_config_add_key(config.get(), 7, key.data()), OTPCORE_OK);
  return config;
}
ConfigPointer Sealed() {
  ConfigPointer config = WithKey();
  EXPECT_EQ(otpcore_config_seal(config.get(), nullptr), OTPCORE_OK);
  return config;
}

TEST(CConfig, IsCheckedAsAWholeAndSaysWhatIsWrong) {  // L-09
  const ConfigPointer config = WithKey();
  EXPECT_EQ(Set(config.get(), "passcode_digits", "3"), OTPCORE_OK);
  otpcore_view problem = {nullptr, 0};
  EXPECT_EQ(otpcore_config_seal(config.get(), &problem), OTPCORE_BAD_VALUE);
  EXPECT_NE(TextOf(problem).find("passcode_digits"), std::string::npos) << TextOf(problem);
  EXPECT_EQ(otpcore_op_new(config.get(), "get_member", nullptr), nullptr) << "not sealed";
  EXPECT_EQ(Set(config.get(), "passcode_digits", "8"), OTPCORE_OK);
  EXPECT_EQ(otpcore_config_seal(config.get(), &problem), OTPCORE_OK);
  EXPECT_EQ(Set(config.get(), "passcode_digits", "6"), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_config_seal(config.get(), &problem), OTPCORE_MISUSE);
}

TEST(CConfig, ReadsEachKindOfValue) {
  const ConfigPointer config = WithKey();
  const std::pair<const char*, const char*> good[] = {
      {"preset", "strict"},
      {"environment", "test"},
      {"passcode_life_ms", "90000"},
      {"success_per_year_max", "0.0005"},
      {"remember_where_required", "true"},
      {"allowed_regions", ""},
      {"allowed_regions", "GB"},
      {"allowed_regions", "DE"},
      {"number_types", ""},
      {"number_types", "mobile"},
      {"number_ranges", "DE,+4915[0-9],12,13,mobile"},
      {"sandbox_numbers", "+447400123456,12345678,4102444800000"},
      {"totp_issuer", "Acme"},
      {"totp_algorithm", "SHA256"},
      {"totp_digits", "8"},
      {"totp_back", "1"},
      {"brand", "Acme"},
      {"template.sms.de-DE", "{brand}: {code}"},
      {"template.voice.en", "Code {code}, again {code}"},
  };
  for (const auto& [name, value] : good)
    EXPECT_EQ(Set(config.get(), name, value), OTPCORE_OK) << name;
  const std::pair<const char*, const char*> bad[] = {
      {"preset", "lax"},
      {"environment", "prod"},
      {"passcode_life_ms", "2 min"},
      {"passcode_life_ms", ""},
      {"passcode_life_ms", "99999999999999999999"},
      {"passcode_digits", "6.0"},
      {"success_per_year_max", "1e"},
      {"remember_where_required", "yes"},
      {"number_types", "pager"},
      {"number_ranges", "DE,+4915[0-9],12,13"},
      {"sandbox_numbers", "+447400123456,12345678,later"},
      {"totp_algorithm", "MD5"},
      {"totp_digits", "256"},
  };
  for (const auto& [name, value] : bad)
    EXPECT_EQ(Set(config.get(), name, value), OTPCORE_BAD_VALUE) << name << " " << value;
  for (const char* name : {"", "passcode_life", "template.sms", "template.sms.xx",
                           "template.email.en", "templates", "Brand"})
    EXPECT_EQ(Set(config.get(), name, "1"), OTPCORE_UNKNOWN_NAME) << name;
  otpcore_view problem = {nullptr, 0};
  std::array<uint8_t, 32> key{};
  key.fill(8);
  EXPECT_EQ(otpcore_config_add_sealing_key(config.get(), 1, key.data()), OTPCORE_OK);
  EXPECT_EQ(otpcore_config_seal(config.get(), &problem), OTPCORE_OK) << TextOf(problem);
}

TEST(COperation, HasFieldsOfItsCommandOnly) {
  const ConfigPointer config = Sealed();
  EXPECT_EQ(otpcore_op_new(config.get(), "send_fax", nullptr), nullptr);
  const OpPointer op(otpcore_op_new(config.get(), "authenticate_sms_otp", nullptr));
  EXPECT_EQ(Set(op.get(), "mfa_phone_number", "+14155550123"), OTPCORE_UNKNOWN_NAME);
  EXPECT_EQ(Set(op.get(), "session_duration_minutes", "an hour"), OTPCORE_BAD_VALUE);
  EXPECT_EQ(Set(op.get(), "set_default_mfa", "1"), OTPCORE_BAD_VALUE);
  EXPECT_EQ(Set(op.get(), "actor", "host"), OTPCORE_UNKNOWN_NAME);
  EXPECT_EQ(otpcore_op_set(op.get(), "code", nullptr, 1), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_op_set(op.get(), "code", nullptr, 0), OTPCORE_OK);
}

TEST(COperation, ThatTakesAnActorHasNoDefault) {  // C-10
  const ConfigPointer config = Sealed();
  const OpPointer op(otpcore_op_new(config.get(), "delete_totp", nullptr));
  auto need = Sized<otpcore_need>();
  EXPECT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_NO_ACTOR);
  EXPECT_EQ(Set(op.get(), "actor", "somebody"), OTPCORE_BAD_VALUE);
  EXPECT_EQ(Set(op.get(), "session_token", "t"), OTPCORE_OK);
  EXPECT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_NO_ACTOR)
      << "a session makes nobody a person";
  EXPECT_EQ(Set(op.get(), "actor", "person"), OTPCORE_OK);
  EXPECT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_OK);
  EXPECT_EQ(Set(op.get(), "actor", "host"), OTPCORE_MISUSE) << "it has begun";
}

TEST(COperation, TakesEntropyOfTheSizeItAskedFor) {
  const ConfigPointer config = Sealed();
  const OpPointer op(otpcore_op_new(config.get(), "create_organization", nullptr));
  EXPECT_EQ(Set(op.get(), "organization_name", "Acme"), OTPCORE_OK);
  auto need = Sized<otpcore_need>();
  ASSERT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_OK);
  ASSERT_EQ(need.kind, OTPCORE_LOAD);
  ASSERT_GT(need.entropy_size, 0u);
  const std::vector<uint8_t> entropy(need.entropy_size + 1, 0x5A);
  for (const size_t size : {size_t{0}, need.entropy_size - 1, need.entropy_size + 1})
    EXPECT_EQ(otpcore_op_loaded(op.get(), 1, 1'800'000'000'000, 0, entropy.data(), size),
              OTPCORE_MISUSE);
  ASSERT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_OK);
  EXPECT_EQ(need.kind, OTPCORE_LOAD) << "still";
}

// A caller that was compiled with an older header, whose structs were shorter.
TEST(COperation, FillsInNoMoreThanTheCallersStruct) {
  const ConfigPointer config = Sealed();
  const OpPointer op(otpcore_op_new(config.get(), "get_member", nullptr));
  EXPECT_EQ(Set(op.get(), "organization_id", "acme"), OTPCORE_OK);
  EXPECT_EQ(Set(op.get(), "member_id", "ada"), OTPCORE_OK);
  auto need = Sized<otpcore_need>();
  need.struct_size = offsetof(otpcore_need, count);
  const uint32_t count = need.count;
  EXPECT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_OK);
  EXPECT_EQ(need.kind, OTPCORE_LOAD);
  EXPECT_EQ(need.count, count) << "beyond its end";
  need.struct_size = 0;
  EXPECT_EQ(otpcore_op_next(op.get(), &need), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_op_next(op.get(), nullptr), OTPCORE_MISUSE);
}

TEST(CErrors, AreDescribedByTheirNumbers) {
  auto info = Sized<otpcore_error_info>();
  for (const ErrorInfo& row : AllErrors()) {
    ASSERT_EQ(otpcore_describe(static_cast<otpcore_code>(row.code), &info), OTPCORE_OK);
    EXPECT_EQ(TextOf(info.error_type), row.error_type);
    EXPECT_EQ(info.http_status, row.http_status);
  }
  for (const otpcore_code code : {0, -1, 1, 65536 + 1001, 2147483647})
    EXPECT_EQ(otpcore_describe(code, &info), OTPCORE_UNKNOWN_NAME) << code;
}

// Each function, with an operation in whatever state it is and arguments at random.
class AnyOrder {
 public:
  explicit AnyOrder(uint64_t seed) : random_(seed), config_(Sealed()) {}

  void Step() {
    if (op_ == nullptr || Below(40) == 0) return Anew();
    constexpr int kFunctions = 18;
    switch (Below(kFunctions)) {
      case 0: return Count(Set(op_.get(), Field(), Value()));
      case 1:
      case 2:
      case 3: return Next();
      case 4: {
        otpcore_view key;
        return Count(otpcore_op_key(op_.get(), Index(), &key));
      }
      case 5: {
        const std::string record = Value();
        return Count(otpcore_op_record(op_.get(), Index(), Below(3), record.data(), record.size()));
      }
      case 6: {
        auto session = Sized<otpcore_session>();
        session.organization_id = {"acme", Below(5)};
        session.member_id = {"ada", Below(4)};
        session.session_id = {"session", Below(8)};
        session.factors = static_cast<uint32_t>(random_());
        return Count(otpcore_op_session(op_.get(), &session));
      }
      case 7:
      case 8: {
        const std::vector<uint8_t> entropy = Entropy();
        return Count(otpcore_op_loaded(op_.get(), Below(8) > 0, 1'800'000'000'000, 0,
                                       entropy.data(), entropy.size()));
      }
      case 9: {
        auto quota = Sized<otpcore_quota>();
        return Count(otpcore_op_quota(op_.get(), Index(), &quota));
      }
      case 10: return Count(otpcore_op_admitted(op_.get(), Answer(), Below(3)));
      case 11: {
        auto write = Sized<otpcore_write>();
        return Count(otpcore_op_write(op_.get(), Index(), &write));
      }
      case 12: return Count(otpcore_op_committed(op_.get(), Answer()));
      case 13: {
        auto effect = Sized<otpcore_session_effect>();
        return Count(otpcore_op_session_effect(op_.get(), &effect));
      }
      case 14: return Count(otpcore_op_session_applied(op_.get(), Below(2) == 0));
      case 15: {
        auto message = Sized<otpcore_message>();
        return Count(otpcore_op_message(op_.get(), &message));
      }
      case 16: return Count(otpcore_op_delivered(op_.get(), Answer(), Below(2) == 0));
      default:
        Count(otpcore_op_settled(op_.get()));
        auto reply = Sized<otpcore_reply>();
        return Count(otpcore_op_reply(op_.get(), &reply));
    }
  }
  size_t well = 0, refused = 0, done = 0;

 private:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  uint32_t Index() { return Below(20) == 0 ? 0xFFFFFFFF : Below(6); }
  int32_t Answer() { return static_cast<int32_t>(Below(8)) - 1; }
  const char* Field() {
    constexpr const char* kFields[] = {"organization_id", "member_id",        "code", "actor",
                                       "session_token",   "mfa_phone_number", "name", "locale"};
    return kFields[Below(8)];
  }
  std::string Value() {
    constexpr const char* kValues[] = {"acme", "ada",          "host",   "person",
                                       "",     "+14155550123", "123456", "\xFF\x00{"};
    return kValues[Below(8)];
  }
  std::vector<uint8_t> Entropy() {
    std::vector<uint8_t> entropy(Below(10) == 0 ? Below(100) : need_.entropy_size);
    for (uint8_t& byte : entropy) byte = static_cast<uint8_t>(random_());
    return entropy;
  }
  void Anew() {
    constexpr const char* kCommands[] = {"create_organization",     "create_member", "send_sms_otp",
                                         "authenticate_sms_otp",    "mfa_step",      "create_totp",
                                         "delete_mfa_phone_number", "purge_member",  "none"};
    op_.reset(otpcore_op_new(config_.get(), kCommands[Below(9)], nullptr));
    need_ = Sized<otpcore_need>();
    need_.entropy_size = 0;
  }
  void Next() {
    Count(otpcore_op_next(op_.get(), &need_));
    if (need_.entropy_size > 4096) need_.entropy_size = 0;  // not filled in yet
    done += need_.kind == OTPCORE_DONE;
  }
  void Count(otpcore_code code) {
    EXPECT_LE(code, 0) << "no call but a reply tells how the command ended";
    EXPECT_GE(code, OTPCORE_NO_ACTOR);
    ++(code == OTPCORE_OK ? well : refused);
  }

  std::mt19937_64 random_;
  const ConfigPointer config_;
  otpcore_need need_ = {};
  OpPointer op_;
};

TEST(COperation, TakesCallsInAnyOrder) {
  AnyOrder calls(1);
  for (int i = 0; i < 200'000; ++i) calls.Step();
  EXPECT_GT(calls.well, 10'000u);
  EXPECT_GT(calls.refused, 10'000u);
  EXPECT_GT(calls.done, 100u);
}

TEST(CFunctions, RefuseNull) {
  EXPECT_EQ(otpcore_op_new(nullptr, "get_member", nullptr), nullptr);
  EXPECT_EQ(otpcore_op_set(nullptr, "code", "1", 1), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_op_loaded(nullptr, 1, 0, 0, nullptr, 0), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_run(nullptr, nullptr), OTPCORE_MISUSE);
  EXPECT_EQ(otpcore_config_seal(nullptr, nullptr), OTPCORE_MISUSE);
  otpcore_op_free(nullptr);
  otpcore_config_free(nullptr);
}

}  // namespace
}  // namespace otpcore
