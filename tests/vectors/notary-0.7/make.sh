#!/bin/sh
# Makes the vectors in this folder with the real Notary 0.7 client and server (Debian package `notary` 0.7.0+ds1).
# Usage: make.sh [port]. Nothing leaves loopback. Keys are thrown away, so every run makes other files:
# run it only to replace all of them, and check the numbers in NotaryVectorTests then.
set -eu
cd "$(dirname "$0")"
out=$PWD
port=${1:-14443}
gun=registry.example.com/team/app
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$work"' EXIT

cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout tls.key -out tls.crt 2>/dev/null
cat > server.json <<JSON
{"server": {"http_addr": "127.0.0.1:$port", "tls_cert_file": "$work/tls.crt", "tls_key_file": "$work/tls.key"},
 "trust_service": {"type": "local", "key_algorithm": "ecdsa"}, "storage": {"backend": "memory"}, "logging": {"level": "error"}}
JSON
notary-server -config server.json > server.log 2>&1 &
server=$!

export NOTARY_ROOT_PASSPHRASE=vectors-1 NOTARY_TARGETS_PASSPHRASE=vectors-1 NOTARY_SNAPSHOT_PASSPHRASE=vectors-1 NOTARY_DELEGATION_PASSPHRASE=vectors-1
notary() { command notary -s "https://localhost:$port" --tlscacert "$work/tls.crt" -d "$work/trust" "$@"; }
get() {
  mkdir -p "$(dirname "$out/$2")"
  curl -sf --cacert tls.crt "https://localhost:$port/v2/$gun/_trust/tuf/$1.json" -o "$out/$2.json"
}
sha() { printf '%s' "$1" | sha256sum | cut -d' ' -f1; }
tag() { # tag, content, further options: signs the sha256 of the content as the tag's digest
  tag_name=$1 content=$2
  shift 2
  notary addhash "$gun" "$tag_name" "${#content}" --sha256 "$(sha "$content")" "$@"
}
for i in 1 2 3 4 5 6 7 8 9 10; do
  curl -s --cacert tls.crt "https://localhost:$port/v2/" > /dev/null && break
  sleep 1
done

# 1: a repository with two tags, as it is first published
notary init "$gun"
tag 1 one
tag latest one
# Canonical already, without < > & U+2028: the client signs custom data as Go's json package escapes it, but verifies the canonical form.
printf '{"A":-5,"_":[],"z":"/ \\" \\\\","\303\251":[true,null,{}],"\356\200\200":1,"\360\237\230\200":2}' > custom.json
tag custom one --custom custom.json
notary publish "$gun"
for role in root timestamp snapshot targets; do get $role first/$role; done

# 2: a delegation with an x509 key signs tag 2, then the snapshot key moves to the server (a new root)
openssl ecparam -name prime256v1 -genkey -noout -out delegation.ec
openssl pkcs8 -topk8 -nocrypt -in delegation.ec -out delegation.key
openssl req -x509 -new -sha256 -key delegation.key -days 3650 -subj /CN=signer -out delegation.crt
notary delegation add "$gun" targets/releases delegation.crt --all-paths
notary publish "$gun"
notary key import delegation.key --role targets/releases
tag 2 two -r targets/releases
tag latest two -r targets/releases
notary publish "$gun"
notary key rotate "$gun" snapshot -r
for role in root timestamp snapshot targets targets/releases; do get $role delegated/$role; done

# 3: the root key is rotated
yes yes | notary key rotate "$gun" root
for role in root timestamp snapshot targets targets/releases; do get $role rotated/$role; done
for version in 1 2 3; do get $version.root rotated/$version.root; done

{
  echo "repository=$gun"
  echo "made-at=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "digest-one=sha256:$(sha one)"
  echo "digest-two=sha256:$(sha two)"
} > "$out/facts.txt"
for f in trust/private/*.key; do
  if grep -q 'role: root' "$f"; then echo "root-key=$(basename "$f" .key)"; fi
done | sort >> "$out/facts.txt"
