-- Asks Gatelodge about a request, and lets the request pass, or answers with Gatelodge's refusal. For HAProxy 2.6 or later.
--
--   http-request lua.gatelodge http://127.0.0.1:8000/forward-auth
--   http-request lua.gatelodge_cookies

-- How long an answer may take, in milliseconds. Gatelodge answers within 5 seconds, also when its database is gone.
-- HAProxy asks up to four times.
local TIMEOUT = 6000

-- The request headers that Gatelodge needs. The body stays here, so the question is a GET.
local ASKED = {
  "accept", "access-control-request-method", "cookie", "host", "origin", "sec-fetch-mode", "sec-fetch-site", "user-agent",
  "x-forwarded-for", "x-forwarded-host", "x-forwarded-method", "x-forwarded-proto", "x-forwarded-uri", "x-request-id",
}

-- The headers of a 200 that the application gets.
local IDENTITY = { "authorization", "remote-user", "gatelodge-user-id", "gatelodge-session-id", "gatelodge-roles" }

-- Headers of an answer that belong to its connection.
local HOP_BY_HOP = { ["connection"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true, ["content-length"] = true }

-- The refusals that reach the browser as they are.
local REFUSALS = { [303] = true, [401] = true, [403] = true, [503] = true }

-- Answers 503 where Gatelodge cannot be asked, or answers what it never should: nothing passes then.
local function unavailable(txn)
  local reply = txn:reply({ status = 503 })
  reply:add_header("content-type", "application/json")
  reply:add_header("cache-control", "no-store")
  reply:add_header("retry-after", "5")
  reply:set_body('{"errors":[{"message":"The service is unavailable, try again in a moment","extensions":{"code":"SERVICE_UNAVAILABLE"}}]}')
  txn:done(reply)
end

local function refuse(txn, answer)
  local reply = txn:reply({ status = answer.status })
  for name, values in pairs(answer.headers) do
    if not HOP_BY_HOP[name] then
      for _, value in pairs(values) do reply:add_header(name, value) end
    end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end

-- Returns whether an answer is Gatelodge's. HAProxy makes a 503 or 504 of its own, with a page, if there is none.
local function is_json(answer)
  local content_type = answer.headers["content-type"]
  return content_type and content_type[0]:find("json", 1, true)
end

core.register_action("gatelodge", { "http-req" }, function(txn, url)
  local sent, headers = txn.http:req_get_headers(), {}
  for _, name in ipairs(ASKED) do
    if sent[name] then
      headers[name] = {}
      for _, value in pairs(sent[name]) do table.insert(headers[name], value) end
    end
  end
  -- Says that the request opens a WebSocket. Other sites may not. Over HTTP/2, the handshake itself has no key.
  if sent["sec-websocket-key"] or sent["upgrade"] then headers["sec-websocket-key"] = { "any" } end
  local asked, answer = pcall(function() return core.httpclient():get({ url = url, headers = headers, timeout = TIMEOUT }) end)
  if asked and answer and answer.status == 200 then
    for _, name in ipairs(IDENTITY) do
      txn.http:req_del_header(name)
      if answer.headers[name] then txn.http:req_set_header(name, answer.headers[name][0]) end
    end
  elseif asked and answer and REFUSALS[answer.status] and (answer.status == 303 or is_json(answer)) then
    refuse(txn, answer)
  else
    unavailable(txn)
  end
end, 1)

core.register_action("gatelodge_cookies", { "http-req" }, function(txn)
  local kept = {}
  for _, line in pairs(txn.http:req_get_headers()["cookie"] or {}) do
    for cookie in line:gmatch("[^;]+") do
      cookie = cookie:match("^%s*(.-)%s*$")
      local name = cookie:match("^[^=%s]*"):gsub("^__Host%-", "")
      if name ~= "gatelodge" and name ~= "gatelodge-device" then table.insert(kept, cookie) end
    end
  end
  txn.http:req_del_header("cookie")
  if #kept > 0 then txn.http:req_set_header("cookie", table.concat(kept, "; ")) end
end)
