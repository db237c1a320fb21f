-- One tools/call per request. TOOL: its name. ERA: legacy or modern. SESSION: the session id of a Legacy server.
local tool, era, session = os.getenv("TOOL"), os.getenv("ERA"), os.getenv("SESSION")
local meta = ""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
if era == "modern" then
  local p = "io.modelcontextprotocol/"
  meta = ',"_meta":{"' .. p .. 'protocolVersion":"2026-07-28","' .. p .. 'clientInfo":{"name":"wrk","version":"1"},"' .. p .. 'clientCapabilities":{}}'
  wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
  wrk.headers["Mcp-Method"] = "tools/call"
  wrk.headers["Mcp-Name"] = tool
else
  wrk.headers["MCP-Protocol-Version"] = "2025-11-25"
  if session ~= "" then wrk.headers["Mcp-Session-Id"] = session end
end
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"' .. tool .. '","arguments":{"message":"hello world"}' .. meta .. '}}'

done = function(summary, latency, requests)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  print(string.format("RESULT %d %.1f %.3f %.3f %d", summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
