# shellcheck shell=bash disable=SC2154
# Installation, upgrade, removal and purge: in a chroot, as image builders do it, and under a systemd that runs.

installing_cases() {
  check A_system_of_its_own_is_there_to_install_into
  chroot=$work/chroot system=$work/system
  [[ -d $chroot && -d $system ]] || { echo 'FAILED: there is no system to install into' && exit 1; }
  check Without_systemd_the_package_installs_enables_its_units_and_says_what_to_do
  check The_units_are_valid_where_they_are_installed
  check The_installed_program_checks_the_example_and_finds_what_is_wrong
  check Removing_while_daemon_json_names_the_plugin_warns_and_goes_on
  check Removing_keeps_settings_and_records_and_purging_removes_them
  check Removing_without_the_plugin_in_daemon_json_says_nothing

  if ! system_boot "$system"; then failed=$((failed + 1)) && return; fi
  check Under_systemd_the_package_starts_the_socket_and_the_service
  check The_service_reloads_its_policy
  check Over_50_restarts_under_load_nothing_is_allowed_undecided_and_at_most_one_in_10000_is_refused
  check An_upgrade_restarts_the_service_and_systemd_keeps_the_socket_under_load
  check An_upgrade_that_finds_the_policy_bad_leaves_the_old_service_running
  check Removing_stops_the_service_and_leaves_docker_running
  check After_a_purge_nothing_is_left
  check The_tarball_is_for_root_only
  check The_tarball_installs_upgrades_and_uninstalls
}

A_system_of_its_own_is_there_to_install_into() {
  system_copy "$work/chroot"
  system_copy "$work/system"
}

# The same package with a higher version.
newer_package() {
  [[ ! -e $work/newer.deb ]] || return 0
  cp -a "$work/raw" "$work/newer"
  sed -i 's/^Version: .*/&+newer/' "$work/newer/DEBIAN/control"
  dpkg-deb --root-owner-group -Zgzip -z1 --build "$work/newer" "$work/newer.deb" >/dev/null
  rm -rf "$work/newer"
}

write_policy() {
  mkdir -p "$1/etc/docker"
  printf '{ "authorization-plugins": ["content-trust"], "builder": { "content-trust": { "mode": "%s" } } }\n' "$2" >"$1/etc/docker/daemon.json"
}

Without_systemd_the_package_installs_enables_its_units_and_says_what_to_do() {
  cp "$deb" "$chroot/root/content-trust.deb"
  in_chroot "$chroot" apt-get install -y /root/content-trust.deb >"$work/apt.log" 2>&1
  says 'content-trust check-config' "$work/apt.log"
  says 'systemctl reload docker' "$work/apt.log"
  gone "$chroot/etc/docker"
  [[ -L $chroot/etc/systemd/system/sockets.target.wants/content-trust.socket ]]
  [[ -L $chroot/etc/systemd/system/multi-user.target.wants/content-trust.service ]]
}

The_units_are_valid_where_they_are_installed() {
  in_chroot "$chroot" systemd-analyze verify --man=no content-trust.service content-trust.socket >"$work/verify.log" 2>&1
  same '' "$(cat "$work/verify.log")" 'systemd-analyze verify'
}

The_installed_program_checks_the_example_and_finds_what_is_wrong() {
  local status=0
  in_chroot "$chroot" content-trust --help >"$work/help"
  says check-config "$work/help"
  mkdir -p "$chroot/etc/docker"
  cp "$chroot/usr/share/doc/content-trust/examples/daemon.json.example" "$chroot/etc/docker/daemon.json"
  in_chroot "$chroot" content-trust check-config >"$work/check"
  says enforced "$work/check"
  write_policy "$chroot" enforce
  in_chroot "$chroot" content-trust check-config >"$work/check" || status=$?
  same 78 "$status" 'exit code of check-config'
  says enforced "$work/check"
}

Removing_while_daemon_json_names_the_plugin_warns_and_goes_on() {
  write_policy "$chroot" enforced
  in_chroot "$chroot" apt-get remove -y content-trust >"$work/apt.log" 2>&1
  says 'DOCKERD DOES NOT START ANY MORE' "$work/apt.log"
  says 'take "content-trust" out of "authorization-plugins" in /etc/docker/daemon.json' "$work/apt.log"
  gone "$chroot/usr/bin/content-trust" "$chroot/usr/lib/systemd/system/docker.service.d"
  says content-trust "$chroot/etc/docker/daemon.json"
}

