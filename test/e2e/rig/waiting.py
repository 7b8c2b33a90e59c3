"""The only way that a test waits: on a condition."""

import time

PATIENCE = 20.0

# Seconds from one question to the next: at first most things happen at once, and what doesn't must not keep the
# machine busy with questions.
_FIRST_STEP = 0.002
_LAST_STEP = 0.03


def wait_until(condition, what, timeout=PATIENCE):
    """Calls condition until it returns something true, and returns that; an AssertionError that says what it waited for
    when that doesn't happen in time."""
    deadline = time.monotonic() + timeout
    step = _FIRST_STEP
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain until {what}")
        time.sleep(step)
        step = min(1.3 * step, _LAST_STEP)
