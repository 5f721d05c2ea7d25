-- SPDX-License-Identifier: Apache-2.0
-- Requests read from a file, one "METHOD PATH BODY" a line, again and again: wrk … -- FILE TOKEN
local requests, at = {}, 0

function init(args)
  local headers = { ["Authorization"] = args[2], ["Content-Type"] = "application/json" }
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
