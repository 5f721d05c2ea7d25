// SPDX-License-Identifier: Apache-2.0
// The sink of docs/examples/template_gateway against an HTTP gateway on loopback: what it posts,
// and what each answer means (D-01 … D-04, D-07, G-06).
#include "template_gateway.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Kind = Delivery::Kind;
using HttpRequest = http::request<http::string_body>;

// Answers one request for each connection, until it is destroyed.
class FakeGateway {
 public:
  FakeGateway() : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeGateway() {
    ends_ = true;
    boost::system::error_code error;
    tcp::socket(context_).connect(acceptor_.local_endpoint(), error);
    thread_.join();
  }
  std::string Url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/messages";
  }

  // Set before the first request, or when the one before was answered.
  unsigned status = 202;
  std::string answer = "{}";
  bool hangs_up = false;  // in place of an answer
  std::chrono::milliseconds delay{0};
  std::vector<HttpRequest> requests;

 private:
  void Serve() {
    for (;;) {
      tcp::socket socket(context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error || ends_) return;
      boost::beast::flat_buffer buffer;
      HttpRequest request;
      http::read(socket, buffer, request, error);
      if (error) continue;
      requests.push_back(request);
      std::this_thread::sleep_for(delay);
      if (hangs_up) continue;
      http::response<http::string_body> response(static_cast<http::status>(status), 11, answer);
      response.prepare_payload();
      http::write(socket, response, error);
    }
  }

  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

class TemplateGatewayTest : public ::testing::Test {
 protected:
  TemplateGatewayTest() {
    options.url = gateway.Url();
    options.token = "t0ken";
    options.templates = {{Channel::kWhatsApp, "login_code"}, {Channel::kSms, "short \"code\""}};
    message.challenge_id.bytes[0] = 0xAB;
    message.channel = Channel::kWhatsApp;
    message.to = "+14155550123";
    message.locale = Locale::kDeDe;
    message.passcode.Append("012345");
    message.life = std::chrono::seconds(90);
  }
  Delivery Deliver() { return TemplateGateway(options).Deliver(message); }

  FakeGateway gateway;
  TemplateGatewayOptions options;
  Message message;
};

TEST_F(TemplateGatewayTest, SendsTemplateLanguageAndCodeAndNoText) {  // D-07
  EXPECT_EQ(Deliver().kind, Kind::kAccepted);
  ASSERT_EQ(gateway.requests.size(), 1u);
  const HttpRequest& request = gateway.requests[0];
  EXPECT_EQ(request.method(), http::verb::post);
  EXPECT_EQ(request.target(), "/messages");
  EXPECT_EQ(request["Authorization"], "Bearer t0ken");
  EXPECT_EQ(request["Idempotency-Key"], FormatUuid(message.challenge_id));
  EXPECT_EQ(request["Content-Type"], "application/json");
  const nlohmann::json expected = {{"to", "+14155550123"},     {"channel", "whatsapp"},
                                   {"template", "login_code"}, {"language", "de-DE"},
                                   {"code", "012345"},         {"minutes", 2}};
  EXPECT_EQ(nlohmann::json::parse(request.body()), expected);

  message.channel = Channel::kSms;
  EXPECT_EQ(Deliver().kind, Kind::kAccepted);
  EXPECT_EQ(nlohmann::json::parse(gateway.requests[1].body())["template"], "short \"code\"");
}

TEST_F(TemplateGatewayTest, EachAnswerHasItsMeaning) {  // D-01 … D-04
  const std::pair<unsigned, Kind> rows[] = {
      {200, Kind::kAccepted},    {202, Kind::kAccepted},    {400, Kind::kRejected},
      {404, Kind::kRejected},    {410, Kind::kRejected},    {422, Kind::kRejected},
      {401, Kind::kUnavailable}, {403, Kind::kUnavailable}, {429, Kind::kUnavailable},
      {503, Kind::kUnavailable}, {302, Kind::kUnknown},     {409, Kind::kUnknown},
      {500, Kind::kUnknown},     {502, Kind::kUnknown},     {504, Kind::kUnknown},
  };
  for (const auto& [status, kind] : rows) {
    gateway.status = status;
    EXPECT_EQ(Deliver().kind, kind) << status;
  }
  gateway.status = 422;
  for (const char* answer : {"", "no JSON", "[]", "{\"reason\": 1}", "{\"reason\": \"invalid\"}"}) {
    gateway.answer = answer;
    EXPECT_FALSE(Deliver().unsubscribed) << answer;
  }
  gateway.answer = "{\"reason\": \"unsubscribed\"}";
  EXPECT_TRUE(Deliver().unsubscribed);
}

TEST_F(TemplateGatewayTest, WithoutAConnectionNothingWasSent) {  // D-03
  boost::asio::io_context context;
  tcp::acceptor taken(context, {boost::asio::ip::address_v4::loopback(), 0});
  options.url = "http://127.0.0.1:" + std::to_string(taken.local_endpoint().port());
  taken.close();  // nobody listens there
  EXPECT_EQ(Deliver().kind, Kind::kUnavailable);
  options.url = "http://gateway.invalid/";
  EXPECT_EQ(Deliver().kind, Kind::kUnavailable);
}

TEST_F(TemplateGatewayTest, OfAConnectionThatEndsNobodyKnows) {  // D-04
  gateway.hangs_up = true;
  EXPECT_EQ(Deliver().kind, Kind::kUnknown);
}

TEST_F(TemplateGatewayTest, WithoutAnAnswerNobodyKnows) {  // D-04
  gateway.delay = std::chrono::milliseconds(300);
  options.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(Deliver().kind, Kind::kUnknown);
}

TEST_F(TemplateGatewayTest, AChannelWithoutATemplateIsLeftToAnotherSink) {  // G-06
  message.channel = Channel::kVoice;
  EXPECT_EQ(Deliver().kind, Kind::kUnavailable);
  EXPECT_TRUE(gateway.requests.empty());
}

// The whole way: a person who gets the code by WhatsApp signs in with it.
TEST_F(TemplateGatewayTest, ItsCodeSignsIn) {  // G-06, D-07
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  TemplateGateway sink(options);
  const Ports ports{world.clock, world.random, world.memory, world.directory, sink, world.guard};
  Engine engine(*world.config, ports);
  auto request = On<SendSmsOtpRequest>(ada);
  request.channel = Channel::kWhatsApp;
  request.locale = "pt";
  ASSERT_EQ(ErrorTypeOf(engine.Run(request)), "");
  const auto body = nlohmann::json::parse(gateway.requests.at(0).body());
  EXPECT_EQ(body["language"], "pt-br");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, body["code"].get<std::string>())), "");
}

}  // namespace
}  // namespace otpcore
