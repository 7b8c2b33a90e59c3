"""The check on the plan of the house finds what it is there to find."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parent.parent / 'check_arrows.py'

BREACHES = {
    'upwards': ('src/model/a.c', '#include "pg/connection.h"\n', 'src/model/a.c:1: model includes "pg/connection.h"'),
    'sideways': ('src/plan/a.h', '\n#  include "render/text.h"\n', 'src/plan/a.h:2:'),
    'past a room': ('src/audit/a.c', '#include "pg/signal.h"\n', 'src/audit/a.c:1:'),
    'the allowed rooms are named': ('src/plan/a.c', '#include "pg/look.h"\n', 'may only use base, model, plan'),
    'no room in the name': ('src/pg/a.c', '#include "look.h"\n', 'write "room/file.h"'),
    'no such room': ('src/pg/a.c', '#include "util/list.h"\n', 'write "room/file.h"'),
    'file outside of the rooms': ('src/helpers.c', 'int a;\n', 'src/helpers.c:1: lies in no room'),
    'folder that is no room': ('src/misc/a.c', 'int a;\n', 'src/misc/a.c:1: lies in no room'),
    'libpq': ('src/cli/a.c', '#include <libpq-fe.h>\n', 'cli includes <libpq-fe.h>, which only pg may'),
    'input and output': ('src/render/a.c', '#include <gio/gio.h>\n', 'src/render/a.c:1:'),
    'SQLite': ('src/guard/a.c', '#include <sqlite3.h>\n', 'which only history may'),
    'end of the program': ('src/pg/a.c', 'void f(void)\n{\n\texit (1);\n}\n', 'src/pg/a.c:3: pg says exit()'),
    'the clock': ('src/plan/a.c', 'x = g_get_real_time();\n', 'now is an argument'),
    'SQL in C': ('src/pg/a.c', 'q = "select 1";\n', 'src/pg/a.c:1: SQL in C'),
    'SQL in another folder': ('src/pg/a.sql', 'select 1\n', 'SQL lives in'),
    'a long file': ('src/base/a.c', '\n' * 601, '601 lines, more than 600'),
    'a long test': ('test/unit/test_a.c', '\n' * 601, '601 lines, more than 600'),
}

FINE = {
    'downwards': ('src/action/a.c', '#include "pg/signal.h"\n#include "plan/plan.h"\n#include "model/session.h"\n'),
    'base for everybody': ('src/watch/a.c', '#include "base/error.h"\n'),
    'main is cli': ('src/main.c', '#include "cli/command_table.h"\nint main(void) { exit(0); }\n'),
    'libpq in pg': ('src/pg/a.c', '#include <libpq-fe.h>\n'),
    'in a comment': ('src/model/a.c', '/*\n#include "pg/look.h"\n "select 1" exit() */\n// g_get_real_time()\n'),
    'in a text': ('src/render/a.c', 't = "exit(1) or \\" exit()";\n'),
    'wording that names a command': ('src/plan/a.c', 't = "cancel the update";\nu = "select at least one";\n'),
    'a statement in its folder': ('src/pg/sql/look.sql', 'select 1\n'),
    'as long as allowed': ('src/base/a.c', '\n' * 600),
}


def check(folder, path, text):
    file = folder / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)


@pytest.mark.parametrize('path, text, said', BREACHES.values(), ids=BREACHES)
def test_breach(tmp_path, path, text, said):
    result = check(tmp_path, path, text)
    assert result.returncode == 1
    assert said in result.stdout


@pytest.mark.parametrize('path, text', FINE.values(), ids=FINE)
def test_fine(tmp_path, path, text):
    result = check(tmp_path, path, text)
    assert (result.returncode, result.stdout) == (0, '1 files, 0 breaches\n')


def test_nothing_to_check_is_an_error(tmp_path):
    result = subprocess.run([sys.executable, CHECK, tmp_path], capture_output=True, text=True)
    assert result.returncode == 1
