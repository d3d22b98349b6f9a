#!/bin/bash
# Shows what content-trust does, on a real engine, a real registry and a real Notary server that it starts for this purpose
# in a temporary folder. Every step is checked; the exit code is 0 only when all went as told.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly here lab=$here/tests/Lab/lab.sh

usage() {
  cat <<'TEXT'
usage: quickstart.sh                 show everything, then clean up
       quickstart.sh --keep          show everything and leave it running, to try things out
       quickstart.sh --stop FOLDER   stop what --keep left running, and remove it
Needs root, Debian 12, the .NET SDK and this repository. An engine of your own is not touched.
TEXT
}

# --- telling -------------------------------------------------------------------------------------------------------------

bold='' green='' red='' plain=''
if [[ -t 1 ]]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; fi

number=0 title=''
step() {
  number=$((number + 1)) title=$1
  printf '\n%s%d. %s%s\n' "$bold" "$number" "$title" "$plain"
}

say() { printf '%s\n' "$@"; }

went_well() { printf '%s   as it should be: %s%s\n' "$green" "$*" "$plain"; }

fail() {
  printf '%squickstart: step %d (%s) did not go as told: %s%s\n' "$red" "$number" "$title" "$*" "$plain" >&2
  exit 1
}

# Shows a docker command, runs it, shows the answer. Sets answer and status.
show() {
  printf '%s   $ docker %s%s\n' "$bold" "$*" "$plain"
  status=0
  answer=$(timeout 120 "$LAB_DOCKER" "$@" 2>&1 </dev/null) || status=$?
  # Without the progress of layers and the hints of the command line tool.
  grep -v -e "^See 'docker run --help'" -e '^$' -e ': Pulling fs layer$' -e ': Verifying Checksum$' -e ': Download complete$' <<<"$answer" | indent || true
}

indent() { while IFS= read -r line; do printf '     %s\n' "$line"; done; }

# allowed TEXT COMMAND...: the engine must do it, and the answer must hold TEXT.
allowed() {
  local text=$1
  shift
  show "$@"
  ((status == 0)) || fail "the engine should have done this"
  [[ $answer == *"$text"* ]] || fail "the answer should say: $text"
}

# refused TEXT... -- COMMAND...: the plugin must refuse it, and say every TEXT.
refused() {
  local texts=('authorization denied by plugin content-trust') text
  while [[ $1 != -- ]]; do
    texts+=("$1")
    shift
  done
  shift
  show "$@"
  ((status != 0)) || fail "the engine should have refused this"
  for text in "${texts[@]}"; do
    [[ $answer == *"$text"* ]] || fail "the answer should say: $text"
  done
}

# --- starting and cleaning up ----------------------------------------------------------------------------------------------

# Ends the service, if the number still belongs to the one of this folder.
stop_service() {
  local pid
  { read -r pid <"$1/service.pid"; } 2>/dev/null || return 0
  grep -qsF "$1/settings.json" "/proc/$pid/cmdline" || return 0
  kill "$pid" 2>/dev/null || return 0
  timeout 15 tail --pid="$pid" -s 0.1 -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
}

remove_folder() {
  [[ -f $1/content-trust-quickstart ]] || { echo "quickstart: $1 is not a folder of quickstart.sh" >&2; return 1; }
  stop_service "$1"
  "$lab" down "$1/lab" --purge
  rm -rf --one-file-system -- "$1"
}

clean_up() {
  local status=$?
  trap - EXIT
  if [[ -z ${folder-} ]]; then
    exit "$status"
  elif ((status == 0)) && [[ -n $keep ]]; then
    tell_how_to_use
  elif ((status == 0)); then
    remove_folder "$folder"
    say '' "${bold}All went as told. The lab is stopped and its folder removed.$plain"
  else
    stop_service "$folder" || true
    "$lab" down "$folder/lab" || true
    echo "quickstart: stopped everything; the logs are in $folder (service.log, audit.log, build.log, lab/log)" >&2
  fi
  exit "$status"
}

tell_how_to_use() {
  say '' "${bold}All went as told, and it is still running.$plain" \
    "Try it out in a shell of its own:" \
    "   set -a; . $folder/lab/env; set +a" \
    "   $LAB_DOCKER pull $app:1" \
    "   $lab image $folder/lab $app:9 'my own image'; $lab sign $folder/lab $app:9" \
    "Policy: $LAB_DAEMON_JSON   audit log: $folder/audit.log   service log: $folder/service.log" \
    "Stop it and remove everything:" \
    "   $here/packaging/quickstart.sh --stop $folder"
}

