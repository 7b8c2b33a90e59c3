# What the scripts share. Sourced; the script sets `me`, its name in messages.
# shellcheck shell=bash

say() {
	printf '%s: %s\n' "$me" "$*"
}

die() {
	printf '%s: error: %s\n' "$me" "$*" >&2
	exit 1
}

# Says what is wrong, prints the script's usage, ends 2.
wrong_usage() {
	printf '%s: error: %s\n' "$me" "$*" >&2
	usage >&2
	exit 2
}

has() {
	type -P "$1" >/dev/null
}

# quietly LOG COMMAND...: the output goes to the file LOG, and to standard error too when it fails.
quietly() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null && return
	local status=$?
	cat "$log" >&2
	return "$status"
}