Removing_keeps_settings_and_records_and_purging_removes_them() {
  mkdir -p "$chroot"/var/{lib,log}/content-trust
  touch "$chroot/var/log/content-trust/audit.log"
  [[ -e $chroot/etc/content-trust/settings.json ]]
  in_chroot "$chroot" apt-get purge -y content-trust
  gone "$chroot/etc/content-trust" "$chroot"/var/{lib,log}/content-trust \
    "$chroot/etc/systemd/system/sockets.target.wants/content-trust.socket" "$chroot/etc/systemd/system/multi-user.target.wants/content-trust.service"
  [[ -e $chroot/etc/docker/daemon.json ]]
}

Removing_without_the_plugin_in_daemon_json_says_nothing() {
  echo '{ "authorization-plugins": ["another"], "builder": { "content-trust": { "mode": "disabled" } } }' >"$chroot/etc/docker/daemon.json"
  in_chroot "$chroot" apt-get install -y /root/content-trust.deb
  in_chroot "$chroot" apt-get remove -y content-trust >"$work/apt.log" 2>&1
  says_not WARNING "$work/apt.log"
}

property() { in_system systemctl show --property="$2" --value "$1"; }

# One question on the plugin's socket, as dockerd asks it.
ask() {
  curl --silent --max-time 20 --unix-socket "/proc/$booted/root/run/docker/plugins/content-trust.sock" \
    --data '{"RequestMethod":"GET","RequestUri":"/_ping"}' http://plugin/AuthZPlugin.AuthZReq
}

Under_systemd_the_package_starts_the_socket_and_the_service() {
  # An engine of sorts: what counts is whether systemd keeps it running.
  printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$system/etc/systemd/system/docker.service"
  cp "$deb" "$system/root/content-trust.deb"
  in_system apt-get install -y /root/content-trust.deb
  in_system systemctl start docker.service
  same content-trust.socket "$(property docker.service Requires | grep -o content-trust.socket)" 'what docker requires'
  same active "$(property content-trust.socket ActiveState)" 'the socket'
  same active "$(property content-trust.service ActiveState)" 'the service'
  in_system content-trust status >"$work/status"
  says 'disabled' "$work/status"
  same '' "$(ask | grep -v '"Allow":true')" 'the answer to a ping'
  in_system content-trust audit verify
  same running "$(in_system systemctl is-system-running)" 'the system'
  echo "figure: systemd-analyze security content-trust.service: $(in_system systemd-analyze security --no-pager content-trust.service | grep -o 'level for.*: [0-9.]*' | grep -o '[0-9.]*$') of 10 exposed"
}

The_service_reloads_its_policy() {
  write_policy "$system" enforced
  in_system systemctl reload content-trust.service
  timeout 10 bash -c 'until "$@" | grep -q "^mode *enforced"; do sleep 0.2; done' wait nsenter --target "$booted" --mount --pid --root content-trust status
}

# A stream of questions over eight connections (questions.pl), into the folder $1, until questions_end.
questions_begin() {
  mkdir "$1"
  touch "$1/asking"
  perl tests/packaging/questions.pl plugin "/proc/$booted/root/run/docker/plugins/content-trust.sock" "$1" 8 2>"$1/errors" &
  questions_pid=$!
}

