#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows that checks of docs/evidence.md can fail: plants one defect at a time into a copy of the committed tree and runs
# the tests that must notice it. tests/checks_fail.sh [NAME ...]; the first run builds everything.
set -eu
cd "$(dirname "$0")/.."
copy=$PWD/build/checks_fail
rm -rf "$copy/tree.new"
mkdir -p "$copy"
git archive --prefix=tree.new/ HEAD | tar -x -C "$copy"
# Unchanged files keep their times, so that little is built again.
mkdir -p "$copy/tree"
(cd "$copy/tree.new" && find . -type f | while read -r file; do
  cmp -s "$file" "../tree/$file" 2>/dev/null && continue
  mkdir -p "../tree/$(dirname "$file")"
  cp -p "$file" "../tree/$file"
done)
(cd "$copy/tree" && find . -name build -prune -o -type f -print | while read -r file; do
  [ -e "../tree.new/$file" ] || rm "$file"
done)
rm -rf "$copy/tree.new"
cd "$copy/tree"
cmake --preset release >/dev/null
missed=0

# name | id | tests | program | file | edit
while IFS='|' read -r name id filter program file edit; do
  name=$(echo "$name" | tr -d ' ')
  case $name in '' | '#'*) continue ;; esac
  case " $* " in *" $name "* | '  ') ;; *) continue ;; esac
  file=$(echo "$file" | tr -d ' ')
  program=$(echo "$program" | tr -d ' ')
  cp -p "$file" ../kept
  sed "$(printf '%s\n' "$edit" | sed 's/^ *//')" ../kept >"$file"
  if cmp -s "$file" ../kept; then
    found='DOES NOT APPLY'
  elif ! cmake --build --preset release --target "$(basename "$program")" >../build.log 2>&1; then
    found='DOES NOT BUILD'
  else
    status=0
    timeout 600 "build/release/$program" --gtest_brief=1 --gtest_filter="$(echo "$filter" | tr -d ' ')" \
      >../run.log 2>&1 || status=$?
    case $status in
      0) found=MISSED ;;
      124) found='DOES NOT END' ;;
      *) found="found: $(grep -m 1 -o '^\[  FAILED  \] [^ ]*' ../run.log || echo "ended with status $status")" ;;
    esac
  fi
  case $found in found*) ;; *) missed=1 ;; esac
  cp ../kept "$file"
  printf '%-5s %-28s %s\n' "$(echo "$id" | tr -d ' ')" "$name" "$found"
