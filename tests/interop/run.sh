#!/usr/bin/env bash
# Runs vmcp against foreign MCP programs; needs npm, the .NET SDK and artifacts/vmcp (make build), or VMCP naming another one.
# Arguments choose suites by a word of their name.
set -euo pipefail
cd "$(dirname "$0")"

bash install.sh
dotnet build ../Vmcp.Fixture --nologo --verbosity quiet

# The suite needs node 22; it comes from npm, so that any npm will do.
exec node_modules/.bin/node run.mjs "$@"
