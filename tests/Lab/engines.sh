# shellcheck shell=bash
# The engines that a lab can have, and the command line tools that belong to them.

# SUITE SERIES: the Debian suite of the root, or - for this machine's own package, and the version that we know how to drive.
# forky moves: take what it has; a new series needs a look first.
declare -rA ENGINES=(
  [20.10]='- 20.10'
  [26.1]='trixie 26.1'
  [26.1-containerd]='trixie 26.1'
  [28.5]='forky 28'
  [28.5-containerd]='forky 28'
)

# Debian 12's CLI: it signs on every engine.
readonly CLI=/usr/bin/docker

engine_names() {
  printf '%s\n' "${!ENGINES[@]}" | sort
}

# Sets what the other functions need to know about an engine.
# shellcheck disable=SC2034 # used in engine.sh and services.sh
engine_use() {
  [[ -n ${ENGINES[$1]-} ]] || die "there is no engine $1; known are: $(engine_names | paste -sd ' ')"
  ENGINE=$1 ENGINE_ROOT='' ENGINE_CLI=$CLI ENGINE_COMPOSE='' ENGINE_FLAGS=() ENGINE_VARIABLES=()
  read -r ENGINE_SUITE ENGINE_SERIES <<<"${ENGINES[$1]}"
  if [[ $ENGINE_SUITE != - ]]; then
    ENGINE_ROOT=$(root_of "$ENGINE_SUITE")
    # On by default since 27; the lab changes no packet filter. (`iptables` is in daemon.json, where 20.10 has it too.)
    ENGINE_FLAGS+=(--ip6tables=false)
  fi
  # Said by flag or environment, because tests write daemon.json afresh. 26.1 has no flag; this is what moby's own tests use.
  case $1 in
    26.1-containerd) ENGINE_VARIABLES+=(TEST_INTEGRATION_USE_SNAPSHOTTER=1) ;;
    *-containerd) ENGINE_FLAGS+=(--feature containerd-snapshotter=true) ;;
  esac
  if [[ -n ${LAB_DIR-} ]]; then engine_tools; fi
}

# shellcheck disable=SC2034 # used in services.sh
engine_tools() {
  if [[ -n $ENGINE_ROOT ]]; then
    ENGINE_CLI=$LAB_DIR/bin/docker ENGINE_COMPOSE=$LAB_DIR/bin/docker-compose
  elif [[ -x /usr/bin/docker-compose ]]; then
    ENGINE_COMPOSE=/usr/bin/docker-compose
  fi
}

# Makes what takes long, before anything of the lab is touched.
engine_prepare() {
  if [[ -n $ENGINE_ROOT ]]; then root_ready "$ENGINE_SUITE" "$ENGINE_SERIES"; fi
}

# The tools of a newer root, for callers on this machine with its files and folders: run by the root's own loader and libraries.
engine_write_clients() {
  engine_tools
  [[ -n $ENGINE_ROOT ]] || return 0
  mkdir -p "$LAB_DIR/bin/cli-plugins"
  write_tool "$LAB_DIR/bin/docker" /usr/bin/docker
  write_tool "$LAB_DIR/bin/docker-compose" /usr/libexec/docker/cli-plugins/docker-compose
  write_tool "$LAB_DIR/bin/cli-plugins/docker-compose" /usr/libexec/docker/cli-plugins/docker-compose
  write_tool "$LAB_DIR/bin/cli-plugins/docker-buildx" /usr/libexec/docker/cli-plugins/docker-buildx
}

write_tool() {
  local loader=$ENGINE_ROOT/lib64/ld-linux-x86-64.so.2 libraries=$ENGINE_ROOT/usr/lib/x86_64-linux-gnu
  cat >"$1" <<TEXT
#!/bin/sh
exec $loader --argv0 $1 --library-path $libraries $ENGINE_ROOT$2 "\$@"
TEXT
  chmod 755 "$1"
}

# As the engine says it, without what the packager added.
engine_version() {
  curl --silent --max-time 20 --unix-socket "$LAB_DIR/docker.sock" http://engine/version | grep -oP '"Version":"\K[0-9.]+' | head -n 1
}
