"""The words of src/base/sql_words.c, held against the server's own list of its keywords."""

import pathlib
import re

WORDS = pathlib.Path(__file__).resolve().parents[2] / "src/base/sql_words.c"


def test_keywords(server):
    rows = re.findall(r'\{"(\w+)", (QUOTED|BARE), (ALWAYS|NEVER|[^}]+)\}', WORDS.read_text("utf-8"))
    assert len(rows) > 200
    assert [word for word, *_ in rows] == sorted(word for word, *_ in rows), "bsearch wants them in order"
    with server.connect("postgres") as connection:
        kinds = dict(connection.execute("SELECT word, catcode::text FROM pg_get_keywords()").fetchall())
    ours = {word: (writing, behind) for word, writing, behind in rows}
    for word, kind in kinds.items():
        writing, behind = ours.get(word, ("BARE", "NEVER"))
        if kind != "U":
            assert writing == "QUOTED", word
        if kind in "RT":
            assert behind == "ALWAYS", word
    # no word that only one of them has is made up: 18 has all that older ones have, but for one
    if server.major == 18:
        assert set(ours) - set(kinds) <= {"oids"}
        assert all(kinds[word] != "U" for word, (writing, _) in ours.items() if writing == "QUOTED" and word in kinds)
