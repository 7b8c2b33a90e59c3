"""The manual page and the program's own help speak of the same commands and options."""

import re

from conftest import ROOT


def _options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def _commands(general_help):
    """What is indented under the line that begins with "Commands"."""
    block = re.search(r"^Commands.*\n((?: .*\n)+)", general_help, re.M).group(1)
    return re.findall(r"^  ([a-z]+) ", block, re.M)


def test_manual_describes_what_help_lists(program):
    general = program("--help").expect(0).out
    commands = _commands(general)
    helps = [program(command, "--help").expect(0).out for command in commands]

    page = (ROOT / "docs/man/pgunlock.1.scd").read_text(encoding="utf-8")
    chapter = re.search(r"^# COMMANDS\n(.*?)^# ", page, re.M | re.S).group(1)
    assert set(re.findall(r"^\*([a-z]+)\*$", chapter, re.M)) == set(commands)
    assert _options(page) == _options("\n".join([general, *helps]))
