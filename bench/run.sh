#!/usr/bin/env bash
# Measures tools/call through the gateway against the same call without it, in one run on one machine.
# Numbers of different machines do not compare; the ratios do. Takes about two minutes. SECONDS_EACH=2 makes it shorter.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v wrk > /dev/null || { echo "wrk is missing; it is the Debian package wrk: apt-get install wrk" >&2; exit 1; }
[ -f artifacts/cli/vmcp.dll ] || dotnet publish src/Vmcp.Cli -c Release -o artifacts/cli --nologo --verbosity quiet
dotnet build bench/Vmcp.Bench -c Release --nologo --verbosity quiet
echo_server=bench/Vmcp.Bench/bin/Release/net10.0/Vmcp.Bench.dll
each=${SECONDS_EACH:-5}
out=artifacts/bench
mkdir -p "$out"

pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true' EXIT
base=${BENCH_PORT:-18800}
start() { # name, command...
  "${@:2}" > "$out/$1.log" 2>&1 &
  pids+=($!)
  last=$!
}
ready() { for _ in $(seq 100); do curl -s -o /dev/null "$1" && return; sleep 0.1; done; echo "$1 does not answer; see $out" >&2; exit 1; }

start legacy dotnet "$echo_server" legacy $((base + 1))
start legacy-sse dotnet "$echo_server" legacy-sse $((base + 2))
start modern dotnet "$echo_server" modern $((base + 3))
for n in 1 2 3; do ready "http://127.0.0.1:$((base + n))/mcp"; done
start gateway dotnet artifacts/cli/vmcp.dll serve --port "$base" --backend "legacy=http://127.0.0.1:$((base + 1))/mcp" \
  --backend "events=http://127.0.0.1:$((base + 2))/mcp" --backend "modern=http://127.0.0.1:$((base + 3))/mcp"
gateway=$last
ready "http://127.0.0.1:$base/readyz"

session() { # url -> session id
  local init='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"wrk","version":"1"}}}'
  local id
  id=$(curl -s -D - -o /dev/null -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -d "$init" "$1" \
    | tr -d '\r' | awk -F': ' 'tolower($1) == "mcp-session-id" { print $2 }')
  curl -s -o /dev/null -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -H "Mcp-Session-Id: $id" \
    -d '{"jsonrpc":"2.0","method":"notifications/initialized"}' "$1"
  echo "$id"
}
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$gateway/stat"; }
rss_mb() { awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$gateway/status"; }

rows=()
run() { # label, via, era, tool, url, clients
  local before ticks result
  export TOOL=$4 ERA=$3 SESSION=""
  [ "$3" = legacy ] && SESSION=$(session "$5")
  wrk -t1 -c"$6" -d"${warm}s" -s bench/call.lua "$5" > /dev/null
  before=$(cpu_ticks)
  result=$(wrk -t1 -c"$6" -d"${each}s" --timeout 10s -s bench/call.lua "$5" | awk '/^RESULT/ { print $2, $3, $4, $5, $6 }')
  ticks=$(($(cpu_ticks) - before))
  rows+=("$1|$2|$6|$result $ticks $(rss_mb)")
}

# Compiled code comes in tiers: the first round makes the hot paths hot, the second is at its speed after a second.
warm=3
for clients in 16 1; do
  run "Legacy, JSON" direct legacy echo "http://127.0.0.1:$((base + 1))/mcp" $clients
  run "Legacy, JSON" gateway legacy legacy_echo "http://127.0.0.1:$base/mcp" $clients
  run "Legacy, events" direct legacy echo "http://127.0.0.1:$((base + 2))/mcp" $clients
  run "Legacy, events" gateway legacy events_echo "http://127.0.0.1:$base/mcp" $clients
  run "Modern" direct modern echo "http://127.0.0.1:$((base + 3))/mcp" $clients
  run "Modern" gateway modern modern_echo "http://127.0.0.1:$base/mcp" $clients
  run "Legacy to Modern" gateway legacy modern_echo "http://127.0.0.1:$base/mcp" $clients
  run "Modern to Legacy" gateway modern legacy_echo "http://127.0.0.1:$base/mcp" $clients
  warm=1
done

printf '%s\n' "${rows[@]}" | awk -F'|' -v json="$out/result.json" -v hz="$(getconf CLK_TCK)" '
  BEGIN { printf "%-17s %-8s %7s %10s %8s %8s %9s %7s %7s %7s\n", "call", "via", "clients", "req/s", "p50 ms", "p99 ms", "CPU us", "RSS MB", "ratio", "errors" }
  { split($4, v, " ")
    if ($2 == "direct") direct[$1] = v[2]
    cpu = $2 == "gateway" && v[1] > 0 ? sprintf("%.1f", v[6] / hz * 1e6 / v[1]) : "-"
    ratio = $2 == "gateway" && ($1 in direct) ? sprintf("%.2f", v[2] / direct[$1]) : "-"
    printf "%-17s %-8s %7d %10.0f %8.3f %8.3f %9s %7s %7s %7d\n", $1, $2, $3, v[2], v[3], v[4], cpu, $2 == "gateway" ? v[7] : "-", ratio, v[5]
    line = sprintf("{\"call\":\"%s\",\"via\":\"%s\",\"clients\":%d,\"requestsPerSecond\":%s,\"p50Ms\":%s,\"p99Ms\":%s,\"errors\":%d,\"gatewayCpuMicroseconds\":%s,\"gatewayRssMb\":%s,\"ratioToDirect\":%s}",
      $1, $2, $3, v[2], v[3], v[4], v[5], cpu == "-" ? "null" : cpu, $2 == "gateway" ? v[7] : "null", ratio == "-" ? "null" : ratio)
    lines = lines (NR > 1 ? ",\n  " : "") line }
  END { print "[\n  " lines "\n]" > json }'
echo "written: $out/result.json"
