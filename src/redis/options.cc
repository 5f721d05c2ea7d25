// SPDX-License-Identifier: Apache-2.0
#include "otpcore/redis/options.h"

#include <charconv>
#include <optional>

namespace otpcore {
namespace {

std::optional<int> NumberIn(std::string_view text, int min, int max) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || text.empty() || number < min || number > max)
    return std::nullopt;
  return number;
}

// False: a '%' without two hex digits behind it, or one that stands for NUL.
bool Decode(std::string_view text, std::string* decoded) {
  decoded->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    int byte = static_cast<uint8_t>(text[i]);
    if (text[i] == '%') {
      if (text.size() - i < 3) return false;
      const auto parsed = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      if (parsed.ec != std::errc() || parsed.ptr != text.data() + i + 3 || byte == 0) return false;
      i += 2;
    }
    *decoded += static_cast<char>(byte);
  }
  return true;
}

// Takes what stands before the first `mark` off `*text`, and the mark. Nothing when there is none.
std::optional<std::string_view> TakeBefore(char mark, std::string_view* text) {
  const size_t at = text->find(mark);
  if (at == text->npos) return std::nullopt;
  const std::string_view before = text->substr(0, at);
  text->remove_prefix(at + 1);
  return before;
}

bool ReadUser(std::string_view userinfo, RedisOptions* options) {
  std::string_view password = userinfo;
  const std::optional<std::string_view> user = TakeBefore(':', &password);
  return user && !password.empty() && Decode(*user, &options->user) &&
         Decode(password, &options->password);
}

bool ReadHost(std::string_view text, RedisOptions* options) {
  if (text.empty()) return true;
  if (text[0] == '[') {
    text.remove_prefix(1);
    const std::optional<std::string_view> address = TakeBefore(']', &text);
    if (!address || address->empty()) return false;
    options->host = *address;
    if (text.empty()) return true;
    if (text[0] != ':') return false;
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    if (colon > 0) options->host = text.substr(0, colon);
    text.remove_prefix(colon);
    if (text.empty()) return true;
  }
  const std::optional<int> port = NumberIn(text.substr(1), 1, 65535);
  options->port = port.value_or(0);
  return port.has_value();
}

bool ReadDatabase(std::string_view text, RedisOptions* options) {
  const std::optional<int> database = NumberIn(text, 0, 1000000);
  options->database = database.value_or(0);
  return database.has_value();
}

// "" or what is wrong.
std::string ReadParameter(std::string_view parameter, RedisOptions* options) {
  std::string_view value = parameter;
  const std::string_view name = TakeBefore('=', &value).value_or(parameter);
  if (name == "db" && !options->unix_socket.empty())
    return ReadDatabase(value, options) ? "" : "its db is no number of a database";
  std::string* const file = name == "cacert" ? &options->ca_file
                            : name == "cert" ? &options->cert_file
                            : name == "key"  ? &options->key_file
                                             : nullptr;
  if (file == nullptr || !options->tls)
    return "it has a parameter that is not known here: " + std::string(name);
  return Decode(value, file) && !file->empty() ? "" : "its " + std::string(name) + " is no file";
}

// "" or what is wrong.
std::string ReadPlace(std::string_view place, bool is_socket, RedisOptions* options) {
  const size_t slash = std::min(place.find('/'), place.size());
  std::string_view authority = place.substr(0, slash);
  const std::string_view path = place.substr(slash);
  if (const size_t at = authority.rfind('@'); at != authority.npos) {
    if (!ReadUser(authority.substr(0, at), options)) return "before @ stands no USER:PASSWORD";
    authority.remove_prefix(at + 1);
  }
  if (!authority.empty() && is_socket) return "a socket has no host";
  if (!ReadHost(authority, options)) return "its host or port cannot be read";
  if (path.size() <= 1) return is_socket ? "the path of the socket is missing" : "";
  const bool number = path.find_first_not_of("0123456789", 1) == path.npos;
  if (!is_socket && (number || !authority.empty()))
    return ReadDatabase(path.substr(1), options) ? "" : "behind / stands no number of a database";
  if (options->tls) return "TLS needs a host";
  return Decode(path, &options->unix_socket) ? "" : "the path of the socket cannot be read";
}

std::string Read(std::string_view url, RedisOptions* options) {
  if (url.find('#') != url.npos) return "it has a fragment (write %23 for #)";
  for (const char byte : url) {
    if (static_cast<uint8_t>(byte) <= ' ' || byte == 0x7F) return "it has a space or worse in it";
  }
  const std::string_view scheme = TakeBefore(':', &url).value_or("");
  const bool is_socket = scheme == "unix" || scheme == "redis+socket";
  if (!is_socket && scheme != "redis" && scheme != "rediss")
    return "it does not begin with redis://, rediss://, redis+socket:// or unix:";
  options->tls = scheme == "rediss";
  if (url.substr(0, 2) == "//")
    url.remove_prefix(2);
  else if (scheme != "unix")
    return "behind the scheme // is missing";
  std::string_view rest = url;
  const std::string_view place = TakeBefore('?', &rest).value_or(url);
  if (place.size() == url.size()) rest = {};
  std::string wrong = ReadPlace(place, is_socket, options);
  while (wrong.empty() && !rest.empty()) {
    const std::string_view all = rest;
    const std::string_view parameter = TakeBefore('&', &rest).value_or(all);
    if (parameter.size() == all.size()) rest = {};
    wrong = ReadParameter(parameter, options);
  }
  if (wrong.empty() && options->cert_file.empty() != options->key_file.empty())
    return "cert and key belong together";
  return wrong;
}

}  // namespace

bool ParseRedisUrl(std::string_view url, RedisOptions* options, std::string* problem) {
  const std::string wrong = Read(url, options);
  if (wrong.empty()) return true;
  *problem = "The Redis URL is not usable: " + wrong +
             ". Write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS, or "
             "redis+socket:///PATH.";
  return false;
}

}  // namespace otpcore
