# shellcheck shell=bash disable=SC2154
# The gate as an administrator switches it on and off, in the machine of road.sh: enforced mode, a signed image, and now a user of the group docker.

gate_cases() {
  gate_world
  check The_gate_is_enabled_twice_and_nothing_that_runs_is_touched
  check The_printed_commands_give_the_public_socket_to_the_gate
  check Docker_works_through_the_gate_and_refuses_what_is_unsigned
  check The_audit_record_names_the_user_who_called
  check Docker_restarts_under_the_gate_and_commands_wait
  check A_service_that_is_killed_30_times_costs_neither_socket
  check An_upgrade_with_the_gate_on_loses_no_socket_and_no_request
  if ! reboot_road; then failed=$((failed + 1)) && return; fi
  check After_a_reboot_the_gate_stands_before_docker
  check The_package_is_not_removed_while_the_gate_is_on
  check The_gate_is_disabled_twice_and_everything_is_as_it_was
}

gate_world() {
  in_system useradd --groups docker alice
  install -m 755 tests/packaging/questions.pl "$road/srv/questions.pl"
  app=registry.example.com/team/app
  # A container of a user's, so that there is one to come back after a restart and a reboot.
  in_system docker run --detach --restart always --name kept "$app:1" /bin/busybox sleep 1000000
} >/dev/null

as_alice() { in_system setpriv --reuid alice --regid alice --init-groups env -C / HOME=/tmp "$@"; }

socket_of() { in_system stat -c '%F %U:%G %a' "$1"; }

# The commands that the switch printed into the file $1: the lines that are no comment and begin with systemctl.
run_printed() {
  local line
  same 2 "$(grep -c ^systemctl "$1")" 'commands to run'
  while read -r line; do
    # shellcheck disable=SC2086
    in_system $line
  done < <(grep ^systemctl "$1")
}

status_says() {
  in_system content-trust status >"$work/status"
  says "$1" "$work/status"
}

docker_answers() { as_alice timeout 30 docker version >"$work/version"; }

gate_is_on() {
  same 'socket root:docker 660' "$(socket_of /run/docker.sock)" 'the public socket'
  same 'socket root:root 600' "$(socket_of /run/docker-engine/docker.sock)" 'the private socket'
  same 'directory root:root 700' "$(socket_of /run/docker-engine)" 'its folder'
  same 'active active' "$(property content-trust-gate.socket ActiveState) $(property content-trust.socket ActiveState)" 'the sockets of content-trust'
  docker_answers
  status_says 'gate         on at /run/docker.sock since '
  says 'engine at /run/docker-engine/docker.sock' "$work/status"
  says_not 'printed were not run' "$work/status"
}

The_gate_is_enabled_twice_and_nothing_that_runs_is_touched() {
  local before after
  status_says 'gate         off'
  socket_of /run/docker.sock >"$work/public-socket"
  before=$(for unit in docker.service docker.socket content-trust.service; do property $unit InvocationID; done)
  in_system content-trust gate enable >"$work/enable"
  in_system content-trust gate enable >"$work/enable2"
  cmp "$work/enable" "$work/enable2"
  after=$(for unit in docker.service docker.socket content-trust.service; do property $unit InvocationID; done)
  same "$before" "$after" 'the invocations of docker and the service'
  status_says 'gate         off; enabled, but the commands that content-trust gate enable printed were not run'
  # Somebody may restart the service before docker: an upgrade, say.
  in_system systemctl restart content-trust.service
  as_alice docker run --rm "$app:1" >"$work/signed"
  says 'hello from 1' "$work/signed"
}

The_printed_commands_give_the_public_socket_to_the_gate() {
  run_printed "$work/enable"
  gate_is_on
  in_system content-trust status --json >"$work/status"
  says '"on": true,' "$work/status"
  says '"engine-socket": "/run/docker-engine/docker.sock",' "$work/status"
  ! as_alice docker -H unix:///run/docker-engine/docker.sock version >"$work/version" 2>&1
  same running "$(in_system systemctl is-system-running)" 'the system'
}

Docker_works_through_the_gate_and_refuses_what_is_unsigned() {
  as_alice timeout 60 docker events --filter type=container --format '{{.Action}}' >"$work/events" &
  local events=$!
  as_alice docker run --rm "$app:1" >"$work/signed"
  says 'hello from 1' "$work/signed"
  as_alice docker pull "$app:1" >"$work/pull"
  says 'Status: ' "$work/pull"
  # cat ends when its input does, and what it says comes after that.
  same 'typed' "$(printf typed | as_alice timeout 30 docker run --rm -i "$app:1" /bin/busybox cat)" 'the echo'
  same 'typed' "$(printf typed | as_alice timeout 30 docker exec -i kept /bin/busybox cat)" 'the echo of exec'
  says die "$work/events"
  kill "$events"
  ! as_alice docker run --rm "$app:2" >"$work/unsigned" 2>&1
  says "$app:2 is not signed" "$work/unsigned"
  ! as_alice docker pull "$app:2" >"$work/unsigned" 2>&1
  says "$app:2 is not signed" "$work/unsigned"
}

The_audit_record_names_the_user_who_called() {
  in_system content-trust audit show --json --outcome refused --image "$app:2" | tail -n 1 >"$work/record"
  says "\"uid\":$(in_system id -u alice)," "$work/record"
  says '"user-name":"alice"' "$work/record"
  in_system content-trust audit verify
}

