"""Servers and poolers refuse to run as root: as root, they are run as another user."""

import os
import pathlib
import pwd
import shutil
import tempfile


def _find_user():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("neither a user postgres nor nobody: run the tests as somebody other than root")


USER = _find_user() if os.geteuid() == 0 else None


def unprivileged(argv):
    """The command line that runs argv as an unprivileged user."""
    if USER is None:
        return list(argv)
    return ["setpriv", f"--reuid={USER.pw_uid}", f"--regid={USER.pw_gid}", "--init-groups", *argv]


def give_away(path):
    """Makes path belong to the user of unprivileged()."""
    if USER is not None:
        os.chown(path, USER.pw_uid, USER.pw_gid)


def private_directory(prefix):
    """A new directory which that user may enter. Short, since the names of sockets are limited to 107 bytes."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    path.chmod(0o755)
    give_away(path)
    return path


def write_file(path, text):
    path.write_text(text, encoding="utf-8")
    give_away(path)


def own_environment():
    """For servers: nothing of the tester's own PG* settings, and messages in English."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": "/nonexistent"}


def require(name):
    """The path of a program, or None."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
