#!/bin/bash
# The lab: a real engine, two registries and a Notary server on this machine, on loopback only, in one folder.
# `lab.sh help` says what it can do. Everything is undone by `lab.sh down DIR`.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
shopt -s inherit_errexit

LAB_SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly LAB_SCRIPTS

. "$LAB_SCRIPTS/common.sh"
. "$LAB_SCRIPTS/packages.sh"
. "$LAB_SCRIPTS/services.sh"
. "$LAB_SCRIPTS/roots.sh"
. "$LAB_SCRIPTS/engines.sh"
. "$LAB_SCRIPTS/engine.sh"
. "$LAB_SCRIPTS/images.sh"
. "$LAB_SCRIPTS/signing.sh"
. "$LAB_SCRIPTS/signers.sh"

usage() {
  cat <<'TEXT'
usage: lab.sh install [engines]             install the Debian packages that the lab needs; with `engines` also for newer ones
       lab.sh up DIR [--engine ENGINE]      start the lab; DIR is new, empty or an earlier lab that is down; writes DIR/env
       lab.sh engines                       prints the names of all engines
       lab.sh cosign-tool VERSION           prints the path of cosign 2 (of trixie) or 3 (of forky), fetched into LAB_CACHE at the first use
       lab.sh notation-tool                 prints the path of notation 1.3 (of forky), fetched the same way
       lab.sh down DIR [--purge]            stop everything; --purge also removes what the lab made in DIR
       lab.sh stop|start|restart DIR PART   PART: engine, registry, login-registry, notary
       lab.sh pause|resume DIR PART         freeze a part: it accepts connections and never answers
       lab.sh hup DIR                       the engine reads its daemon.json again
       lab.sh engine-pid DIR                prints dockerd's process id

       lab.sh image DIR REF TEXT            a tiny local image whose command prints TEXT; prints its id
       lab.sh push DIR REF                  push without signing; prints the digest
       lab.sh sign DIR REF [SIGNER]         push and sign; prints the digest
       lab.sh signer-add DIR REPO SIGNER    SIGNER may sign into targets/releases of REPO
       lab.sh sign-into DIR REPO TAG ROLE   what the registry serves for TAG, signed in exactly one role; prints the digest
       lab.sh revoke DIR REF [SIGNER]       take the tag's signature back
       lab.sh delete-trust DIR REPO         remove all trust data of REPO from the Notary server
       lab.sh root-key-id DIR REF           the canonical root key id, for trust-pinning.root-keys
       lab.sh root-cert-id DIR REF          the root certificate id, for trust-pinning.cert-ids
       lab.sh lookup DIR REPO TAG [CLIENT]  the signed digest, as Debian's notary client sees it; a CLIENT's remembers what it saw
       lab.sh sign-many DIR REPO TAG N [SIGNER]   what the registry serves for TAG, signed as TAG-1 to TAG-N
       lab.sh notary DIR CLIENT ARGUMENT... Debian's notary client, with the keys and the memory of CLIENT
       lab.sh trust DIR CLIENT ARGUMENT...  docker trust, the same way
       lab.sh cosign DIR VERSION ARGUMENT...  that cosign, in DIR/clients/cosign; prints what it says
       lab.sh notation DIR ARGUMENT...      notation, in DIR/clients/notation; prints what it says

ENGINE is 20.10 (the default, of Debian 12), 26.1 (of trixie), 28.5 (of forky), or one of the newer two with -containerd for the
containerd image store; without the option the environment variable LAB_ENGINE says which. Roots of newer engines are made once, in
LAB_CACHE (/var/cache/content-trust-lab).
SIGNER is a client with keys of its own; without one it is the lab's owner of all repositories.
Errors are one line on standard error; the exit code is then not 0.
TEXT
}

