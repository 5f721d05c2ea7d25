// SPDX-License-Identifier: Apache-2.0
#include "model_check/scenarios.h"

namespace otpcore {
namespace model {
namespace {

using Kind = CommandSpec::Kind;

constexpr CommandSpec kLink = {Kind::kSend, 0, 0};
constexpr CommandSpec kSend = {Kind::kSend, 0, kNoNumber};
constexpr CommandSpec kProve = {Kind::kAuthenticate, 0, kRightCode};
constexpr CommandSpec kMistype = {Kind::kAuthenticate, 0, kWrongCode};
constexpr CommandSpec kDeleteNumber = {Kind::kDeleteNumber, 0, 0};
constexpr CommandSpec kUnlock = {Kind::kUnlock, 0, 0};
constexpr CommandSpec kReport = {Kind::kReport, 0, 0};
constexpr CommandSpec kDeleteMember = {Kind::kDeleteMember, 0, 0};
constexpr CommandSpec kReactivate = {Kind::kReactivate, 0, 0};

constexpr CommandSpec kGive = {Kind::kGiveNumber, 0, 0};
constexpr CommandSpec kDeleteOwn = {Kind::kDeleteOwnNumber, 0, 0};

constexpr CommandSpec kStartChange = {Kind::kStartChange, 0, 1};
constexpr CommandSpec kStartSpare = {Kind::kStartChange, 0, kSpareNumber};
constexpr CommandSpec kFinishChange = {Kind::kFinishChange, 0, kRightCode};
constexpr CommandSpec kStartOwnChange = {Kind::kStartOwnChange, 0, 1};

constexpr CommandSpec kCreateApp = {Kind::kCreateApp, 0, 0};
constexpr CommandSpec kProveApp = {Kind::kProveApp, 0, kRightCode};
constexpr CommandSpec kTypeAppCode = {Kind::kTypeAppCode, 0, 0};
constexpr CommandSpec kDeleteApp = {Kind::kDeleteApp, 0, 0};
constexpr CommandSpec kDeleteOwnApp = {Kind::kDeleteOwnApp, 0, 0};
constexpr CommandSpec kRecover = {Kind::kRecover, 0, 0};
constexpr CommandSpec kRotate = {Kind::kRotate, 0, 0};
constexpr CommandSpec kRotateOwn = {Kind::kRotateOwn, 0, 0};

constexpr CommandSpec kSendMail = {Kind::kSendMail, 0, 0};
constexpr CommandSpec kTypeMail = {Kind::kTypeMail, 0, kRightCode};
constexpr CommandSpec kMistypeMail = {Kind::kTypeMail, 0, kWrongCode};
constexpr CommandSpec kChangeAddress = {Kind::kChangeAddress, 0, 1};

constexpr CommandSpec kDiscover = {Kind::kDiscover, kAddress, 0};
constexpr CommandSpec kTypeDiscovered = {Kind::kTypeDiscovered, kAddress, kRightCode};
constexpr CommandSpec kMistypeDiscovered = {Kind::kTypeDiscovered, kAddress, kWrongCode};
constexpr CommandSpec kReportDiscovered = {Kind::kReportDiscovered, kAddress, 0};
constexpr CommandSpec kUnlockAddress = {Kind::kUnlockAddress, kAddress, 0};
constexpr CommandSpec kPurgeAddress = {Kind::kPurgeAddress, kAddress, 0};
constexpr CommandSpec kExchange = {Kind::kExchange, 0, 0};

CommandSpec Bob(CommandSpec command) {
  command.member = 1;
  return command;
}

Scenario Guesses() {
  Scenario s;
  s.name = "guesses";
  s.about = "two hosts send and judge codes while the clock steps both ways";
  s.setup = {kLink, kProve, kSend};
  s.commands = {kSend, kProve, kUnlock};
  s.minutes = {0, 1, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario Locks() {
  Scenario s;
  s.name = "locks";
  s.about = "two hosts judge codes until locks set in, lapse and set in again";
  s.setup = {kLink, kProve, kSend, kMistype, kMistype, kSend};
  s.commands = {kSend, kProve};
  s.minutes = {0, 4, 8, 70};
  s.crashes = false;
  return s;
}

Scenario Numbers() {
  Scenario s;
  s.name = "numbers";
  s.about = "two Members want one number";
  s.members = 2;
  s.commands = {kLink, Bob(kLink), kProve, Bob(kProve), kDeleteNumber, Bob(kDeleteNumber)};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario Race() {
  Scenario s;
  s.name = "race";
  s.about = "two Members have one number pending, and each has a code for it";
  s.members = 2;
  s.setup = {kLink, Bob(kLink), kSend};
  s.spread = true;
  s.minutes = {0, 2};
  s.commands = {kSend, Bob(kSend), kProve, Bob(kProve), kDeleteNumber};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kEffectRefused};
  return s;
}

Scenario Deliveries() {
  Scenario s;
  s.name = "deliveries";
  s.about = "the gateway fails in every way, receipts come late, clients repeat requests";
  s.commands = {kLink, kProve, kReport};
  s.faults = {Fault::kRejected,       Fault::kSinkUnavailable, Fault::kSinkUnknown,
              Fault::kUnknownApplied, Fault::kUnknownLost,     Fault::kRetry};
  s.repeats = true;
  return s;
}

Scenario Repeats() {
  Scenario s;
  s.name = "repeats";
  s.about = "operation ids come again: with the same request and with others, at once and too late";
  s.setup = {kLink};
  s.commands = {kSend, kProve};
  s.minutes = {0, 1, 61};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  s.crashes = false;
  s.repeats = s.misuses = true;
  return s;
}

Scenario Faults() {
  Scenario s;
  s.name = "faults";
  s.about = "everything that can fail does, also a commit that arrives after its time-out";
  s.setup = {kLink};
  s.commands = {kSend, kProve};
  s.faults = {Fault::kLoadFails,        Fault::kNoEntropy,   Fault::kTooMany,
              Fault::kGuardUnreachable, Fault::kConflict,    Fault::kUnavailable,
              Fault::kUnknownApplied,   Fault::kUnknownLost, Fault::kUnknownLate,
              Fault::kEffectRefused,    Fault::kRejected,    Fault::kSinkUnavailable,
              Fault::kSinkUnknown};
  return s;
}

Scenario Restores() {
  Scenario s;
  s.name = "restores";
  s.about = "the store is set back to a backup in which a passcode is live";
  s.setup = {kLink, kProve, kSend};
  s.commands = {kSend, kProve};
  s.restores = true;
  return s;
}

Scenario Leavers() {
  Scenario s;
  s.name = "leavers";
  s.about = "a Member is deleted and comes back while another wants the number";
  s.members = 2;
  s.setup = {kLink, kProve};
  s.commands = {kDeleteMember, kReactivate, kSend, kLink, kProve, Bob(kLink), Bob(kProve)};
  return s;
}

Scenario Actors() {
  Scenario s;
  s.name = "actors";
  s.about = "who has shown a password deletes numbers that the host or a person gives meanwhile";
  s.commands = {kGive, kLink, kSend, kProve, kDeleteOwn, kDeleteNumber};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario Changes() {
  Scenario s;
  s.name = "changes";
  s.about = "a Member changes the phone while others sign in, want the number, or delete it";
  s.members = 2;
  s.setup = {kLink, kProve};
  s.commands = {kStartChange,  kFinishChange,   kStartSpare,         kSend,      kProve, kReport,
                kDeleteNumber, kStartOwnChange, {Kind::kSend, 1, 1}, Bob(kProve)};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kRejected};
  return s;
}

Scenario Contest() {
  Scenario s;
  s.name = "contest";
  s.about = "one Member changes to the number that another has pending, and each has a code for it";
  s.members = 2;
  s.setup = {{Kind::kSend, 1, 1}, kLink, kProve, kStartChange};
  s.spread = true;
  s.commands = {
      kStartChange, kFinishChange, {Kind::kSend, 1, kNoNumber}, Bob(kProve), kDeleteNumber};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario TwoCodes() {
  Scenario s;
  s.name = "two-codes";
  s.about = "every code is typed for both numbers while a change of phone is under way";
  s.setup = {kLink, kProve, kSend, kStartChange};
  s.commands = {kStartChange, kFinishChange, kSend, kProve, kUnlock};
  s.minutes = {0, 1, 2};
  s.restores = true;
  return s;
}

Scenario ThreeHosts() {
  Scenario s;
  s.name = "hosts";
  s.about = "three hosts at once";
  s.hosts = 3;
  s.setup = {kLink, kProve, kSend};
  s.commands = {kSend, kProve};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied};
  return s;
}

Scenario Apps() {
  Scenario s;
  s.name = "apps";
  s.about = "a registration is made, proved, typed again, replaced and deleted while a clock steps";
  s.commands = {kCreateApp, kTypeAppCode, kDeleteApp, kDeleteOwnApp};
  s.steps = {0, 1, 2};
  s.minutes = {0, 1, 5};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario Notes() {
  Scenario s;
  s.name = "notes";
  s.about =
      "recovery codes are used, replaced and lost with the app, by clients that repeat requests";
  s.setup = {kCreateApp, kProveApp};
  s.commands = {kRecover, kRotate, kRotateOwn, kDeleteApp};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kRetry, Fault::kEffectRefused};
  s.repeats = true;
  return s;
}

Scenario Budget() {
  Scenario s;
  s.name = "budget";
  s.about = "guesses at SMS, app and note share one budget and its locks";
  s.setup = {kLink, kProve, kCreateApp, kProveApp, kSend, kTypeAppCode};  // wrong: three stands
  s.commands = {kProve, kTypeAppCode, kRecover, kSend};
  s.steps = {1, 12, 13};  // 140 and 141, of minute 70
  s.minutes = {0, 4, 70};
  s.crashes = false;
  return s;
}

Scenario Planted() {
  Scenario s;
  s.name = "planted";
  s.about = "who has shown a password proves, deletes and rotates what stands beside a number";
  s.setup = {kLink};
  s.commands = {kCreateApp, kTypeAppCode, kProveApp, kDeleteOwnApp,
                kRotateOwn, kRecover,     kProve,    kDeleteNumber};
  s.steps = {0, 1};
  s.faults = {Fault::kUnknownApplied};
  return s;
}

Scenario RestoredApps() {
  Scenario s;
  s.name = "restored";
  s.about = "the store is set back to a backup in which a step and two recovery codes are unused";
  s.setup = {kCreateApp, kProveApp};
  s.commands = {kTypeAppCode, kRecover, kRotate};
  s.steps = {0, 1, 2};
  s.minutes = {0, 1};
  s.restores = true;
  return s;
}

Scenario LeaversWithApps() {
  Scenario s;
  s.name = "gone";
  s.about = "a Member with an app is deleted and comes back";
  s.setup = {kCreateApp, kProveApp};
  s.commands = {kDeleteMember, kReactivate, kTypeAppCode, kRecover, kCreateApp};
  s.steps = {1};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario Mails() {
  Scenario s;
  s.name = "mails";
  s.about = "two hosts send and judge codes by e-mail while a clock steps and the address changes";
  s.setup = {kSendMail};
  s.commands = {kSendMail, kTypeMail, kChangeAddress};
  s.minutes = {0, 1, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario MailLocks() {
  Scenario s;
  s.name = "mail-locks";
  s.about = "codes by e-mail and by SMS are judged until the locks of either set in";
  s.setup = {kLink, kProve, kSend, kSendMail, kMistypeMail, kMistypeMail, kSendMail};
  s.commands = {kSendMail, kTypeMail, kSend, kProve, kUnlock};
  s.minutes = {0, 4, 8, 130};
  s.crashes = false;
  return s;
}

Scenario MailBudget() {
  Scenario s;
  s.name = "mail-budget";
  s.about = "the budget of failures by e-mail is full, and codes are typed all the same";
  s.setup = {kSendMail,    kMistypeMail, kSendMail,    kMistypeMail, kSendMail,
             kMistypeMail, kSendMail,    kMistypeMail, kSendMail};
  s.spread = true;
  s.commands = {kSendMail, kTypeMail};
  s.minutes = {0, 1, 2, 3, 4, 5, 70, 71, 72, 73, 140};
  return s;
}

Scenario MailHeld() {
  Scenario s;
  s.name = "mail-held";
  s.about = "the second factor is locked, and a sign-in by e-mail comes to its MFA step";
  s.members = 2;
  s.setup = {Bob(kLink),    Bob(kProve), Bob(kSend),    Bob(kMistype), Bob(kSend),
             Bob(kMistype), Bob(kSend),  Bob(kMistype), Bob(kSendMail)};
  s.spread = true;
  s.commands = {Bob(kSendMail), Bob(kTypeMail), Bob(kSend), Bob(kProve), Bob(kUnlock)};
  s.minutes = {0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 15};
  return s;
}

Scenario MailGuard() {
  Scenario s;
  s.name = "mail-guard";
  s.about =
      "the MFA step of a sign-in by e-mail sends to a number not verified, which needs a guard";
  s.members = 2;
  s.setup = {Bob(kLink), Bob(kSendMail)};  // whose SMS is over when the e-mail comes
  s.spread = true;
  s.minutes = {0, 2};
  s.commands = {Bob(kTypeMail), Bob(kSendMail)};
  s.faults = {Fault::kConflict, Fault::kTooMany, Fault::kGuardUnreachable, Fault::kEffectRefused};
  s.crashes = false;
  return s;
}

Scenario MailSteps() {
  Scenario s;
  s.name = "mail-steps";
  s.about = "a sign-in by e-mail sends the SMS of its second factor, while others send and type";
  s.members = 2;
  s.setup = {Bob(kLink), Bob(kProve), Bob(kSendMail)};
  s.commands = {Bob(kSendMail), Bob(kTypeMail), Bob(kSend), Bob(kProve)};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kEffectRefused};
  return s;
}

Scenario MailDeliveries() {
  Scenario s;
  s.name = "mail-sinks";
  s.about = "the mail gateway and the guard fail, receipts come late, clients repeat requests";
  s.setup = {kChangeAddress};
  s.commands = {kSendMail, kTypeMail, kReport};
  s.faults = {
      Fault::kRejected,         Fault::kSinkUnavailable, Fault::kSinkUnknown, Fault::kTooMany,
      Fault::kGuardUnreachable, Fault::kUnknownApplied,  Fault::kUnknownLost, Fault::kRetry};
  s.repeats = true;
  return s;
}

Scenario RestoredMails() {
  Scenario s;
  s.name = "mail-backup";
  s.about = "the store is set back to a backup in which a passcode by e-mail is live";
  s.setup = {kSendMail};
  s.commands = {kSendMail, kTypeMail};
  s.minutes = {0, 1};
  s.restores = true;
  return s;
}

Scenario Discovery() {
  Scenario s;
  s.name = "discovery";
  s.about = "two hosts send and judge codes outside Organizations while a clock steps";
  s.setup = {kDiscover};
  s.commands = {kDiscover, kTypeDiscovered};
  s.minutes = {0, 1, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

Scenario DiscoveryLocks() {
  Scenario s;
  s.name = "discovery-locks";
  s.about = "an address is locked and unlocked, and its Member gets passcodes by e-mail beside it";
  s.setup = {kDiscover, kMistypeDiscovered, kMistypeDiscovered, kDiscover, kSendMail};
  s.commands = {kDiscover, kTypeDiscovered, kUnlockAddress, kSendMail, kTypeMail};
  s.minutes = {0, 4, 8, 130};
  s.crashes = false;
  return s;
}

Scenario DiscoveryBudget() {
  Scenario s;
  s.name = "discovery-budget";
  s.about = "the budget of failures of an address is full, and codes are typed all the same";
  s.setup = {kDiscover,          kMistypeDiscovered, kDiscover,
             kMistypeDiscovered, kDiscover,          kMistypeDiscovered,
             kDiscover,          kMistypeDiscovered, kDiscover};
  s.spread = true;
  s.commands = {kDiscover, kTypeDiscovered};
  s.minutes = {0, 1, 2, 3, 4, 5, 70, 71, 72, 73, 140};
  return s;
}

Scenario DiscoveryDeliveries() {
  Scenario s;
  s.name = "discovery-sinks";
  s.about = "gateway and guard fail outside Organizations, receipts come late, clients repeat";
  s.commands = {kDiscover, kTypeDiscovered, kReportDiscovered};
  s.faults = {
      Fault::kRejected,         Fault::kSinkUnavailable, Fault::kSinkUnknown, Fault::kTooMany,
      Fault::kGuardUnreachable, Fault::kUnknownApplied,  Fault::kUnknownLost, Fault::kRetry};
  s.repeats = true;
  return s;
}

// Without commits of unknown outcome: of one that a purge came after nothing tells (EM-25).
Scenario DiscoveryPurges() {
  Scenario s;
  s.name = "discovery-purges";
  s.about = "what is remembered of an address is purged while codes are sent and typed";
  s.setup = {kDiscover};
  s.commands = {kDiscover, kTypeDiscovered, kPurgeAddress, kSendMail, kTypeMail};
  s.minutes = {0, 1};
  s.faults = {Fault::kConflict, Fault::kUnavailable};
  return s;
}

Scenario RestoredDiscovery() {
  Scenario s;
  s.name = "discovery-backup";
  s.about = "the store is set back to a backup in which a passcode outside Organizations is live";
  s.setup = {kDiscover};
  s.commands = {kDiscover, kTypeDiscovered};
  s.minutes = {0, 1};
  s.restores = true;
  return s;
}

Scenario Exchanges() {
  Scenario s;
  s.name = "exchanges";
  s.about = "one token is exchanged at two hosts, beside a sign-in by e-mail of the same Member";
  s.setup = {kChangeAddress, kSendMail};
  s.commands = {kExchange, kSendMail, kTypeMail};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kEffectRefused};
  return s;
}

Scenario ExchangeSteps() {
  Scenario s;
  s.name = "exchange-steps";
  s.about = "one token is exchanged at two hosts, and the MFA step sends its SMS";
  s.members = 2;
  s.setup = {Bob(kLink), Bob(kProve)};
  s.commands = {Bob(kExchange), Bob(kSend), Bob(kProve)};
  s.minutes = {0, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost, Fault::kEffectRefused, Fault::kRejected};
  return s;
}

}  // namespace

std::vector<Scenario> AllScenarios() {
  return {Guesses(),
          Locks(),
          Numbers(),
          Race(),
          Deliveries(),
          Repeats(),
          Faults(),
          Restores(),
          Leavers(),
          Actors(),
          Changes(),
          Contest(),
          TwoCodes(),
          ThreeHosts(),
          Apps(),
          Notes(),
          Budget(),
          Planted(),
          RestoredApps(),
          LeaversWithApps(),
          Mails(),
          MailLocks(),
          MailBudget(),
          MailHeld(),
          MailGuard(),
          MailSteps(),
          MailDeliveries(),
          RestoredMails(),
          Discovery(),
          DiscoveryLocks(),
          DiscoveryBudget(),
          DiscoveryDeliveries(),
          DiscoveryPurges(),
          RestoredDiscovery(),
          Exchanges(),
          ExchangeSteps()};
}

}  // namespace model
}  // namespace otpcore
