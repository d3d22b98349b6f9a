# shellcheck shell=bash disable=SC2154
# Prometheus' own tool reads what the program serves and what is shipped for Prometheus.

metrics_cases() {
  check Promtool_can_be_had
  check The_scrape_of_the_program_is_what_promtool_takes
  check The_alert_rules_are_what_promtool_takes_and_fire_when_they_should
  check The_package_has_the_rules_and_the_dashboard
}

# promtool is in Debian's package prometheus. Only the file is taken: installing the package would start a server.
Promtool_can_be_had() { find_promtool; }

find_promtool() {
  promtool=$(command -v promtool || true)
  if [[ -z $promtool && ! -x $work/prometheus/usr/bin/promtool ]]; then
    mkdir -p "$work/prometheus"
    if ! (cd "$work/prometheus" && apt-get -q -o APT::Sandbox::User=root download prometheus) >"$work/promtool.log" 2>&1; then
      echo "there is no promtool, and apt-get cannot download prometheus: $(tail -n 1 "$work/promtool.log")"
      return 77
    fi
    dpkg-deb --extract "$work"/prometheus/prometheus_*.deb "$work/prometheus"
  fi
  promtool=${promtool:-$work/prometheus/usr/bin/promtool}
}

# serve_metrics FILE: starts the program with nothing around it, asks it something, and keeps a scrape.
serve_metrics() {
  local root=$work/metrics pid key
  rm -rf "$root"
  mkdir "$root"
  for key in socket:plugin.sock admin-socket:admin.sock engine-socket:no-engine.sock daemon-config:daemon.json policy-file:none.json \
    certs-dir:certs state-dir:state audit-file:audit.log credentials-file:none metrics-listen:metrics.sock; do
    printf '"%s":"%s/%s"\n' "${key%%:*}" "$root" "${key#*:}"
  done | paste -sd, | sed 's/.*/{&}/' >"$root/settings.json"
  echo '{"builder":{"content-trust":{"mode":"enforced","trust-pinning":{"root-keys":{"registry.example.com/team/*":["'"$(printf 'a%.0s' {1..64})"'"]}}}}}' >"$root/daemon.json"
  "$program" serve --settings "$root/settings.json" >"$root/log" 2>&1 &
  pid=$!
  # shellcheck disable=SC2064
  trap "kill $pid" EXIT
  wait_for_socket "$root/metrics.sock"
  # A read, a refusal and an undecided start.
  ask_program "$root" '{"RequestMethod":"GET","RequestUri":"/_ping"}'
  ask_program "$root" '{"RequestMethod":"POST","RequestUri":"/v1.41/build"}'
  ask_program "$root" '{"RequestMethod":"POST","RequestUri":"/v1.41/containers/x/start"}'
  curl -sSf --max-time 10 --unix-socket "$root/metrics.sock" http://localhost/metrics >"$1"
}

wait_for_socket() {
  local i
  for ((i = 0; i < 200; i++)); do
    [[ ! -S $1 ]] || return 0
    sleep 0.1
  done
  cat "$work/metrics/log"
  echo "$1 did not come"
  return 1
}

ask_program() { curl -sSf --max-time 20 --unix-socket "$1/plugin.sock" -d "$2" http://localhost/AuthZPlugin.AuthZReq >/dev/null; }

The_scrape_of_the_program_is_what_promtool_takes() {
  find_promtool || return
  local root=$work/metrics
  serve_metrics "$work/scrape"
  says 'content_trust_request_duration_seconds_count{kind="read",phase="request"} 1' "$work/scrape"
  says 'outcome="undecided"' "$work/scrape"
  "$promtool" check metrics <"$work/scrape"
  says_not 'error' "$root/log"
  echo "figure: metrics: $(grep -cv '^#' "$work/scrape") samples in $(stat -c %s "$work/scrape") bytes after three requests"
}

The_alert_rules_are_what_promtool_takes_and_fire_when_they_should() {
  find_promtool || return
  "$promtool" check rules "$work/tree/usr/share/content-trust/prometheus/content-trust.rules.yml"
  (cd packaging/prometheus && "$promtool" test rules content-trust.test.yml)
}

The_package_has_the_rules_and_the_dashboard() {
  cmp packaging/prometheus/content-trust.rules.yml "$work/tree/usr/share/content-trust/prometheus/content-trust.rules.yml"
  cmp packaging/grafana/content-trust.json "$work/tree/usr/share/content-trust/grafana/content-trust.json"
}
