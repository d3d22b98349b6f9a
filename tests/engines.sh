#!/usr/bin/env bash
# The engine matrix: the same promises on every engine that the lab knows, each with the real plugin in enforced mode.
#   tests/engines.sh [ENGINE...]             the cases of tests/engines.d
#   tests/engines.sh --commands [ENGINE...]  of those the ordinary commands only
#   tests/engines.sh --gate-commands [ENGINE...]  the ordinary commands directly and through the gate, and whether their outputs are the same
#   tests/engines.sh --lab [ENGINE...]       the whole C# lab suite on each engine
#   tests/engines.sh --signatures [ENGINE...]  of it the tests of signatures: real cosign and notation, and keyless, beside the engine
#   tests/engines.sh --bypass [ENGINE...]    the whole bypass suite on each engine
#   tests/engines.sh --races [ENGINE...]     of it the races, each tried 1 000 times with the plugin on
# Measured on 2 busy cores, roots in the cache: the cases take 1.5 minutes an engine, the signatures 3, the bypass suite 6, the five engines 38 minutes in all.
# That is too long for .ci/run (20 minutes); tests/run.sh runs the bypass suite and the ordinary commands on 20.10, the matrix runs on demand.
# Prints a table engine x case. Last line: "N passed, N failed"; exit code 0 only with 0 failed.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
readonly lab=tests/Lab/lab.sh
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

what=cases
case ${1-} in
  --commands | --gate-commands | --lab | --signatures | --bypass | --races) what=${1#--} && shift ;;
  -*) sed -n '2,11s/^# \?//p' "$0" && exit 2 ;;
