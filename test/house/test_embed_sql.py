"""SQL files become C strings, and what isn't one whole statement is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

EMBED = Path(__file__).resolve().parent.parent.parent / 'tools' / 'embed_sql.py'


def embed(tmp_path, name, text):
    source = tmp_path / name
    source.write_text(text)
    output = tmp_path / 'out.h'
    run = subprocess.run([sys.executable, EMBED, output, source], capture_output=True, text=True)
    return run, output.read_text() if output.exists() else None


def test_statement(tmp_path):
    run, text = embed(tmp_path, 'locks_14.sql', '-- why\nSELECT "a", E\'\\n\'\n\n\t-- because\n\tFROM x\n')
    assert run.returncode == 0, run.stderr
    assert 'static const char SQL_LOCKS_14[] =\n' in text
    assert text.endswith('\t"SELECT \\"a\\", E\'\\\\n\'\\n"\n\t"    FROM x";\n')
    assert 'why' not in text and 'because' not in text


def test_schema_step(tmp_path):
    run, text = embed(tmp_path, 'schema_2.sql', '-- why\nCREATE TABLE a (b);\nCREATE TABLE c (d);\n')
    assert run.returncode == 0, run.stderr
    assert 'static const char SQL_SCHEMA_2[] =\n\t"CREATE TABLE a (b);\\n"\n\t"CREATE TABLE c (d);";\n' in text


@pytest.mark.parametrize('name, content, message', [
    ('a.sql', '-- nothing\n\n', 'no statement'),
    ('a.sql', 'SELECT 1;\n', 'semicolon'),
    ('schema_3.sql', 'CREATE TABLE a (b)\n', 'semicolon'),
    ('a.sql', 'SELECT 1 -- one\n', 'comment'),
    ('a.sql', 'SELECT /* one */ 1\n', 'comment'),
    ('a-b.sql', 'SELECT 1\n', 'C name'),
])
def test_refused(tmp_path, name, content, message):
    run, text = embed(tmp_path, name, content)
    assert run.returncode != 0
    assert message in run.stderr
    assert text is None
