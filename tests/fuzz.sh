#!/usr/bin/env bash
# Feeds random inputs to every parser of untrusted data for SECONDS: metadata, canonical JSON, references, engine requests, AuthZ messages,
# policies, cache files, token answers. Prints its seed, the inputs tried and the failures; a failing input is written to the present folder.
#   tests/fuzz.sh SECONDS [SEED]     exit code 0 only without failures
set -euo pipefail
[ $# -ge 1 ] && [ $# -le 2 ] || { echo "usage: tests/fuzz.sh SECONDS [SEED]" >&2; exit 64; }
project=$(dirname "$0")/AuthzPlugin.Proof
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$project" -c Release -v quiet > /dev/null || { dotnet build "$project" -c Release -v quiet; exit 70; }
exec dotnet "$project/bin/Release/net10.0/AuthzPlugin.Proof.dll" fuzz "$@"
