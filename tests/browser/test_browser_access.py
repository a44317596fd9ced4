"""The display of a run by keys, for screen readers, and for eyes that need contrast."""

from typing import Any

import pytest
from browser_pages import Seen
from panel_pages import AXE
from playwright.sync_api import expect

RUN = """
import nbtracker
run = nbtracker.init(project="digits", id={id!r}, name="calm-river", config={{"lr": 0.01, "layers": 3}})
run.define_metric("val/acc", summary="best", goal="maximize")
for step in range(60):
    run.log({{"train/loss": 1 / (1 + step), "val/acc": step / 100}})
run.config.update({{"lr": 0.003}}, allow_val_change=True)
run.finish()
"""
FOUND = """selector => window.axe.run(selector, {rules: {'color-contrast': {enabled: true}}}).then(
  ({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(n => n.html).join(' ').slice(0, 400)}`))"""
# Contrast by WCAG 2.2; colours are taken as the browser works them out, upon each other.
CONTRASTS = """selector => {
  const parse = text => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const over = (top, below) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map(i => alpha * top[i] + (1 - alpha) * below[i]);
  };
  const luminance = rgb => rgb.map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    const chain = [];
    for (let one = node; one; one = one.parentElement) chain.unshift(parse(getComputedStyle(one).backgroundColor));
    return chain.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const said = {};
  for (const node of document.querySelectorAll(selector + ' *')) {
    const isText = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (!isText || !node.checkVisibility() || node.disabled) continue;
    const below = ground(node);
    const found = contrast(over(parse(getComputedStyle(node).color), below), below);
    const name = node.className || node.tagName;
    said[name] = Math.min(said[name] ?? 21, Math.round(found * 100) / 100);
  }
  return said;
}"""
# The colour that most of a curve has, and the one around it.
LINE = """() => {
  const canvas = document.querySelector('.nbt-run canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b, a] = data.slice(i, i + 4);
    if (a === 255 && Math.max(r, g, b) - Math.min(r, g, b) > 40) {
      const key = [r, g, b].join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  const [[color]] = [...seen].sort((a, b) => b[1] - a[1]);
  let ground = canvas, fill = 'rgba(0, 0, 0, 0)';
  while (ground && /, 0\\)|transparent/.test(fill)) {
    fill = getComputedStyle(ground).backgroundColor;
    ground = ground.parentElement;
  }
  return [color.split(',').map(Number), (fill.match(/[\\d.]+/g)).slice(0, 3).map(Number)];
}"""
THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}


def shown(seen: Seen, run_id: str) -> None:
    """Open a notebook in which a run is displayed that has ended."""
    seen.server.record(RUN.format(id=run_id))
    seen.server.shown(f"{run_id}.ipynb", runs=[f"digits/{run_id}"])
    seen.open_lab(f"{run_id}.ipynb")
    seen.wait_for_drawing()


def found_by_axe(seen: Seen) -> list[str]:
    """What axe finds against the display, on each of its pages and with a chart's tools open."""
    # As the page's own file: a script that is put into a page may be forbidden.
    seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    opener = seen.page.get_by_role("button", name="Chart controls").first
    opener.click()
    seen.page.get_by_role("button", name="Table").first.click()
    found: list[str] = []
    for name in ("Charts", "Config", "Summary", "Cells"):
        seen.page.get_by_role("tab", name=name).click()
        found += [f"{name}: {one}" for one in seen.page.evaluate(FOUND, ".nbt-run")]
    seen.page.get_by_role("tab", name="Charts").click()
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_all_text_has_contrast(seen: Seen, theme: str) -> None:
    """Text has at least 4.5:1 to what is behind it, curves 3:1."""
    shown(seen, f"axe-{theme}")
    seen.use_theme(THEMES[theme])
    assert found_by_axe(seen) == []
    texts: dict[str, float] = {}
    for name in ("Charts", "Config", "Summary"):
        seen.page.get_by_role("tab", name=name).click()
        texts |= {
            f"{name} {key}": n for key, n in seen.page.evaluate(CONTRASTS, ".nbt-run").items()
        }
    assert len(texts) > 15
    assert {name: n for name, n in texts.items() if n < 4.5} == {}
    line, ground = seen.page.evaluate(LINE)
    assert contrast(line, ground) >= 3


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours by WCAG 2.2."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: list[float]) -> float:
    shares = [part / 255 for part in color]
    parts = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_forced_colours_show_everything(seen: Seen) -> None:
    """Where the system gives the colours, axe finds nothing, and the curve is in the text's colour."""
    shown(seen, "forced")
    before = seen.drawn()
    seen.page.emulate_media(forced_colors="active")
    seen.wait_for_drawing(other_than=before["hash"])
    assert found_by_axe(seen) == []
    seen.keep("forced")


