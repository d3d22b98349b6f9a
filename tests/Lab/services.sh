# shellcheck shell=bash
# The registries and the Notary server, their certificates, and DIR/env.
# The Notary server keeps its data in memory only, so it is never stopped: clients reach it through a relay, and
# `lab.sh stop DIR notary` stops the relay. To a client that is the same as a server that is down.

declare -A PORT=()

# Below the kernel's range for outgoing connections, so only listeners can be in the way.
pick_port() {
  local port try
  for ((try = 0; try < 200; try++)); do
    port=$((20000 + RANDOM % 12000))
    if [[ " ${PORT[*]-} " != *" $port "* ]] && ! listener "$port" >/dev/null; then
      PORT[$1]=$port
      return 0
    fi
  done
  die "no free port found between 20000 and 32000"
}

# Prints the socket inodes that listen on a port, whatever the address.
listener() {
  local hex
  printf -v hex '%04X' "$1"
  awk -v port=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10; found = 1 } END { exit !found }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# True when PART itself listens on its port: another lab may have taken the port in the meantime and would answer too.
service_listens() {
  local pid inode
  pid=$(pid_from "$1") || return 1
  for inode in $(listener "${PORT[$1]}"); do
    [[ -z $(find "/proc/$pid/fd" -lname "socket:\[$inode\]" -print -quit 2>/dev/null) ]] || return 0
  done
  return 1
}

service_listens_or_gone() {
  service_listens "$1" || gone "$1"
}

services_launch() {
  local service
  for service in registry login-registry notary-server; do
    pick_port "$service"
    service_launch "$service"
  done
}

services_wait() {
  local service
  for service in registry login-registry notary-server; do
    service_settle "$service"
  done
  pick_port notary
  service_launch notary
  service_settle notary
  notary_answers || die "the Notary server does not answer; see $LAB_DIR/log/notary-server.log"
}

# Waits for a service; when somebody was quicker and has the port, tries others.
service_settle() {
  local try
  for ((try = 0; try < 5; try++)); do
    wait_until 30 service_listens_or_gone "$1" || die "$1 did not listen in 30 s; see $LAB_DIR/log/$1.log"
    if service_listens "$1"; then return 0; fi
    tail -n 5 "$LAB_DIR/log/$1.log" | grep -qi 'address already in use' || break
    pick_port "$1"
    service_launch "$1"
  done
  die "$1 ended while starting; see $LAB_DIR/log/$1.log"
}

service_launch() {
  case $1 in
    registry | login-registry)
      write_registry_config "$1"
      spawn "$1" docker-registry serve "$LAB_DIR/etc/$1.yml"
      ;;
    notary-server)
      write_notary_config
      spawn "$1" notary-server -config "$LAB_DIR/etc/notary-server.json"
      ;;
    notary)
      spawn "$1" socat "TCP4-LISTEN:${PORT[notary]},bind=127.0.0.1,reuseaddr,fork" "TCP4:127.0.0.1:${PORT[notary-server]}"
      ;;
  esac
}

