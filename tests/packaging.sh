#!/bin/bash
# Builds the packages, installs, upgrades and removes them in a Debian 12 of its own, once by chroot and once under real systemd.
# Prints "passed: …", "FAILED: …" and "SKIPPED: …" for every case; the last line is "N passed, N failed"; exit code 0 only with 0 failed.
# shellcheck source-path=SCRIPTDIR
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. tests/packaging/system.sh
. tests/packaging/texts.sh
. tests/packaging/building.sh
. tests/packaging/metrics.sh
. tests/packaging/installing.sh
. tests/packaging/road.sh
. tests/packaging/gate.sh
((EUID == 0)) || { echo 'packaging.sh: this installs packages in a folder and needs root; try sudo tests/packaging.sh' >&2; exit 1; }

work=$(mktemp -d /tmp/content-trust-packaging.XXXXXX)
passed=0 failed=0 skipped=0
trap 'system_halt; rm -rf --one-file-system -- "$work"' EXIT
trap 'exit 130' INT TERM HUP

# A case is a function that ends with 0, or says on its last line why not; 77 means that it cannot be tried here.
check() {
  local name=${1//_/ } status
  # Not in a condition: set -e would not count in it.
  (set -e; "$1") >"$work/case.log" 2>&1
  status=$?
  grep '^figure: ' "$work/case.log"
  case $status in
    0) passed=$((passed + 1)) && echo "passed: $name" ;;
    77) skipped=$((skipped + 1)) && echo "SKIPPED: $name: $(tail -n 1 "$work/case.log")" ;;
    *)
      failed=$((failed + 1))
      echo "FAILED: $name"
      tail -n 15 "$work/case.log" | sed 's/^/    /'
      ;;
  esac
}

# says TEXT FILE: the file must contain it.
says() { grep -qF -- "$1" "$2" || { cat "$2"; echo "should say: $1"; return 1; }; }
says_not() { if grep -qF -- "$1" "$2"; then cat "$2"; echo "should not say: $1"; return 1; fi; }
same() { [[ $1 == "$2" ]] || { echo "$3: expected '$1', got '$2'"; return 1; }; }
gone() {
  local path
  for path in "$@"; do
    [[ ! -e $path && ! -L $path ]] || { echo "$path is still there"; return 1; }
  done
}

building_cases
texts_cases
metrics_cases
installing_cases
system_halt
road_cases
summary="$passed passed, $failed failed"
((skipped == 0)) || summary="$summary, $skipped skipped"
echo "$summary"
((failed == 0))
