# Runs the steps of ./check: a line each, the long output in a file that is shown when the step
# fails, results added up. Sourced after lib.sh; the script sets `logs`, a folder.
# shellcheck shell=bash

passed=0
failed=0
skipped=0
what_failed=() # a line each, told once more at the end: the log of one may be very long

# run_step NAME COMMAND...: returns the status of the command and leaves the line open.
run_step() {
	local name=$1 begin=$SECONDS status=0
	shift
	log=$logs/${name//[^a-z0-9]/-}.log
	printf '%-44s ' "$name"
	"$@" >"$log" 2>&1 </dev/null || status=$?
	printf '%5ds  ' $((SECONDS - begin))
	return "$status"
}

show_log() {
	local lines
	lines=$(wc -l <"$log")
	((lines <= 400)) || printf '  ... the last 400 of %d lines of %s:\n' "$lines" "$log"
	tail -n 400 "$log" | sed 's/^/  | /'
}

# What all the others stand on (packages, builds): when it fails there is no use in going on.
prepare() {
	if run_step "$@"; then
		echo ok
	else
		echo FAILED
		show_log
		failed=$((failed + 1))
		what_failed+=("$1")
		finish
	fi
}

# A step that is right or wrong as a whole.
verdict() {
	if run_step "$@"; then
		echo ok
		passed=$((passed + 1))
	else
		echo FAILED
		show_log
		failed=$((failed + 1))
		what_failed+=("$1")
	fi
}

# suite NAME REPORTS COMMAND...: tests that say in JUnit files (a glob) how many passed. A failure
# that no report knows of, and a suite that ran nothing, are failures too.
suite() {
	local name=$1 reports=$2 status=0 ok bad left_out counts counted
	shift 2
	compgen -G "$reports" | xargs -r rm -f || true # there were none
	run_step "$name" "$@" || status=$?
	mapfile -t counted < <(compgen -G "$reports" | xargs -r "$python" tools/junit-totals)
	read -r ok bad left_out <<<"${counted[0]:-0 0 0}"
	((status == 0 || bad > 0)) || bad=1
	counts=$(totals "$ok" "$bad" "$left_out")
	if ((ok + bad == 0)); then
		bad=1
		echo "FAILED  no tests were run"
	elif ((bad)); then
		echo "FAILED  $counts"
	else
		echo "ok  $counts"
	fi
	if ((bad)); then
		show_log
		what_failed+=("$name" "${counted[@]:1}")
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + left_out))
}

# totals PASSED FAILED SKIPPED
totals() {
	printf '%d passed, %d failed' "$1" "$2"
	(($3 == 0)) || printf ', %d skipped' "$3"
}

# What failed, the totals, alone on the last line, and the end of the script.
finish() {
	((failed == 0)) || printf 'failed: %s\n' "${what_failed[@]}"
	totals "$passed" "$failed" "$skipped"
	echo
	exit $((failed > 0))
}
