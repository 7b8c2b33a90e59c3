#!/usr/bin/python3
"""Holds pgunlock.conf.5 against the table of keys, and its example and the packaged sample against the parser.

    policy_manual.py PROGRAM MANUAL SAMPLE      PROGRAM: test/unit/policy_keys"""

import re
import subprocess
import sys
import tempfile


def documented(page):
    """{(section, key): what is said of it}"""
    found = {}
    for section, chapter in re.findall(r'^# \[(\w+)[^\]]*\]\n(.*?)(?=^# )', page, re.M | re.S):
        for key, text in re.findall(r'^\*(\w+)\* = [^\n]*\n(.*?)(?=^\*\w+\* = |^## |\Z)', chapter, re.M | re.S):
            assert (section, key) not in found, f'{section}: {key} stands there twice'
            found[section, key] = ' '.join(text.split())
    return found


def check_manual(program, page):
    lines = subprocess.run([program], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    keys = {(section, key): (standard, required) for section, key, standard, required in map(lambda l: l.split('\t'), lines)}
    said = documented(page)
    assert len(keys) > 30
    assert said.keys() == keys.keys(), f'only in one of both: {said.keys() ^ keys.keys()}'
    for place, (standard, required) in keys.items():
        defaults = re.findall(r'Default: \*([^*]+)\*', said[place])
        assert defaults == ([] if standard == '-' else [standard]), f'{place}: {defaults}, but it is {standard}'
        assert said[place].endswith('Required.') == (required == 'required'), place


def check_file(program, path):
    return subprocess.run([program, path], stdout=subprocess.PIPE, check=True, text=True).stdout


def main(program, manual, sample):
    with open(manual, encoding='utf-8') as file:
        page = file.read()
    check_manual(program, page)
    examples = [block for block in re.findall(r'^```\n(.*?)^```', page, re.M | re.S) if '[rule ' in block]
    assert examples
    for example in examples:
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write(example)
            file.flush()
            check_file(program, file.name)
    # What is installed does nothing until somebody has read it.
    assert check_file(program, sample).endswith('dry run\n')
    with open(sample, encoding='utf-8') as file:
        text = file.read()
    commented = re.findall(r'^#(\w+ = .*|\[\w+ \w+\])$', text, re.M)
    assert commented
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        file.write(re.sub(r'^#(\w+ = .*|\[\w+ \w+\])$', r'\1', text, flags=re.M))
        file.flush()
        check_file(program, file.name)


if __name__ == '__main__':
    main(*sys.argv[1:])
