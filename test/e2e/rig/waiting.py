"""The only way that a test waits: on a condition."""

import time

PATIENCE = 20.0


def wait_until(condition, what, timeout=PATIENCE):
    """Calls condition until it returns something true, and returns that; an AssertionError that says what it waited for
    when that doesn't happen in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain until {what}")
        time.sleep(0.003)
