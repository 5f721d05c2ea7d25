// SPDX-License-Identifier: Apache-2.0
#include "commands/search_cursor.h"

#include <string_view>

#include "base/little_endian.h"
#include "rules/request_tag.h"

namespace otpcore {
namespace {

// Version, id of the key, tag, then the place.
constexpr char kVersion = 1;
constexpr size_t kKeyIdAt = 1;
constexpr size_t kTagAt = kKeyIdAt + 4;
constexpr size_t kPlaceAt = kTagAt + 8;
// Of the place: inside, operand, address, then two ids, each behind its length.
constexpr size_t kPlaceBytesMin = 1 + 1 + 2 + 1 + 1;
constexpr size_t kCursorBytesMax = kPlaceAt + kPlaceBytesMin + 2 * kIdBytesMax;

constexpr std::string_view kDigits = "0123456789abcdef";

std::string Hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// False: `text` is none that Hex makes.
bool ReadHexText(std::string_view text, std::string* bytes) {
  if (text.size() % 2 != 0 || text.size() > 2 * kCursorBytesMax) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const size_t high = kDigits.find(text[i]);
    const size_t low = kDigits.find(text[i + 1]);
    if (high == kDigits.npos || low == kDigits.npos) return false;
    *bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

std::string PlaceOf(const SearchPosition& position) {
  std::string place(4, '\0');
  place[0] = position.inside ? 1 : 0;
  place[1] = static_cast<char>(position.operand);
  StoreLittle(position.address, place.data() + 2, 2);
  for (const EntityId* id : {&position.organization, &position.member}) {
    place += static_cast<char>(id->packed().size());
    place += id->packed();
  }
  return place;
}

bool TakeId(std::string_view* rest, EntityId* id) {
  if (rest->empty()) return false;
  const size_t size = static_cast<unsigned char>(rest->front());
  rest->remove_prefix(1);
  if (rest->size() < size) return false;
  *id = size == 0 ? EntityId() : EntityId::FromPacked(rest->substr(0, size));
  rest->remove_prefix(size);
  return size == 0 || !id->empty();
}

void AddValue(const SearchValue& value, RequestTag* tag) {
  tag->Number(value.index());
  if (const auto* const text = std::get_if<std::string>(&value)) tag->Item(*text);
  if (const auto* const flag = std::get_if<bool>(&value)) tag->Item(*flag ? "1" : "0");
  if (const auto* const texts = std::get_if<std::vector<std::string>>(&value)) {
    tag->List(texts->size());
    for (const std::string& text : *texts) tag->Item(text);
  }
}

void AddQuery(const SearchQuery& query, RequestTag* tag) {
  tag->Text(query.op);
  tag->List(query.operands.size());
  for (const SearchOperand& operand : query.operands) {
    AddValue(operand.filter_name, tag);
    AddValue(operand.filter_value, tag);
  }
}

void Add(const SearchMembersRequest& request, RequestTag* tag) {
  tag->Text("members");
  tag->List(request.organization_ids.size());
  for (const std::string& id : request.organization_ids) tag->Item(id);
  AddQuery(request.query, tag);
}
void Add(const SearchOrganizationsRequest& request, RequestTag* tag) {
  tag->Text("organizations");
  AddQuery(request.query, tag);
}

template <typename Request>
uint64_t TagOf(const TagKey& key, const Request& request, std::string_view place) {
  RequestTag tag(key, CommandKind::kNone);  // no command that writes has this kind
  Add(request, &tag);
  tag.Text(place);
  return tag.Finish();
}

template <typename Request>
std::string Make(const Config& config, const Request& request, const SearchPosition& position) {
  const KeyRing& keys = config.keys();
  const std::string place = PlaceOf(position);
  std::string bytes(kPlaceAt, kVersion);
  StoreLittle(keys.current_id(), bytes.data() + kKeyIdAt, 4);
  StoreLittle(TagOf(*keys.FindTagKey(keys.current_id()), request, place), bytes.data() + kTagAt, 8);
  return Hex(bytes + place);
}

template <typename Request>
Error Read(const Config& config, const Request& request, SearchPosition* position) {
  const Error malformed(ErrorCode::kBadRequest, "the cursor is malformed");
  std::string bytes;
  if (!ReadHexText(request.cursor, &bytes) || bytes.size() < kPlaceAt + kPlaceBytesMin ||
      bytes[0] != kVersion)
    return malformed;
  const TagKey* const key =
      config.keys().FindTagKey(static_cast<uint32_t>(LoadLittle(bytes.data() + kKeyIdAt, 4)));
  if (key == nullptr) return Error(ErrorCode::kBadRequest, "the key of the cursor is gone");
  const std::string_view all = bytes;
  const std::string_view place = all.substr(kPlaceAt);
  if (TagOf(*key, request, place) != LoadLittle(bytes.data() + kTagAt, 8))
    return Error(ErrorCode::kBadRequest, "the cursor is of another query");
  return ReadPlace(place, position) ? ErrorCode::kOk : malformed;
}

}  // namespace

bool ReadPlace(std::string_view place, SearchPosition* position) {
  if (place.size() < kPlaceBytesMin) return false;
  position->inside = place[0] != 0;
  position->operand = static_cast<uint8_t>(place[1]);
  position->address = static_cast<uint16_t>(LoadLittle(place.data() + 2, 2));
  place.remove_prefix(4);
  return TakeId(&place, &position->organization) && TakeId(&place, &position->member) &&
         place.empty() && !position->organization.empty();
}

std::string CursorFor(const Config& config, const SearchMembersRequest& request,
                      const SearchPosition& position) {
  return Make(config, request, position);
}
std::string CursorFor(const Config& config, const SearchOrganizationsRequest& request,
                      const SearchPosition& position) {
  return Make(config, request, position);
}
Error ReadCursor(const Config& config, const SearchMembersRequest& request,
                 SearchPosition* position) {
  return Read(config, request, position);
}
Error ReadCursor(const Config& config, const SearchOrganizationsRequest& request,
                 SearchPosition* position) {
  return Read(config, request, position);
}

}  // namespace otpcore