questions_asked() { cat "$1"/*.asked 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }'; }

# questions_wait FOLDER LEAST: until so many have been asked.
questions_wait() {
  local try
  for ((try = 0; try < 600; try++)); do
    if (($(questions_asked "$1") >= $2)); then return; fi
    sleep 0.1
  done
  echo "$2 questions were not asked in a minute"
  return 1
}

# Sets asked, wrong (answers that were not the right ones) and allowed (creates that were let through).
questions_end() {
  rm "$1/asking"
  wait "$questions_pid"
  same '' "$(cat "$1/errors")" 'errors of questions.pl'
  asked=$(questions_asked "$1")
  wrong=$(cat "$1"/*.wrong | wc -l)
  allowed=$(cat "$1"/*.wrong | awk '/^ALLOWED/ { sum++ } END { print sum + 0 }')
  head -qn 2 "$1"/*.wrong
}

Over_50_restarts_under_load_nothing_is_allowed_undecided_and_at_most_one_in_10000_is_refused() {
  local restarts=50 least=30000 i
  questions_begin "$work/restarts"
  for ((i = 1; i <= restarts; i++)); do
    in_system systemctl restart content-trust.service
    questions_wait "$work/restarts" $((i * least / restarts))
  done
  questions_end "$work/restarts"
  echo "figure: the packaged service under systemd: restarts $restarts, questions $asked, allowed undecided $allowed, refused/failed $wrong ($(((wrong > 0)) && echo "1 in $((asked / wrong))" || echo "fewer than 1 in $asked"))"
  same 0 "$allowed" 'allowed undecided'
  ((wrong * 10000 <= asked)) || { echo "$wrong of $asked were not answered rightly"; return 1; }
}

An_upgrade_restarts_the_service_and_systemd_keeps_the_socket_under_load() {
  local before socket
  newer_package
  cp "$work/newer.deb" "$system/root/newer.deb"
  before=$(property content-trust.service MainPID) socket=$(property content-trust.socket InvocationID)
  questions_begin "$work/upgrade"
  questions_wait "$work/upgrade" 2000
  in_system apt-get install -y /root/newer.deb >"$work/apt.log" 2>&1
  questions_wait "$work/upgrade" $(($(questions_asked "$work/upgrade") + 2000))
  questions_end "$work/upgrade"
  says_not WARNING "$work/apt.log"
  says_not 'What to do next' "$work/apt.log"
  [[ $before != "$(property content-trust.service MainPID)" ]] || { echo 'the service was not restarted'; return 1; }
  same active "$(property content-trust.service ActiveState)" 'the service'
  same "$socket" "$(property content-trust.socket InvocationID)" 'the invocation of the socket'
  same 1 "$(property docker.service NRestarts | grep -c '^0$')" 'docker restarted'
  echo "figure: upgrade of the package under load: questions $asked, allowed undecided $allowed, refused/failed $wrong"
  same '0 0' "$allowed $wrong" 'allowed undecided, and refused or failed'
}

An_upgrade_that_finds_the_policy_bad_leaves_the_old_service_running() {
  local before
  before=$(property content-trust.service MainPID)
  write_policy "$system" enforce
  in_system apt-get install -y --reinstall /root/newer.deb >"$work/apt.log" 2>&1
  says 'NOT restarted' "$work/apt.log"
  says builder.content-trust.mode "$work/apt.log"
  same "$before" "$(property content-trust.service MainPID)" 'the process'
  write_policy "$system" enforced
}

Removing_stops_the_service_and_leaves_docker_running() {
  local docker
  docker=$(property docker.service InvocationID)
  in_system apt-get remove -y content-trust >"$work/apt.log" 2>&1
  says 'DOCKERD DOES NOT START ANY MORE' "$work/apt.log"
  same inactive "$(property content-trust.service ActiveState)" 'the service'
  same inactive "$(property content-trust.socket ActiveState)" 'the socket'
  same active "$(property docker.service ActiveState)" docker
  same "$docker" "$(property docker.service InvocationID)" 'the invocation of docker'
}

After_a_purge_nothing_is_left() {
  in_system apt-get purge -y content-trust
  same '' "$(in_system find / -xdev -name '*content-trust*' -not -path '/root/*' -not -path '/proc/*' -not -name content-trust-packages)" 'files'
}

The_tarball_is_for_root_only() {
  mkdir -p "$system/opt/tarball"
  tar -x -C "$system/opt/tarball" --strip-components=1 -f "$work"/tarball/*.tar.gz
  ! in_chroot "$system" setpriv --reuid 65534 --regid 65534 --clear-groups /opt/tarball/install.sh >"$work/install.log" 2>&1
  says 'needs root' "$work/install.log"
  gone "$system/usr/local/bin/content-trust"
}

The_tarball_installs_upgrades_and_uninstalls() {
  local before docker
  write_policy "$system" permissive
  docker=$(property docker.service InvocationID)
  in_system /opt/tarball/install.sh >"$work/install.log"
  says 'systemctl reload docker' "$work/install.log"
  same active "$(property content-trust.service ActiveState)" 'the service'
  same /usr/local/lib/content-trust/content-trust "$(in_system readlink -f "/proc/$(property content-trust.service MainPID)/exe")" 'the program'
  in_system content-trust status >"$work/status"
  says permissive "$work/status"

  before=$(property content-trust.service MainPID)
  echo '{ "audit-keep": 3 }' >"$system/etc/content-trust/settings.json"
  in_system /opt/tarball/install.sh >"$work/install.log"
  says 'was left as it is' "$work/install.log"
  [[ $before != "$(property content-trust.service MainPID)" ]] || { echo 'the service was not restarted'; return 1; }

  mkdir "$system/etc/systemd/system/docker.socket.d"
  touch "$system/etc/systemd/system/docker.socket.d/content-trust-gate.conf"
  ! in_system /usr/local/lib/content-trust/uninstall.sh >"$work/install.log" 2>&1
  says "the gate holds docker's socket" "$work/install.log"
  rm -r "$system/etc/systemd/system/docker.socket.d"

  in_system /usr/local/lib/content-trust/uninstall.sh --purge >"$work/install.log" 2>&1
  says 'DOCKERD DOES NOT START ANY MORE' "$work/install.log"
  same "$docker" "$(property docker.service InvocationID)" 'the invocation of docker'
  same '' "$(in_system find / -xdev -name '*content-trust*' -not -path '/root/*' -not -path '/proc/*' -not -path '/opt/*' -not -name content-trust-packages)" 'files'
}
