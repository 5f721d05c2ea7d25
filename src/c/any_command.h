// SPDX-License-Identifier: Apache-2.0
// A command that is chosen, filled in and answered by names.
#ifndef OTPCORE_SRC_C_ANY_COMMAND_H_
#define OTPCORE_SRC_C_ANY_COMMAND_H_

#include <memory>
#include <string>
#include <string_view>

#include "c/json_writer.h"
#include "otpcore/c/otpcore.h"
#include "otpcore/engine/engine.h"

namespace otpcore {

class AnyCommand {
 public:
  // Null for a name that no command has.
  static std::unique_ptr<AnyCommand> Make(std::string_view name);
  virtual ~AnyCommand() = default;

  // Before Begin.
  virtual otpcore_code Set(std::string_view field, std::string_view value) = 0;
  // Makes the operation. OTPCORE_NO_ACTOR: there is none.
  virtual otpcore_code Begin(const CallContext& context) = 0;
  // After Begin.
  virtual Operation& driver() = 0;
  // After Done, once. Appends an object with the fields of the response.
  virtual const ReplyBase& Respond(JsonWriter* json) = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_ANY_COMMAND_H_
