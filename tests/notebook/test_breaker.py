"""Faults of hooks end in the breaker."""

import pytest

from nbtracker.notebook.breaker import MOST_FAULTS, Breaker


class UnsayableError(RuntimeError):
    """An error that fails when it is shown."""

    def __str__(self) -> str:
        raise ValueError("no words")


def fail_with(error: Exception) -> None:
    """Fail."""
    raise error


@pytest.mark.parametrize("error", [RuntimeError("inside"), UnsayableError(), OSError(28, "full")])
@pytest.mark.parametrize("kind", ["__call__", "always", "apart"])
def test_f6_no_fault_gets_out_whatever_it_says(kind: str, error: Exception) -> None:
    """It is kept in words, of whichever kind the guarded part is."""
    breaker = Breaker()
    assert getattr(breaker, kind)(fail_with)(error) is None
    assert str(breaker.fault).startswith(f"{type(error).__name__} in fail_with")


@pytest.mark.parametrize(
    ("kind", "error", "is_open"),
    [
        ("__call__", RuntimeError(), True),
        ("__call__", OSError(28, "full"), False),
        ("always", RuntimeError(), True),
        ("apart", RuntimeError(), False),
    ],
)
def test_f6_only_faults_of_what_others_need_stop_the_recording(
    kind: str, error: Exception, is_open: bool
) -> None:
    """A disk that is full now may not be so later."""
    breaker = Breaker()
    for _ in range(MOST_FAULTS):
        getattr(breaker, kind)(fail_with)(error)
    assert breaker.is_open is is_open
    assert breaker(lambda: "done")() == (None if is_open else "done")
    assert breaker.always(lambda: "done")() == "done"
