"""What Python and the browser let pass of a display: the same, though each says it for itself."""

import re
from pathlib import Path

import pytest
from written import record

from nbtracker.screen import bundle, showing
from nbtracker.screen.portrait import Subject
from nbtracker.store.layout import Store

PAYLOAD = Path(__file__).parents[2] / "labextension" / "src" / "plugins" / "payload.ts"


def test_the_browser_takes_what_python_writes_and_no_more() -> None:
    """Another height would be changed without a word, a longer title cut twice."""
    written = PAYLOAD.read_text(encoding="utf-8")
    named = {name: int(n) for name, n in re.findall(r"\b([a-zA-Z_]+)(?::| =) (\d+)\b", written)}
    assert named == {
        "MAX_RUNS": bundle.MOST_RUNS,
        "MAX_TITLE": bundle._MOST_TITLE,
        "least": showing.LEAST_HEIGHT,
        "usual": bundle.HEIGHT,
        "most": showing.MOST_HEIGHT,
    }


@pytest.mark.parametrize(("title", "said"), [("Best of May", "Best of May"), (None, "")])
def test_a_widget_in_a_display_has_the_title_of_the_display(
    store: Store, monkeypatch, title: str | None, said: str
) -> None:
    """The script in the browser looks for it; without one, the run's name stands there."""
    monkeypatch.setattr("nbtracker.screen.front_end.shows_widgets", lambda: True)
    monkeypatch.setattr("nbtracker.screen.widget.script", lambda: b"")
    made = showing._widget_for_bundle(Subject(record(store, "r")), 300, title)
    assert made is not None
    assert (made.title, made.get_state().get("title", "")) == (said, said)
    made.close()
