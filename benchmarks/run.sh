#!/usr/bin/env bash
# Measures content-trust against bare floors on this machine and prints one table; what it means stands in docs/performance.md.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TEXT'
usage: run.sh [--quick] [GROUP ...]   every row of the table, or those of some groups: socket, cold, parts, allocations, process
--quick is a smoke run of seconds: it shows that everything works, and its figures mean nothing.
The machine should do nothing else. Takes about ten minutes, and needs the .NET SDK and Debian's notary (the package, for one row).
PROGRAM=PATH measures a program that packaging/build-program.sh made before, instead of building one.
TEXT
}

arguments=()
for argument in "$@"; do
  case $argument in
    -h | --help) usage && exit ;;
    --quick | socket | cold | parts | allocations | process) arguments+=("$argument") ;;
    *) die "unknown argument $argument; see --help" ;;
  esac
done
command -v notary >/dev/null || die 'there is no notary on the PATH; apt install notary'
prepare
machine
"$runner" table "$product" "$floor" "${arguments[@]}"
