# shellcheck shell=bash
# What an image could come in by unseen: builds, managed plugins, services, swarms.
build() { printf 'FROM %s\nRUN true\n' "$EVIL:1" | timeout 60 env DOCKER_BUILDKIT="$1" "$LAB_DOCKER" build -; }
refused 'builds are refused' -- build 0
# Without /grpc buildx takes a builder container, whose image nobody signed.
if [[ -d $LAB_DIR/bin/cli-plugins ]]; then refused '' -- build 1; fi
for path in session grpc; do
  refused 'builds are refused' -- api POST "/$path" -H 'Connection: Upgrade' -H 'Upgrade: h2c' -H 'Content-Length: 0'
done
refused '' -- api POST "/plugins/pull?remote=$EVIL:1&name=x" -H 'Content-Type: application/json' -d '[]'
refused '' -- api POST /services/create -H 'Content-Type: application/json' -d '{"Name":"x","TaskTemplate":{"ContainerSpec":{"Image":"busybox"}}}'
refused '' -- docker swarm init --advertise-addr 127.0.0.1
