#!/bin/sh
# Installs content-trust from this folder, or upgrades it. /etc/docker/daemon.json is never changed.
set -eu

prefix=/usr/local
root=''

usage() {
	cat <<'TEXT'
usage: install.sh [--prefix DIR] [--root DIR]
  --prefix DIR   where the program goes (default /usr/local)
  --root DIR     install into the system below DIR, and start nothing
Needs glibc 2.27 or newer, libstdc++, OpenSSL 1.1.1 or newer, CA certificates, and systemd for the units.
TEXT
}

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case "$1" in
		-h | --help) usage && exit ;;
		--prefix | --root)
			[ $# -ge 2 ] || fail "$1 needs a folder; see --help"
			case "$2" in /*) ;; *) fail "$2 is not an absolute path" ;; esac
			if [ "$1" = --prefix ]; then prefix=${2%/}; else root=${2%/}; fi
			shift 2
			;;
		*) fail "unknown argument $1; see --help" ;;
	esac
done
# They go into units and paths as they are.
case "$prefix" in *[!A-Za-z0-9/._-]*) fail "the prefix may hold only A-Z a-z 0-9 / . _ and -: $prefix" ;; esac
[ "$(id -u)" = 0 ] || fail 'this installs a system service and needs root; try sudo ./install.sh'
cd "$(dirname "$0")"
[ -x files/usr/lib/content-trust/content-trust ] || fail 'the folder files is not beside this script; unpack the whole tarball'
if command -v dpkg-query >/dev/null && dpkg-query -W -f '${db:Status-Status}' content-trust 2>/dev/null | grep -qx installed; then
	[ -n "$root" ] || fail 'the Debian package content-trust is installed; remove it first (apt remove content-trust), or upgrade it instead'
fi
umask 022

# Beside the old file and then in its place: the running service keeps the old one.
put() {
	mkdir -p "$root$(dirname "$3")"
	cp "$2" "$root$3.new"
	chmod "$1" "$root$3.new"
	mv "$root$3.new" "$root$3"
}

systemd_runs() {
	[ -z "$root" ] && [ -d /run/systemd/system ]
}

upgrade=''
[ ! -e "$root$prefix/lib/content-trust/content-trust" ] || upgrade=yes

put 755 files/usr/lib/content-trust/content-trust "$prefix/lib/content-trust/content-trust"
put 755 uninstall.sh "$prefix/lib/content-trust/uninstall.sh"
echo "$prefix" >"$root$prefix/lib/content-trust/prefix"
mkdir -p "$root$prefix/bin"
ln -sfn ../lib/content-trust/content-trust "$root$prefix/bin/content-trust"
(cd files/usr && find share -type f) | while read -r file; do
	put 644 "files/usr/$file" "$prefix/$file"
done
for unit in content-trust.service content-trust.socket content-trust-gate.socket docker.service.d/content-trust.conf; do
	put 644 "files/usr/lib/systemd/system/$unit" "/etc/systemd/system/$unit"
done
sed -i "s#^ExecStart=/usr/bin/content-trust#ExecStart=$prefix/bin/content-trust#" "$root/etc/systemd/system/content-trust.service"

settings=/etc/content-trust/settings.json
if [ -e "$root$settings" ] && ! cmp -s files/etc/content-trust/settings.json "$root$settings"; then
	put 644 files/etc/content-trust/settings.json "$settings.new"
	echo "install.sh: $settings was left as it is; the new defaults are in $settings.new"
else
	put 644 files/etc/content-trust/settings.json "$settings"
fi

if systemd_runs; then
	systemctl daemon-reload
	if [ -z "$upgrade" ]; then
		systemctl enable --quiet content-trust.socket content-trust.service
		systemctl start content-trust.socket content-trust.service
	elif problems=$("$prefix/bin/content-trust" check-config 2>&1); then
		# Only the service: systemd keeps the socket meanwhile.
		systemctl try-restart content-trust.service
	else
		printf '%s\n' 'install.sh: WARNING: this version finds problems in the policy or the settings:' "$problems" \
			'install.sh: the service was NOT restarted. Correct this, then: content-trust check-config && systemctl restart content-trust.service' >&2
	fi
fi
[ -z "$upgrade" ] || { echo 'content-trust is upgraded.' && exit 0; }
cat <<TEXT
content-trust is installed and enforces nothing yet: /etc/docker/daemon.json was not changed. What to do next:
  1. Write the policy into /etc/docker/daemon.json, with "mode": "permissive" to begin with.
     Example: $prefix/share/doc/content-trust/examples/daemon.json.example   Help: man content-trust.json
  2. content-trust check-config
  3. systemctl reload docker && content-trust status
Before you remove it ($prefix/lib/content-trust/uninstall.sh), take content-trust out of "authorization-plugins": dockerd does not
start without a plugin it names.
TEXT