build() {
  # Everything that a build makes goes into the folder, and no build server stays behind.
  DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet publish "$here/src/AuthzPlugin/AuthzPlugin.csproj" -c Release \
    -o "$folder/bin" --artifacts-path "$folder/build" --disable-build-servers >"$folder/build.log" 2>&1 ||
    fail "the build failed; see $folder/build.log"
  [[ -x $folder/bin/content-trust ]] || fail "the build made no content-trust; see $folder/build.log"
}

write_policy() {
  cat >"$LAB_DAEMON_JSON" <<TEXT
{
  "bridge": "none",
  "iptables": false,
  "authorization-plugins": ["content-trust"],
  "builder": {
    "content-trust": {
      "mode": "enforced",
      "trust-pinning": { "root-keys": { "$LAB_REGISTRY/demo/*": ["$1"] } },
      "trust-servers": { "$LAB_REGISTRY": "$LAB_NOTARY" }
    }
  }
}
TEXT
}

# Everything that the service would otherwise look for on this machine is in the folder.
write_settings() {
  cat >"$folder/settings.json" <<TEXT
{
  "engine-socket": "$LAB_ENGINE_SOCKET",
  "admin-socket": "$folder/admin.sock",
  "policy-file": "$folder/no-policy-here.json",
  "certs-dir": "$LAB_CERTS_D",
  "state-dir": "$folder/state",
  "audit-file": "$folder/audit.log",
  "credentials-file": "$LAB_CREDENTIALS"
}
TEXT
}

start_service() {
  local socket=$LAB_PLUGIN_DIR/content-trust.sock try
  setsid "$folder/bin/content-trust" serve --socket "$socket" --daemon-config "$LAB_DAEMON_JSON" --settings "$folder/settings.json" \
    </dev/null >"$folder/service.log" 2>&1 &
  echo "$!" >"$folder/service.pid"
  for ((try = 0; try < 150; try++)); do
    if [[ -S $socket ]]; then return 0; fi
    kill -0 "$!" 2>/dev/null || break
    sleep 0.2
  done
  fail "the service did not open its socket; see $folder/service.log"
}

# The audit log is one JSON object per line. perl is on every Debian machine; jq is not.
print_audit() {
  perl -ne '
    sub field { my ($value) = /"$_[0]":"((?:[^"\\]|\\.)*)"/; $value // "" }
    next unless field("image");
    my $what = field("uri"); $what =~ s/\?.*//; $what =~ s{^/v[\d.]+/}{}; $what =~ s{[0-9a-f]{52}(?=[0-9a-f]{0,12}(/|$))}{...}g;
    printf "   %-12s %-8s %-5s %-8s %-20s %-28s %s\n", substr(field("time"), 11, 12), field("phase"), field("answer"), field("outcome"),
      field("reason"), $what, field("image")' "$folder/audit.log"
}

# --- the story -------------------------------------------------------------------------------------------------------------

