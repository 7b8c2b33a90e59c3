"""What the documents say of tests is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
E2E = ROOT / 'test/e2e'
NAMED = sorted(set(re.findall(r'`(test_\w+\.py)::(test_\w+)`', (ROOT / 'docs/blockers.md').read_text(encoding='utf-8'))))


def test_there_are_some():
    assert len(NAMED) > 40


@pytest.mark.parametrize('file, name', NAMED)
def test_named_test_exists(file, name):
    assert re.search(rf'^def {name}\(', (E2E / file).read_text(encoding='utf-8'), re.M)


@pytest.mark.parametrize('document', [*ROOT.glob('*.md'), *ROOT.glob('docs/**/*.md')], ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r'\]\(([^)#:]+)\)', document.read_text(encoding='utf-8')):
        assert (document.parent / target).exists(), target