done <<'END'
last-code-never-drawn    | B-10 | *Passcode*                    | tests/otpcore_tests | src/rules/passcode.cc | s/entry = (0 - count) % count;/entry = (0 - count) % count + (uint64_t{1} << 62);/
a-guess-more-per-lock    | B-11 | Attackers.*                   | tests/otpcore_tests | src/model/ledgers.cc | s/in_a_row >= policy/in_a_row > policy/
euro-sign-is-one-septet  | B-13 | MeasureSms*                   | tests/otpcore_tests | src/rules/gsm7.cc | s/if (c == 0x20AC) return 2;/if (c == 0x20AC) return 1;/
pagers-get-passcodes     | B-13 | ParseE164*                    | tests/otpcore_tests | include/otpcore/model/phone_number_type.h | s/PhoneNumberType::kVoip;/PhoneNumberType::kPager;/
lock-after-compare       | B-15 | *LockedRight*:Oracle.*        | tests/secrecy/otpcore_secrecy_tests | src/commands/prove_factor.cc | s/if (!IsLocked(failures, facts\.now) || found\.device >= 0) return true;/return true;/
draws-are-copied         | B-09 | -                             | tests/secrecy/otpcore_leftovers | src/engine/operation.cc | s/^  facts_\.has_entropy = true;/&\n  static SecretBytes<16> kept;\n  kept = facts_.entropy.draws.Duplicate();/
request-stays            | B-09 | -                             | tests/secrecy/otpcore_leftovers | src/rules/request_tag.h | s/~RequestTag() { WipeMemory(bytes_, size_); }/~RequestTag() {}/
hash-stack-stays         | B-09 | -                             | tests/secrecy/otpcore_leftovers | src/rules/passcode.cc | s/sodium_stackzero(kHashStack);//
texts-stay               | B-09 | -                             | tests/secrecy/otpcore_leftovers | include/otpcore/base/secret.h | s/~SecretText() { Wipe(); }/~SecretText() {}/
keys-stay                | B-09 | -                             | tests/secrecy/otpcore_leftovers | include/otpcore/base/secret.h | s/~SecretBytes() { Wipe(); }/~SecretBytes() {}/
draw-becomes-an-id       | B-09 | -                             | tests/secrecy/otpcore_leftovers | src/commands/send_code.cc | s/IssueChallenge(Scope(), UuidFromRandom(facts_\.entropy\.new_id\.data())/IssueChallenge(Scope(), UuidFromRandom(facts_.entropy.draws.Reveal(kAccess))/
record-grows             | B-17 | BoundedWork.*                 | tests/secrecy/otpcore_secrecy_tests | src/commands/send_code.cc | s/^  CountSend(policy_, .*/&\n  static std::string name;\n  name += 'x';\n  member.name = name;/
table-grows-too-late     | B-18 | FailingAllocations.*          | tests/secrecy/otpcore_secrecy_tests | src/storage/memory_store.cc | s/shard\.table\.Reserve(writes);//;s/^    shard\.table\.Insert({HashIn/    shard.table.Reserve(1);\n&/
look-up-takes-a-block    | B-18 | Allocations.*                 | tests/otpcore_allocations_test | src/storage/memory_store.cc | s/organization = old\.organization_number();.*/if (!organizations.NumberOf(OrganizationIn(*write.key), \&organization)) return CommitOutcome::kUnavailable;/
# Rules of the first version, and the attacks that were tried on them.
a-success-forgives-nothing | L-05 | Owners.WhoMistype*         | tests/otpcore_tests | src/commands/prove_factor.cc | s/if (HasFailuresOfSessions(member->failures))/if (false)/
locks-hold-on-known-devices | DV-03 | Owners.OnAKnownDevice*   | tests/otpcore_tests | src/commands/prove_factor.cc | s/ || found\.device >= 0) return true;/) return true;/
each-sign-in-sends-anew  | S-21 | LiveCodeTest.ASendInAnother*:LiveCodeTest.TheStepKeeps* | tests/otpcore_tests | src/commands/send_code.cc | s/^bool SendCode::KeepsLiveCode() {/&\n  return false;/;s/^Duration SendCode::HeldBackFor() {/&\n  return Duration(0);/
no-limit-of-a-day        | L-06 | Owners.GetACode*              | tests/otpcore_tests | src/model/ledgers.cc | s/LimitOf(sends, policy\.sends_day_max, kDay, now)/LimitOf(sends, policy.sends_max, policy.sends_window, now)/
rejections-are-free      | D-02 | Owners.AreNotFloodedByAGateway* | tests/otpcore_tests | src/model/ledgers.cc | s/>= kGiveBacksInWindow ||/>= 1000 ||/;s/>= kGiveBacksMax)/>= 1000)/
late-rejections-are-free | D-02 | Owners.AreNotFloodedByReports* | tests/otpcore_tests | src/model/ledgers.cc | s/>= kGiveBacksInWindow ||/>= 1000 ||/;s/>= kGiveBacksMax)/>= 1000)/
one-sim-counts-each-time | L-07 | Pumping.OneSim*               | tests/otpcore_tests | src/adapters/memory_guard.cc | s/if (!proved || member\.proved || number\.proved) return;/if (!proved) return;/
one-member-counts-each-time | L-07 | Pumping.OneMember*         | tests/otpcore_tests | src/adapters/memory_guard.cc | s/kEndedMax = 2;/kEndedMax = 1000000;/
asking-is-free           | S-19 | LiveCodeTest.AskingWhoHas*    | tests/otpcore_tests | src/commands/linking.cc | s/^  CountSend(context\.config->policy(), facts\.now, &found->sends());//
asking-by-update-is-free | S-19 | LiveCodeTest.AskingByAnUpdate* | tests/otpcore_tests | src/commands/linking.cc | s/^  CountSend(context\.config->policy(), facts\.now, &found->sends());//
an-empty-id-is-an-id     | C-07 | Repeats.AnOperationIdLeftEmpty* | tests/otpcore_tests | src/engine/operation.cc | s/ || command_\.context()\.operation_id\.empty()) return/) return/
any-request-is-repeated  | C-07 | Repeats.ASuccessIsNone*:Repeats.ASendIsNone* | tests/otpcore_tests | src/commands/find_member.cc | s/if (TagOf(context, \*key) != earlier\.request)/if (false)/
a-password-changes-all   | C-10 | Actors.APasswordChangesNothing* | tests/otpcore_tests | src/commands/linking.cc | s/bool has_factor = member\.HasActiveMfaFactor();/bool has_factor = false;/
a-password-ends-enrolment | S-12 | Actors.APasswordDoesNotEnd*  | tests/otpcore_tests | src/commands/linking.cc | s/linked_by_host = request\.asked_by == AskedBy::kHost;/linked_by_host = false;/
any-bound-is-taken       | L-09 | *Policy*                      | tests/otpcore_tests | src/model/policy.cc | s/if (chance <= p\.success_per_year_max) return std::nullopt;/return std::nullopt;/
totp-is-cleared-silently | V-01 | ChangeEvents.*                | tests/otpcore_tests | src/commands/mfa_factors.cc | s/AddEvent(found, EventKind::kTotpCleared, facts\.now, decision);/(void)0;/
breakglass-is-silent     | V-01 | ChangeEvents.*                | tests/otpcore_tests | src/commands/update_member.cc | s/after\.is_breakglass != before\.is_breakglass/false/
policy-changes-silently  | V-01 | ChangeEvents.*                | tests/otpcore_tests | src/commands/organizations.cc | s/AddEvent(EventKind::kOrganizationPolicyChanged, now, decision)/(void)0/
slugs-have-their-case    | C-02 | SharedNames.Slugs*             | tests/otpcore_tests | src/model/record.cc | /kOrganizationSlug, {}, slug/{n;s/key\.FoldName();//;}
an-id-shadows-a-slug     | C-02 | SharedNames.NoIdIsASlug*       | tests/otpcore_tests | src/commands/names.cc | s/if (held \&\& holder != owner \&\& error_\.ok())/if (false)/
a-totp-code-weighs-one   | L-11 | MixedGuessing.*               | tests/otpcore_tests | src/commands/authenticate_totp.cc | s/return context_\.config->policy()\.totp_window\.weight();/return 1;/
a-heavy-lock-is-short    | L-11 | MixedGuessing.*               | tests/otpcore_tests | src/model/ledgers.cc | s/lock = policy\.rolling_lock \* weight;/lock = policy.rolling_lock;/
END
exit $missed
