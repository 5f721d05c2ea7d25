// SPDX-License-Identifier: Apache-2.0
// The text that a send leads to: its language by lookup, and what the policy says of minutes and
// digits.
#include "fixture.h"

namespace otpcore {
namespace {

TEST(SendTexts, FindTheLanguageOfTheRequest) {  // S-18
  Policy policy;
  policy.sends_max = 16;
  World world(policy);
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  auto request = On<SendSmsOtpRequest>(ada);
  const std::pair<const char*, const char*> rows[] = {
      {"", "Your Example"},           {"en-US", "Your Example"}, {"de", "Ihr Bestätigungscode"},
      {"pt", "Seu código"},           {"es-MX", "Tu código"},    {"zh-CN", "您的 Example"},
      {"zh-Hans-HK", "您的 Example"}, {"FA-ir", "کد تأیید شما"},
  };
  for (const auto& [locale, start] : rows) {
    request.locale = locale;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "") << locale;
    EXPECT_EQ(world.inbox.messages().back().body.rfind(start, 0), 0u)
        << locale << ": " << world.inbox.messages().back().body;
  }
  for (const char* locale : {"zh-TW", "zh-Hant", "zh-HK", "en_US", "en-", "sv"}) {
    request.locale = locale;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "invalid_locale") << locale;
  }
}

TEST(SendTexts, NameTheMinutesOfThePolicy) {  // G-05, D-07
  Policy policy;
  policy.passcode_life = std::chrono::seconds(150);
  MessageConfig messages;
  messages.templates[0] = "{brand}: {code}, {minutes} min";
  World world(Config::Create(policy, TestKeys(), messages));
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.inbox.messages().back().body, "Example: " + world.Code() + ", 3 min");
}

// A gateway that fills templates of its own.
class Gateway : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    channel = message.channel;
    locale = LocaleName(message.locale);
    code = std::string(message.passcode.Reveal(SecretAccess("a test")));
    text = std::string(message.text.Reveal(SecretAccess("a test")));
    brand = message.brand;
    minutes = MessageMinutes(message.life);
    return Delivery();
  }
  Channel channel = Channel::kVoice;
  std::string locale, code, text, brand;
  int minutes = 0;
};

TEST(SendTexts, HaveBesideThemWhatATemplateNeeds) {  // D-07
  World world;
  Gateway gateway;
  const Ports ports{world.clock, world.random, world.memory, world.directory, gateway, world.guard};
  Engine engine(*world.config, ports);
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  auto request = On<SendSmsOtpRequest>(ada);
  request.locale = "de";
  ASSERT_EQ(ErrorTypeOf(engine.Run(request)), "");
  EXPECT_EQ(gateway.channel, Channel::kSms);
  EXPECT_EQ(gateway.locale, "de-DE");
  EXPECT_EQ(gateway.brand, "Example");
  EXPECT_EQ(gateway.minutes, 2);
  ASSERT_EQ(gateway.code.size(), 6u);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, gateway.code)), "");
}

TEST(SendTexts, TravelByTheChannelOfTheRequest) {  // G-06
  World world;
  Gateway gateway;
  const Ports ports{world.clock, world.random, world.memory, world.directory, gateway, world.guard};
  Engine engine(*world.config, ports);
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  auto request = On<SendSmsOtpRequest>(ada);
  for (const Channel channel : {Channel::kWhatsApp, Channel::kVoice, Channel::kSms}) {
    request.channel = channel;
    ASSERT_EQ(ErrorTypeOf(engine.Run(request)), "");
    EXPECT_EQ(gateway.channel, channel);
    EXPECT_EQ(gateway.text, world.config->renderer()
                                .Render(channel, Locale::kEn, gateway.code, 2)
                                .Reveal(SecretAccess("a test")));
  }
  EXPECT_EQ(world.RecordOf(ada)->sends.count, 4) << "all count alike (L-06)";
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, gateway.code)), "");
  for (const Channel channel : {Channel::kEmail, Channel(), static_cast<Channel>(5)}) {
    request.channel = channel;
    EXPECT_EQ(ErrorTypeOf(engine.Run(request)), "bad_request");
    auto step = On<MfaStepRequest>(ada);
    step.channel = channel;
    EXPECT_EQ(ErrorTypeOf(engine.Run(step)), "bad_request");
  }
}

TEST(SendTexts, OfTheStepTravelByItsChannel) {  // G-06, P-02
  World world;
  Gateway gateway;
  const Ports ports{world.clock, world.random, world.memory, world.directory, gateway, world.guard};
  Engine engine(*world.config, ports);
  CreateOrganizationRequest create;
  create.mfa_policy = "REQUIRED_FOR_ALL";
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization(create));
  auto step = On<MfaStepRequest>(ada);
  step.channel = Channel::kWhatsApp;
  ASSERT_EQ(ErrorTypeOf(engine.Run(step)), "");
  EXPECT_EQ(gateway.channel, Channel::kWhatsApp);
}

TEST(SendTexts, AreMeasuredForTheDigitsOfThePolicy) {  // G-02
  MessageConfig messages;
  messages.brand = "Brand of 19 letters";
  messages.android_app_hash = "FA+9qCX9VSu";
  std::string problem;
  EXPECT_NE(Config::Create(Policy(), TestKeys(), messages, &problem), nullptr) << problem;
  EXPECT_EQ(Config::Create(Policy::Strict(), TestKeys(), messages, &problem), nullptr);
  EXPECT_NE(problem.find(" es (144)"), std::string::npos) << problem;
}

TEST(SendTexts, TypedCodesAreReadAsPeoplePasteThem) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  const std::string code = world.Code();
  const std::string pasted = "\xE2\x80\xAD " + code.substr(0, 3) + "\xC2\xA0\xE2\x80\x93 " +
                             code.substr(3) + "\xE2\x80\xAC\n";
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, pasted)), "");
}

}  // namespace
}  // namespace otpcore
