// SPDX-License-Identifier: Apache-2.0
#include "jwt.h"

#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>
extern "C" {  // the headers of libjose do not say it
#include <jose/b64.h>
#include <jose/cfg.h>
#include <jose/jwk.h>
#include <jose/jws.h>
#include <jose/openssl.h>
}

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr char kAlgorithm[] = "RS256";
constexpr char kSessionClaim[] = "https://stytch.com/session";
constexpr char kOrganizationClaim[] = "https://stytch.com/organization";
constexpr int kBitsMin = 2048;
constexpr size_t kJwtBytesMax = 16384;

struct Release {
  void operator()(json_t* json) const { json_decref(json); }
  void operator()(jose_cfg_t* config) const { jose_cfg_decref(config); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

// Its default writes each bad JWT to the standard error.
void Ignore(void* /*misc*/, const char* /*file*/, int /*line*/, uint64_t /*error*/,
            const char* /*format*/, va_list /*values*/) {}
Owned<jose_cfg_t> Quiet() {
  Owned<jose_cfg_t> config(jose_cfg());
  if (config) jose_cfg_set_err_func(config.get(), Ignore, nullptr);
  return config;
}

// Each call has its own, so that no two threads share one.
Owned<json_t> Load(const std::string& text) {
  return Owned<json_t>(json_loadb(text.data(), text.size(), 0, nullptr));
}

std::string TextIn(const json_t* json, const char* name) {
  const char* const text = json_string_value(json_object_get(json, name));
  return text == nullptr ? "" : text;
}

// Null: `*problem` says why.
Owned<json_t> ReadKey(const std::string& path, std::string* problem) {
  const Owned<std::FILE> file(std::fopen(path.c_str(), "re"));
  if (!file) {
    *problem = "The key " + path + " cannot be read: " + std::strerror(errno) + ".";
    return nullptr;
  }
  const Owned<EVP_PKEY> key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_bits(key.get()) < kBitsMin) {
    *problem = "The file " + path + " has no RSA private key of 2048 bits or more in PEM.";
    return nullptr;
  }
  return Owned<json_t>(jose_openssl_jwk_from_EVP_PKEY(nullptr, key.get()));
}

Owned<json_t> MakeKey() {
  Owned<json_t> key(json_pack("{s:s}", "alg", kAlgorithm));
  if (!key || !jose_jwk_gen(nullptr, key.get())) return nullptr;
  return key;
}

}  // namespace

JwtKeys::JwtKeys(std::string project_id)
    : project_id_(std::move(project_id)), issuer_("stytch.com/" + project_id_) {}

std::unique_ptr<JwtKeys> JwtKeys::Open(const std::vector<std::string>& files,
                                       const std::string& project_id, std::string* problem) {
  std::unique_ptr<JwtKeys> keys(new JwtKeys(project_id));
  *problem = "The key for JWTs cannot be made.";
  if (files.empty() && !keys->Add(MakeKey().release())) return nullptr;
  for (const std::string& file : files) {
    if (!keys->Add(ReadKey(file, problem).release())) return nullptr;
  }
  return keys;
}

// The algorithm stands in the key, so no JWT can choose another one.
bool JwtKeys::Add(json_t* jwk) {
  const Owned<json_t> owned(jwk);
  if (!owned) return false;
  json_object_del(owned.get(), "key_ops");
  json_object_set_new(owned.get(), "alg", json_string(kAlgorithm));
  json_object_set_new(owned.get(), "use", json_string("sig"));
  const Owned<json_t> thumbprint(jose_jwk_thp(nullptr, owned.get(), "S256"));
  if (!thumbprint) return false;
  json_object_set(owned.get(), "kid", thumbprint.get());
  const auto dump = [](const json_t* json) {
    char* const text = json_dumps(json, JSON_COMPACT);
    std::string copy = text == nullptr ? "" : text;
    std::free(text);
    return copy;
  };
  keys_.push_back({json_string_value(thumbprint.get()), dump(owned.get())});
  if (!jose_jwk_pub(nullptr, owned.get())) return false;
  public_keys_.push_back(Json::parse(dump(owned.get())));
  return true;
}

