#!/usr/bin/env python3
"""Writes the statements in SQL files as C strings.

usage: embed_sql.py OUTPUT FILE.sql...

locks_14.sql becomes `static const char SQL_LOCKS_14[]`. Each file is one statement, without a
semicolon at its end; but schema_N.sql is a step of a schema: statements that each end with one.
Lines that are only a comment are left out, since nobody on the server needs to read or parse them.
"""

import pathlib
import re
import sys


def statement_of(path):
    lines = path.read_text(encoding="ascii").splitlines()
    text = "\n".join(line.rstrip() for line in lines if not re.match(r"\s*(--|$)", line))
    if not text:
        sys.exit(f"{path}: no statement in it")
    is_script = re.fullmatch(r"schema_[0-9]+", path.stem)
    if is_script and not text.endswith(";"):
        sys.exit(f"{path}: the last statement lacks its semicolon")
    if ";" in text and not is_script:
        sys.exit(f"{path}: a semicolon in it; one statement a file, without its semicolon")
    if "--" in text or "/*" in text:
        sys.exit(f"{path}: a comment that isn't a line of its own")
    return text


def c_string(text):
    lines = []
    for line in text.split("\n"):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "    ")
        lines.append(f'\t"{escaped}')
    return '\\n"\n'.join(lines) + '"'


def main(output, *sources):
    parts = ["/* Made from SQL files by tools/embed_sql.py. */"]
    for source in map(pathlib.Path, sources):
        if not re.fullmatch(r"[a-z0-9_]+\.sql", source.name):
            sys.exit(f"{source}: the name can't become a C name")
        name = "SQL_" + source.stem.upper()
        parts.append(f"static const char {name}[] =\n{c_string(statement_of(source))};")
    pathlib.Path(output).write_text("\n\n".join(parts) + "\n", encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