esac
if (($# > 0)); then engines=("$@"); else mapfile -t engines < <(bash "$lab" engines); fi
work=$(mktemp -d /tmp/ct-engines.XXXX)
trap 'clean_up' EXIT
trap 'exit 130' INT TERM HUP

declare -A verdict=()
names=() passed=0 failed=0

clean_up() {
  local status=$? dir
  trap - EXIT
  for dir in "$work"/*/lab; do
    [[ -d $dir ]] || continue
    stop_plugin "${dir%/lab}"
    bash "$lab" down "$dir" --purge || true
  done
  if ((status == 0)); then rm -rf -- "$work"; else echo "logs are in $work" >&2; fi
  exit "$status"
}

# note ENGINE CASE VERDICT
note() {
  [[ " ${names[*]-} " == *" $2 "* ]] || names+=("$2")
  verdict[$1/$2]=$3
  if [[ $3 == ok ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# --- the cases of engines.d -------------------------------------------------------------------------------------------------

# Starts the plugin in front of the lab's engine: start_plugin FOLDER
start_plugin() {
  local folder=$1 try
  (
    set -a
    # shellcheck disable=SC1091
    . "$folder/lab/env"
    . tests/engines.d/support.bash
    prepare_images "$folder"
    write_policy "$folder"
    # The plugin must be there before the engine is told to ask it.
    env -i PATH=/usr/bin:/bin HOME=/nonexistent DOTNET_ROOT="${DOTNET_ROOT-}" setsid "$program" serve --socket "$LAB_PLUGIN_DIR/content-trust.sock" \
      --daemon-config "$LAB_DAEMON_JSON" --settings "$folder/settings.json" </dev/null >"$folder/service.log" 2>&1 &
    echo "$!" >"$folder/service.pid"
    for ((try = 0; try < 150; try++)); do
      if [[ -S $LAB_PLUGIN_DIR/content-trust.sock ]]; then break; fi
      sleep 0.2
    done
    bash "$lab" hup "$folder/lab"
  )
}

stop_plugin() {
  local pid
  { read -r pid <"$1/service.pid"; } 2>/dev/null || return 0
  grep -qsF "$1/settings.json" "/proc/$pid/cmdline" || return 0
  kill "$pid" 2>/dev/null || return 0
  timeout 15 tail --pid="$pid" -s 0.1 -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
}

run_cases() {
  local engine=$1 folder=$work/$1${ENGINES_GATE:+-gate} file name status
  mkdir -p "$folder"
  if ! bash "$lab" up "$folder/lab" --engine "$engine" || ! start_plugin "$folder"; then
    note "$engine" up FAILED
    return 0
  fi
  note "$engine" up ok
  echo "== $engine: $(sed -n 's/^LAB_ENGINE_VERSION=//p' "$folder/lab/env")"
  for file in "${cases[@]}"; do
    name=$(basename "$file" .sh)${ENGINES_GATE:+-through-the-gate} status=0
    (
      set -a
      # shellcheck disable=SC1091
      . "$folder/lab/env"
      FOLDER=$folder LAB_SH=$PWD/$lab CASE=$PWD/$file
      if [[ -n ${ENGINES_GATE-} ]]; then LAB_ENGINE_SOCKET=$folder/gate.sock DOCKER_HOST=unix://$folder/gate.sock; fi
      if [[ $what == gate-commands ]]; then OUTPUTS=$work/outputs.$engine.${ENGINES_GATE:-direct}; fi
      set +a
      timeout 300 bash -euo pipefail -c '. tests/engines.d/support.bash; reset; . "$CASE"'
    ) >"$folder/$name.log" 2>&1 || status=$?
    if ((status == 0)); then
      note "$engine" "$name" ok
    else
      note "$engine" "$name" FAILED
      echo "FAILED on $engine: $name: $(tail -n 1 "$folder/$name.log")"
    fi
    grep -E '^(figure: |REFUSED: |FAILED: )' "$folder/$name.log" || true
  done
  stop_plugin "$folder"
  bash "$lab" down "$folder/lab" --purge
}

# Both runs wrote what each command said, without what differs from run to run (ids, numbers, names that docker makes up).
compare_outputs() {
  local command total=0 same=0
  for command in "$work/outputs.$1.direct"/*; do
    total=$((total + 1))
    if cmp -s "$command" "$work/outputs.$1.yes/$(basename "$command")"; then
      same=$((same + 1))
    else
      echo "DIFFERENT: $(head -n 1 "$command")"
      diff "$command" "$work/outputs.$1.yes/$(basename "$command")" | sed 's/^/    /' | head -n 6 || true
    fi
  done
  echo "figure: ordinary commands through the gate: $same of $total say the same as directly (engine $1)"
  if ((same == total)); then note "$1" same-outputs ok; else note "$1" same-outputs "$same/$total"; fi
}

# --- the C# suites ----------------------------------------------------------------------------------------------------------

# The attribute NAME of the results' counters.
counter() {
  grep -o '<Counters [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*' || echo 0
}

run_suite() {
  local engine=$1 project=$2 results=$work/$1.trx total ok
  shift 2
  echo "== $engine: $project $*"
  LAB_ENGINE=$engine dotnet test "tests/$project" --no-build --nologo --logger "trx;LogFileName=$results" --logger 'console;verbosity=minimal' "$@" \
    >"$work/$engine.log" 2>&1 || true
  if [[ ! -s $results ]]; then
    note "$engine" "$project" 'no results'
    return 0
  fi
  total=$(counter "$results" total) ok=$(counter "$results" passed)
  grep -oP '<UnitTestResult [^>]*outcome="Failed"[^>]*>' "$results" | grep -oP 'testName="\K[^"]*' | sed "s/^/FAILED on $engine: /; s/&quot;/\"/g" || true
  grep -hoE 'figure: [^<]*' "$results" | sed 's/&#x[0-9A-F]*;//g' || true
  passed=$((passed + ok)) failed=$((failed + total - ok))
  [[ " ${names[*]-} " == *" $project "* ]] || names+=("$project")
  verdict[$engine/$project]=$ok/$total
}

print_table() {
  local name engine
  printf '\n%-34s' case
  printf '%-18s' "${engines[@]}"
  printf '\n'
  for name in "${names[@]}"; do
    printf '%-34s' "$name"
    for engine in "${engines[@]}"; do
      printf '%-18s' "${verdict[$engine/$name]--}"
    done
    printf '\n'
  done
}

bash "$lab" install engines
case $what in
  cases | commands | gate-commands)
    cases=(tests/engines.d/*.sh)
    if [[ $what != cases ]]; then cases=(tests/engines.d/ordinary-commands.sh); fi
    dotnet build src/AuthzPlugin --nologo -v quiet
    program=$PWD/src/AuthzPlugin/bin/Debug/net10.0/content-trust
    [[ -x $program ]] || { echo "the build made no $program" >&2; exit 1; }
    for engine in "${engines[@]}"; do
      run_cases "$engine"
      if [[ $what == gate-commands ]]; then
        # An engine of its own, so that the second run finds what the first found.
        ENGINES_GATE=yes run_cases "$engine"
        compare_outputs "$engine"
      fi
    done
    ;;
  lab | signatures | bypass | races)
    filter=()
    if [[ $what == races ]]; then
      export BYPASS_TRIES=1000
      what=bypass filter=(--filter 'DisplayName~races')
    elif [[ $what == signatures ]]; then
      # The classes Signatures, NotationSignatures and KeylessSignatures.
      what=lab filter=(--filter 'FullyQualifiedName~Signatures.')
    fi
    project=AuthzPlugin.${what^}.Tests
    dotnet build "tests/$project" --nologo -v quiet
    for engine in "${engines[@]}"; do
      # BuildKit of 20.10 is another one: each engine has the tests that are made for it.
      if [[ $what == bypass || ${#filter[@]} -gt 0 ]]; then
        run_suite "$engine" "$project" "${filter[@]}"
      elif [[ $engine == 20.* ]]; then
        run_suite "$engine" "$project" --filter 'FullyQualifiedName!~GateBuildKit'
      else
        run_suite "$engine" "$project" --filter 'FullyQualifiedName!~GateOldBuildKit'
      fi
    done
    ;;
esac
print_table
echo "$passed passed, $failed failed"
((failed == 0))
