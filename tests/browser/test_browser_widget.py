"""The widget's bundle in a page without Jupyter, as hosts load it."""

from pathlib import Path

from browser_pages import PATIENCE_MS
from playwright.sync_api import Browser

BUNDLE = Path(__file__).parents[2] / "nbtracker" / "screen" / "static" / "widget.js"
# A model that answers every question with an error, as a kernel does that lost its run.
SHOW = """async text => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const { default: widget } = await import(url);
  const listeners = new Set();
  const model = {
    get: name => ({ height: 300 })[name],
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    send: ({ id }) => queueMicrotask(() => listeners.forEach(f => f({ id, error: 'no run' }, [])))
  };
  const el = document.body.appendChild(document.createElement('div'));
  const end = widget.render({ model, el });
  window.widget = { el, end, listeners };
}"""


def test_the_widget_draws_in_a_tree_of_its_own_and_leaves_nothing(browser: Browser) -> None:
    """Its styles stay inside, its words come from the kernel, and its end is an end."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(SHOW, BUNDLE.read_text(encoding="utf-8"))
    page.locator(".nbt-said", has_text="no run").wait_for()
    assert page.locator(".nbt-run").bounding_box()["height"] == 300  # type: ignore[index]
    assert page.evaluate("document.head.querySelectorAll('style, link').length") == 0
    page.evaluate("window.widget.end()")
    assert page.evaluate("[widget.el.shadowRoot.childNodes.length, widget.listeners.size]") == [
        0,
        0,
    ]
    assert [url for url in asked if not url.startswith("blob:")] == []
    page.close()
