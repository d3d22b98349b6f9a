# shellcheck shell=bash
# The engine: dockerd with a process and mount namespace of its own, in which /run and /etc/docker belong to the lab.
# So it meets no other engine or containerd of this machine, and when the namespace's first process ends, everything in it is gone:
# dockerd, containerd, the containers and every mount.

engine_write_config() {
  printf '%s\n' '{' '  "bridge": "none",' '  "iptables": false' '}' >"$LAB_DIR/etc/docker/daemon.json"
}

# A cgroup of the lab's own: /docker may be another engine's.
engine_cgroup() {
  printf 'content-trust-lab-%s' "$(printf %s "$LAB_DIR" | sha256sum | cut -c1-12)"
}

engine_remove_cgroups() {
  local group
  for group in /sys/fs/cgroup/"$(engine_cgroup)" /sys/fs/cgroup/*/"$(engine_cgroup)"; do
    [[ -d $group ]] || continue
    # A killed container's group is busy for a moment.
    wait_until 5 remove_cgroup "$group" || die "the cgroup $group stays busy"
  done
}

remove_cgroup() {
  find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
  [[ ! -d $1 ]]
}

# Starts dockerd, and its namespace when there is none. The namespace outlives dockerd, so that a stopped engine can come back
# to what it left: its data, and with live-restore its containers.
engine_launch() {
  local try
  gone dockerd engine || return 0
  # Somebody may have killed the namespace just now, and then it dies under our hands: a second try makes a new one.
  for try in 1 2; do
    if gone namespace engine-namespace; then namespace_launch; fi
    engine_spawn "$(pid_from namespace engine-namespace)"
    wait_until 10 engine_begun || die "dockerd did not start in 10 s; see $LAB_DIR/log/engine.log"
    gone dockerd engine || return 0
    kill_parts engine-namespace
  done
  die "dockerd does not start, at try $try; see $LAB_DIR/log/engine.log"
}

namespace_launch() {
  rm -f "$LAB_DIR/run/namespace.pid"
  spawn engine-namespace unshare --mount --pid --fork --propagation slave \
    bash "$LAB_SCRIPTS/engine-namespace.sh" "$LAB_DIR" "$LAB_DIR/run/namespace.pid" ${ENGINE_ROOT:+"$ENGINE_ROOT"}
  wait_until 20 namespace_stands || die "the engine's namespace did not come up in 20 s; see $LAB_DIR/log/engine-namespace.log"
  if gone namespace engine-namespace; then die "the engine's namespace cannot be made; see $LAB_DIR/log/engine-namespace.log"; fi
}

# True as well when it failed: then there is nothing to wait for.
namespace_stands() {
  [[ -e $LAB_DIR/run/namespace.pid ]] || gone engine-namespace
}

engine_begun() {
  [[ -e $LAB_DIR/run/dockerd.pid ]] || gone engine
}

# Two steps into the namespace: after the first one /proc still shows this machine's process ids, so dockerd's is noted there.
# What must hold whatever a test writes into daemon.json is said by flags: nothing outside the lab may change.
engine_spawn() {
  rm -f "$LAB_DIR/run/dockerd.pid"
  ENGINE_LOG_BEFORE=$(stat -c %s "$LAB_DIR/log/engine.log" 2>/dev/null || echo 0)
  # shellcheck disable=SC2016
  spawn engine nsenter --pid="/proc/$1/ns/pid" bash -c '
    read -r pid _ </proc/self/stat
    echo "$pid" >"$1.new" && mv "$1.new" "$1"
    exec nsenter --mount="$2" "${@:3}"' engine "$LAB_DIR/run/dockerd.pid" "/proc/$1/ns/mnt" \
    env "${ENGINE_VARIABLES[@]}" dockerd "${ENGINE_FLAGS[@]}" --config-file "$LAB_DIR/etc/docker/daemon.json" --host "unix://$LAB_DIR/docker.sock" \
    --data-root "$LAB_DIR/data/engine" --exec-root /run/docker --pidfile /run/docker.pid \
    --ip-forward=false --ip-masq=false --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(engine_cgroup)"
}

# Any answer will do: with a plugin in place it may be a refusal.
engine_answers() {
  curl --silent --output /dev/null --max-time 20 --unix-socket "$LAB_DIR/docker.sock" http://engine/_ping
}

engine_answers_or_gone() {
  engine_answers || gone dockerd engine
}

engine_wait() {
  wait_until 40 engine_answers_or_gone || die "the engine did not answer in 40 s; see $LAB_DIR/log/engine.log"
  if gone dockerd engine; then die "the engine stopped while starting: $(engine_last_word)"; fi
}

engine_last_word() {
  local line
  line=$(engine_news "$ENGINE_LOG_BEFORE" | grep -E 'level=fatal|^failed|^unable' | tail -n 1 || true)
  printf '%s; see %s' "${line:-no reason given}" "$LAB_DIR/log/engine.log"
}

# The orderly way, as `systemctl stop docker`: containers get their time to end.
engine_stop() {
  local pid
  pid=$(pid_from dockerd engine) || return 0
  kill -TERM "$pid"
  wait_until 40 gone dockerd engine || die "the engine did not stop in 40 s; see $LAB_DIR/log/engine.log"
}

engine_pid() {
  pid_from dockerd engine || die "the engine is not running; see $LAB_DIR/log/engine.log"
}

# dockerd says in its log when a reload is done, and when it was refused.
engine_hup() {
  local pid before
  pid=$(engine_pid)
  before=$(stat -c %s "$LAB_DIR/log/engine.log")
  kill -HUP "$pid"
  wait_until 40 engine_reloaded "$before" || die "the engine did not finish its reload in 40 s; see $LAB_DIR/log/engine.log"
  engine_news "$before" | grep -qF 'Reloaded configuration' || die "the engine refused the reload: $(engine_reload_error "$before")"
}

engine_news() {
  tail -c "+$(($1 + 1))" "$LAB_DIR/log/engine.log"
}

engine_reloaded() {
  engine_news "$1" | grep -qF 'Reloaded configuration' || [[ -n $(engine_reload_error "$1") ]]
}

engine_reload_error() {
  local line
  line=$(engine_news "$1" | grep -E 'level=(fatal|error)' | grep -v 'Handler for' | grep -iE -m1 'configur|authorization plugin|reload' || true)
  if [[ -z $line ]] && gone dockerd engine; then line='dockerd ended'; fi
  [[ -z $line ]] || printf '%s; see %s' "$line" "$LAB_DIR/log/engine.log"
}
