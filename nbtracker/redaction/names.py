"""Literals that are given to names which say that they are secret.

As in `password = "..."`, `"api_key": '...'`, `AWS_SECRET_ACCESS_KEY=...` or `--token ...`.
"""

import functools
import re
from collections.abc import Iterator

from nbtracker.redaction.shapes import Span, changes, looks_random

_HINT = re.compile(
    r"pass(?:w|phrase|code|[\"'_=: ])|pwd|secret|credential|key|token|auth|cookie|signature|jwt"
)
_HINTS = (
    ("k", "key"), ("k", "token"), ("k", "cookie"), ("w", "pwd"), ("w", "jwt"), ("p", "pass"),
    ("u", "auth"), ("u", "signature"), ("c", "secret"), ("d", "credential"),
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_LONGEST_PREFIX = 40
_SEGMENT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OPERATOR = re.compile(
    r"""(?P<close>\\{0,3}["'])?[ \t]?\]?[ \t]{0,20}
    (?:(?P<typed>:[ ]?[A-Za-z][\w.\[\]|, ]{0,40}?=(?!=))|(?P<op>=>|:=|==|[:=,])|(?P<flag>[ ]))
    (?P<space>[ \t]{0,20})(?:\(\s{0,20})?
    (?:[bBfFrRuU]{1,2}(?=\\{0,3}["']))?(?P<quote>\\{0,3}(?:\"\"\"|'''|["']))?""",
    re.VERBOSE,
)
_BARE = re.compile(r"[^\s\"'`,;&|<>(){}\[\]\\]{6,512}")
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_BARE_REST = re.compile(r"[^\s\"'`,;&|<>(){}\[\]\\]*")
# Where a name is given something too short, or what is called or indexed: passed over at once.
_NOTHING = re.compile(
    r"""[A-Za-z0-9_-]{1,80}[ \t]?=(?![=>])[ \t]{0,20}
    (?:[^\s"'`,;&|<>(){}\[\]\\]{1,5}(?=[\s,;&|<>)}\]]|\Z)
    |[^\s"'`,;&|<>(){}\[\]\\]{1,512}(?=[(\[{]))""",
    re.VERBOSE,
)
_LONGEST_LITERAL = 32 * 1024
# What may stand behind the word that says it.
_SUFFIXES = frozenset(
    "prod production dev development test testing staging live value str string new old default "
    "base b64 base64 plain text raw hex primary secondary env".split()
)
_SURE = frozenset(
    "password passwd passwort passphrase passcode pwd pass secret secrets credential credentials "
    "apikey secretkey accesskey privatekey authtoken accesstoken".split()
)
_SURE_ENDS = (
    "password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "privatekey",
    "authtoken", "accesstoken",
)  # fmt: skip
_KEYS_OF = frozenset(
    "api access secret private auth encryption signing account master storage subscription "
    "license service app application consumer client shared hmac jwt deploy admin".split()
)
_TOKENS_OF = frozenset(
    "access auth refresh api bearer secret bot hf hub huggingface github gitlab slack gh personal "
    "push deploy registry npm pypi session jwt oauth oauth2 id user admin service".split()
)
_MAYBE = frozenset(
    "key token auth authorization cookie signature bearer jwt pat sas session sessionid".split()
)
_NO, _WEAK, _STRONG = 0, 1, 2


@functools.lru_cache(4096)
def strength(name: str) -> int:
    """Say how surely a name means a secret: 0 not, 1 if its value looks like one, 2 surely."""
    words = [word.lower() for word in _SEGMENT.findall(name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _SUFFIXES):
        words.pop()
    last, before = (words or [""])[-1], words[-2] if len(words) > 1 else ""
    if (
        last in _SURE
        or last.endswith(_SURE_ENDS)
        or (last == "key" and before in _KEYS_OF)
        or (last == "token" and before in _TOKENS_OF)
    ):
        return _STRONG
    return _WEAK if last in _MAYBE or last.endswith("token") else _NO


def named_spans(text: str) -> Iterator[Span]:
    """Where values stand that names call secret, in order and apart."""
    if not ("=" in text or ":" in text or "," in text or "--" in text):
        return
    lower = text.lower()
    if len(lower) != len(text):  # a few letters of other scripts grow
        lower = "".join(one if len(one.lower()) != 1 else one.lower() for one in text)
    if not any(letter in lower and word in lower for letter, word in _HINTS):
        return
    done = 0
    for hint in _HINT.finditer(lower):
        if hint.start() < done or _NOTHING.match(text, hint.start()):
            continue
        named = _NAME.match(text, _beginning(text, hint.start(), done))
        if named is None:
            continue
        done = named.end()
        if not strength(named.group()):
            continue
        found = _literal(text, named)
        if found is not None:
            yield found
            done = max(done, found[1])


def _beginning(text: str, at: int, first: int) -> int:
    """Where the name begins that a word is in."""
    begin, first = at, max(first, at - _LONGEST_PREFIX)
    while begin > first and (text[begin - 1].isalnum() or text[begin - 1] in "_-"):
        begin -= 1
    is_escape = 0 < begin < at and text[begin - 1] == "\\" and text[begin] in "nrt"
    return begin + is_escape


def _literal(text: str, named: re.Match[str]) -> Span | None:
    """Where the secret stands that is given to a name."""
    name = named.group()
    said = _OPERATOR.match(text, named.end())
    if said is None or (said["flag"] and not name.startswith("--")):
        return None
    begin = said.end()
    if said["quote"] is None:
        bare = _BARE.match(text, begin)
        if bare is None or text[bare.end() : bare.end() + 1] in ("(", "[", "{"):
            return None
        asked = text[max(0, named.start() - 1) : named.start()] in ("?", "&")
        is_secret = _is_secret_bare(name, bare.group(), said, sure=asked)
        rest = _BARE_REST.match(text, bare.end()) if is_secret else None
        return (begin, rest.end()) if rest else None
    end = _closing(text, begin, said["quote"])
    return (begin, end) if _is_secret_literal(name, text[begin:end], said) else None


def _closing(text: str, begin: int, mark: str) -> int:
    """Where a literal ends: at its quote, or with its line if that is missing."""
    stop = min(len(text), begin + _LONGEST_LITERAL)
    if len(mark.lstrip("\\")) == 1:
        newline = text.find("\n", begin, stop)
        stop = newline if newline >= 0 else stop
    end = text.find(mark, begin, stop)
    while end > begin and not mark.startswith("\\") and text[end - 1] == "\\":
        n_slashes = end - len(text[begin:end].rstrip("\\")) - begin
        if n_slashes % 2 == 0:
            break
        end = text.find(mark, end + 1, stop)
    return end if end >= 0 else stop


def _is_secret_literal(name: str, value: str, said: re.Match[str]) -> bool:
    op = said["op"]
    if strength(name) == _WEAK or op == ",":
        return (op != "," or bool(said["close"])) and " " not in value and looks_random(value)
    if len(value) < 4 or _is_placeholder(value):
        return False
    if any(one.isspace() for one in value):
        is_phrase = op == "=" and 3 <= value.count(" ") + 1 <= 12
        return is_phrase and "pass" in name.lower() and value[-1] not in ":?.!,) "
    # A quote behind a colon may as well end a prompt; what is compared with may be a choice.
    ends_prompt = op == ":" and value[0] in "),]}+" and not looks_random(value)
    is_glued = op == ":" and not said["close"] and not said["space"]
    is_choice = op == "==" and value.isalpha() and value.islower()
    return not (ends_prompt or is_glued or is_choice)


def _is_placeholder(value: str) -> bool:
    """Whether a value stands for another one, or names it."""
    if len(set(value)) <= 2 or value.startswith(("{", "<", "$", "%(", "%s", "[redacted", "...")):
        return True
    if value.isupper() and "_" in value and value.replace("_", "").isalpha():
        return True
    words = [word.lower() for word in _SEGMENT.findall(value)]
    is_plain = re.sub(r"[_.-]", "", value).isalpha()
    if is_plain and len(words) > 2 and value.islower() and strength(value) == _STRONG:
        return True
    return is_plain and all(word in _SURE | _KEYS_OF | _MAYBE for word in words)


def _is_secret_bare(name: str, value: str, said: re.Match[str], *, sure: bool) -> bool:
    value = value.rstrip(".:")
    if said["op"] in (",", "==") or _is_placeholder(value):
        return False
    if value[0] in "=/~.:%*":
        # Rather a path, or code; of base64, one in 64 begins so, too.
        return len(value) >= 32 and changes(value) > 10 and looks_random(value)
    if strength(name) == _WEAK:
        return looks_random(value)
    in_environment = name.isupper() and said["op"] == "=" and not said["space"]
    is_word = value.isalpha() and value.islower()
    if sure or in_environment or (name.startswith("--") and not (said["flag"] and is_word)):
        return not value.startswith(("-", "os."))
    return _is_no_code(value)


def _is_no_code(value: str) -> bool:
    """Whether a value without quotes is hardly a name or an expression."""
    has_digit, has_letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    if len(value) < 8 or not has_letter or _ATTRIBUTE.fullmatch(value):
        return False
    if value.isidentifier():
        return has_digit and "_" not in value and not strength(value)
    return has_digit or any(one in "@#$%^&*!" for one in value)
