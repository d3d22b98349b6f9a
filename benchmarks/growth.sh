#!/usr/bin/env bash
# Measures how the costs of content-trust grow with tags, pins, repositories, concurrent requests and body size: prints the data as CSV
# and draws it; docs/performance.md shows the picture.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
  cat <<'TEXT'
usage: growth.sh [--quick] [--picture FILE]   CSV on standard output, an SVG in FILE (artifacts/growth.svg)
--quick is a smoke run of a minute: it shows that everything works, and its figures mean nothing.
PROGRAM=PATH takes a program that packaging/build-program.sh made before, instead of building one.
TEXT
}

quick=() picture=$ROOT/artifacts/growth.svg
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit ;;
    --quick)
      quick=(--quick)
      shift
      ;;
    --picture)
      (($# >= 2)) || die '--picture needs a file; see --help'
      picture=$2
      shift 2
      ;;
    *) die "unknown argument $1; see --help" ;;
  esac
done
mkdir -p -- "$(dirname "$picture")"
prepare
machine >&2
"$runner" growth "$product" "$floor" "$picture" "${quick[@]}"
