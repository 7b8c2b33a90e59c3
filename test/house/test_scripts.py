"""The scripts of the house: options, what they say without apt, what they install and what not."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What the scripts themselves call; what they look for is put beside it by a test.
TOOLS = 'bash cat chmod dirname env head mkdir mktemp readlink rm sort tee true'.split()

# name on PATH: what it does. They stand for the programs that quickstart needs.
BUILD_PROGRAMS = {
    'cc': 'true',
    'meson': '[ "$1" = --version ] && echo 1.3.2 || { mkdir -p "$2"; : >"$2/build.ninja"; echo meson "$@" >>"$LOG"; }',
    'ninja': 'mkdir -p "$2/src"; printf "#!/bin/bash\\necho pgunlock \\$*\\n" >"$2/src/pgunlock";'
             ' chmod +x "$2/src/pgunlock"; echo ninja "$@" >>"$LOG"',
    'pkg-config': 'true',
    'python3': 'true',
    'initdb': 'true',
    'postgres': 'true',
    'pg_config': 'false',
}


@pytest.fixture
def machine(tmp_path):
    """A machine with an empty PATH, a copy of the scripts, and a way to put programs there."""
    return Machine(tmp_path)


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.bin = folder / 'bin'
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.tree = folder / 'tree'
        shutil.copytree(ROOT / 'tools', self.tree / 'tools')
        for script in 'quickstart', 'check':
            shutil.copy(ROOT / script, self.tree)
        self.log = folder / 'log'

    def put(self, **programs):
        for name, text in programs.items():
            file = self.bin / name
            file.write_text(f'#!{shutil.which("bash")}\n{text}\n')
            file.chmod(0o755)

    def put_all(self, without=()):
        self.put(**{name: text for name, text in BUILD_PROGRAMS.items() if name not in without})

    def run(self, *command):
        environment = {'PATH': str(self.bin), 'HOME': str(self.folder), 'LOG': str(self.log),
                       'PGUNLOCK_TEST_SERVERS': str(self.folder / 'servers')}
        return subprocess.run([str(self.tree / command[0]), *command[1:]], env=environment, cwd='/',
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.mark.parametrize('command', [
    ['quickstart', '--nonsense'],
    ['quickstart', 'demo'],
    ['quickstart', '--build', '--nonsense'],
    ['check', '--nonsense'],
    ['check', 'full'],
    ['tools/test-servers', '--nonsense'],
    ['tools/test-servers', '12'],
    ['tools/test-servers', ''],
    ['tools/test-servers', '--dir', '15'],
    ['tools/test-servers', '--majors', '--dir'],
], ids=' '.join)
def test_wrong_usage(machine, command):
    result = machine.run(*command)
    assert result.returncode == 2
    assert result.stdout == ''
    assert result.stderr.startswith(f'{Path(command[0]).name}: error: ')
    assert 'usage: ' in result.stderr
    assert machine.calls() == []


@pytest.mark.parametrize('script', ['quickstart', 'check', 'tools/test-servers'])
def test_help(machine, script):
    result = machine.run(script, '--help')
    assert (result.returncode, result.stderr) == (0, '')
    assert result.stdout.startswith('usage: ')


def test_quickstart_builds_and_runs_the_demo(machine):
    machine.put_all()
    machine.put(**{'apt-get': 'echo apt-get "$@" >>"$LOG"'})
    result = machine.run('quickstart')
    assert result.returncode == 0, result.stderr
    assert machine.calls() == ['meson setup build', 'ninja -C build']
    assert 'everything needed is installed' in result.stdout
    assert result.stdout.splitlines()[-1] == 'pgunlock demo'


def test_quickstart_stops_after_the_build(machine):
    machine.put_all(without=('initdb', 'postgres'))
    result = machine.run('quickstart', '--build')
    assert result.returncode == 0, result.stderr
    assert 'demo' not in result.stdout


def test_quickstart_again(machine):
    machine.put_all()
    machine.run('quickstart', '--build')
    machine.log.unlink()
    result = machine.run('quickstart', '--build')
    assert result.returncode == 0
    assert machine.calls() == ['ninja -C build']


def test_no_apt(machine):
    machine.put_all(without=('meson', 'ninja'))
    result = machine.run('quickstart', '--build')
    assert result.returncode == 1
    assert 'there is no apt-get here; install by hand: Meson 1.0 or newer, Ninja' in result.stderr
    assert 'on Debian: meson ninja-build' in result.stderr


def test_too_old(machine):
    machine.put_all()
    machine.put(meson='echo 0.61.2', **{'apt-get': 'true'})
    result = machine.run('quickstart', '--build')
    assert result.returncode == 1
    if os.geteuid() == 0:
        assert 'still missing or too old here: Meson 1.0 or newer' in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason='only root installs without sudo')
def test_installs_only_what_is_missing(machine):
    machine.put_all(without=('ninja',))
    machine.put(**{'apt-get': f'echo "$DEBIAN_FRONTEND" apt-get "$@" >>"$LOG"; '
                              f'printf "#!/bin/bash\\n" >{machine.bin}/ninja; chmod +x {machine.bin}/ninja'})
    result = machine.run('quickstart', '--build')
    calls = [call for call in machine.calls() if 'apt-get' in call]
    assert len(calls) == 2, result.stderr
    assert calls[0].startswith('noninteractive apt-get') and calls[0].endswith(' update')
    assert calls[1].startswith('noninteractive apt-get') and calls[1].endswith(' --no-install-recommends ninja-build')


@pytest.mark.skipif(os.geteuid() != 0, reason='only root installs without sudo')
def test_a_failed_installation_is_shown(machine):
    machine.put_all(without=('ninja',))
    machine.put(**{'apt-get': 'echo "E: no such package"; exit 100'})
    result = machine.run('quickstart', '--build')
    assert result.returncode == 1
    assert 'E: no such package' in result.stderr
    assert 'run as root: apt-get install ninja-build' in result.stderr


def test_a_failed_build_is_shown(machine):
    machine.put_all()
    machine.put(ninja='echo "a.c:1: error: no"; exit 1')
    result = machine.run('quickstart')
    assert result.returncode == 1
    assert 'a.c:1: error: no' in result.stderr
    assert 'the build failed' in result.stderr
    assert 'pgunlock demo' not in result.stdout


def test_servers_without_npm(machine):
    machine.put(uname='echo Linux x86_64')
    result = machine.run('tools/test-servers', '15')
    assert result.returncode == 1
    assert "PostgreSQL 15 can't be had: npm is missing" in result.stderr


def test_servers_folder(machine):
    result = machine.run('tools/test-servers', '--dir')
    assert result.stdout == f'{machine.folder}/servers\n'


def test_servers_known(machine):
    majors = machine.run('tools/test-servers', '--majors').stdout.split()
    assert majors[0] == '13' and majors == sorted(majors, key=int)


def test_servers_that_are_there(machine):
    """A folder that somebody made from a PostgreSQL of their own is left alone."""
    binaries = machine.folder / 'servers/15/bin'
    binaries.mkdir(parents=True)
    for program in 'initdb', 'pg_ctl', 'postgres':
        (binaries / program).symlink_to(machine.bin / 'true')
    result = machine.run('tools/test-servers', '15')
    assert (result.returncode, result.stdout, result.stderr) == (0, '', '')


class TestSteps:
    """The runner of ./check."""

    def run(self, tmp_path, script):
        text = f'me=test; python=/usr/bin/python3; logs={tmp_path}; . tools/lib.sh; . tools/steps.sh; {script}; finish'
        result = subprocess.run(['bash', '-c', text], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return result.returncode, result.stdout.splitlines()

    def report(self, tmp_path, cases):
        (tmp_path / 'new.xml').write_text(f'<testsuites><testsuite>{cases}</testsuite></testsuites>')
        return f'cp {tmp_path}/new.xml {tmp_path}/r.xml'

    def test_all_right(self, tmp_path):
        status, lines = self.run(tmp_path, 'prepare build true; verdict format true')
        assert (status, lines[-1]) == (0, '1 passed, 0 failed')

    def test_failing_verdict_goes_on_and_shows_its_log(self, tmp_path):
        status, lines = self.run(tmp_path, 'verdict format ls /no/such; verdict more true')
        assert (status, lines[-1]) == (1, '1 passed, 1 failed')
        assert any('/no/such' in line for line in lines)

    def test_failing_preparation_ends(self, tmp_path):
        status, lines = self.run(tmp_path, 'prepare build false; verdict more true')
        assert (status, lines[-1]) == (1, '0 passed, 1 failed')

    def test_suite_adds_up(self, tmp_path):
        copy = self.report(tmp_path, '<testcase/><testcase><skipped/></testcase><testcase/>')
        status, lines = self.run(tmp_path, f'suite unit "{tmp_path}/r*.xml" {copy}; verdict more true')
        assert (status, lines[-1]) == (0, '3 passed, 0 failed, 1 skipped')

    def test_suite_with_failures(self, tmp_path):
        copy = self.report(tmp_path, '<testcase><failure/></testcase><testcase><error/></testcase><testcase/>')
        status, lines = self.run(tmp_path, f'suite unit "{tmp_path}/r*.xml" eval "{copy}; false"')
        assert (status, lines[-1]) == (1, '1 passed, 2 failed')

    def test_what_failed_is_told_at_the_end(self, tmp_path):
        copy = self.report(tmp_path, '<testcase classname="a.b" name="first"/><testcase classname="a.b" name="second[13]">'
                                     '<failure/></testcase>')
        status, lines = self.run(tmp_path, f'verdict format false; suite unit "{tmp_path}/r*.xml" {copy}; verdict more true')
        assert (status, lines[-4:]) == (1, ['failed: format', 'failed: unit', 'failed: a.b second[13]', '2 passed, 2 failed'])

    def test_failure_that_no_report_knows_of(self, tmp_path):
        copy = self.report(tmp_path, '<testcase/>')
        status, lines = self.run(tmp_path, f'suite unit "{tmp_path}/r*.xml" eval "{copy}; false"')
        assert (status, lines[-1]) == (1, '1 passed, 1 failed')

    @pytest.mark.parametrize('cases', ['', '<testcase><skipped/></testcase>'])
    def test_suite_that_ran_nothing(self, tmp_path, cases):
        copy = self.report(tmp_path, cases)
        status, lines = self.run(tmp_path, f'suite unit "{tmp_path}/r*.xml" {copy}')
        assert (status, lines[-1].startswith('0 passed, 1 failed')) == (1, True)

    def test_report_of_last_time_does_not_count(self, tmp_path):
        (tmp_path / 'r.xml').write_text('<testsuites><testsuite><testcase/></testsuite></testsuites>')
        status, lines = self.run(tmp_path, f'suite unit "{tmp_path}/r*.xml" true')
        assert (status, lines[-1]) == (1, '0 passed, 1 failed')
