"""When it can't connect (6) it says why in one line, and how to get in."""

import socket

import pytest

from rig import schemas
from rig.server import free_port


def refused(finished, *words):
    """Exit 6, one error line and a hint, the words in it, nothing on standard output."""
    finished.expect(6)
    lines = finished.err.splitlines()
    assert lines[0].startswith("pgunlock: error: "), finished.err
    assert any(line.startswith("hint: ") for line in lines[1:]), finished.err
    for word in words:
        assert word in finished.err, (word, finished.err)
    assert finished.out == ""


def test_wrong_password(pgunlock):
    refused(pgunlock.at(user="locked_out")("status", env={"PGPASSWORD": "the wrong one"}), "password", "locked_out", "28P01")


def test_right_password(pgunlock):
    pgunlock.at(user="locked_out")("status", env={"PGPASSWORD": "the right one"}).expect(0)


@pytest.mark.parametrize("option", [[], ["-w"]])
def test_no_password_and_nobody_to_ask(pgunlock, option):
    refused(pgunlock.at(user="locked_out")("status", *option), "password")


def test_password_from_a_file(pgunlock, db):
    path = pgunlock.home / "pass"
    path.write_text(f"127.0.0.1:{db.server.port}:*:locked_out:the right one\n")
    path.chmod(0o600)
    pgunlock.at(user="locked_out")("status", env={"PGPASSFILE": path}).expect(0)


@pytest.mark.parametrize("option", [[], ["-W"]])
def test_asks_for_the_password_on_a_terminal(pgunlock, option):
    terminal = pgunlock.at(user="locked_out").terminal("status", *option)
    terminal.expect("[Pp]assword")
    terminal.type("the right one\r")
    assert terminal.end() == 0
    assert "the right one" not in terminal.seen, "what is typed must not be echoed"
    assert "obody waits" in terminal.seen


def test_wrong_password_on_a_terminal(pgunlock):
    terminal = pgunlock.at(user="locked_out").terminal("status")
    terminal.expect("[Pp]assword")
    terminal.type("the wrong one\r")
    assert terminal.end() == 6


def test_no_such_database(pgunlock):
    refused(pgunlock.at(dbname="no_such_database")("status"), "no_such_database", "3D000")


def test_no_such_role(pgunlock):
    refused(pgunlock.at(user="no_such_role")("status"), "no_such_role", "sudo -u postgres pgunlock")


@pytest.mark.smoke
def test_nothing_listens(program, major):
    port = free_port()
    refused(program.at(host="127.0.0.1", port=port, user="postgres")("status"), str(port))


def test_no_such_socket(program):
    refused(program.at(host="/tmp/no-such-folder", port=5432, user="postgres")("status"), "/tmp/no-such-folder")


def test_no_such_host(program):
    refused(program.at(host="no-such-host.invalid", port=5432, user="postgres")("status"), "no-such-host.invalid")


def test_something_else_listens(program):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = program.at(host="127.0.0.1", port=listener.getsockname()[1], user="postgres").start("status")
        client, _ = listener.accept()
        client.recv(100)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        client.close()
        program.finish(process, ("status",)).expect(6)


@pytest.mark.parametrize("command", [["tree"], ["status"], ["locks"], ["release", "--all", "--yes"]])
def test_error_as_json(pgunlock, command):
    finished = pgunlock.at(dbname="no_such_database")(*command, "--format", "json").expect(6)
    document = finished.json
    schemas.validate(document)
    assert document["schema"] == "pgunlock.error/1"
    assert (document["sqlstate"], document["exit"]) == ("3D000", 6)
    assert "no_such_database" in document["message"] and document["hint"]
    assert finished.err.startswith("pgunlock: error: "), "people read standard error"
