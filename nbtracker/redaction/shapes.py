"""What secrets look like: keys of known forms, and credentials in addresses.

Each pattern is bounded, and begins with something rare, so that ordinary text is passed over
quickly and hostile text costs no more than a constant for each of its characters.
"""

import itertools
import re
from collections.abc import Iterator

Span = tuple[int, int]

_ALNUM = "[A-Za-z0-9]"
# `\n` is spelled out where a text is shown as Python would write it.
_FRESH = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"


def _after(forms: dict[str, str]) -> str:
    """Prefix to what follows it, as one pattern that begins with the prefixes' last character."""
    return "|".join(
        rf"(?<={prefix})(?:(?<!{_ALNUM}{prefix})|(?<=\\[nrt]{prefix})){body}"
        for prefix, body in forms.items()
    )


_UNDERSCORE = {
    "gh[pousr]_": "[A-Za-z0-9]{20,}",
    "github_pat_": r"[A-Za-z0-9_]{20,}",
    "hf_": "[A-Za-z0-9]{20,}",
    "npm_": "[A-Za-z0-9]{30,}",
    "[srp]k_live_": "[A-Za-z0-9]{16,}",
    "[srp]k_test_": "[A-Za-z0-9]{16,}",
    "whsec_": "[A-Za-z0-9+/=]{16,}",
    "gsk_": "[A-Za-z0-9]{30,}",
    "r8_": "[A-Za-z0-9]{30,}",
    "do[opr]_v1_": "[0-9a-f]{40,}",
    "lsv2_[ps]t_": r"[A-Za-z0-9_]{30,}",
    "shp[a-z]{2}_": "[A-Fa-f0-9]{32,}",
    "wandb_v1_": r"[A-Za-z0-9_]{30,}",
    "secret_": "[A-Za-z0-9]{40,}",
    "sbp_": "[a-f0-9]{40,}",
    "SK_": "[A-Za-z0-9]{32,}",
}
_HYPHEN = {
    # Style sheets have long names that begin so: a key has digits and a long run without hyphens.
    "sk-": r"(?=[\w-]{0,64}?[A-Za-z0-9]{16})(?=[A-Za-z_-]{0,200}[0-9])[\w-]{20,}",
    "glpat-": r"[\w.-]{16,}",
    "gl(?:dt|rt|ft)-": r"[\w.-]{16,}",
    "gl(?:ptt|cbt|imt)-": r"[\w.-]{16,}",
    "glagent-": r"[\w-]{16,}",
    "glsoat-": r"[\w-]{16,}",
    "xox[a-z]-": r"[A-Za-z0-9-]{10,}",
    "xapp-": r"[A-Za-z0-9-]{20,}",
    "pypi-": r"(?=[\w-]{0,64}?[A-Z0-9])[\w-]{32,}",
    "nvapi-": r"[\w-]{30,}",
    "xai-": "[A-Za-z0-9]{30,}",
    "pplx-": "[A-Za-z0-9]{30,}",
    "tvly-": r"[\w-]{24,}",
    "GOCSPX-": r"[\w-]{20,}",
    "PMAK-": "[A-Fa-f0-9-]{40,}",
    "local-": "[0-9a-f]{40}",
    "key-": "[0-9a-f]{32}",
}
_HEADER = (
    r"uthorization\\?[\"']?\]?\s{0,3}[:=,]\s{0,3}\\?[\"']?"
    r"(?:[Bb]earer|[Bb]asic|[Tt]oken|[Bb]ot) {1,3}([\w.~+/=-]{8,})"
)
_PAIR = (
    r"auth\w{0,16}\s{0,3}=\s{0,3}\w{0,32}\(\s{0,3}[\"'][^\"'\n]{0,100}[\"']\s{0,3},"
    r"\s{0,3}[\"']([^\"'\n]{1,256})[\"']"
)
_CURL = (
    r"\bcurl [^\n]{0,200}?(?<=\s)-(?:u|-user)[ =]?[\"']?"
    r"[^\s:\"']{1,100}:([^\s\"']{4,256})"
)
# What has to be in a text for the pattern to be tried: its rarest letter first, as looking for
# one is much faster. A group is the part that is secret.
_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (letter, needle, re.compile(pattern))
    for letter, needle, pattern in (
        ("_", "_", f"_(?:{_after(_UNDERSCORE)})"),
        ("-", "-", f"-(?:{_after(_HYPHEN)})"),
        ("I", "AIza", _FRESH + r"AIza[\w-]{30,}"),
        ("y", "ya29.", _FRESH + r"ya29\.[\w-]{20,}"),
        ("G", "SG.", _FRESH + r"SG\.[\w-]{16,}\.[\w-]{16,}"),
        # Not within such a word: it would be gone through once for each beginning.
        ("J", "eyJ", r"(?:(?<![\w-])|(?<=\\[nrt]))eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
        ("p", "dapi", _FRESH + r"dapi[0-9a-f]{32}(?:-\d+)?"),
        ("T", "ATATT", _FRESH + r"ATATT[\w=-]{40,}"),
        ("/", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows)/([\w/]{20,})"),
        ("/", "/api/webhooks/", r"/api/webhooks/(\d{10,}/[\w-]{30,})"),
        (":", ":AA", _FRESH + r"\d{8,10}:AA[\w-]{32,}"),
        ("=", "sig=", r"[?&]sig=([\w%+/=-]{20,})"),
        ("/", "://", r"://[^\s/:@\"'<>\\]{0,256}:([^\s/@\"'<>\\{}$%][^\s/@\"'<>\\]{0,511})@"),
        ("/", "://", r"://(?=[^\s/:@]{0,64}?[0-9])([A-Za-z0-9_.~-]{16,256})@"),
        ("g", "login", r"\bwandb\s{1,3}login\s(?:\s{0,3}--\S{1,40}\s){0,4}\s{0,3}([\w-]{40,})"),
        ("g", "login", r"\blogin\s{1,9}\S{1,200}\s{1,9}password\s{1,9}(\S{4,256})"),
        ("r", "earer ", r"[Bb]earer {1,3}(?=[\w.~+/=-]{0,64}?[0-9])([\w.~+/=-]{16,})"),
        ("z", "uthorization", _HEADER),
        ("h", "auth", _PAIR),
        ("c", "curl ", _CURL),
    )
)  # fmt: skip
_ADDRESSES = tuple(pattern for _, needle, pattern in _SHAPES if needle == "://")
_AWS = re.compile(_FRESH + r"A(?:KIA|SIA|IDA|ROA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])")
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
# The secret half of a pair stands close to the other. Units: characters.
_CLOSE = 400
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=]{40}")
_PEM_REST = re.compile(r"(?:[\s\\nr\"',+|>]{0,80}[A-Za-z0-9+/=]{24,}){1,800}")
_LONGEST_PEM = 20_000