# Checks the number of arguments: need LEAST MOST "$@"
need() {
  local least=$1 most=$2
  shift 2
  (($# >= least && $# <= most)) || die "wrong number of arguments; see lab.sh help"
}

up() {
  local engine=${LAB_ENGINE:-20.10}
  case ${2-} in
    '') ;;
    --engine) engine=${3:?} ;;
    *) die "unknown option $2; only --engine is known" ;;
  esac
  need_root
  need_tools
  engine_use "$engine"
  engine_prepare
  lab_folder_for_up "$1"
  lab_lock
  lab_clear
  trap 'lab_up_failed' EXIT
  trap 'exit 130' INT TERM HUP
  mkdir -p "$LAB_DIR"/{run,log,home,plugins,bin,etc/docker,ca,certs.d,clients/owner}
  chmod 700 "$LAB_DIR"/{ca,clients}
  make_certificates
  engine_write_config
  engine_write_clients
  engine_launch
  services_launch
  services_wait
  engine_wait
  write_client "$LAB_DIR/clients/owner"
  write_env
  echo "LAB_ENGINE_VERSION=$(engine_version)" >>"$LAB_DIR/env"
  trap - EXIT INT TERM HUP
}

lab_up_failed() {
  local status=$?
  trap - EXIT INT TERM HUP
  kill_parts "${ALL_PARTS[@]}" || true
  engine_remove_cgroups
  exit "$status"
}

down() {
  need_root
  [[ -e $1 ]] || return 0
  lab_folder "$1"
  lab_lock
  kill_parts "${ALL_PARTS[@]}"
  engine_remove_cgroups
  rm -f "$LAB_DIR/env" "$LAB_DIR/docker.sock"
  case ${2-} in
    '') ;;
    --purge) lab_purge ;;
    *) die "unknown option $2; only --purge is known" ;;
  esac
}

part() {
  local verb=$1 name=$3
  lab_open "$2"
  lab_lock
  case $name in
    engine | registry | login-registry | notary) ;;
    *) die "unknown part $name; it is engine, registry, login-registry or notary" ;;
  esac
  case $verb in
    stop) part_stop "$name" ;;
    start) part_start "$name" ;;
    restart)
      part_stop "$name"
      part_start "$name"
      ;;
    pause) part_signal STOP "$name" ;;
    resume) part_signal CONT "$name" ;;
  esac
}

part_stop() {
  if [[ $1 == engine ]]; then engine_stop; else service_stop "$1"; fi
}

part_start() {
  if [[ $1 == engine ]]; then
    engine_launch
    engine_wait
  else
    service_start "$1"
  fi
}

# Runs a subcommand that needs a lab which is up: with_lab FUNCTION DIR ARGUMENT...
with_lab() {
  local function=$1
  lab_open "$2"
  shift 2
  "$function" "$@"
}

main() {
  local verb=${1-help}
  shift || true
  case $verb in
    help | -h | --help) usage ;;
    install) need 0 1 "$@" && install_packages "$@" ;;
    cosign-tool) need 1 1 "$@" && cosign_tool "$@" ;;
    notation-tool) need 0 0 "$@" && notation_tool ;;
    engines) need 0 0 "$@" && engine_names ;;
    up) need 1 3 "$@" && up "$@" ;;
    down) need 1 2 "$@" && down "$@" ;;
    stop | start | restart | pause | resume) need 2 2 "$@" && part "$verb" "$@" ;;
    hup) need 1 1 "$@" && with_lab engine_hup "$@" ;;
    engine-pid) need 1 1 "$@" && with_lab engine_pid "$@" ;;
    image) need 3 3 "$@" && with_lab image_make "$@" ;;
    push) need 2 2 "$@" && with_lab image_push "$@" ;;
    sign) need 2 3 "$@" && with_lab sign "$@" ;;
    signer-add) need 3 3 "$@" && with_lab signer_add "$@" ;;
    sign-into) need 4 4 "$@" && with_lab sign_into "$@" ;;
    revoke) need 2 3 "$@" && with_lab revoke "$@" ;;
    delete-trust) need 2 2 "$@" && with_lab delete_trust "$@" ;;
    root-key-id) need 2 2 "$@" && with_lab root_key_id "$@" ;;
    root-cert-id) need 2 2 "$@" && with_lab root_cert_id "$@" ;;
    lookup) need 3 4 "$@" && with_lab lookup "$@" ;;
    sign-many) need 4 5 "$@" && with_lab sign_many "$@" ;;
    notary) need 3 30 "$@" && with_lab client_notary "$@" ;;
    cosign) need 3 30 "$@" && with_lab client_cosign "$@" ;;
    notation) need 2 30 "$@" && with_lab client_notation "$@" ;;
    trust) need 3 30 "$@" && with_lab client_trust "$@" ;;
    *) die "unknown subcommand $verb; see lab.sh help" ;;
  esac
}

main "$@"
