"""Advisory keys by the names that a file gives them."""

import pytest

from rig import documents
from rig.database import Database

LABELS = """\
# what our jobs lock
42 = nightly-import
1000-1999 = invoices
-5..5 = around zero

7,1 = first tenant
7,* = tenants

[database elsewhere]
43 = not ours
[all databases]
43 = ours
"""


@pytest.fixture
def labels(program):
    """Writes a file, at its default place unless told."""
    def write(text, path=None):
        path = path or program.home / ".config/pgunlock/advisory-labels"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
    return write


def jam(db, key):
    holder = db.session(application="migrator")
    holder.run(f"SELECT pg_advisory_lock({key})")
    return holder, db.waiter(f"SELECT pg_advisory_lock({key})", by=[holder])


def words(text):
    return " ".join(text.split())


def labels_of(pgunlock, *arguments):
    return {row["target"]["advisory_key"]: row["target"]["advisory_label"]
            for row in pgunlock.json("locks", "--advisory", *arguments)["locks"]}


@pytest.mark.parametrize("key, label", [("42", "nightly-import"), ("1500", "invoices"), ("-5", "around zero"),
                                        ("7,1", "first tenant"), ("7,-2", "tenants"), ("43", "ours")])
def test_named_everywhere(pgunlock, db, labels, key, label):
    labels(LABELS)
    holder, waiter = jam(db, key)
    name = f"advisory key {key} ({label})"
    commands = (["status"], ["tree"], ["tree", "--format", "dot"], ["locks"], ["locks", "--format", "csv"],
                ["locks", f"--advisory={key}"], ["show", holder.pid], ["show", waiter.pid])
    for command in commands:
        assert name in words(pgunlock(*command).expect(0).out), command
    target = documents.session(pgunlock.json("tree"), waiter)["wait"]["target"]
    assert (target["advisory_key"], target["advisory_label"]) == (key, label)
    assert target["text"] == name
    document = pgunlock.json("release", "--advisory", key, "--yes")
    assert documents.results(document) == {holder.id: "freed"}


def test_no_file(pgunlock, db):
    jam(db, "42")
    assert labels_of(pgunlock) == {"42": None}
    assert "advisory key 42\n" in pgunlock("locks", "--advisory").expect(0).out


def test_file_that_is_named(pgunlock, program, db, labels):
    labels("42 = by default")
    other = labels("42 = named", program.home / "other")
    jam(db, "42")
    assert labels_of(pgunlock) == {"42": "by default"}
    assert labels_of(pgunlock, "--advisory-labels", other) == {"42": "named"}
    assert labels_of(pgunlock, "--advisory-labels", "/dev/null") == {"42": None}


def test_xdg_config_home(pgunlock, program, db, labels):
    labels("42 = by default")
    labels("42 = of xdg", program.home / "xdg/pgunlock/advisory-labels")
    jam(db, "42")
    out = pgunlock("locks", "--advisory", env={"XDG_CONFIG_HOME": program.home / "xdg"}).expect(0).out
    assert "advisory key 42 (of xdg)" in out


def test_by_database(pgunlock, db, labels):
    other = Database(db.server)
    labels(f"[database {db.name}]\n42 = here\n[database {other.name}]\n42 = there\n[all databases]\n42 = anywhere\n")
    jam(db, "42")
    foreign, _ = jam(other, "42")
    rows = pgunlock.json("locks", "--advisory", "--all-databases")["locks"]
    assert {(row["session"] == foreign.id, row["target"]["advisory_label"]) for row in rows if row["granted"]} == {
        (False, "here"), (True, "there")}
    assert f"advisory key 42 (there) in database {other.name}" in words(pgunlock("tree").expect(0).out)
    at_postgres = pgunlock.at(dbname="postgres")
    assert f"advisory key 42 (here) in database {db.name}" in words(at_postgres("tree").expect(0).out)
    other.drop()


@pytest.mark.parametrize("line, message", [("4x = y", '"4x" is not the key of an advisory lock'),
                                           ("42", "there is no = between a key and its name"),
                                           ("9-1 = y", 'the range "9-1" is empty'), ("[app]", "not the head of a section"),
                                           ("\x1b[31m = y", "is not the key of an advisory lock")])
@pytest.mark.parametrize("command", [["status"], ["locks"], ["release", "--all", "--yes"]])
def test_wrong_line(pgunlock, db, labels, command, line, message):
    path = labels(f"# fine\n42 = fine\n{line}\n")
    holder, waiter = jam(db, "42")
    finished = pgunlock(*command, "--advisory-labels", path).expect(2)
    error, hint = finished.err.splitlines()
    assert error.startswith(f"pgunlock: error: {path}, line 3: ") and message in error
    assert hint.startswith("hint: ")
    assert db.all_alive(holder, waiter)
    # a file that nobody named is in nobody's way
    finished = pgunlock(*command).expect(0)
    assert f"pgunlock: warning: {path}, line 3: " in finished.err and message in finished.err
    assert not db.is_alive(holder) or "release" not in command


def test_file_that_cannot_be_read(pgunlock, program, db):
    jam(db, "42")
    finished = pgunlock("tree", "--advisory-labels", program.home / "nothing").expect(2)
    assert "--advisory-labels: " in finished.err and "No such file" in finished.err
    # a folder in its place
    (program.home / ".config/pgunlock/advisory-labels").mkdir(parents=True)
    finished = pgunlock("tree").expect(0)
    assert "advisory key 42" in finished.out
    assert finished.err.startswith("pgunlock: warning: ") and "without their names" in finished.err


def test_hostile_names(pgunlock, db, labels):
    labels("42 = a\x1b[31mb\u202ec\x07\n")
    jam(db, "42")
    for command in (["status"], ["tree"], ["locks"], ["tree", "--format", "dot"]):
        # the rig refuses control characters
        assert "advisory key 42 (a" in words(pgunlock(*command).expect(0).out)
    assert labels_of(pgunlock) == {"42": "a\x1b[31mb\u202ec\x07"}


def test_commands_that_name_no_keys_do_without(pgunlock, labels):
    labels("nonsense")
    pgunlock("doctor").expect(0)
    pgunlock("check").expect(0)
    pgunlock("help", "tree").expect(0)