def shape_spans(text: str) -> Iterator[Span]:
    """Where text looks like a secret, in no order; spans may overlap."""
    for letter, needle, pattern in _SHAPES:
        if letter in text and needle in text:
            for match in pattern.finditer(text):
                yield match.span(match.lastindex or 0)
    if "K" in text and "PRIVATE KEY" in text:
        yield from _pem_spans(text)
    if "I" in text and ("AKIA" in text or "ASIA" in text):
        yield from _aws_spans(text)


def value_spans(address: str) -> Iterator[Span]:
    """Where an address has a password."""
    for pattern in _ADDRESSES:
        for match in pattern.finditer(address):
            yield match.span(1)


def looks_random(value: str) -> bool:
    """Whether a value is hardly a word, a name, a number or a path."""
    if any(_is_random(part) for part in re.split(r"[^A-Za-z0-9+/=]+", value)):
        return True
    joined = value.replace("-", "").replace("_", "")
    return len(value) >= 20 and joined.isalnum() and _is_random(joined) and changes(joined) > 7


def _is_random(part: str) -> bool:
    is_long = len(part) >= 16 and len(set(part)) >= 8 and not part.isdigit()
    # Names in code have their number at the end.
    return is_long and len(re.findall("[0-9]+", part)) >= 2 and changes(part) >= 4


def changes(part: str) -> int:
    """Count how often a text goes from digits to letters, or from small to capital ones."""
    kinds = [(one.isdigit(), one.isupper()) for one in part[:256]]
    return sum(left != right for left, right in itertools.pairwise(kinds))


def _pem_spans(text: str) -> Iterator[Span]:
    done = 0
    for match in _PEM.finditer(text):
        begin = match.end()
        if begin < done:
            continue
        end = text.find("-----END", begin, begin + _LONGEST_PEM)
        if end < 0:
            rest = _PEM_REST.match(text, begin)
            end = rest.end() if rest else begin
        if _PEM_BODY.search(text, begin, end):
            yield begin, end
            done = end


def _aws_spans(text: str) -> Iterator[Span]:
    looked = 0
    for match in _AWS.finditer(text):
        yield match.span()
        begin, end = max(looked, match.start() - _CLOSE), match.end() + _CLOSE
        for secret in _AWS_SECRET.finditer(text, begin, end):
            found = secret.group()
            if found.lower() != found != found.upper() and any(one.isdigit() for one in found):
                yield secret.span()
        looked = max(looked, end - 41)
