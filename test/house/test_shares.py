"""How the end-to-end tests are shared out among the majors of --one-of."""

import collections
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def collected(*options):
    """Names without the major, and how many each major has."""
    done = subprocess.run([sys.executable, '-m', 'pytest', 'test/e2e', '--collect-only', '-q', '-p', 'no:cacheprovider',
                           *options], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    names = collections.Counter()
    majors = collections.Counter()
    for line in done.stdout.splitlines():
        name, bracket, words = line.strip().partition('[')
        if not bracket or '::' not in name:
            continue
        words = words[:-1].split('-')
        major = next((word for word in words if word in ('13', '14', '18')), None)
        if major:
            words.remove(major)
            majors[major] += 1
        names[name + '-'.join(words)] += 1
    return names, majors


def test_each_test_runs_on_exactly_one_of_them():
    on_the_newest, _ = collected('--majors=18')
    shared, majors = collected('--majors=', '--one-of=13,13,14')
    assert shared == on_the_newest
    assert sum(majors.values()) > 1000
    assert 1.5 < majors['13'] / majors['14'] < 2.6
