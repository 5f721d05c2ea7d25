// SPDX-License-Identifier: Apache-2.0
// What the world holds against the model of passcodes by e-mail.
#include "differences.h"
#include "world.h"

namespace otpcore {
namespace simulation {

// EM-21.
void World::CheckEmailQuotas(const Slot& slot, const Quotas& quotas, const Expected& expected) {
  const std::string& asked = expected.asks_for;
  const std::string sandbox = " sandbox";
  const bool is_sandbox =
      asked.size() > sandbox.size() &&
      asked.compare(asked.size() - sandbox.size(), sandbox.size(), sandbox) == 0;
  const bool outside = IsOfDiscovery(slot.call.verb);
  const std::string prefix = outside ? "discovery " : "mail ";
  const std::string key =
      asked.substr(prefix.size(), asked.size() - prefix.size() - (is_sandbox ? sandbox.size() : 0));
  Differences differences;
  differences.Same("quotas", quotas.size(), size_t{is_sandbox ? 1u : 2u});
  differences.Same("first", quotas[0].subject, Quota::Subject::kAddress);
  differences.Same("counted under", quotas[0].address.view(), std::string_view(key));
  differences.Same("at most", quotas[0].max, config_->policy().email_address_sends_max);
  if (!is_sandbox && quotas.size() == 2) {
    const Policy& policy = config_->policy();
    differences.Same(
        "second", quotas[1].subject,
        outside ? Quota::Subject::kEmailDiscovery : Quota::Subject::kEmailOrganization);
    differences.Same("of", quotas[1].organization_id.str(), expected.organization);
    differences.Same(
        "in all", quotas[1].max,
        outside ? policy.email_discovery_sends_max : policy.email_organization_sends_max);
  }
  if (!differences.text().empty())
    Fail(NameOf(slot) + " asks the guard, " + differences.text() + " (EM-21, EM-24)");
}

// EM-30.
void World::CheckEmailMessage(const Slot& slot, const Message& message, const ModelMail& mail) {
  const Call& call = slot.call;
  const bool signup = mail.purpose == EmailPurpose::kSignup;
  Differences differences;
  differences.Same("factor", message.factor, FactorKind::kEmailPasscode);
  differences.Same("channel", message.channel, Channel::kEmail);
  differences.Same("purpose", message.purpose, mail.purpose);
  differences.Same("template", message.template_id.view(),
                   std::string_view(signup ? call.signup_template : call.login_template));
  differences.Same("life", message.life.count(), mail.challenge.expires - mail.challenge.issued);
  differences.Same("a subject", message.subject.view().empty(), false);
  if (!differences.text().empty()) Fail("a message by e-mail: " + differences.text());
}

void World::CheckEmailAnswer(const Slot& slot, const Expected& expected, const Heard& heard) {
  const std::string who = simulation::NameOf(slot.call.verb) + (" of " + NameOf(slot));
  Differences differences;
  differences.Same("member_created", heard.member_created, expected.made);
  if (expected.effect) {
    const std::string& id = MemberOf(slot, expected)->mail.id;
    if (!id.empty()) differences.Same("method_id", heard.method_id, id);
    differences.Same("effect", heard.session_effect->kind, expected.effect->kind);
    differences.Same("minutes", heard.session_effect->duration.count(),
                     int64_t{60000} * expected.effect->minutes);
    const SessionArguments& given = slot.call.session;
    const bool intermediate = !given.intermediate_session_token.empty();
    const auto found = sessions_.find(intermediate ? given.intermediate_session_token
                                      : given.session_token.empty() ? given.session_jwt
                                                                    : given.session_token);
    if (found != sessions_.end() &&
        (expected.effect->kind == SessionEffect::Kind::kUpgrade || expected.effect->consumes))
      Fail(who + " leaves its token");
    if (found != sessions_.end() && expected.effect->kind == SessionEffect::Kind::kExtend &&
        !found->second.factors.Has(FactorKind::kEmailPasscode))
      Fail(who + " adds no factor to its session (EM-18)");
  }
  if (!differences.text().empty()) Fail("the answer of " + who + ": " + differences.text());
}

}  // namespace simulation
}  // namespace otpcore
