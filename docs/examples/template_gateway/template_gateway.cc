// SPDX-License-Identifier: Apache-2.0
#include "template_gateway.h"

#include <curl/curl.h>
#include <sodium.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace {

using Kind = otpcore::Delivery::Kind;

constexpr otpcore::Delivery kUnavailable = {Kind::kUnavailable, false};
constexpr otpcore::Delivery kUnknown = {Kind::kUnknown, false};
constexpr size_t kAnswerBytesMax = 4096;

// Everything but the code in JSON. The code is ASCII digits and needs none; it is put in last, and
// wiped with the body.
class Body {
 public:
  Body(const otpcore::Message& message, const std::string& template_name) {
    constexpr otpcore::SecretAccess kSends("it goes to the gateway");
    const nlohmann::json rest = {{"to", message.to.view()},
                                 {"channel", otpcore::WireName(message.channel)},
                                 {"template", template_name},
                                 {"language", otpcore::LocaleName(message.locale)},
                                 {"minutes", otpcore::MessageMinutes(message.life)}};
    // A port must not throw. So text that is no UTF-8 is replaced.
    const std::string start = rest.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text_.reserve(start.size() + 32);
    text_.append(start, 0, start.size() - 1);
    text_ += ",\"code\":\"";
    text_ += message.passcode.Reveal(kSends);
    text_ += "\"}";
  }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { sodium_memzero(text_.data(), text_.size()); }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

size_t TakeAnswer(char* bytes, size_t one, size_t count, void* answer) {
  auto& text = *static_cast<std::string*>(answer);
  text.append(bytes, std::min(count, kAnswerBytesMax - text.size()));
  return one * count;
}

// The gateway had no part of the message when curl ends so.
bool NeverConnected(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION: return true;
    default: return false;
  }
}

// 503, 429 and a refused token surely sent nothing. Of other answers that are no success, those
// that blame the request mean this number; the rest leaves it open.
otpcore::Delivery DeliveryOf(long status, const std::string& answer) {
  if (status >= 200 && status < 300) return {Kind::kAccepted, false};
  switch (status) {
    case 401:
    case 403:
    case 429:
    case 503: return kUnavailable;
    case 400:
    case 404:
    case 410:
    case 422: {
      const auto json = nlohmann::json::parse(answer, nullptr, /*allow_exceptions=*/false);
      const bool unsubscribed =
          json.is_object() && json.value("reason", nlohmann::json()) == "unsubscribed";
      return {Kind::kRejected, unsubscribed};
    }
    default: return kUnknown;
  }
}

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Owns the headers that were appended so far, also when there is no memory for one more.
bool Append(const std::string& header, std::unique_ptr<curl_slist, CurlDeleter>* headers) {
  curl_slist* const longer = curl_slist_append(headers->get(), header.c_str());
  if (longer == nullptr) return false;
  std::ignore = headers->release();
  headers->reset(longer);
  return true;
}

}  // namespace

TemplateGateway::TemplateGateway(TemplateGatewayOptions options) : options_(std::move(options)) {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  std::ignore = once;  // without it curl_easy_init fails, and nothing is sent
}

otpcore::Delivery TemplateGateway::Deliver(const otpcore::Message& message) {
  const auto name = options_.templates.find(message.channel);
  if (name == options_.templates.end()) return kUnavailable;
  const Body body(message, name->second);
  const std::unique_ptr<CURL, CurlDeleter> curl(curl_easy_init());
  std::unique_ptr<curl_slist, CurlDeleter> headers;
  if (curl == nullptr || !Append("Content-Type: application/json", &headers) ||
      !Append("Authorization: Bearer " + options_.token, &headers) ||
      !Append("Idempotency-Key: " + otpcore::FormatUuid(message.challenge_id), &headers))
    return kUnavailable;
  std::string answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.text().size()));
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.text().data());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, TakeAnswer);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);  // other threads have their own
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return NeverConnected(code) ? kUnavailable : kUnknown;
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return DeliveryOf(status, answer);
}