prepare() {
  step 'Install what is missing'
  say 'Debian packages: engine, registry, Notary. What is there stays as it is, and no service is started.'
  "$lab" install || fail 'see the line above'

  step 'Build content-trust'
  build

  step 'Start an engine, a registry and a Notary server of their own'
  say 'They listen on this machine only and live in one folder; an engine of yours is not touched.'
  "$lab" up "$folder/lab" || fail 'see the line above'
  set -a
  # shellcheck disable=SC1091
  . "$folder/lab/env"
  set +a
  app=$LAB_REGISTRY/demo/app
  say "engine $("$LAB_DOCKER" version --format '{{.Server.Version}}'), registry $LAB_REGISTRY, Notary server $LAB_NOTARY"

  step 'Publish three tags with the docker command line tool'
  make_image "$app:1" 'hello, I am signed'
  signed=$("$lab" sign "$folder/lab" "$app:1") || fail "$app:1 cannot be signed"
  make_image "$app:2" 'hello, nobody signed me'
  unsigned=$("$lab" push "$folder/lab" "$app:2") || fail "$app:2 cannot be pushed"
  make_image "$app:3" 'hello, I was signed in time'
  signed_before=$("$lab" sign "$folder/lab" "$app:3") || fail "$app:3 cannot be signed"
  make_image "$app:3" 'hello, I came later'
  moved=$("$lab" push "$folder/lab" "$app:3") || fail "$app:3 cannot be pushed"
  make_image homemade:1 'hello, I was never published'
  say "$app:1  signed:    $signed" "$app:2  unsigned:  $unsigned" "$app:3  signed as: $signed_before" \
    "       and then overwritten in the registry by: $moved"
  "$LAB_DOCKER" image rm "$app:1" "$app:2" "$app:3" >/dev/null || fail 'the local copies cannot be removed'

  step 'Switch content trust on'
  root_key=$("$lab" root-key-id "$folder/lab" "$app") || fail 'there is no root key'
  write_policy "$root_key"
  say "The policy goes into the engine's daemon.json. It pins the publisher's root key:"
  indent <"$LAB_DAEMON_JSON"
  write_settings
  start_service
  "$lab" hup "$folder/lab" || fail 'see the line above'
  # `docker info` lists plugins as of the engine's start, so only an answer shows that the engine and the service talk.
  allowed '' version --format '{{.Server.Version}}'
  went_well 'the engine now asks content-trust before it does anything'
}

make_image() {
  "$lab" image "$folder/lab" "$1" "$2" >/dev/null || fail "the image $1 cannot be made"
}

tell() {
  step 'A signed image is pulled and runs'
  allowed "$signed" pull "$app:1"
  allowed 'hello, I am signed' run --rm --network none "$app:1"
  went_well 'signed by the pinned key, and the engine has exactly that content'

  step 'An unsigned image is refused'
  refused "$app:2" 'is not signed' -- pull "$app:2"
  refused "$app:2" 'is not signed' -- run --rm --network none "$app:2"
  went_well 'the answer says why'

  step 'A tag that was moved after it was signed is refused'
  say 'Somebody with write access to the registry has put other content under a signed tag.'
  refused "$app:3" "$signed_before" "$moved" -- pull "$app:3"
  went_well 'the answer names both digests, the signed one and the one that the registry serves now'
  say 'What was signed can still be had:'
  allowed "$signed_before" pull "$app@$signed_before"
  allowed 'hello, I was signed in time' run --rm --network none "$app@$signed_before"

  step 'An unsigned image under the name of a signed one is refused'
  say 'Anyone who may use the engine can give any image any name.'
  allowed '' tag homemade:1 "$app:1"
  refused "$app:1" 'signed' -- run --rm --network none "$app:1"
  went_well 'what counts is the content, not the name; a pull puts the name right'
  allowed "$signed" pull "$app:1"
  allowed 'hello, I am signed' run --rm --network none "$app:1"

  step 'What the audit log says'
  [[ -s $folder/audit.log ]] || fail "there is no audit log in $folder"
  print_audit
  grep -q '"answer":"allow","outcome":"trusted"' "$folder/audit.log" || fail 'it has no trusted image'
  [[ $(grep -c '"answer":"deny","outcome":"refused"' "$folder/audit.log") -ge 4 ]] || fail 'it should have the four refusals'
  went_well 'every decision is there, with its reason'
}

keep=''
case ${1-} in
  '') ;;
  --keep) keep=yes ;;
  --stop)
    (($# == 2)) || { usage >&2; exit 2; }
    remove_folder "$(realpath -m -- "$2")"
    exit
    ;;
  -h | --help) usage && exit ;;
  *) usage >&2 && exit 2 ;;
esac
((EUID == 0)) || { echo 'quickstart: this starts an engine and needs root; try sudo packaging/quickstart.sh' >&2; exit 1; }
# shellcheck disable=SC2016
command -v dotnet >/dev/null ||
  { echo 'quickstart: there is no dotnet on the PATH; install the .NET SDK, or with sudo: sudo env PATH="$PATH" packaging/quickstart.sh' >&2; exit 1; }
# What is set for an engine of the user's must not count here.
unset "${!DOCKER_@}" "${!CONTENT_TRUST_@}"
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
folder=$(mktemp -d /tmp/content-trust-quickstart.XXXXXX)
touch "$folder/content-trust-quickstart"
prepare
tell
