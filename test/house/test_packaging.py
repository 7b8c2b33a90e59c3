"""What is packaged with the guard fits what the guard exports, and the programs that read it accept it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / 'packaging'
EXPECTED = ROOT / 'test/golden/expected'
RULES = PACKAGING / 'prometheus/pgunlock.rules.yml'
DASHBOARD = json.loads((PACKAGING / 'grafana/pgunlock.json').read_text(encoding='utf-8'))
UNIT = PACKAGING / 'systemd/pgunlock-guard.service.in'
MONITORING = (ROOT / 'docs/monitoring.md').read_text(encoding='utf-8')

METRIC = re.compile(r'\bpgunlock_[a-z_]+')
SAMPLES = set(re.findall(r'^(pgunlock_\w+)', (EXPECTED / 'guard.metrics.txt').read_text(encoding='utf-8'), re.M))
FAMILIES = {re.sub(r'_(bucket|count|sum)$', '', name) for name in SAMPLES}


def has(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f'there is no {program}')


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def panels():
    return [panel for panel in DASHBOARD['panels'] if panel['type'] != 'row']


def expressions():
    return ([target['expr'] for panel in panels() for target in panel['targets']]
            + [note['expr'] for note in DASHBOARD['annotations']['list']])


def test_some_are_exported():
    assert len(FAMILIES) > 20


@pytest.mark.parametrize('text', expressions())
def test_dashboard_knows_its_metrics(text):
    names = set(METRIC.findall(text))
    assert names and names <= SAMPLES


def test_dashboard_shows_all():
    shown = set(METRIC.findall(' '.join(expressions())))
    assert FAMILIES <= {re.sub(r'_(bucket|count|sum)$', '', name) for name in shown}


def test_rules_know_their_metrics():
    text = RULES.read_text(encoding='utf-8')
    used = set(METRIC.findall(' '.join(re.findall(r'expr: (?:>-\n)?((?:.+\n)+?)(?= +(?:for|labels):)', text))))
    assert len(used) > 10 and used <= SAMPLES


def test_document_knows_all():
    named = set(METRIC.findall(MONITORING))
    assert FAMILIES <= named
    assert named <= FAMILIES | SAMPLES


def test_dashboard_is_whole():
    ids = [panel['id'] for panel in DASHBOARD['panels']]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in DASHBOARD['panels']:
        place = panel['gridPos']
        cells = {(x, y) for x in range(place['x'], place['x'] + place['w'])
                 for y in range(place['y'], place['y'] + place['h'])}
        assert place['x'] + place['w'] <= 24 and not cells & taken, panel['title']
        taken |= cells
    for panel in panels():
        assert panel['title'] and panel['description']
        refs = [target['refId'] for target in panel['targets']]
        assert refs and len(refs) == len(set(refs))
        assert all(target['datasource']['uid'] == '${datasource}' for target in panel['targets'])


@has('promtool')
def test_dashboard_asks_valid_questions(tmp_path):
    rules = [{'record': f'question:{index}', 'expr': text.replace('$__rate_interval', '5m').replace('$server', '.*')}
             for index, text in enumerate(expressions())]
    file = tmp_path / 'questions.yml'
    file.write_text(json.dumps({'groups': [{'name': 'questions', 'rules': rules}]}))
    assert f'{len(rules)} rules found' in run('promtool', 'check', 'rules', file)


@has('promtool')
def test_rules_are_valid():
    assert 'SUCCESS' in run('promtool', 'check', 'rules', '--lint-fatal', RULES)


@has('promtool')
def test_rules_say_what_they_should(tmp_path):
    shutil.copy(RULES, tmp_path)
    shutil.copy(Path(__file__).with_name('pgunlock.rules.test.yml'), tmp_path)
    assert 'SUCCESS' in run('promtool', 'test', 'rules', 'pgunlock.rules.test.yml', cwd=tmp_path)


def test_every_rule_is_tested_or_plain():
    """A rule of more than one comparison has its test."""
    tests = Path(__file__).with_name('pgunlock.rules.test.yml').read_text(encoding='utf-8')
    for name, body in re.findall(r'- alert: (\w+)\n((?: {8}.*\n)+)', RULES.read_text(encoding='utf-8')):
        assert '>-' not in body or name in tests, name


@has('promtool')
def test_metrics_follow_the_conventions():
    run('promtool', 'check', 'metrics', input=(EXPECTED / 'guard.metrics.txt').read_text(encoding='utf-8'))


def test_openmetrics_can_be_parsed():
    parser = pytest.importorskip('prometheus_client.openmetrics.parser')
    text = (EXPECTED / 'guard.openmetrics.txt').read_text(encoding='utf-8')
    samples = [sample for family in parser.text_string_to_metric_families(text) for sample in family.samples]
    assert {sample.name for sample in samples} == SAMPLES
    assert any(sample.labels.get('server') == 'a "quoted\\" name\nof two lines \ufffd' for sample in samples)


@pytest.fixture
def unit(tmp_path):
    program = tmp_path / 'pgunlock'
    program.write_text('#!/bin/sh\n')
    program.chmod(0o755)
    file = tmp_path / 'pgunlock-guard.service'
    text = UNIT.read_text(encoding='utf-8').replace('@bindir@', str(tmp_path))
    assert '@' not in text.replace('@system-service', '').replace('@privileged', '').replace('@resources', '')
    file.write_text(text)
    return file


@has('systemd-analyze')
def test_unit_is_valid(unit):
    done = subprocess.run(['systemd-analyze', 'verify', '--man=no', unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and 'pgunlock' not in done.stderr, done.stderr


@has('systemd-analyze')
def test_unit_is_hardened(unit):
    run('systemd-analyze', 'security', '--offline=true', '--threshold=20', '--no-pager', unit)
