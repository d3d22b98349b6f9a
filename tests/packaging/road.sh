# shellcheck shell=bash disable=SC2154
# A new user's way: a clean Debian with docker.io under its own systemd, the package, and the README; its commands unchanged, from no policy to enforced mode.
# Around it stands what such a user has already: a registry with TLS, a Notary server, and a publisher who has signed tag 1 and not tag 2 of an image.

road_cases() {
  if ! docker_system_ready || ! system_copy "$work/road" docker; then failed=$((failed + 1)) && return; fi
  road=$work/road
  road_world
  if ! system_boot "$road"; then failed=$((failed + 1)) && return; fi
  check An_engine_a_registry_and_a_trust_server_are_there_for_the_new_user
  check The_README_alone_leads_a_new_user_to_enforced_mode_in_ten_minutes
  gate_cases
  system_halt
}

# Files only; nothing runs yet.
road_world() {
  local name
  mkdir -p "$road/root/world" "$road/root/publisher/tls/notary.example.com:4443" "$road/etc/docker/certs.d/"{registry.example.com,notary.example.com:4443}
  echo '127.0.0.1 registry.example.com notary.example.com' >>"$road/etc/hosts"
  (
    cd "$road/root/world" || exit
    openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj '/CN=a CA of your own' -keyout ca.key -out ca.crt
    for name in registry notary; do
      openssl req -newkey rsa:2048 -nodes -subj "/CN=$name.example.com" -keyout "$name.key" -out "$name.csr"
      openssl x509 -req -days 3 -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$name.crt" \
        -extfile <(echo "subjectAltName=DNS:$name.example.com")
    done
  ) >"$work/certificates.log" 2>&1
  cp "$road/root/world/ca.crt" "$road/root/publisher/tls/notary.example.com:4443/ca.crt"
  cp "$road/root/world/ca.crt" "$road/etc/docker/certs.d/registry.example.com/ca.crt"
  # The README says where the CA of a trust server goes.
  cp "$road/root/world/ca.crt" "$road/etc/docker/certs.d/notary.example.com:4443/ca.crt"
  cat >"$road/root/world/registry.yml" <<'TEXT'
version: 0.1
storage: { filesystem: { rootdirectory: /root/world/images } }
http: { addr: "127.0.0.1:443", tls: { certificate: /root/world/registry.crt, key: /root/world/registry.key } }
TEXT
  cat >"$road/root/world/notary.json" <<'TEXT'
{ "server": { "http_addr": "127.0.0.1:4443", "tls_cert_file": "/root/world/notary.crt", "tls_key_file": "/root/world/notary.key" },
  "trust_service": { "type": "local", "key_algorithm": "ecdsa" }, "storage": { "backend": "memory" }, "logging": { "level": "error" } }
TEXT
  cat >"$road/root/world/publish.sh" <<'TEXT'
set -eu
export DOCKER_CONFIG=/root/publisher DOCKER_CONTENT_TRUST_SERVER=https://notary.example.com:4443
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=four-long-words DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=four-long-words
app=registry.example.com/team/app
mkdir -p /root/world/image/bin
cp /bin/busybox /root/world/image/bin/
for tag in 1 2; do
  tar -C /root/world/image -c . | docker import -c "CMD [\"/bin/busybox\", \"echo\", \"hello from $tag\"]" - "$app:$tag"
done
DOCKER_CONTENT_TRUST=1 docker push "$app:1"
docker push "$app:2"
docker image rm "$app:1" "$app:2"
TEXT
  # What the script that road.pl makes calls.
  cat >"$road/root/world/road.bash" <<'TEXT'
set -euo pipefail
cd /root
typed() { printf '%4d s  %s\n' "$SECONDS" "$1" >>/root/world/steps; }
publisher_root_key() { basename "$(grep -l '^role: root' /root/publisher/private/*.key /root/publisher/trust/private/*.key 2>/dev/null)" .key; }
session() {
  local shown printed=''
  shown=$(cat)
  # The commands are compared, not judged by their exit codes: the README shows a refusal.
  printed=$(bash -c "$1" 2>&1) || true
  perl -e 'my ($shown, $printed) = @ARGV;
    my $pattern = join "", map { $_ eq "…" ? "(?:.*\n)*" : join(".*", map { quotemeta } split /…/, $_, -1) . "\n" } split /\n/, $shown;
    $printed =~ s/\n*\z/\n/; exit($printed =~ /\A$pattern\z/ ? 0 : 1)' "$shown" "$printed" ||
    { printf '$ %s\nshould print\n%s\nand prints\n%s\n' "$1" "$shown" "$printed"; exit 1; }
}
TEXT
}

An_engine_a_registry_and_a_trust_server_are_there_for_the_new_user() {
  in_system systemctl stop docker-registry.service
  in_system systemd-run --quiet --unit world-registry docker-registry serve /root/world/registry.yml
  in_system systemd-run --quiet --unit world-notary notary-server -config /root/world/notary.json
  in_system timeout 60 bash -c 'until docker version >/dev/null 2>&1 && echo >/dev/tcp/127.0.0.1/443 && echo >/dev/tcp/127.0.0.1/4443; do sleep 0.5; done' 2>/dev/null ||
    { in_system systemctl --no-pager status docker world-registry world-notary; return 1; }
  in_system bash /root/world/publish.sh
  same '' "$(in_system docker image ls --quiet)" 'images on the engine'
}

The_README_alone_leads_a_new_user_to_enforced_mode_in_ten_minutes() {
  local began=$SECONDS
  cp "$deb" "$road/root/content-trust_$(dpkg-deb --field "$deb" Version)_amd64.deb"
  { cat "$road/root/world/road.bash"; grep -m1 '^apt install ./content-trust' README.md | sed 's/^apt install/& -y/'; perl tests/packaging/road.pl README.md; } >"$road/root/world/walk.bash"
  in_system bash /root/world/walk.bash
  cat "$road/root/world/steps"
  in_system content-trust status >"$work/status"
  says 'mode         enforced' "$work/status"
  says_not 'does not name content-trust' "$work/status"
  in_system docker run --rm registry.example.com/team/app:1 >"$work/signed"
  says 'hello from 1' "$work/signed"
  in_system content-trust audit verify
  echo "figure: a new user's road, README only: package to enforced mode in $((SECONDS - began)) s, $(wc -l <"$road/root/world/steps") commands and files typed"
  ((SECONDS - began < 600)) || { echo 'more than ten minutes'; return 1; }
}
