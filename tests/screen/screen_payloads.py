"""What strangers write where text is expected (A11, A13), and what of a picture may be there at all."""

from xml.etree import ElementTree as ET

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "&lt;b&gt;&#60;script&#62;&amp;",
    "{{constructor.constructor('alert(1)')()}}",
    "\"' onmouseover=alert(1) x='\"",
    "<a id=body name=cookie>",
    "<form action=http://x.invalid><button>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "![x](http://x.invalid/y.png)",
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\require{html}\href{data:text/html,x}{y}$$",
)
ELEMENTS = frozenset("svg title desc style rect g path circle text".split())
ATTRIBUTES = frozenset(
    """
    class role aria-label width height viewBox font-family font-size fill rx x y cx cy r d transform
    stroke stroke-width stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin font-weight
    text-anchor
    """.split()
)


def parsed(picture: str) -> ET.Element:
    """Read a picture, and make sure that there is nothing in it that does anything."""
    assert "<!" not in picture
    root = ET.fromstring(picture)
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
    return root


def texts(root: ET.Element) -> set[str]:
    """Every text of a picture."""
    return {said for element in root.iter() for said in (element.text, element.tail) if said}
