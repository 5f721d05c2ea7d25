// SPDX-License-Identifier: Apache-2.0
// Everything. A host that cares about build times includes the headers it needs.
// Ids such as S-01 name the rules in docs/rules.md, those with a B the checks in docs/evidence.md,
// and threats are numbered in docs/security.md.
#ifndef OTPCORE_OTPCORE_H_
#define OTPCORE_OTPCORE_H_

#include "otpcore/adapters/buffered_random.h"
#include "otpcore/adapters/memory_guard.h"
#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/adapters/system_ports.h"
#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/base/version.h"
#include "otpcore/commands/members.h"
#include "otpcore/commands/mfa_factors.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/commands/organizations.h"
#include "otpcore/commands/sms_passcode.h"
#include "otpcore/engine/engine.h"
#include "otpcore/engine/operation.h"
#include "otpcore/engine/ports.h"
#include "otpcore/model/channel.h"
#include "otpcore/model/codec.h"
#include "otpcore/model/enrollment_state.h"
#include "otpcore/model/member.h"
#include "otpcore/model/organization.h"
#include "otpcore/model/policy.h"
#include "otpcore/model/record.h"
#include "otpcore/model/session.h"
#include "otpcore/plan/command.h"
#include "otpcore/plan/command_for.h"
#include "otpcore/rules/config.h"
#include "otpcore/rules/enrollment.h"
#include "otpcore/rules/event.h"
#include "otpcore/rules/locale.h"
#include "otpcore/rules/message.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/rules/phone_number.h"
#include "otpcore/rules/sms_cost.h"
#include "otpcore/rules/typed_code.h"
#include "otpcore/storage/memory_store.h"

#endif  // OTPCORE_OTPCORE_H_
