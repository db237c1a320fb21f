#!/bin/sh
# Starts the vmcp that `make build` left in cli/ beside this file, from whatever folder and through links.
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
# exec: signals and the exit code are the program's own.
exec dotnet "$here/cli/vmcp.dll" "$@"
