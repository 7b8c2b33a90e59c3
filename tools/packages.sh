# What pgunlock needs on a machine, and how to get it. Sourced after lib.sh.
# shellcheck shell=bash

# A row is: what is needed | how to see that it is there | the Debian packages that bring it.
# Seeing is by use, not by package name: a compiler or server from elsewhere is as good.
build_needs=(
	"a C compiler|compiles_c|gcc libc6-dev"
	"Meson 1.0 or newer|has_meson|meson"
	"Ninja|has ninja|ninja-build"
	"pkg-config|has pkg-config|pkg-config"
	"GLib 2.74 or newer, with headers|has_library glib-2.0 2.74|libglib2.0-dev"
	"libpq 14 or newer, with headers|has_library libpq 14|libpq-dev"
	"SQLite 3.38 or newer, with headers|has_library sqlite3 3.38|libsqlite3-dev"
	"JSON-GLib 1.6 or newer, with headers|has_library json-glib-1.0 1.6|libjson-glib-dev"
	"ncurses with wide characters, with headers|has_library ncursesw 6.0|libncurses-dev"
	"libsoup 3, with headers|has_library libsoup-3.0 3.2|libsoup-3.0-dev"
	"libsystemd, with headers|has_library libsystemd 249|libsystemd-dev"
	"Python 3|has python3|python3"
)
demo_needs=(
	"a PostgreSQL server|has_server|postgresql"
)
test_needs=(
	"clang-format|has clang-format|clang-format"
	"ShellCheck|has shellcheck|shellcheck"
	"npm (for servers of other majors)|has npm|npm"
	"PgBouncer|has_pgbouncer|pgbouncer"
	"scdoc (for the manual page)|has scdoc|scdoc"
	"pytest|has_module pytest|python3-pytest"
	"pytest-xdist|has_module xdist|python3-pytest-xdist"
	"pytest-rerunfailures|has_module pytest_rerunfailures|python3-pytest-rerunfailures"
	"psycopg 3|has_module psycopg|python3-psycopg"
	"pexpect|has_module pexpect|python3-pexpect"
	"pyte|has_module pyte|python3-pyte"
	"libfaketime|has_faketime|faketime"
	"GDB (stops a server in its lock manager)|has gdb|gdb"
	"jsonschema|has_module jsonschema|python3-jsonschema"
)
full_test_needs=(
	"clang-tidy|has clang-tidy|clang-tidy"
	"clang with libFuzzer|has_fuzzer|clang libclang-rt-dev"
	"Valgrind|has valgrind|valgrind"
	"gcovr|has gcovr|gcovr"
	"promtool (tries alerts and metrics)|has promtool|prometheus"
	"the OpenMetrics parser|has_module prometheus_client|python3-prometheus-client"
	"systemd-analyze (tries the unit)|has systemd-analyze|systemd"
)

# Debian's, where its python3-* packages are, even if another one is first on PATH.
python=/usr/bin/python3
[[ -x $python ]] || python=python3

compiles_c() {
	has cc && cc -fsyntax-only -x c - <<<'#include <stdio.h>' 2>/dev/null
}

has_meson() {
	has meson && [[ $(printf '1.0\n%s\n' "$(meson --version)" | sort -V | head -n 1) == 1.0 ]]
}

has_library() {
	has pkg-config && pkg-config --exists "$1 >= $2"
}

has_module() {
	"$python" -c "import $1" 2>/dev/null
}

has_server() {
	local bindir
	for bindir in /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null)"; do
		[[ -x $bindir/initdb && -x $bindir/postgres ]] && return
	done
	has initdb && has postgres
}

has_faketime() {
	compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null
}

has_pgbouncer() {
	has pgbouncer || [[ -x /usr/sbin/pgbouncer ]]
}

has_fuzzer() {
	has clang &&
		clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null \
			<<<'int LLVMFuzzerTestOneInput(const char *data, long size) { return data && size < 0; }'
}

# missing ROW...: prints the rows whose need is not met.
missing() {
	local row what test packages
	for row; do
		IFS='|' read -r what test packages <<<"$row"
		# shellcheck disable=SC2086
		$test || printf '%s\n' "$row"
	done
}

# need ROW...: installs what is missing. Ends the script when that can't be done, and says what to
# install by hand.
need() {
	local rows row packages=() what by_hand
	mapfile -t rows < <(missing "$@")
	if ((${#rows[@]} == 0)); then
		say "packages: everything needed is installed"
		return
	fi
	for row in "${rows[@]}"; do
		what+="${what:+, }${row%%|*}"
		# shellcheck disable=SC2206
		packages+=(${row##*|})
	done
	by_hand="install by hand: $what"
	has apt-get || die "there is no apt-get here; $by_hand (on Debian: ${packages[*]})"
	by_hand="run as root: apt-get install ${packages[*]}"
	as_root true || die "not root, and sudo does not work; $by_hand"
	say "packages: installing ${packages[*]} (takes a minute or two)"
	install_packages "${packages[@]}" || die "apt-get failed (see above); $by_hand"
	mapfile -t rows < <(missing "${rows[@]}")
	((${#rows[@]} == 0)) ||
		die "installed, but this is still missing or too old here: $(printf '%s; ' "${rows[@]%%|*}")" \
			"pgunlock needs Debian 12, Ubuntu 24.04 or newer"
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		has sudo && sudo "$@"
	fi
}

install_packages() {
	local log status=0
	log=$(mktemp)
	case " $* " in *' postgresql '*) forbid_cluster ;; esac
	# A broken list of some other source need not matter: the installation decides.
	apt_get "$log" update 2>/dev/null || say "packages: warning: apt-get update failed"
	apt_get "$log" install --yes --no-install-recommends "$@" || status=$?
	allow_cluster
	case " $* " in *' pgbouncer '*) stop_service pgbouncer ;; esac
	case " $* " in *' prometheus '*) stop_service prometheus ;; esac
	rm -f "$log"
	return "$status"
}

apt_get() {
	local log=$1
	shift
	quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -o DPkg::Lock::Timeout=300 "$@"
}

# Debian's server packages make a cluster and start it, on port 5432 and at every boot. The demo
# and the tests only want the programs, so that is forbidden while the package is installed, and
# the machine's own settings are left as they were.
no_cluster=/etc/postgresql-common/createcluster.d/pgunlock.conf

forbid_cluster() {
	trap allow_cluster EXIT
	as_root mkdir -p "${no_cluster%/*}"
	echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
	say "packages: no database cluster is made (pg_createcluster makes one if you want one)"
}

allow_cluster() {
	[[ ! -e $no_cluster ]] || as_root rm -f "$no_cluster"
}

# Debian's packages start what they bring. The tests start their own, or need its tools only.
stop_service() {
	as_root update-rc.d "$1" disable
	as_root service "$1" stop
} >/dev/null 2>&1 </dev/null
