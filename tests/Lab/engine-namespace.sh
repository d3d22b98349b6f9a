#!/bin/bash
# The first process of the lab engine's namespaces: prepares the mounts, then stays. usage: engine-namespace.sh DIR PIDFILE
set -euo pipefail
dir=$1 pidfile=$2
cd /

# /proc is still this machine's, so this is the process id by which the outside knows us.
read -r pid _ </proc/self/stat

# The new /run is put together aside: DIR itself may lie below /run, and what is covered cannot be mounted from.
# mount -n: without it, mount keeps notes in /run/mount, which is still the machine's.
run=$dir/run/namespace
mkdir -p "$run"
mount -n -t tmpfs -o mode=755 content-trust-lab "$run"
mkdir -p "$run/docker/plugins" "$run/lab"
mount -n --bind "$dir/plugins" "$run/docker/plugins"
mount -n --bind "$dir" "$run/lab"
mount -n --move "$run" /run

# The engine uses /etc/docker, and containerd makes folders in /opt. They may not exist, and nothing may be created on the
# machine itself: so both get an overlay whose changes live in memory.
for folder in etc opt; do
  mkdir -p "/run/changed/$folder"/{upper,work}
  mount -n -t overlay -o "lowerdir=/$folder,upperdir=/run/changed/$folder/upper,workdir=/run/changed/$folder/work" overlay "/$folder"
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

# Containers that lost their parent end up here; bash collects them while it waits.
echo "$pid" >"/run/lab/run/new-init.pid"
mv /run/lab/run/new-init.pid "$pidfile"
while :; do
  sleep infinity &
  wait || true
done
