#!/usr/bin/env bash
# Puts content-trust under a mixed load for some minutes, with reloads, rotated keys and a trust server that goes away and comes back,
# and records memory, handles, threads and latency; what to look at stands in docs/performance.md.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TEXT'
usage: soak.sh MINUTES [--out DIR]   writes DIR/soak.csv and DIR/soak.svg (DIR: artifacts), and prints a summary
PROGRAM=PATH takes a program that packaging/build-program.sh made before, instead of building one.
TEXT
}

minutes='' out=$ROOT/artifacts
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit ;;
    --out)
      (($# >= 2)) || die '--out needs a folder; see --help'
      out=$2
      shift 2
      ;;
    *)
      [[ -z $minutes && $1 =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "unknown argument $1; see --help"
      minutes=$1
      shift
      ;;
  esac
done
[[ -n $minutes ]] || die 'how many minutes? see --help'
mkdir -p -- "$out"
out=$(cd "$out" && pwd)
prepare
machine
"$runner" soak "$product" "$floor" "$minutes" "$out"
echo "$out/soak.csv and $out/soak.svg are written"
