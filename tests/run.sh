#!/usr/bin/env bash
# Installs what the tests need, builds, checks formatting, runs the unit tests and the lab tests against a real engine.
# Last line: "N passed, N failed" (", N skipped" when a test was skipped; each is named before). Exit code 0 only with 0 failed.
#   tests/run.sh            everything
#   tests/run.sh unit       without the lab (needs no root)
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

failures=0
failure_names=
note_failure() { echo "FAILED: $1"; failures=$((failures + 1)); failure_names+="FAILED: $1"$'\n'; }

if [ "$what" = all ]; then
  echo "== packages"
  bash tests/Lab/lab.sh install engines
fi

echo "== build"
# Locked: what is restored is what the lock files name.
dotnet restore AuthzPlugin.sln --locked-mode
dotnet build AuthzPlugin.sln --no-restore --nologo -v quiet

echo "== formatting"
dotnet format AuthzPlugin.sln --no-restore --verify-no-changes --severity warn || note_failure "formatting (run dotnet format)"
for unit in systemd/*.service systemd/*.socket; do
  # The program is not installed at its place here; everything else of the unit is checked.
  sed 's#^ExecStart=/usr/bin/content-trust#ExecStart=/bin/true#' "$unit" > "$results/$(basename "$unit")"
done
if command -v systemd-analyze > /dev/null; then
  systemd-analyze verify --man=no "$results"/*.service "$results"/*.socket || note_failure "systemd-analyze verify"
fi

# run_project PROJECT [VERBOSITY [NAME FILTER]]: NAME is what the results of a part of a project are called.
run_project() {
  local project=$1 verbosity=${2:-minimal} name=${3:-$1} filter=${4-}
  echo "== $name"
  dotnet test "tests/$project" --no-build --nologo ${filter:+--filter "$filter"} --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --logger "console;verbosity=$verbosity" 2>&1 | tee "$results/$name.log" || true
  # A test process that dies leaves the results of the tests that had ended, and nothing of the others.
  if grep -q 'test run was aborted' "$results/$name.log"; then note_failure "$name was aborted, not all of its tests ran"; fi
}
for project in AuthzPlugin.Trust.Tests AuthzPlugin.Enforcement.Tests AuthzPlugin.Gate.Tests AuthzPlugin.Tests AuthzPlugin.Proof.Tests; do
  run_project "$project"
done
if [ "$what" = all ]; then
  run_project AuthzPlugin.Differential.Tests
  run_project AuthzPlugin.Lab.Tests normal AuthzPlugin.Lab.Tests 'FullyQualifiedName!~GateFigures&FullyQualifiedName!~GateBuildKit'
  # What the gate costs is a figure of the program that is shipped, trimmed and compiled ahead.
  if bash packaging/build-program.sh --out "$results/program"; then
    LAB_CONTENT_TRUST="$results/program/content-trust" run_project AuthzPlugin.Lab.Tests normal GateFigures FullyQualifiedName~GateFigures
  else
    note_failure "packaging/build-program.sh"
  fi
  # Source policies, which the gate's BuildKit part rests on, are in newer engines only; trixie stands still, forky does not (tests/engines.sh --lab 28.5).
  LAB_ENGINE=26.1 run_project AuthzPlugin.Lab.Tests normal BuildKit-26.1 FullyQualifiedName~GateBuildKit
  run_project AuthzPlugin.Bypass.Tests
  echo "== ordinary commands"
  commands=0
  bash tests/engines.sh --gate-commands 20.10 > "$results/commands.log" 2>&1 || commands=$?
  if [ "$commands" -ne 0 ]; then
    tail -n 40 "$results/commands.log"
    note_failure "ordinary commands on engine 20.10"
  fi
  echo "== packages, installed"
  bash tests/packaging.sh 2>&1 | tee "$results/packaging.log" || true
fi

passed=0
# The ordinary commands are one test.
if [ "${commands-1}" -eq 0 ]; then passed=1; fi
failed=$failures
skipped=0
expected=("AuthzPlugin.Trust.Tests" "AuthzPlugin.Enforcement.Tests" "AuthzPlugin.Gate.Tests" "AuthzPlugin.Tests" "AuthzPlugin.Proof.Tests")
if [ "$what" = all ]; then expected+=("AuthzPlugin.Differential.Tests" "AuthzPlugin.Lab.Tests" "GateFigures" "BuildKit-26.1" "AuthzPlugin.Bypass.Tests"); fi
count() { grep -o " $2=\"[0-9]*\"" "$1" | head -n 1 | grep -o '[0-9]*' || echo 0; }
for project in "${expected[@]}"; do
  trx="$results/$project.trx"
  if [ ! -s "$trx" ]; then
    echo "FAILED: $project left no results"
    failed=$((failed + 1))
    continue
  fi
  counters=$(mktemp -p "$results")
  grep -o '<Counters [^>]*>' "$trx" > "$counters"
  total=$(count "$counters" total)
  ok=$(count "$counters" passed)
  executed=$(count "$counters" executed)
  passed=$((passed + ok))
  failed=$((failed + executed - ok))
  skipped=$((skipped + total - executed))
  if [ "$total" -eq 0 ]; then
    echo "FAILED: $project ran no test"
    failed=$((failed + 1))
  fi
  grep -o '<UnitTestResult [^>]*outcome="NotExecuted"[^>]*>' "$trx" | grep -o 'testName="[^"]*"' | sed 's/^testName=/SKIPPED: /' || true
done

# The cases of packaging.sh are named in its output.
if [ "$what" = all ]; then
  log="$results/packaging.log"
  ok=$(grep -c '^passed: ' "$log" || true)
  passed=$((passed + ok))
  failed=$((failed + $(grep -c '^FAILED: ' "$log" || true)))
  skipped=$((skipped + $(grep -c '^SKIPPED: ' "$log" || true)))
  # Its last line comes only when it went through to the end.
  if ! tail -n 1 "$log" | grep -q "^$ok passed, "; then
    echo "FAILED: packaging.sh did not end"
    failed=$((failed + 1))
  fi
fi

# What tests measured: lines covered, repositories compared, mutations, kills, memory, fuzz inputs, attacks, ordinary commands.
echo "== figures"
{ grep -hoE 'figure: [^<]*' "$results"/*.trx; grep -h '^figure: ' "$results/commands.log" "$results/packaging.log"; } 2> /dev/null | sed -e 's/^figure: //' -e 's/&gt;/>/g' -e 's/&lt;/</g' -e 's/&amp;/\&/g' -e 's/&#x[0-9A-F]*;//g' || true

# Once more at the end, with what they said: whoever sees only the last lines of a long run must see what failed.
if [ "$failed" -gt 0 ]; then
  echo "== failed"
  for log in "$results"/*.log; do
    grep -hE -A 12 '^ +Failed [A-Za-z]+\.' "$log" | cut -c1-400 | sed "s#^#$(basename "$log" .log): #" || true
    grep -hE '^FAILED: ' "$log" || true
  done
  if [ -n "$failure_names" ]; then printf '%s' "$failure_names"; fi
fi

summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then summary="$summary, $skipped skipped"; fi
echo "$summary"
[ "$failed" -eq 0 ]
