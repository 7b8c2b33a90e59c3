"""A wall clock of a test's own, for programs that it starts."""

import glob


class Clock:
    """What is started with env sees the time that was set last; its monotonic clock stays right."""

    def __init__(self, folder):
        library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
        assert library, "the package faketime is not installed"
        self.file = folder / "clock"
        self.env = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_NO_CACHE": 1,
                    "FAKETIME_DONT_FAKE_MONOTONIC": 1, "TZ": "UTC",
                    "ASAN_OPTIONS": "exitcode=99:verify_asan_link_order=0"}
        self.set("+0")

    def set(self, time):
        """As faketime takes it: "+2h" from now, or "@2026-11-27 03:12:05", in UTC, from which it goes on."""
        self.file.write_text(time + "\n")
