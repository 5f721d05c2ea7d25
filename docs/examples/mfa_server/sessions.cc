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

// `metadata` after a factor was proved. A Member has one of each kind, so a session shows one; the
// same one again is renewed (SE-04).
void AddProof(const FactorProof& proof, Environment environment, const std::string& at,
              Json* metadata) {
  Json& factor = (*metadata)["factors"][std::string(TraitsOf(proof.kind).type)];
  const std::string id = ProofId(proof, environment);
  if (!factor.is_object() || factor.value("id", "") != id) factor = {{"id", id}, {"since", at}};
  factor["last"] = at;
  if (!proof.address.empty()) factor["address"] = proof.address.str();
}

// What the factor was proved with, as its own object (SE-02).
void AddProved(FactorKind kind, const Json& factor, Json* shown) {
  const Json& id = factor["id"];
  if (kind == FactorKind::kEmailPasscode)
    (*shown)["email_factor"] = {{"email_id", id}, {"email_address", factor["address"]}};
  if (kind == FactorKind::kSmsPasscode)
    (*shown)["phone_number_factor"] = {{"phone_id", id}, {"phone_number", factor["address"]}};
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

constexpr char kStarted[] = "started_at";
constexpr char kAccessed[] = "accessed_at";
constexpr char kPrimary[] = "primary_at";
constexpr char kIntermediate[] = "intermediate";
constexpr char kClaims[] = "custom_claims";

Json Claims(const Json& metadata) { return metadata.value(kClaims, Json::object()); }

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

std::string MetadataOfPrimary(Instant now) { return Json{{kPrimary, FormatRfc3339(now)}}.dump(); }

std::optional<SessionCredential> CredentialOf(const SessionArguments& arguments) {
  using Kind = SessionCredential::Kind;
  if (!arguments.intermediate_session_token.empty())
    return SessionCredential{Kind::kIntermediateToken, arguments.intermediate_session_token};
  if (!arguments.session_token.empty())
    return SessionCredential{Kind::kSessionToken, arguments.session_token};
  if (!arguments.session_jwt.empty())
    return SessionCredential{Kind::kSessionJwt, arguments.session_jwt};
  return std::nullopt;
}

Error FindSession(const SessionStore& store, const SessionCredential& credential,
                  SessionInfo* info) {
  if (auto known = store.get(credential)) {
    *info = *std::move(known);
    return ErrorCode::kOk;
  }
  if (!store.find(credential).ok) return ErrorCode::kServerUnavailable;
  return credential.kind == SessionCredential::Kind::kIntermediateToken
             ? ErrorCode::kIntermediateSessionNotFound
             : ErrorCode::kSessionNotFound;
}

std::string Accessed(const std::string& metadata, Instant now, const Json& claims) {
  Json json = ReadMetadata(metadata);
  json[kAccessed] = FormatRfc3339(now);
  json[kClaims] = MergeClaims(metadata, claims).value_or(Claims(json));
  return json.dump();
}

bool IsIntermediate(const SessionInfo& info) {
  return ReadMetadata(info.metadata).value(kIntermediate, false);
}

std::string MetadataOfProof(const FactorProof& proof, Environment environment) {
  Json metadata = Json::object();
  AddProof(proof, environment, FormatRfc3339(proof.at), &metadata);
  return metadata.dump();
}

std::string MetadataOfEmail(const SessionInfo& info) {
  const Json metadata = ReadMetadata(info.metadata);
  const Json::json_pointer at("/factors/email_otp");
  Json kept = Json::object();
  if (metadata.contains(at)) kept[at] = metadata[at];  // it is written after the proof
  return kept.dump();
}

Json RenderSession(const SessionInfo& info, std::string_view organization_slug) {
  const Json metadata = ReadMetadata(info.metadata);
  const auto factor = [](std::string_view type, std::string_view method, const Json& since,
                         const Json& last) {
    return Json{{"type", std::string(type)},
                {"delivery_method", std::string(method)},
                {"last_authenticated_at", last},
                {"created_at", since},
                {"updated_at", last}};
  };
  Json factors = Json::array();
  if (metadata.contains(kPrimary))
    factors.push_back(factor("password", "knowledge", metadata[kPrimary], metadata[kPrimary]));
  const Json proved = metadata.value("factors", Json::object());
  for (const FactorTraits& traits : kFactorTable) {
    const auto shown = proved.find(std::string(traits.type));
    if (traits.type.empty() || shown == proved.end()) continue;
    factors.push_back(
        factor(traits.type, traits.delivery_method, (*shown)["since"], (*shown)["last"]));
    AddProved(traits.kind, *shown, &factors.back());
  }
  Json json = {{"member_session_id", info.session.id.str()},
               {"member_id", info.session.member_id.str()},
               {"organization_id", info.session.organization_id.str()},
               {"organization_slug", std::string(organization_slug)},
               {"expires_at", FormatRfc3339(info.expires_at)},
               {"authentication_factors", std::move(factors)},
               {"roles", Json::array()},
               {"custom_claims", Claims(metadata)}};
  if (metadata.contains(kStarted)) json["started_at"] = metadata[kStarted];
  if (metadata.contains(kAccessed)) json["last_accessed_at"] = metadata[kAccessed];
  return json;
}

std::optional<Json> MergeClaims(const std::string& metadata, const Json& claims) {
  Json given = claims;
  for (const char* reserved : {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
    given.erase(reserved);
  Json merged = Claims(ReadMetadata(metadata));
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

std::optional<IssuedSession> MakeSession(const SessionStore& store, SecureRandom& random,
                                         Instant now, Instant expires_at, bool intermediate,
                                         const Session& session, std::string_view organization_slug,
                                         const std::string& metadata) {
  Json kept = ReadMetadata(metadata);
  kept[kStarted] = kept[kAccessed] = FormatRfc3339(now);
  kept.erase(kIntermediate);
  if (intermediate) kept[kIntermediate] = true;
  IssuedSession issued = {intermediate, NewToken(random), expires_at, nullptr};
  const SessionInfo info = {session, kept.dump(), expires_at};
  const auto kind = intermediate ? SessionCredential::Kind::kIntermediateToken
                                 : SessionCredential::Kind::kSessionToken;
  if (!store.add({kind, issued.token}, session, expires_at, info.metadata)) return std::nullopt;
  if (!intermediate) issued.member_session = RenderSession(info, organization_slug);
  return issued;
}

std::optional<IssuedSession> IssueSession(const SessionStore& store, SecureRandom& random,
                                          Instant now, const ReplyBase& reply,
                                          const SessionEffect& effect,
                                          const SessionBefore& before) {
  using Kind = SessionEffect::Kind;
  const Organization organization = reply.organization();
  const bool intermediate =
      effect.kind == Kind::kCreateIntermediate ||
      (effect.kind == Kind::kExtend && !before.arguments.intermediate_session_token.empty());
  const auto updated = [&](const std::string& old) {
    // What waits for its second factor takes no claims (EM-17).
    Json metadata = Json::parse(Accessed(old, now, intermediate ? Json::object() : before.claims));
    AddProof(effect.proof, reply.environment(), FormatRfc3339(now), &metadata);
    return metadata.dump();
  };
  if (effect.kind != Kind::kExtend) {
    // From an intermediate session, which keeps its id and factors.
    const bool goes_on = !before.arguments.intermediate_session_token.empty();
    Session session = goes_on ? before.info.session : Session();
    if (!goes_on) session.id = before.new_id;
    if (session.id.empty()) session.id = NewSessionId(random, reply.environment());
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
    session.factors.Add(effect.proof.kind, effect.proof.at);
    // An intermediate token was given for one, though it could not be looked at.
    if (!session.factors.HasPrimary()) session.factors.Add(FactorKind::kHostPrimary, now);
    if (effect.proof.kind == FactorKind::kEmailPasscode)
      session.email_address = effect.proof.address;
    const std::string old = goes_on ? before.info.metadata : "";
    return MakeSession(store, random, now, now + effect.duration, intermediate, session,
                       organization.organization_slug, updated(old));
  }
  const std::optional<SessionCredential> credential = CredentialOf(before.arguments);
  if (!credential) return std::nullopt;
  IssuedSession issued;
  issued.intermediate = intermediate;
  if (credential->kind != SessionCredential::Kind::kSessionJwt) issued.token = credential->value;
  for (int tries = 0; tries < kTriesMax; ++tries) {  // another passcode may be proved meanwhile
    std::optional<SessionInfo> known = store.get(*credential);
    if (!known) break;
    const std::string changed = updated(known->metadata);
    if (!store.compare_and_set_metadata(*credential, known->metadata, changed)) continue;
    known->metadata = changed;
    issued.expires_at = known->expires_at;
    if (!issued.intermediate)
      issued.member_session = RenderSession(*known, organization.organization_slug);
    break;
  }
  return issued;
}

}  // namespace mfa_server