Docker_restarts_under_the_gate_and_commands_wait() {
  local restart
  in_system systemctl restart docker.service &
  restart=$!
  sleep 0.5
  docker_answers
  wait "$restart"
  gate_is_on
  in_system timeout 30 sh -c 'until docker ps --format "{{.Names}}" | grep -qx kept; do sleep 0.2; done'
}

# The stream of questions.pl over eight connections, as alice, into the folder $1 of /srv.
requests_begin() {
  mkdir -m 777 "$road/srv/$1"
  touch "$road/srv/$1/asking"
  as_alice perl /srv/questions.pl gate /run/docker.sock "/srv/$1" 8 2>"$road/srv/$1/errors" &
  questions_pid=$!
}

A_service_that_is_killed_30_times_costs_neither_socket() {
  local i public plugin
  public=$(property content-trust-gate.socket InvocationID) plugin=$(property content-trust.socket InvocationID)
  requests_begin killed
  for ((i = 0; i < 30; i++)); do
    in_system systemctl kill --signal=KILL content-trust.service
    sleep 0.05
  done
  questions_wait "$road/srv/killed" 300
  questions_end "$road/srv/killed"
  same "$public $plugin" "$(property content-trust-gate.socket InvocationID) $(property content-trust.socket InvocationID)" 'the invocations of the sockets'
  same 0 "$allowed" 'allowed undecided'
  gate_is_on
}

An_upgrade_with_the_gate_on_loses_no_socket_and_no_request() {
  local before public docker events
  newer_package
  cp "$work/newer.deb" "$road/root/newer.deb"
  before=$(property content-trust.service MainPID)
  public=$(property content-trust-gate.socket InvocationID) docker=$(property docker.service InvocationID)
  # A stream keeps the old process to the limit of its drain, and requests wait so long.
  as_alice timeout 120 docker events >"$work/events" 2>&1 &
  events=$!
  requests_begin upgrade
  questions_wait "$road/srv/upgrade" 1000
  in_system apt-get install -y /root/newer.deb >"$work/apt.log" 2>&1
  questions_wait "$road/srv/upgrade" $(($(questions_asked "$road/srv/upgrade") + 1000))
  questions_end "$road/srv/upgrade"
  ! kill "$events" 2>/dev/null || { echo 'the stream of events outlived the old process'; return 1; }
  [[ $before != "$(property content-trust.service MainPID)" ]] || { echo 'the service was not restarted'; return 1; }
  same "$public $docker" "$(property content-trust-gate.socket InvocationID) $(property docker.service InvocationID)" 'the invocations of the socket and of docker'
  gate_is_on
  echo "figure: upgrade of the package under load, gate on: requests $asked, allowed undecided $allowed, refused/failed $wrong"
  same '0 0' "$allowed $wrong" 'allowed undecided, and refused or failed'
}

# Not in a case, whose variables are its own.
reboot_road() {
  local try
  in_system systemctl --no-block poweroff
  for ((try = 0; try < 300; try++)); do
    kill -0 "$boot_parent" 2>/dev/null || break
    sleep 0.1
  done
  system_halt
  system_boot "$road"
}

After_a_reboot_the_gate_stands_before_docker() {
  docker_answers
  gate_is_on
  # The trust server was not started again, which is nothing that an image needs whose trust data is known.
  as_alice docker run --rm "$app:1" >"$work/signed"
  says 'hello from 1' "$work/signed"
  same kept "$(as_alice docker ps --format '{{.Names}}')" 'the containers that run'
  ! as_alice docker run --rm "$app:2" >"$work/unsigned" 2>&1
  says "$app:2 is not signed" "$work/unsigned"
}

The_package_is_not_removed_while_the_gate_is_on() {
  ! in_system apt-get remove -y content-trust >"$work/apt.log" 2>&1
  says "the gate holds docker's socket; run content-trust gate disable" "$work/apt.log"
  gate_is_on
  in_system content-trust gate disable >"$work/disable"
  # The files are gone; what runs is not.
  ! in_system apt-get remove -y content-trust >"$work/apt.log" 2>&1
  says "the gate holds docker's socket; run content-trust gate disable" "$work/apt.log"
  status_says '; disabled, but the commands that content-trust gate disable printed were not run'
  in_system systemctl restart content-trust.service
  docker_answers
}

The_gate_is_disabled_twice_and_everything_is_as_it_was() {
  in_system content-trust gate disable >"$work/disable2"
  run_printed "$work/disable2"
  same "$(cat "$work/public-socket")" "$(socket_of /run/docker.sock)" 'the public socket'
  same 'active inactive' "$(property docker.socket ActiveState) $(property content-trust-gate.socket ActiveState)" 'docker.socket and the socket of the gate'
  same disabled "$(in_system systemctl is-enabled content-trust-gate.socket || true)" 'the unit of the gate'
  same '' "$(in_system find /etc/systemd -name '*gate*')" 'files of the gate'
  docker_answers
  status_says 'gate         off'
  says_not 'printed were not run' "$work/status"
  as_alice docker run --rm "$app:1" >"$work/signed"
  says 'hello from 1' "$work/signed"
  in_system content-trust gate disable >"$work/disable3"
  same '# the gate is off; there is nothing to do' "$(cat "$work/disable3")" 'a second disable'
}
