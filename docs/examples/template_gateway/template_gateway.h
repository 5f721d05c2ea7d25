// SPDX-License-Identifier: Apache-2.0
// TemplateGateway: a message sink for an HTTP gateway that has approved texts of its own, as those
// for WhatsApp have. It sends no text, only the name of a template, the language and the code.
//
// An example to start from. Your gateway has other fields and other answers: change Body and
// DeliveryOf.
#ifndef OTPCORE_EXAMPLES_TEMPLATE_GATEWAY_H_
#define OTPCORE_EXAMPLES_TEMPLATE_GATEWAY_H_

#include <map>
#include <string>

#include "otpcore/otpcore.h"

struct TemplateGatewayOptions {
  std::string url;    // "https://gateway.example/messages"
  std::string token;  // sent as "Authorization: Bearer …"
  // The name of the template for each channel. A message of another channel is kUnavailable.
  std::map<otpcore::Channel, std::string> templates;
  // How long to wait for an answer. A command waits so long too.
  otpcore::Duration timeout = std::chrono::seconds(5);
};

// Posts
//   {"to": "+14155550123", "channel": "whatsapp", "template": "login_code",
//    "language": "de-DE", "code": "123456", "minutes": 2}
// with the header Idempotency-Key, the id of the challenge. Thread-safe. Makes one connection for
// each message; curl's own buffers, which it does not wipe, hold the code until they are used
// again.
class TemplateGateway final : public otpcore::MessageSink {
 public:
  explicit TemplateGateway(TemplateGatewayOptions options);
  otpcore::Delivery Deliver(const otpcore::Message& message) override;

 private:
  const TemplateGatewayOptions options_;
};

#endif  // OTPCORE_EXAMPLES_TEMPLATE_GATEWAY_H_