std::string JwtKeys::Sign(const Json& session, Instant now, Instant expires_at) const {
  const Instant end = std::min(now + Duration(kJwtLife), expires_at);
  Json claims = session.value("custom_claims", Json::object());  // reserved names are not in there
  claims["iss"] = issuer_;
  claims["aud"] = {project_id_};
  claims["sub"] = session.value("member_id", "");
  claims["iat"] = claims["nbf"] = now.unix_millis() / 1000;
  claims["exp"] = end.unix_millis() / 1000;
  claims[kSessionClaim] = {
      {"id", session.value("member_session_id", "")},
      {"started_at", session.value("started_at", "")},
      {"last_accessed_at", session.value("last_accessed_at", "")},
      {"expires_at", session.value("expires_at", "")},
      {"attributes", {{"ip_address", ""}, {"user_agent", ""}}},
      {"authentication_factors", session.value("authentication_factors", Json::array())},
      {"roles", session.value("roles", Json::array())}};
  claims[kOrganizationClaim] = {{"organization_id", session.value("organization_id", "")},
                                {"slug", session.value("organization_slug", "")}};
  const std::string text = claims.dump(-1, ' ', false, Json::error_handler_t::replace);
  const Owned<jose_cfg_t> config = Quiet();
  const Owned<json_t> key = Load(keys_.front().jwk);
  const Owned<json_t> jws(json_pack("{s:o}", "payload", jose_b64_enc(text.data(), text.size())));
  if (!config || !key || !jws) return {};
  json_t* const signature = json_pack("{s:{s:s,s:s,s:s}}", "protected", "alg", kAlgorithm, "kid",
                                      keys_.front().id.c_str(), "typ", "JWT");
  const Owned<json_t> template_of(signature);
  if (!jose_jws_sig(config.get(), jws.get(), signature, key.get())) return {};
  return TextIn(jws.get(), "protected") + "." + TextIn(jws.get(), "payload") + "." +
         TextIn(jws.get(), "signature");
}

std::string JwtKeys::SessionIdIn(std::string_view jwt) const {
  const size_t payload_at = std::min(jwt.find('.'), jwt.size());
  const size_t signature_at = std::min(jwt.find('.', payload_at + 1), jwt.size());
  if (jwt.size() > kJwtBytesMax || signature_at == jwt.size() ||
      jwt.find('.', signature_at + 1) != jwt.npos)
    return {};
  const auto part = [&](size_t begin, size_t end) {
    return json_stringn(jwt.data() + begin, end - begin);
  };
  const Owned<json_t> jws(json_pack("{s:o,s:o,s:o}", "protected", part(0, payload_at), "payload",
                                    part(payload_at + 1, signature_at), "signature",
                                    part(signature_at + 1, jwt.size())));
  const Owned<jose_cfg_t> config = Quiet();
  if (!jws || !config) return {};
  const Owned<json_t> header(jose_b64_dec_load(json_object_get(jws.get(), "protected")));
  const std::string id = TextIn(header.get(), "kid");
  const auto named =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == id; });
  if (named == keys_.end()) return {};
  const Owned<json_t> key = Load(named->jwk);
  if (!key || !jose_jws_ver(config.get(), jws.get(), nullptr, key.get(), /*all=*/true)) return {};
  // Ours, so all of it has the right type; but another project's servers may have the same key.
  const Owned<json_t> claims(jose_b64_dec_load(json_object_get(jws.get(), "payload")));
  if (TextIn(claims.get(), "iss") != issuer_) return {};
  return TextIn(json_object_get(claims.get(), kSessionClaim), "id");
}

namespace {

// What to ask a directory for in place of `credential`; `*id` has room for what it names.
SessionCredential Resolved(const JwtKeys& keys, const SessionCredential& credential,
                           std::string* id) {
  if (credential.kind != SessionCredential::Kind::kSessionJwt) return credential;
  *id = keys.SessionIdIn(credential.value);
  return {SessionCredential::Kind::kSessionId, *id};
}

class JwtSessions final : public SessionDirectory {
 public:
  JwtSessions(SessionDirectory& inner, const JwtKeys& keys) : inner_(inner), keys_(keys) {}
  FindResult Find(const SessionCredential& credential) override {
    std::string id;
    return inner_.Find(Resolved(keys_, credential, &id));
  }
  bool Apply(const SessionEffect& effect) override {
    std::string id;
    SessionEffect resolved = effect;
    resolved.credential = Resolved(keys_, effect.credential, &id);
    return inner_.Apply(resolved);
  }

 private:
  SessionDirectory& inner_;
  const JwtKeys& keys_;
};

}  // namespace

std::unique_ptr<SessionDirectory> WithJwts(SessionDirectory& sessions, const JwtKeys& keys) {
  return std::make_unique<JwtSessions>(sessions, keys);
}

SessionStore WithJwts(const SessionStore& store, const JwtKeys& keys) {
  SessionStore with = store;
  with.get = [get = store.get, &keys](const SessionCredential& credential) {
    std::string id;
    return get(Resolved(keys, credential, &id));
  };
  with.find = [find = store.find, &keys](const SessionCredential& credential) {
    std::string id;
    return find(Resolved(keys, credential, &id));
  };
  with.extend = [extend = store.extend, &keys](const SessionCredential& credential,
                                               Duration duration) {
    std::string id;
    return extend(Resolved(keys, credential, &id), duration);
  };
  with.remove = [remove = store.remove, &keys](const SessionCredential& credential) {
    std::string id;
    return remove(Resolved(keys, credential, &id));
  };
  with.compare_and_set_metadata = [set = store.compare_and_set_metadata, &keys](
                                      const SessionCredential& credential, const std::string& was,
                                      const std::string& metadata) {
    std::string id;
    return set(Resolved(keys, credential, &id), was, metadata);
  };
  return with;
}

}  // namespace mfa_server
