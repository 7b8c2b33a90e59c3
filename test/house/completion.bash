#!/bin/bash
# What the completion offers: completion.bash FILE, the file that `pgunlock --completion bash` made.
set -uo pipefail

# shellcheck disable=SC1090
. "$1" || exit 1
failures=0

# offers WORD... : EXPECTED... -- the words typed, the last one being completed; among what is offered
# has to be all that is expected; expecting nothing, nothing may be offered.
offers() {
	local typed=() expected=() word
	while [[ $1 != : ]]; do
		typed+=("$1")
		shift
	done
	shift
	expected=("$@")
	# shellcheck disable=SC2034
	COMP_WORDS=("${typed[@]}") COMP_CWORD=$((${#typed[@]} - 1))
	COMPREPLY=()
	_pgunlock
	for word in "${expected[@]}"; do
		if [[ " ${COMPREPLY[*]} " != *" $word "* ]]; then
			printf 'not ok: "%s" offers "%s", not %s\n' "${typed[*]}" "${COMPREPLY[*]}" "$word"
			failures=1
		fi
	done
	if ((${#expected[@]} == 0 && ${#COMPREPLY[@]} != 0)); then
		printf 'not ok: "%s" offers "%s"\n' "${typed[*]}" "${COMPREPLY[*]}"
		failures=1
	fi
}

offers pgunlock '' : status tree locks cancel terminate release help --host --format
offers pgunlock tr : tree
offers pgunlock tree --f : --full --format
offers pgunlock tree --format '' : text json dot
offers pgunlock tree --format = j : json
offers pgunlock tree --format = : text json dot
offers pgunlock locks --format '' : text json csv
offers pgunlock release --prefer '' : queued holder
offers pgunlock -h db1 rel : release
offers pgunlock -h db1 release --ro : --rollback --rounds --rollback-prepared
offers pgunlock help '' : release
offers pgunlock tree --sor :
offers pgunlock -h '' :
offers pgunlock release --table '' :
offers pgunlock release --adv : --advisory
offers pgunlock release --advisory '' :
offers pgunlock release --advisory = 4 :
offers pgunlock locks --advisory '' : --waiting --table
offers pgunlock locks --advisory = :
offers pgunlock locks --advisory = 4 :
offers pgunlock history "" : show --since --table --history
offers pgunlock history --format "" : text json csv
offers pgunlock hist : history
exit "$failures"
