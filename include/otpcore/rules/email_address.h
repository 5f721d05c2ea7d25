// SPDX-License-Identifier: Apache-2.0
// E-mail addresses: which ones take a passcode, when two are the same, and what a guard counts them
// by (rules EM-01, EM-02, EM-04, EM-22).
//
// The grammar is ASCII and small on purpose. A mailer that reads more out of an address than this
// library, or folds other characters into ASCII, would send a passcode to somebody else. So nothing
// outside ASCII is folded or normalized: it is refused.
//
// All functions are thread-safe, use no heap, and take time linear in the length of their text.
#ifndef OTPCORE_RULES_EMAIL_ADDRESS_H_
#define OTPCORE_RULES_EMAIL_ADDRESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/model/address.h"

namespace otpcore {

// Whether a passcode can be sent to `text` (EM-01). True for
//   - at most 254 bytes of ASCII: a local part, "@", a domain;
//   - a local part of 1 … 64 bytes: runs of letters, digits and !#$%&'*+-/=?^_`{|}~ with one dot
//     between two runs. It does not begin with "-" (a mailer may take that for an option) and has
//     no "=?" (the mark of an encoded word);
//   - a domain of two or more labels with one dot between two of them. A label is 1 … 63 letters,
//     digits and inner hyphens; the last one has something else than digits.
// So there are no quotes, comments, address literals, display names, lists, spaces and controls. A
// domain of another script comes as its A-labels, "xn--…": to make them is the host's (EM-04).
OTPCORE_EXPORT bool IsEmailAddress(std::string_view text);

// The address in ASCII lower case: two addresses are the same when these are (EM-02). Dots and
// "+tag" are part of the address. Text longer than an address can be is cut.
OTPCORE_EXPORT Address CanonicalEmail(std::string_view address);

// What a SendGuard counts sends to `address` by (EM-22): the canonical address, its local part cut
// at the first "+" and without dots, for at large providers all of these are one mailbox. A local
// part that nothing would be left of stays as it is. It is for counting only: never compare a
// Member's address with it, and never send to it.
OTPCORE_EXPORT Address EmailCountingKey(std::string_view address);

// Whether the domain of `address` is one of `domains`, without regard to ASCII case. A domain
// stands for itself alone, not for those below it. A help for the host's word in
// SendEmailPasscodeRequest: which domains may join is the host's to know.
OTPCORE_EXPORT bool DomainIsOneOf(std::string_view address,
                                  const std::vector<std::string>& domains);

}  // namespace otpcore

#endif  // OTPCORE_RULES_EMAIL_ADDRESS_H_
