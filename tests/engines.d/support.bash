# shellcheck shell=bash
# What the cases of the engine matrix share. The environment holds the lab's DIR/env, FOLDER (ours) and LAB_SH.

APP=$LAB_REGISTRY/demo/app
EVIL=$LAB_REGISTRY/demo/evil
# A loopback address of the lab's own: the ports of swarms are fixed.
SWARM_IP=127.$((${LAB_REGISTRY##*:} / 256)).$((${LAB_REGISTRY##*:} % 256)).1

docker() { timeout 120 "$LAB_DOCKER" "$@" </dev/null; }
lab() { bash "$LAB_SH" "$1" "$LAB_DIR" "${@:2}"; }
api() { curl --silent --max-time 60 --unix-socket "$LAB_ENGINE_SOCKET" --request "$1" "http://engine$2" "${@:3}"; }
run() { docker run --rm --network none "$@"; }

# The signed image $APP:1, $APP:long (sleeps), $EVIL:1 (unsigned, in the registry) and $APP:moved (signed, then overwritten).
prepare_images() {
  LAB_SH=$PWD/tests/Lab/lab.sh
  lab image "$APP:1" 'signed content' >/dev/null
  SIGNED=$(lab sign "$APP:1")
  lab image "$APP:2" 'signed content, second' >/dev/null
  lab sign "$APP:2" >/dev/null
  lab image "$APP:moved" 'signed in time' >/dev/null
  MOVED_FROM=$(lab sign "$APP:moved")
  lab image "$APP:moved" 'came later' >/dev/null
  lab push "$APP:moved" >/dev/null
  lab image "$EVIL:1" 'nobody signed me' >/dev/null
  lab push "$EVIL:1" >/dev/null
  docker image rm "$APP:moved" >/dev/null
  {
    printf 'SIGNED=%s\nMOVED_FROM=%s\n' "$SIGNED" "$MOVED_FROM"
    printf 'SIGNED_ID=%s\nEVIL_ID=%s\n' "$(docker image inspect -f '{{.Id}}' "$APP:1")" "$(docker image inspect -f '{{.Id}}' "$EVIL:1")"
  } >"$1/images"
}

# write_policy FOLDER [MEMBERS]: MEMBERS are lines of JSON that end in a comma.
write_policy() {
  local key
  key=$(lab root-key-id "$APP")
  cat >"$LAB_DAEMON_JSON" <<TEXT
{
  "bridge": "none",
  "iptables": false,
  "authorization-plugins": ["content-trust"],
  "builder": {
    "content-trust": {
      "mode": "enforced",
      ${2-}
      "trust-pinning": { "root-keys": { "$LAB_REGISTRY/demo/*": ["$key"], "$LAB_LOGIN_REGISTRY/demo/*": ["$key"] } },
      "trust-servers": { "$LAB_REGISTRY": "$LAB_NOTARY", "$LAB_LOGIN_REGISTRY": "$LAB_NOTARY" }
    }
  }
}
TEXT
  cat >"$1/settings.json" <<TEXT
{
  "gate-socket": "${ENGINES_GATE:+$1/gate.sock}",
  "engine-socket": "$LAB_ENGINE_SOCKET",
  "admin-socket": "$1/admin.sock",
  "policy-file": "$1/no-policy-here.json",
  "certs-dir": "$LAB_CERTS_D",
  "state-dir": "$1/state",
  "audit-file": "$1/audit.log",
  "credentials-file": "$LAB_CREDENTIALS"
}
TEXT
}

# A case's own policy, in force when this returns: with_policy MEMBERS
with_policy() {
  local pid before try
  before=$(grep -c 'policy reload: ' "$FOLDER/service.log" || true)
  write_policy "$FOLDER" "$1"
  read -r pid <"$FOLDER/service.pid"
  kill -HUP "$pid"
  for ((try = 0; try < 100; try++)); do
    if (($(grep -c 'policy reload: ' "$FOLDER/service.log" || true) > before)); then return 0; fi
    sleep 0.1
  done
  fail 'the service does not say what came of the reload'
}

# Every case begins with the same images and no containers.
reset() {
  local ids
  # shellcheck disable=SC1091
  . "$FOLDER/images"
  # Here a tag could move between create and our look at what was created: it is refused, and the digest must be said.
  RUN=$APP:1 MOVED_TAG="$APP:2 is signed as"
  if [[ $LAB_ENGINE == 26.1-containerd ]]; then RUN=$APP:1@$SIGNED MOVED_TAG="$APP:2 is named by a tag"; fi
  ids=$(docker ps -aq)
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker rm -f $ids >/dev/null
  docker pull -q "$APP:1" >/dev/null
  docker pull -q "$APP:2" >/dev/null
  docker tag "$EVIL_ID" "$EVIL:1"
}

fail() {
  echo "FAILED: $*"
  exit 1
}

# allowed [TEXT] -- COMMAND...: it succeeds, and its output holds TEXT.
allowed() {
  local text='' output
  if [[ $1 != -- ]]; then text=$1 && shift; fi
  shift
  output=$("$@" 2>&1) || fail "$* said: $output"
  [[ $output == *"$text"* ]] || fail "$* should say \"$text\" and said: $output"
}

# refused [TEXT] -- COMMAND...: the plugin refuses it.
refused() {
  local text='' output
  if [[ $1 != -- ]]; then text=$1 && shift; fi
  shift
  output=$("$@" 2>&1) || true
  [[ $output == *'authorization denied by plugin content-trust: '*"$text"* ]] || fail "$* should be refused (\"$text\") and said: $output"
}
