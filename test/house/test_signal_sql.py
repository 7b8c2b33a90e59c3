"""The statements that signal repeat their guard, each whole in a file of its own: what one asks for all ask for."""

import itertools
from pathlib import Path

import pytest

SQL = Path(__file__).resolve().parents[2] / 'src/pg/sql'
KINDS = ('cancel', 'terminate')
REASONS = ('', '_blocker', '_holder')


def statement(kind, reason):
    text = (SQL / f'{kind}{reason}.sql').read_text(encoding='utf-8')
    return [line for line in text.splitlines() if not line.startswith('--')]


@pytest.mark.parametrize('reason', REASONS)
def test_cancel_and_terminate_are_alike(reason):
    cancel, terminate = (statement(kind, reason) for kind in KINDS)
    assert [line.replace('pg_cancel_backend', 'pg_terminate_backend') for line in cancel] == terminate
    assert sum('pg_terminate_backend' in line for line in terminate) == 1


@pytest.mark.parametrize('kind, reason', itertools.product(KINDS, REASONS[1:]))
def test_a_reason_only_adds_a_condition(kind, reason):
    plain, guarded = statement(kind, ''), statement(kind, reason)
    signal = next(number for number, line in enumerate(plain) if f'pg_{kind}_backend' in line)
    added = len(guarded) - len(plain)
    assert guarded[:signal] == plain[:signal] and guarded[signal + added:] == plain[signal:]
    assert added > 0 and guarded[signal + added - 1].endswith("THEN 'changed'")
