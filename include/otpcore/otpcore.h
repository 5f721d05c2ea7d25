// Everything. A host that cares about build times includes the headers it needs.
// Ids such as S-01 name the rules in docs/rules.md, those with a B the checks in docs/evidence.md,
// and threats are numbered in docs/security.md.
#ifndef OTPCORE_OTPCORE_H_
#define OTPCORE_OTPCORE_H_

#include "otpcore/buffered_random.h"
#include "otpcore/codec.h"
#include "otpcore/command.h"
#include "otpcore/command_for.h"
#include "otpcore/config.h"
#include "otpcore/engine.h"
#include "otpcore/enrollment.h"
#include "otpcore/enrollment_state.h"
#include "otpcore/error.h"
#include "otpcore/event.h"
#include "otpcore/export.h"
#include "otpcore/ids.h"
#include "otpcore/member.h"
#include "otpcore/members.h"
#include "otpcore/memory_guard.h"
#include "otpcore/memory_sessions.h"
#include "otpcore/memory_store.h"
#include "otpcore/message.h"
#include "otpcore/mfa_factors.h"
#include "otpcore/mfa_step.h"
#include "otpcore/operation.h"
#include "otpcore/organization.h"
#include "otpcore/organizations.h"
#include "otpcore/passcode.h"
#include "otpcore/phone_number.h"
#include "otpcore/policy.h"
#include "otpcore/ports.h"
#include "otpcore/record.h"
#include "otpcore/result.h"
#include "otpcore/secret.h"
#include "otpcore/session.h"
#include "otpcore/sms_passcode.h"
#include "otpcore/system_ports.h"
#include "otpcore/text.h"
#include "otpcore/time.h"
#include "otpcore/version.h"

#endif  // OTPCORE_OTPCORE_H_
