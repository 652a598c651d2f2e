#!/bin/bash
# Stands for systemd on a machine of the walk-through: systemctl daemon-reload | is-active UNIT | enable [--now] UNIT |
# disable [--now] UNIT | start UNIT | stop UNIT | restart UNIT. It does what the unit says by ExecStart, User,
# StateDirectory, StateDirectoryMode, and starts again what ends; a stop goes to the process alone, as with
# KillMode=process. A machine does not start anew, so what is enabled or disabled without --now changes nothing.
set -euo pipefail

# setting prints a setting of a unit.
setting() { sed -n "s/^$2=//p" "/etc/systemd/system/${1%.service}.service" | tail -n 1; }

# keep runs a unit until it is stopped.
keep() {
	local unit=$1 user
	user=$(setting "$unit" User)
	local as=()
	[ -z "$user" ] || as=(setpriv "--reuid=$user" "--regid=$user" --init-groups)
	until [ -e "/run/$unit.stop" ]; do
		"${as[@]}" $(setting "$unit" ExecStart) &
		echo $! >"/run/$unit.pid"
		wait $! || echo "$unit ended with code $?"
		[ -e "/run/$unit.stop" ] || sleep "$(setting "$unit" RestartSec)"
	done
}

start() {
	local unit=$1 state user
	if active "$unit"; then return; fi
	state=/var/lib/$(setting "$unit" StateDirectory)
	user=$(setting "$unit" User)
	mkdir -p "$state"
	chmod "$(setting "$unit" StateDirectoryMode)" "$state"
	[ -z "$user" ] || chown -R "$user:" "$state"
	rm -f "/run/$unit.stop" "/run/$unit.pid"
	# Nothing of the environment of who calls gets to a unit.
	env -i PATH="$PATH" HOME=/root setsid "$0" keep "$unit" >>"/var/log/$unit.log" 2>&1 </dev/null &
	echo $! >"/run/$unit.keeper"
	# A stop that comes next finds what it is to stop.
	until [ -s "/run/$unit.pid" ] || ! active "$unit"; do sleep 0.05; done
}

stop() {
	local unit=$1
	active "$unit" || return 0
	touch "/run/$unit.stop"
	kill "$(cat "/run/$unit.pid")" 2>/dev/null || :
	for _ in $(seq 300); do
		active "$unit" || return 0
		sleep 0.1
	done
	echo "$unit does not stop" >&2
	return 1
}

active() { [ -e "/run/$1.keeper" ] && kill -0 "$(cat "/run/$1.keeper")" 2>/dev/null; }

command=$1
shift
now=
if [ "${1:-}" = --now ]; then now=yes && shift; fi
unit=${1:-}
unit=${unit%.service}
case $command in
daemon-reload) ;;
is-active) active "$unit" ;;
keep) keep "$unit" ;;
enable) [ -z "$now" ] || start "$unit" ;;
disable) [ -z "$now" ] || stop "$unit" ;;
start) start "$unit" ;;
stop) stop "$unit" ;;
restart) stop "$unit" && start "$unit" ;;
*) echo "systemctl $command is not known here" >&2 && exit 1 ;;
esac
