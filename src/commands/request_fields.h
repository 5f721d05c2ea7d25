// SPDX-License-Identifier: Apache-2.0
// What a request says, for its tag (rule C-07): AddAll adds every member of a request.
//
// No field can be forgotten. AddAll takes the request apart with a structured binding, whose count
// of names the compiler compares with the count of members. Who adds a field to a request must
// raise the count in the command's AddFields, and the field is part of the tag then. A request
// therefore is a plain struct: all its members are its own, or all are of one base.
#ifndef OTPCORE_SRC_COMMANDS_REQUEST_FIELDS_H_
#define OTPCORE_SRC_COMMANDS_REQUEST_FIELDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/declassify.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/secret.h"
#include "otpcore/commands/actor.h"
#include "otpcore/commands/checked.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/model/session.h"
#include "otpcore/plan/outcome.h"
#include "rules/request_tag.h"

namespace otpcore {

template <size_t Members, typename T>
void AddAll(const T& request, RequestTag* tag);

// ---- One function for each type that a field may have ----

// Empty text counts as absent (C-03). An id that Check has read stands for its text: one of the
// generated shape is shorter.
inline void AddField(const std::string& text, RequestTag* tag) {
  if (text.empty()) return tag->Absent();
  const EntityId* const id = tag->IdOf(text);
  tag->Text(id == nullptr ? text : id->packed());
}
// So does false, and zero.
template <typename T, std::enable_if_t<std::is_integral_v<T> || std::is_enum_v<T>, int> = 0>
void AddField(T value, RequestTag* tag) {
  return value == T{} ? tag->Absent() : tag->Number(static_cast<uint64_t>(value));
}
// An empty code is malformed and an absent one missing: not the same.
template <size_t Capacity>
void AddField(const SecretText<Capacity>& text, RequestTag* tag) {
  constexpr SecretAccess kAccess("a tag is keyed, and wipes what it collected");
  tag->Text(text.Reveal(kAccess));
}
inline void AddField(const Uuid& id, RequestTag* tag) {
  tag->Text({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}
inline void AddField(const std::vector<std::string>& list, RequestTag* tag) {
  tag->List(list.size());
  for (const std::string& item : list) tag->Item(item);
}
template <typename T>
void AddField(const std::optional<T>& field, RequestTag* tag) {
  if (!field) return tag->Absent();
  if constexpr (std::is_arithmetic_v<T>) {
    tag->Number(static_cast<uint64_t>(*field));  // false is not the same as absent
  } else {
    AddField(*field, tag);
  }
}
inline void AddField(const RecoveryCodes& codes, RequestTag* tag) {
  constexpr SecretAccess kAccess("a tag is keyed, and wipes what it collected");
  if (codes.empty()) return tag->Absent();
  tag->List(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) tag->Item(codes[i].Reveal(kAccess));
}
inline void AddField(const TotpParameters& parameters, RequestTag* tag) {
  AddAll<3>(parameters, tag);
}
inline void AddField(const Delivery& delivery, RequestTag* tag) { AddAll<2>(delivery, tag); }
inline void AddField(const SessionArguments& session, RequestTag* tag) { AddAll<3>(session, tag); }
// The host is no session, whatever a person gives for one (C-10).
inline void AddField(const Actor& actor, RequestTag* tag) {
  static const SessionArguments none;
  AddField(actor.is_host() ? none : *actor.session(), tag);
  AddField(actor.is_host(), tag);
}

// ---- All of them ----

template <typename... Fields>
void AddEach(RequestTag* tag, const Fields&... fields) {
  (AddField(fields, tag), ...);
}

// Adds all members of `r`, in the order in which they are declared. Does not compile unless there
// are exactly `Members` of them.
template <size_t Members, typename T>
void AddAll(const T& r, RequestTag* tag) {
  static_assert(Members >= 1 && Members <= 16, "add a line below for so many members");
  if constexpr (Members == 1) {
    const auto& [a] = r;
    AddEach(tag, a);
  } else if constexpr (Members == 2) {
    const auto& [a, b] = r;
    AddEach(tag, a, b);
  } else if constexpr (Members == 3) {
    const auto& [a, b, c] = r;
    AddEach(tag, a, b, c);
  } else if constexpr (Members == 4) {
    const auto& [a, b, c, d] = r;
    AddEach(tag, a, b, c, d);
  } else if constexpr (Members == 5) {
    const auto& [a, b, c, d, e] = r;
    AddEach(tag, a, b, c, d, e);
  } else if constexpr (Members == 6) {
    const auto& [a, b, c, d, e, f] = r;
    AddEach(tag, a, b, c, d, e, f);
  } else if constexpr (Members == 7) {
    const auto& [a, b, c, d, e, f, g] = r;
    AddEach(tag, a, b, c, d, e, f, g);
  } else if constexpr (Members == 8) {
    const auto& [a, b, c, d, e, f, g, h] = r;
    AddEach(tag, a, b, c, d, e, f, g, h);
  } else if constexpr (Members == 9) {
    const auto& [a, b, c, d, e, f, g, h, i] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i);
  } else if constexpr (Members == 10) {
    const auto& [a, b, c, d, e, f, g, h, i, j] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (Members == 11) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k);
  } else if constexpr (Members == 12) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (Members == 13) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (Members == 14) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  } else if constexpr (Members == 15) {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  } else {
    const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = r;
    AddEach(tag, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
}

// The same for a request whose ids Check has read.
template <size_t Members, typename T>
void AddAll(const T& request, const CheckedOrganization& checked, RequestTag* tag) {
  tag->Know(request.organization_id, checked.id);
  AddAll<Members>(request, tag);
}
template <size_t Members, typename T>
void AddAll(const T& request, const CheckedMember& checked, RequestTag* tag) {
  tag->Know(request.member_id, checked.id);
  AddAll<Members>(request, checked.organization, tag);
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_REQUEST_FIELDS_H_
