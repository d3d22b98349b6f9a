#!/bin/sh
# Removes what install.sh installed. The settings, the state and the audit log stay, unless --purge.
set -eu

root=''
purge=''

usage() {
	cat <<'TEXT'
usage: uninstall.sh [--purge] [--root DIR]
  --purge      also remove the settings, the state and the audit log
  --root DIR   the system below DIR
TEXT
}

fail() {
	echo "uninstall.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case "$1" in
		-h | --help) usage && exit ;;
		--purge) purge=yes && shift ;;
		--root)
			[ $# -ge 2 ] || fail '--root needs a folder'
			root=${2%/}
			shift 2
			;;
		*) fail "unknown argument $1; see --help" ;;
	esac
done
[ "$(id -u)" = 0 ] || fail 'this removes a system service and needs root; try it with sudo'
here=$(cd "$(dirname "$0")" && pwd)
{ read -r prefix <"$here/prefix"; } 2>/dev/null || fail "run the uninstall.sh that was installed, in PREFIX/lib/content-trust"

settings=$root/etc/content-trust/settings.json
named=$(sed -n 's/.*"daemon-config"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$settings" 2>/dev/null | head -n 1)
daemon_json=${named:-/etc/docker/daemon.json}
if tr -d '\n' 2>/dev/null <"$root$daemon_json" | grep -Eiq '"authorization-plugins"[[:space:]]*:[[:space:]]*\[[^]]*"content-trust"'; then
	cat >&2 <<TEXT

************************************************************************************************
content-trust: WARNING: $daemon_json still names content-trust in "authorization-plugins".
Without the plugin every docker command fails, and DOCKERD DOES NOT START ANY MORE.
To put this right:
    1. take "content-trust" out of "authorization-plugins" in $daemon_json
    2. systemctl reload docker      (or: systemctl restart docker, when it has stopped)
************************************************************************************************

TEXT
fi

units=$root/etc/systemd/system
# The files say what will be after a restart, systemd what is now.
if [ -e "$units/docker.socket.d/content-trust-gate.conf" ] ||
	{ [ -z "$root" ] && [ -d /run/systemd/system ] && systemctl --quiet is-active content-trust-gate.socket; }; then
	fail "the gate holds docker's socket; run content-trust gate disable and the commands it prints, and then this again"
fi
if [ -z "$root" ] && [ -d /run/systemd/system ]; then
	systemctl disable --quiet content-trust.socket content-trust.service || true
	# First docker.service must no longer require the socket: stopping a required unit stops docker and its containers.
	rm -f "$units/docker.service.d/content-trust.conf"
	systemctl daemon-reload
	if systemctl show --property=Requires --value docker.service 2>/dev/null | grep -qw content-trust.socket; then
		fail 'docker.service still requires content-trust.socket by another file (systemctl cat docker); take that away and run this again'
	fi
	systemctl stop content-trust.socket content-trust.service || true
fi
rm -f "$units/content-trust.service" "$units/content-trust.socket" "$units/content-trust-gate.socket" "$units/docker.service.d/content-trust.conf"
rmdir "$units/docker.service.d" 2>/dev/null || true
if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi

rm -f "$root$prefix/bin/content-trust" "$root$prefix/share/bash-completion/completions/content-trust" \
	"$root$prefix/share/man/man8/content-trust.8.gz" "$root$prefix/share/man/man5/content-trust.json.5.gz" \
	"$root$prefix/share/man/man5/content-trust-settings.5.gz"
rm -rf "$root$prefix/share/doc/content-trust" "$root$prefix/share/content-trust" "$root$prefix/lib/content-trust"
if [ -n "$purge" ]; then
	rm -rf "$root/etc/content-trust" "$root/var/lib/content-trust" "$root/var/log/content-trust" "$root/run/content-trust"
fi
echo 'content-trust is removed.'
