// SPDX-License-Identifier: Apache-2.0
// Every command and every field of its request has its name in the C interface.
#include "c/requests.h"

#include <gtest/gtest.h>

#include <cctype>
#include <regex>
#include <set>

#include "c/any_command.h"
#include "commands/request_fields.h"
#include "structure/sources.h"

namespace otpcore {
namespace {

// A request with `Members` members, which does not compile for any other number. `rows`: how many
// names they have in C, when not one each.
template <typename Request, size_t Members>
void ExpectRows(size_t rows = Members) {
  void (*const counts)(const Request&, RequestTag*) = &AddAll<Members, Request>;
  EXPECT_NE(counts, nullptr);
  std::set<std::string_view> names;
  for (const auto& row : FieldsOf<Request>::kRows)
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
  EXPECT_EQ(names.size(), rows);
}

TEST(CRequests, NameEachFieldOnce) {
  ExpectRows<CreateOrganizationRequest, 9>();
  ExpectRows<GetOrganizationRequest, 1>();
  ExpectRows<UpdateOrganizationRequest, 9>();
  ExpectRows<DeleteOrganizationRequest, 1>();
  ExpectRows<CreateMemberRequest, 14>();
  ExpectRows<GetMemberRequest, 3>();
  ExpectRows<MemberRequest, 2>();
  ExpectRows<ReportDeliveryRequest, 4>();
  ExpectRows<SendEmailPasscodeRequest, 8>();
  // A session has three names.
  ExpectRows<AuthenticateEmailPasscodeRequest, 9>(11);
  ExpectRows<SendDiscoveryPasscodeRequest, 4>();
  ExpectRows<AuthenticateDiscoveryPasscodeRequest, 2>();
  ExpectRows<ReportDiscoveryDeliveryRequest, 3>();
  ExpectRows<UnlockDiscoveryAddressRequest, 1>();
  ExpectRows<PurgeDiscoveryAddressRequest, 1>();
  ExpectRows<ExchangeIntermediateSessionRequest, 8>();
  ExpectRows<SendSmsOtpRequest, 7>(9);
  ExpectRows<MfaStepRequest, 7>(9);
  ExpectRows<AuthenticateSmsOtpRequest, 9>(11);
  ExpectRows<AuthenticateTotpRequest, 9>(11);
  ExpectRows<UseRecoveryCodeRequest, 7>(9);
  ExpectRows<MigrateTotpRequest, 5>(6);  // two of three parameters: there is one period
  // An Actor is no row.
  ExpectRows<UpdateMemberRequest, 11>(10);
  ExpectRows<DeleteMfaPhoneNumberRequest, 3>(2);
  ExpectRows<SetTotpRegistrationRequest, 4>(3);
  ExpectRows<CreateTotpRequest, 4>(3);
  ExpectRows<DeleteTotpRequest, 3>(2);
  ExpectRows<StartPhoneChangeRequest, 6>(5);
  ExpectRows<FinishPhoneChangeRequest, 4>(3);
  ExpectRows<GetRecoveryCodesRequest, 3>(2);
  ExpectRows<RotateRecoveryCodesRequest, 3>(2);
}

TEST(CRequests, EachCommandOfTheEngineHasAName) {
  // Each request that engine.h knows, by the specializations of CommandOf in the headers.
  std::set<std::string> requests;
  const std::regex command(R"(struct CommandOf<(\w+)Request>)");
  for (const SourceFile& file : SourcesIn("include/otpcore/commands", {".h"})) {
    for (std::sregex_iterator at(file.text.begin(), file.text.end(), command), end; at != end; ++at)
      requests.insert((*at)[1]);
  }
  EXPECT_GE(requests.size(), 21u);
  for (const std::string& request : requests) {
    std::string name;
    for (const char c : request) {
      if (std::isupper(static_cast<unsigned char>(c)) != 0 && !name.empty()) name += '_';
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    EXPECT_NE(AnyCommand::Make(name), nullptr) << name;
  }
  EXPECT_EQ(AnyCommand::Make("no_command"), nullptr);
}

}  // namespace
}  // namespace otpcore
