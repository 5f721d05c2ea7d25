// SPDX-License-Identifier: Apache-2.0
#include "sessions.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr size_t kClaimsBytesMax = 4096;
constexpr int kTriesMax = 5;

// A session of before there was metadata has none; what is not known of it is left out.
Json ReadMetadata(const std::string& metadata) {
  Json json = Json::parse(metadata, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json::object();
}

// `metadata` after a factor was proved. A Member has one of each kind, so a session shows one.
Json WithFactor(Json metadata, const FactorProof& proof, Environment environment,
                const std::string& at, Json claims) {
  Json& factor = metadata["factors"][std::string(TraitsOf(proof.kind).type)];
  const std::string id = ProofId(proof, environment);
  if (!factor.is_object() || factor.value("id", "") != id) factor = {{"id", id}, {"since", at}};
  factor["last"] = at;
  if (!proof.address.empty()) factor["number"] = proof.address.str();
  metadata["custom_claims"] = std::move(claims);
  return metadata;
}

// What the factor was proved with, as its own object.
void AddProved(FactorKind kind, const Json& factor, Json* shown) {
  const Json& id = factor["id"];
  if (kind == FactorKind::kSmsPasscode)
    (*shown)["phone_number_factor"] = {{"phone_id", id}, {"phone_number", factor["number"]}};
  if (kind == FactorKind::kTotp) (*shown)["authenticator_app_factor"] = {{"totp_id", id}};
  if (kind == FactorKind::kRecoveryCode)
    (*shown)["recovery_code_factor"] = {{"totp_recovery_code_id", id}};
}

// Nobody may be let in with a token that others could guess, nor get another session's id: no
// entropy is the end.
template <size_t kBytes>
std::array<uint8_t, kBytes> Draw(SecureRandom& random) {
  std::array<uint8_t, kBytes> bytes{};
  if (!random.Fill(bytes.data(), bytes.size())) std::abort();
  return bytes;
}

// `metadata` has been through WithFactor.
Json Render(const Json& metadata, const ReplyBase& reply, const SessionEffect& effect,
            const std::string& id, const std::string& at, Instant expires_at) {
  const Organization organization = reply.organization();
  const auto factor = [](std::string_view type, std::string_view method, const Json& since,
                         const Json& last) {
    return Json{{"type", std::string(type)},
                {"delivery_method", std::string(method)},
                {"last_authenticated_at", last},
                {"created_at", since},
                {"updated_at", last}};
  };
  Json factors = Json::array();
  if (metadata.contains("primary_at"))
    factors.push_back(
        factor("password", "knowledge", metadata["primary_at"], metadata["primary_at"]));
  for (const FactorTraits& traits : kFactorTable) {
    const auto shown = metadata["factors"].find(std::string(traits.type));
    if (!traits.second || shown == metadata["factors"].end()) continue;
    factors.push_back(
        factor(traits.type, traits.delivery_method, (*shown)["since"], (*shown)["last"]));
    AddProved(traits.kind, *shown, &factors.back());
  }
  Json json = {{"member_session_id", id},
               {"member_id", effect.member_id.str()},
               {"organization_id", effect.organization_id.str()},
               {"organization_slug", std::string(organization.organization_slug)},
               {"last_accessed_at", at},
               {"expires_at", FormatRfc3339(expires_at)},
               {"authentication_factors", std::move(factors)},
               {"roles", Json::array()},
               {"custom_claims", metadata["custom_claims"]}};
  if (metadata.contains("started_at")) json["started_at"] = metadata["started_at"];
  return json;
}

}  // namespace

std::string NewToken(SecureRandom& random) {
  std::string token;
  for (const uint8_t byte : Draw<32>(random)) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

std::string NewSessionId(SecureRandom& random, Environment environment) {
  return FormatId("session", environment, UuidFromRandom(Draw<16>(random).data()));
}

std::string MetadataOfPrimary(Instant now) {
  const std::string at = FormatRfc3339(now);
  return Json{{"started_at", at}, {"primary_at", at}}.dump();
}

std::optional<Json> MergeClaims(const std::string& metadata, const Json& claims) {
  Json given = claims;
  for (const char* reserved : {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
    given.erase(reserved);
  Json merged = ReadMetadata(metadata).value("custom_claims", Json::object());
  for (const auto& [name, value] : given.items()) {
    if (value.is_null()) {
      merged.erase(name);
    } else {
      merged[name] = value;  // whole, as the API does
    }
  }
  if (merged.dump().size() > kClaimsBytesMax) return std::nullopt;
  return merged;
}

std::optional<IssuedSession> IssueSession(const SessionStore& store, SecureRandom& random,
                                          Instant now, const ReplyBase& reply,
                                          const SessionEffect& effect,
                                          const std::string& session_token,
                                          const SessionInfo& before, const Json& claims) {
  const std::string at = FormatRfc3339(now);
  const auto updated = [&](const std::string& old) {
    Json was = ReadMetadata(old);
    Json kept = was.value("custom_claims", Json::object());
    return WithFactor(std::move(was), effect.proof, reply.environment(), at,
                      MergeClaims(old, claims).value_or(kept));
  };
  if (effect.kind == SessionEffect::Kind::kUpgrade) {
    Json fresh = updated(before.metadata);
    fresh["started_at"] = at;
    Session session;
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
    session.id = before.id.empty() ? NewSessionId(random, reply.environment()) : before.id;
    session.factors.Add(FactorKind::kHostPrimary, now);
    session.factors.Add(effect.proof.kind, effect.proof.at);
    const Instant end = now + effect.duration;
    std::string token = NewToken(random);
    const SessionCredential full = {SessionCredential::Kind::kSessionToken, token};
    if (!store.add(full, session, end, fresh.dump())) return std::nullopt;
    Json shown = Render(fresh, reply, effect, session.id.str(), at, end);
    return IssuedSession{std::move(token), std::move(shown)};
  }
  // A JWT is no name that a client could be given as a token; the directories know none.
  if (session_token.empty()) return std::nullopt;
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, session_token};
  for (int tries = 0; tries < kTriesMax; ++tries) {  // another passcode may be proved meanwhile
    const std::optional<SessionInfo> known = store.get(credential);
    if (!known) break;
    const Json changed = updated(known->metadata);
    if (store.compare_and_set_metadata(credential, known->metadata, changed.dump()))
      return IssuedSession{session_token,
                           Render(changed, reply, effect, known->id, at, known->expires_at)};
  }
  return IssuedSession{session_token, nullptr};
}

}  // namespace mfa_server
