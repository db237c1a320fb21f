-- One tools/call per request. TOOL: its name. ERA: legacy or modern. SESSIONS: session ids of a Legacy server, with commas; used in turn.
-- BODY: length of the message in bytes. AUTH: the Authorization header, if any.
local tool, era = os.getenv("TOOL"), os.getenv("ERA")
local text = string.rep("x", tonumber(os.getenv("BODY") or "") or 11)
local meta = ""
local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json, text/event-stream" }
if (os.getenv("AUTH") or "") ~= "" then headers["Authorization"] = os.getenv("AUTH") end
if era == "modern" then
  local p = "io.modelcontextprotocol/"
  meta = ',"_meta":{"' .. p .. 'protocolVersion":"2026-07-28","' .. p .. 'clientInfo":{"name":"wrk","version":"1"},"' .. p .. 'clientCapabilities":{}}'
  headers["MCP-Protocol-Version"] = "2026-07-28"
  headers["Mcp-Method"] = "tools/call"
  headers["Mcp-Name"] = tool
else
  headers["MCP-Protocol-Version"] = "2025-11-25"
end
local body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"' .. tool .. '","arguments":{"message":"' .. text .. '"}' .. meta .. '}}'

local requests, at = {}, 0
function init()
  for session in string.gmatch((os.getenv("SESSIONS") or "") .. ",", "([^,]*),") do
    if session ~= "" then headers["Mcp-Session-Id"] = session end
    requests[#requests + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local e = summary.errors
  print(string.format("RESULT %d %.1f %.4f %.4f %d", summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