def test_reduced_motion_moves_nothing(seen: Seen) -> None:
    """No transition and no animation is left."""
    seen.page.emulate_media(reduced_motion="reduce")
    shown(seen, "still")
    moving = seen.page.evaluate(
        "() => [...document.querySelectorAll('.nbt-run, .nbt-run *')].filter(node => {"
        " const style = getComputedStyle(node);"
        " return style.animationName !== 'none' || parseFloat(style.transitionDuration) > 0; }).length"
    )
    assert moving == 0


def test_everything_is_reached_and_used_by_keys(seen: Seen) -> None:
    """A tour without a mouse: tabs, filter, sections, a chart with its tools, points and zoom."""
    shown(seen, "keys")
    page = seen.page
    keys = page.keyboard
    page.get_by_role("tab", name="Charts").focus()
    keys.press("ArrowRight")
    expect(page.get_by_role("tab", name="Config")).to_be_focused()
    expect(page.get_by_role("tab", name="Config")).to_have_attribute("aria-selected", "true")
    page.locator(".nbt-changes > div").first.wait_for()
    keys.press("Home")
    expect(page.get_by_role("tab", name="Charts")).to_be_focused()
    stops = [_tab(seen) for _ in range(9)]
    assert stops[:2] == ["Filter what is shown", "tabpanel"]
    section = page.locator(".nbt-section > summary").first
    section.focus()
    keys.press("Enter")
    expect(page.locator(".nbt-section").first).not_to_have_attribute("open", "")
    keys.press("Space")
    expect(page.locator(".nbt-section").first).to_have_attribute("open", "")
    assert "Chart controls" in stops
    assert any("Arrow keys read points" in stop for stop in stops)
    _use_chart(seen)


def _use_chart(seen: Seen) -> None:
    page = seen.page
    opener = page.get_by_role("button", name="Chart controls").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    logarithmic = page.get_by_role("button", name="log y").first
    logarithmic.focus()
    page.keyboard.press("Space")
    expect(logarithmic).to_have_attribute("aria-pressed", "true")
    plot = page.get_by_role("group", name="Arrow keys read points").first
    plot.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    voice = page.locator(".nbt-chart").first.locator(".nbt-chart-quiet[aria-live]").nth(1)
    expect(voice).to_contain_text("step 1")
    page.keyboard.press("+")
    reset = page.get_by_role("button", name="Reset zoom").first
    expect(reset).to_be_visible()
    plot.focus()
    page.keyboard.press("Escape")
    expect(reset).to_be_hidden()
    assert seen.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.mode") in (
        "command",
        "edit",
    )


def _tab(seen: Seen) -> str:
    """Press Tab; say what has the focus now, which must be seen."""
    seen.page.keyboard.press("Tab")
    said: dict[str, Any] = seen.page.evaluate(
        "() => { const node = document.activeElement; const style = getComputedStyle(node);"
        " return { name: node.getAttribute('aria-label') ?? node.getAttribute('role') ?? node.textContent.trim(),"
        " ours: node.closest('.nbt-run') !== null, outline: parseFloat(style.outlineWidth) }; }"
    )
    assert not said["ours"] or said["outline"] >= 2
    return str(said["name"])
