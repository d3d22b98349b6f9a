#!/bin/bash
# The first process of the lab engine's namespaces: prepares the mounts, then stays. usage: engine-namespace.sh DIR PIDFILE [ROOT]
# Without ROOT the engine sees this machine's files, apart from /run, /etc and /opt; with ROOT (another Debian) that one's.
# mount -n: without it, mount keeps notes in /run/mount, which is still the machine's.
set -euo pipefail
dir=$1 pidfile=$2 root=${3-}
cd /

# /proc is still this machine's, so this is the process id by which the outside knows us.
read -r pid _ </proc/self/stat

# In the folder FOLDER: a new /run with what belongs to the lab.
make_run() {
  mkdir -p "$1"
  mount -n -t tmpfs -o mode=755 content-trust-lab "$1"
  mkdir -p "$1/docker/plugins" "$1/lab"
  mount -n --bind "$dir/plugins" "$1/docker/plugins"
  mount -n --bind "$dir" "$1/lab"
}

# overlay LOWER CHANGES TARGET: what is written to TARGET lands in CHANGES.
overlay() {
  mkdir -p "$2"/{upper,work}
  mount -n -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$3"
}

this_machine() {
  # Put together aside: DIR itself may lie below /run, and what is covered cannot be mounted from.
  make_run "$dir/run/namespace"
  mount -n --move "$dir/run/namespace" /run

  # The engine uses /etc/docker, and containerd makes folders in /opt. They may not exist, and nothing may be created on the
  # machine itself: so both get an overlay whose changes live in memory.
  for folder in etc opt; do
    overlay "/$folder" "/run/changed/$folder" "/$folder"
  done
  mkdir -p /etc/docker
  mount -n --bind /run/lab/etc/docker /etc/docker

  case $dir in
    /run/* | /etc/* | /opt/*)
      mkdir -p "$dir"
      mount -n --bind /run/lab "$dir"
      ;;
  esac
  mount -n -t proc proc /proc
}

# dockerd wants a real root (in a chroot containers do not start: "remount /: invalid argument"), so this is pivot_root's work.
# ROOT is shared by all labs and never written to: changes live in memory.
other_root() {
  local aside=$dir/run/namespace new=$dir/run/namespace/root
  mkdir -p "$aside"
  mount -n -t tmpfs -o mode=755 content-trust-lab "$aside"
  mkdir "$new"
  overlay "$root" "$aside/changed" "$new"
  make_run "$new/run"
  mount -n -t tmpfs -o mode=1777 content-trust-lab "$new/tmp"
  mkdir -p "$new/etc/docker" "$new$dir"
  mount -n --bind "$dir/etc/docker" "$new/etc/docker"
  mount -n --bind /etc/hosts "$new/etc/hosts"
  mount -n --bind "$dir" "$new$dir"
  mount -n --rbind /sys "$new/sys"
  mount -n --rbind /dev "$new/dev"
  mount -n -t proc proc "$new/proc"
  mkdir "$new/run/machine"
  cd "$new"
  pivot_root . run/machine
  cd /
  umount -n -l /run/machine
  rmdir /run/machine
}

if [[ -n $root ]]; then other_root; else this_machine; fi

# Containers that lost their parent end up here; bash collects them while it waits.
echo "$pid" >"/run/lab/run/new-init.pid"
mv /run/lab/run/new-init.pid "$pidfile"
while :; do
  sleep infinity &
  wait || true
done