# For a lab that is up: the same ports again, as everything in the lab knows them.
service_start() {
  PORT=([registry]=${LAB_REGISTRY##*:} [login-registry]=${LAB_LOGIN_REGISTRY##*:} [notary]=${LAB_NOTARY##*:} [notary-server]=$LAB_NOTARY_SERVER_PORT)
  gone "$1" || return 0
  service_launch "$1"
  wait_until 30 service_listens_or_gone "$1" || die "$1 did not listen in 30 s; see $LAB_DIR/log/$1.log"
  service_listens "$1" || die "$1 cannot listen on port ${PORT[$1]} again; see $LAB_DIR/log/$1.log"
}

# Connections that are open go down with the service, as in a real failure.
service_stop() {
  kill_parts "$1"
}

part_signal() {
  local pid part=$2
  # The relay must go on accepting: the server behind it is what keeps silent.
  if [[ $part == notary ]]; then part='notary-server'; fi
  for pid in $(marked_pids "$part"); do
    kill "-$1" "$pid"
  done
}

notary_answers() {
  curl --silent --fail --noproxy '*' --max-time 20 --output /dev/null --cacert "$LAB_DIR/ca/ca.crt" \
    "https://localhost:${PORT[notary]}/_notary_server/health"
}

write_registry_config() {
  local auth=''
  if [[ $1 == login-registry ]]; then
    write_login
    auth=$(printf 'auth:\n  htpasswd:\n    realm: lab\n    path: %s\n' "$LAB_DIR/etc/htpasswd")
  fi
  cat >"$LAB_DIR/etc/$1.yml" <<TEXT
version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: $LAB_DIR/data/$1
  delete:
    enabled: true
http:
  addr: 127.0.0.1:${PORT[$1]}
  secret: $(openssl rand -hex 16)
$auth
TEXT
}

# perl's crypt knows bcrypt, the only hash that the registry takes, and perl-base is on every Debian machine.
write_login() {
  LOGIN_PASSWORD=$(openssl rand -hex 12)
  # shellcheck disable=SC2016
  SALT=$(openssl rand -hex 11) PASSWORD=$LOGIN_PASSWORD \
    perl -e 'print "alice:", crypt($ENV{PASSWORD}, q($2y$05$) . $ENV{SALT}), "\n"' >"$LAB_DIR/etc/htpasswd"
}

write_notary_config() {
  cat >"$LAB_DIR/etc/notary-server.json" <<TEXT
{
  "server": {
    "http_addr": "127.0.0.1:${PORT[notary-server]}",
    "tls_cert_file": "$LAB_DIR/ca/localhost.crt",
    "tls_key_file": "$LAB_DIR/ca/localhost.key"
  },
  "trust_service": { "type": "local", "key_algorithm": "ecdsa" },
  "storage": { "backend": "memory" },
  "logging": { "level": "info" }
}
TEXT
}

# A lab CA and a server certificate for localhost, valid for the life of a lab and not much longer.
make_certificates() {
  local ca=$LAB_DIR/ca
  cat >"$ca/openssl.cnf" <<'TEXT'
[req]
distinguished_name = name
prompt = no
[name]
CN = content-trust lab
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
TEXT
  {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -config "$ca/openssl.cnf" -extensions ca \
      -keyout "$ca/ca.key" -out "$ca/ca.crt"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$ca/openssl.cnf" -subj /CN=localhost \
      -keyout "$ca/localhost.key" -out "$ca/localhost.csr"
    openssl x509 -req -in "$ca/localhost.csr" -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -CAcreateserial -days 30 \
      -extfile "$ca/openssl.cnf" -extensions server -out "$ca/localhost.crt"
  } >>"$LAB_DIR/log/certificates.log" 2>&1 || die "the lab's certificates cannot be made; see $LAB_DIR/log/certificates.log"
}

# One KEY=VALUE per line. No value needs quoting, so a shell can source it and a program can split it at the first "=".
write_env() {
  local notary=localhost:${PORT[notary]}
  mkdir -p "$LAB_DIR/certs.d/$notary"
  cp "$LAB_DIR/ca/ca.crt" "$LAB_DIR/certs.d/$notary/ca.crt"
  cat >"$LAB_DIR/env.new" <<TEXT
LAB_DIR=$LAB_DIR
LAB_ENGINE=$ENGINE
LAB_DOCKER=$ENGINE_CLI
LAB_COMPOSE=$ENGINE_COMPOSE
LAB_ENGINE_SOCKET=$LAB_DIR/docker.sock
LAB_ENGINE_DATA=$LAB_DIR/data/engine
LAB_ENGINE_PID_FILE=$LAB_DIR/run/dockerd.pid
LAB_ENGINE_LOG=$LAB_DIR/log/engine.log
LAB_DAEMON_JSON=$LAB_DIR/etc/docker/daemon.json
LAB_PLUGIN_DIR=$LAB_DIR/plugins
LAB_REGISTRY=localhost:${PORT[registry]}
LAB_REGISTRY_PID_FILE=$LAB_DIR/run/registry.pid
LAB_REGISTRY_LOG=$LAB_DIR/log/registry.log
LAB_LOGIN_REGISTRY=localhost:${PORT[login-registry]}
LAB_LOGIN_REGISTRY_PID_FILE=$LAB_DIR/run/login-registry.pid
LAB_LOGIN_REGISTRY_LOG=$LAB_DIR/log/login-registry.log
LAB_LOGIN_USER=alice
LAB_LOGIN_PASSWORD=$LOGIN_PASSWORD
LAB_NOTARY=https://$notary
LAB_NOTARY_PID_FILE=$LAB_DIR/run/notary.pid
LAB_NOTARY_SERVER_PORT=${PORT[notary-server]}
LAB_NOTARY_SERVER_PID_FILE=$LAB_DIR/run/notary-server.pid
LAB_NOTARY_LOG=$LAB_DIR/log/notary-server.log
LAB_CA=$LAB_DIR/ca/ca.crt
LAB_CERTS_D=$LAB_DIR/certs.d
LAB_CREDENTIALS=$LAB_DIR/clients/owner/config.json
DOCKER_HOST=unix://$LAB_DIR/docker.sock
DOCKER_CONFIG=$LAB_DIR/clients/owner
DOCKER_CONTENT_TRUST_SERVER=https://$notary
DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=lab-root-passphrase
DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=lab-repository-passphrase
TEXT
  chmod 600 "$LAB_DIR/env.new"
  mv "$LAB_DIR/env.new" "$LAB_DIR/env"
}

# A folder for a docker CLI (DOCKER_CONFIG) that knows the lab's CA and its login. Every signer has one, with keys of its own.
write_client() {
  local notary=localhost:${PORT[notary]}
  mkdir -p "$1/tls/$notary"
  cp "$LAB_DIR/ca/ca.crt" "$1/tls/$notary/ca.crt"
  printf '{"auths":{"localhost:%s":{"auth":"%s"}},"cliPluginsExtraDirs":["%s"]}\n' "${PORT[login-registry]}" \
    "$(printf 'alice:%s' "$LOGIN_PASSWORD" | base64 -w0)" "$LAB_DIR/bin/cli-plugins" \
    >"$1/config.json"
  chmod 600 "$1/config.json"
}
