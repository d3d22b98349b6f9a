# shellcheck shell=bash
# A Debian 12 system in a folder: made once by debootstrap, copied for every use, entered by chroot or started with its own systemd.

readonly SYSTEM_CACHE=${LAB_CACHE:-/var/cache/content-trust-lab}/packaging-bookworm
# What a small server has. What the package depends on is among it, so that apt needs no network there.
readonly SYSTEM_PACKAGES=systemd,systemd-sysv,dbus,ca-certificates,libssl3,procps
readonly SYSTEM_STAMP=content-trust-packages

system_ready() { system_make "$SYSTEM_CACHE" "$SYSTEM_PACKAGES"; }

# The same with an engine, and with a registry and a trust server for it to talk to.
docker_system_ready() { system_make "$SYSTEM_CACHE-docker" "$SYSTEM_PACKAGES,docker.io,docker-registry,notary,busybox-static,iptables"; }

# Makes the system $1 of the packages $2, unless it is there.
system_make() {
  local mirror new
  if [[ $(cat "$1/$SYSTEM_STAMP" 2>/dev/null) == "$2" ]]; then return; fi
  command -v debootstrap >/dev/null ||
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install debootstrap; } >/dev/null
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(REPO_URI)' | awk '$1 == "Packages" && $2 == "bookworm" { print $3; exit }')
  mkdir -p "$(dirname "$1")"
  new=$(mktemp -d "$1.new.XXXXXX")
  # A mount namespace of its own: what debootstrap mounts is gone with it.
  unshare --mount --propagation private env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
    debootstrap --variant=minbase --include="$2" bookworm "$new" "$mirror" >"$1.log" 2>&1 ||
    { echo "debootstrap failed; see $1.log" >&2 && return 1; }
  chmod 755 "$new"
  rm -rf "$new"/var/cache/apt/archives/*.deb
  echo "$2" >"$new/$SYSTEM_STAMP"
  rm -rf --one-file-system -- "$1"
  mv -T "$new" "$1"
}

# A fresh copy in the folder $1; with a second argument of the system with an engine.
system_copy() {
  cp -a --reflink=auto -- "$SYSTEM_CACHE${2+-docker}" "$1"
}

in_chroot() {
  local root=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive unshare --mount --propagation private \
    bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" "$@"
}

# Starts systemd of the folder $1 in namespaces of its own, without a network, and sets booted to its process id.
system_boot() {
  local try
  boot_group=/sys/fs/cgroup/unified
  [[ -d $boot_group ]] || boot_group=/sys/fs/cgroup
  boot_group+=/content-trust-packaging-$$
  mkdir "$boot_group"
  # shellcheck disable=SC2016
  setsid bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare --mount --propagation private --pid --fork --kill-child --ipc --uts --cgroup --net \
    bash "$1" "$2"' "$boot_group" "$(dirname "${BASH_SOURCE[0]}")/boot.sh" "$1" </dev/null >"$1.boot.log" 2>&1 &
  boot_parent=$!
  for ((try = 0; try < 300; try++)); do
    booted=$(pgrep -P "$boot_parent" || true)
    if [[ -n $booted && $(in_system systemctl is-system-running 2>/dev/null) == running ]]; then return; fi
    sleep 0.2
  done
  echo "systemd did not come up; see $1.boot.log" >&2
  return 1
}

in_system() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive \
    nsenter --target "$booted" --mount --pid --ipc --uts --net --cgroup --root --wd "$@"
}

system_halt() {
  [[ -n ${boot_parent-} ]] || return 0
  kill -KILL "$boot_parent" 2>/dev/null || true
  wait "$boot_parent" 2>/dev/null || true
  boot_parent=''
  # Its groups go when its processes are gone.
  local try
  for ((try = 0; try < 50; try++)); do
    find "$boot_group" -depth -type d -exec rmdir {} + 2>/dev/null && return
    sleep 0.1
  done
}
