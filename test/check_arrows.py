#!/usr/bin/python3
"""Holds the code to the plan of the house: who may include whom, which libraries a room sees, where
SQL lives, how long a file gets. Prints every breach as file:line and ends 1 if there is one."""

import re
import sys
from pathlib import Path

# A room and the rooms that it builds on. base, and the pure rooms that those build on in turn, may be
# used as well (see allowed_rooms); everything else only where it is named.
ARROWS = {
    'base': '',
    'model': 'base',
    'plan': 'model',
    'policy': 'model plan',
    'pg': 'model',
    'render': 'model plan policy',
    'history': 'model plan',
    'action': 'pg plan',
    'audit': 'render',
    'notify': 'render',
    'watch': 'pg',
    'doctor': 'pg plan render',
    'demo': 'pg plan render',
    'tui': 'pg watch action history notify audit render',
    'web': 'watch action history notify audit render',
    'guard': 'pg watch action history notify audit render',
    'cli': 'base model plan policy pg render history action audit notify watch doctor demo tui web guard',
}

# These turn values into values: no I/O, no clock, no environment.
PURE = 'base model plan policy render'
IMPURE = 'pg history action audit notify watch doctor demo tui web guard cli'

# What an #include <...> starts with, and the rooms that may say so. Headers that no row names are free.
LIBRARIES = [
    (r'libpq|postgres_ext\.h|pg_config|catalog/|server/', 'pg'),
    (r'sqlite3', 'history'),
    (r'n?curses|ncursesw/|term\.h|panel\.h', 'tui'),
    (r'libsoup', 'notify guard web'),
    (r'systemd/', 'notify guard'),
    (r'json-glib', 'guard history web'),
    (r'gio/|glib-unix\.h', IMPURE),
    (r'stdio\.h|unistd\.h|fcntl\.h|time\.h|sys/|netdb\.h|netinet/|arpa/|poll\.h|signal\.h|pwd\.h', IMPURE),
]

# Code (outside comments and string literals) that belongs to some rooms only.
CALLS = [
    (r'\b(_exit|exit|quick_exit)\s*\(', 'cli', 'a failure goes up as a GError; only cli ends the program'),
    (r'\bg_(get_real_time|get_monotonic_time|date_time_new_now\w*)\s*\(', IMPURE, 'now is an argument'),
    (r'\bg_(print|printerr|getenv|setenv|file_get_contents|file_set_contents\w*|spawn_\w+)\s*\(', IMPURE,
     'a pure room does no I/O'),
]

# A statement in a string literal. Wording for people may well name a command; it has no such form.
SQL = re.compile(r'''"\s*(SELECT\s+(\d|\*|[\w.]+\s*\(|.*\sFROM\s)|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s
    |WITH\s+(RECURSIVE\s+)?\w+\s+AS\s|CREATE\s+(TABLE|INDEX)\s)''', re.I | re.X)
SQL_FOLDERS = ('pg/sql/', 'history/schema/')

MAX_LINES = 600

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def allowed_rooms(room):
    """The rooms named in the table, itself, and the pure ones below those."""
    allowed = {room, 'base'} | set(ARROWS[room].split())
    pure = set(PURE.split())
    pending = list(allowed)
    while pending:
        for below in ARROWS[pending.pop()].split():
            if below not in allowed:
                pending.append(below)
                if below in pure:
                    allowed.add(below)
    return [r for r in ARROWS if r in allowed]


def room_of(path):
    """path is relative to src. main.c looks a command up in cli's table and counts as cli."""
    return 'cli' if path.as_posix() == 'main.c' else path.parts[0] if len(path.parts) > 1 else None


def blank(text, keep_literals):
    """The text without comments (and without string literals), every newline kept."""
    def replace(match):
        found = match.group()
        if keep_literals and found[0] in '"\'':
            return found
        return '\n' * found.count('\n') or ' '
    return COMMENT_OR_TEXT.sub(replace, text)


def check_includes(room, path, text):
    allowed = allowed_rooms(room)
    for number, line in enumerate(blank(text, keep_literals=True).split('\n'), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        own, system = match.groups()
        if own:
            other = own.split('/')[0]
            if '/' not in own or other not in ARROWS:
                yield path, number, f'includes "{own}": write "room/file.h", the rooms are {", ".join(ARROWS)}'
            elif other not in allowed:
                yield path, number, f'{room} includes "{own}", but may only use {", ".join(allowed)}'
        else:
            for pattern, rooms in LIBRARIES:
                if re.match(pattern, system) and room not in rooms.split():
                    yield path, number, f'{room} includes <{system}>, which only {rooms.replace(" ", ", ")} may'


def check_code(room, path, text):
    for number, line in enumerate(blank(text, keep_literals=False).split('\n'), 1):
        for pattern, rooms, reason in CALLS:
            match = re.search(pattern, line)
            if match and room not in rooms.split():
                yield path, number, f'{room} says {match.group().strip("( ")}(): {reason}'
    for number, line in enumerate(blank(text, keep_literals=True).split('\n'), 1):
        if SQL.search(line):
            yield path, number, f'SQL in C: statements live in {", ".join(SQL_FOLDERS)}'


def check_source(path, text):
    room = room_of(path)
    if room not in ARROWS:
        yield path, 1, f'lies in no room: the rooms are {", ".join(ARROWS)}'
    elif path.suffix == '.sql':
        if not path.as_posix().startswith(SQL_FOLDERS):
            yield path, 1, f'SQL lives in {", ".join(SQL_FOLDERS)}'
    else:
        yield from check_includes(room, path, text)
        yield from check_code(room, path, text)


def check_file(root, file):
    path = file.relative_to(root)
    text = file.read_text(encoding='utf-8')
    lines = text.count('\n')
    if lines > MAX_LINES:
        yield path, lines, f'{lines} lines, more than {MAX_LINES}: split it'
    if path.parts[0] == 'src':
        for within, number, what in check_source(path.relative_to('src'), text):
            yield Path('src') / within, number, what


def main(arguments):
    if len(arguments) > 1:
        sys.exit('usage: check_arrows.py [FOLDER]')
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    files = sorted(f for part in ('src', 'test') for f in (root / part).rglob('*')
                   if f.suffix in ('.c', '.h', '.sql', '.py'))
    if not files:
        sys.exit(f'check_arrows.py: no sources in {root}')
    breaches = [breach for file in files for breach in check_file(root, file)]
    for path, number, what in breaches:
        print(f'{path}:{number}: {what}')
    print(f'{len(files)} files, {len(breaches)} breaches')
    return 1 if breaches else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
