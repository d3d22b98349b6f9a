#!/bin/bash
# Proves that the lab works, with no plugin in it. usage: selftest.sh DIR (a new folder; it is removed when all went well)
set -euo pipefail
shopt -s inherit_errexit

(($# == 1)) || { echo 'usage: selftest.sh DIR' >&2; exit 2; }
dir=$1
lab=$(dirname "${BASH_SOURCE[0]}")/lab.sh

step() { printf 'selftest: %3d s: %s\n' "$SECONDS" "$*"; }
fail() {
  printf 'selftest: FAILED: %s; logs are in %s/log\n' "$*" "$dir" >&2
  exit 1
}
same() { [[ $1 == "$2" ]] || fail "$3: expected '$1', got '$2'"; }
differ() { [[ $1 != "$2" ]] || fail "$3: both are '$1'"; }

# refused TEXT COMMAND...: the command must fail, say TEXT, and say it in one line.
refused() {
  local text=$1 output
  shift
  if output=$("$@" 2>&1); then fail "this should not work: $*"; fi
  [[ $output == *"$text"* && $output != *$'\n'* ]] || fail "$* said: $output"
}

docker() { "$LAB_DOCKER" "$@"; }
run() { docker run --rm --network none "$@"; }
repo_digest() { docker image inspect --format '{{index .RepoDigests 0}}' "$1" | cut -d@ -f2; }

trap '"$lab" down "$dir"' EXIT

step up
started=$EPOCHREALTIME
"$lab" up "$dir"
step "up took $(((${EPOCHREALTIME/./} - ${started/./}) / 1000)) ms"
# What the caller has set for another engine, DOCKER_CONTENT_TRUST above all, must not count here.
unset "${!DOCKER_@}"
set -a
# shellcheck disable=SC1091
. "$dir/env"
set +a
app=$LAB_REGISTRY/demo/app
same "unix://$LAB_DIR/docker.sock" "$DOCKER_HOST" 'DOCKER_HOST'
refused 'already up' "$lab" up "$dir"
ports=$(printf '%s\n' "$LAB_REGISTRY" "$LAB_LOGIN_REGISTRY" "${LAB_NOTARY#https://}" "localhost:$LAB_NOTARY_SERVER_PORT" | sort -u | wc -l)
same 4 "$ports" 'different ports'

step 'images differ by their text, and run'
first=$("$lab" image "$dir" "$app:1" 'the first text')
# shellcheck disable=SC2016
second_text='a "second" $text'
second=$("$lab" image "$dir" "$app:2" "$second_text")
differ "$first" "$second" 'image ids'
same 'the first text' "$(run "$app:1")" 'the output of image 1'
same "$second_text" "$(run "$app:2")" 'the output of image 2'
same 'from a shell' "$(run "$app:1" sh -c 'sleep 0; echo from a shell')" 'a shell in the image'

step 'push, sign, look up, pull'
unsigned=$("$lab" push "$dir" "$app:2")
signed=$("$lab" sign "$dir" "$app:1")
differ "$signed" "$unsigned" 'digests'
same "$signed" "$("$lab" lookup "$dir" "$app" 1)" 'the signed digest'
refused 'has no signed tag 2' "$lab" lookup "$dir" "$app" 2
docker image rm "$app:1" >/dev/null
docker pull --quiet "$app:1" >/dev/null
same "$signed" "$(repo_digest "$app:1")" 'the pulled digest'
same 'the first text' "$(run "$app:1")" 'the output after the pull'

step 'the docker CLI itself takes the signed tag and refuses the unsigned one'
DOCKER_CONTENT_TRUST=1 docker pull --quiet "$app:1" >/dev/null 2>&1 || fail "docker does not accept the signature of $app:1"
if DOCKER_CONTENT_TRUST=1 docker pull --quiet "$app:2" >/dev/null 2>&1; then fail "docker accepts the unsigned $app:2"; fi

step 'key ids'
[[ -f $DOCKER_CONFIG/trust/private/$("$lab" root-key-id "$dir" "$app:1").key ]] || fail 'the root key is not in the client'
certificate=$("$lab" root-cert-id "$dir" "$app")
[[ $certificate =~ ^[0-9a-f]{64}$ ]] || fail "root-cert-id printed $certificate"

step 'a tag moved after signing: the registry serves other content than was signed'
"$lab" image "$dir" "$app:1" 'moved' >/dev/null
moved=$("$lab" push "$dir" "$app:1")
differ "$signed" "$moved" 'digests of the moved tag'
same "$signed" "$("$lab" lookup "$dir" "$app" 1)" 'what is signed after the move'
docker pull --quiet "$app:1" >/dev/null
same moved "$(run "$app:1")" 'the moved tag'

step 'an unsigned image under the signed name'
docker pull --quiet "$app@$signed" >/dev/null
docker tag "$app:2" "$app:1"
same "$second_text" "$(run "$app:1")" 'the retagged image'

step 'a signer signs into targets/releases; other roles do not count'
rel=$LAB_REGISTRY/demo/rel
"$lab" image "$dir" "$rel:1" 'release' >/dev/null
"$lab" signer-add "$dir" "$rel" bob
refused 'no valid signing keys' "$lab" sign "$dir" "$rel:1"
released=$("$lab" sign "$dir" "$rel:1" bob)
same "$released" "$("$lab" lookup "$dir" "$rel" 1)" "bob's tag"
"$lab" image "$dir" "$rel:qa" 'for testers' >/dev/null
"$lab" push "$dir" "$rel:qa" >/dev/null
"$lab" sign-into "$dir" "$rel" qa targets/qa >/dev/null
refused 'has no signed tag qa' "$lab" lookup "$dir" "$rel" qa
"$lab" sign-into "$dir" "$rel" qa targets >/dev/null
"$lab" lookup "$dir" "$rel" qa >/dev/null
"$lab" revoke "$dir" "$rel:1" bob
refused 'has no signed tag 1' "$lab" lookup "$dir" "$rel" 1

step 'the registry with login'
private=$LAB_LOGIN_REGISTRY/team/app
"$lab" image "$dir" "$private:1" 'private' >/dev/null
"$lab" sign "$dir" "$private:1" >/dev/null
docker pull --quiet "$private:1" >/dev/null
if docker --config "$dir/home/nobody" pull --quiet "$private:1" >/dev/null 2>&1; then fail 'the login registry let nobody in'; fi

step 'parts stop and come back'
"$lab" stop "$dir" notary
refused 'connection refused' "$lab" lookup "$dir" "$app" 1
"$lab" start "$dir" notary
same "$signed" "$("$lab" lookup "$dir" "$app" 1)" 'what is signed, after the Notary server was away'
"$lab" pause "$dir" notary
if curl --silent --max-time 1 --cacert "$LAB_CA" "$LAB_NOTARY/v2/"; then fail 'the paused Notary server answers'; fi
"$lab" resume "$dir" notary
same "$signed" "$("$lab" lookup "$dir" "$app" 1)" 'what is signed, after the Notary server was frozen'
"$lab" restart "$dir" registry
pid=$("$lab" engine-pid "$dir")
"$lab" restart "$dir" engine
differ "$pid" "$("$lab" engine-pid "$dir")" 'the engine process'
printf '%s\n' '{ "bridge": "none", "iptables": false, "labels": ["lab=reloaded"] }' >"$LAB_DAEMON_JSON"
"$lab" hup "$dir"
same '[lab=reloaded]' "$(docker info --format '{{.Labels}}')" 'labels after the reload'
printf '%s\n' '{ "content-trust": { "mode": "enforced" } }' >"$LAB_DAEMON_JSON"
refused "don't match any configuration option" "$lab" hup "$dir"
docker pull --quiet "$app:2" >/dev/null

step 'down: nothing stays behind'
docker run --detach --restart always --network none "$app:2" sleep 600 >/dev/null
started=$EPOCHREALTIME
"$lab" down "$dir"
step "down took $(((${EPOCHREALTIME/./} - ${started/./}) / 1000)) ms"
"$lab" down "$dir"
refused 'is not up' "$lab" engine-pid "$dir"
left=$(grep -lsz "LAB_OWNS_PROCESS=$LAB_DIR:" /proc/[0-9]*/environ || true)
same '' "$left" 'processes left'
same '' "$(grep -F " $LAB_DIR" /proc/mounts || true)" 'mounts left'
trap - EXIT
"$lab" down "$dir" --purge
[[ ! -e $dir ]] || fail "$dir is still there"
step 'all went well'
