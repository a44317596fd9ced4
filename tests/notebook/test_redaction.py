"""Laws of redaction: no secret stays, little else goes, and no text takes long."""

import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeded import seeded

from nbtracker.redaction import Redactor
from nbtracker.redaction.names import named_spans

SEEDED = list(seeded(300))
STDLIB = Path(sysconfig.get_path("stdlib"))


def lines(secret: str) -> list[str]:
    """What must not be found: a private key is its lines."""
    return [line for line in secret.splitlines() if "-----" not in line]


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """One that knows no values."""
    return Redactor({})


def test_a24_no_seeded_secret_stays(redactor: Redactor) -> None:
    """Of 300 made-up secrets in code, outputs, tracebacks, config and addresses, none is left."""
    missed = [
        what
        for what, secret, text in SEEDED
        if any(line in redactor.redact(text) for line in lines(secret))
    ]
    assert missed == []


def test_a24_secrets_within_much_text_are_found(redactor: Redactor) -> None:
    """All of them in one text, as an output has them."""
    redacted = redactor.redact("\n".join(text for *_, text in SEEDED))
    assert [
        what for what, secret, _ in SEEDED if any(one in redacted for one in lines(secret))
    ] == []


def test_a24_clean_code_stays_as_it_is(redactor: Redactor) -> None:
    """Of the standard library's modules, at most one in 200 is changed."""
    texts = [path.read_text("utf-8") for path in sorted(STDLIB.glob("*.py"))]
    texts += [
        path.read_text("utf-8")
        for path in sorted(STDLIB.glob("[a-su-z]*/*.py"))
        if "site-" not in str(path)
    ]
    changed = [text for text in texts if redactor.redact(text) != text]
    assert len(changed) <= 0.005 * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        'tokenizer.pad_token = "<pad>"', "sorted(rows, key=lambda row: row.loss)", "key = 'loss'",
        'password = os.environ["DB_PASSWORD"]', 'password = getpass("Password: ")', "token = 12345678",
        'os.environ["OPENAI_API_KEY"]', 'api_key = "{}".format(x)', "max_new_tokens=1024",
        "commit 1f0c3a9d5b7e2f4a6c8d0e1f2a3b4c5d6e7f8a9b", 'password: str = ""', "monkey = 'business99'",
        "def login(user, password, token=None): ...", "password=args.password1", 'author = "Ann B. Cee"',
        "https://example.com:8080/a@b", "sk-estimator-doc-link-class-for-html", "key=value", "passed=True",
    ],
)  # fmt: skip
def test_code_that_only_talks_of_secrets_stays(redactor: Redactor, text: str) -> None:
    """Names, types and calls are no secrets."""
    assert redactor.redact(text) == text


def test_values_of_the_environment_are_secret_if_their_names_say_so() -> None:
    """Paths and words are not."""
    redactor = Redactor({
        "MY_TOKEN": "zq4-plain-value", "SSH_AUTH_SOCK": "/tmp/ssh/agent.1", "PWD": "/home/ann",
        "GIT_AUTHOR_NAME": "Ann B. Cee", "HAS_KEY": "disabled", "DB_URL": "pg://ann:opensesame@h/x",
        "SECRET_FLAG": "true", "MODEL": "zebra-7b-chat",
    })  # fmt: skip
    text = "zq4-plain-value /tmp/ssh/agent.1 /home/ann Ann B. Cee disabled opensesame true zebra-7b-chat"
    left = "[redacted] /tmp/ssh/agent.1 /home/ann Ann B. Cee disabled [redacted] true zebra-7b-chat"
    assert redactor.redact(text) == left


def test_what_was_typed_is_found_as_python_and_addresses_spell_it() -> None:
    """Quotes, escapes and percent signs hide nothing."""
    redactor = Redactor({})
    redactor.learn("a'b\"c/dé 12")
    said = "a'b\"c/dé 12", repr("a'b\"c/dé 12"), "a%27b%22c%2Fd%C3%A9%2012"
    assert [redactor.redact(one).strip("'\"") for one in said] == ["[redacted]"] * 3


def test_a_short_value_is_replaced_as_a_word_only() -> None:
    """A PIN must not take other numbers apart."""
    redactor = Redactor({})
    redactor.learn("1234")
    assert redactor.redact("1234 12345 x=1234") == "[redacted] 12345 x=[redacted]"


def test_nested_values_are_redacted_by_their_keys_and_by_their_form(redactor: Redactor) -> None:
    """Numbers, and values of harmless keys, stay."""
    token = "ghp_" + "a1B2" * 9
    value = {"api_key": "tiger77", "lr": 0.1, "names": [token, ("x", None)], "token": "<pad>"}
    left = {
        "api_key": "[redacted]",
        "lr": 0.1,
        "names": ["ghp_"[:-1] + "[redacted]", ["x", None]],
        "token": "<pad>",
    }
    assert redactor.redact_value(value) == left


def test_the_environment_is_looked_at_again() -> None:
    """A program may set a variable at any time; threads that look at once miss nothing."""
    environ: dict[str, str] = {}
    redactor = Redactor(environ)
    environ |= {f"MY_TOKEN_{k}": f"zq4-plain-value-{k:02}" for k in range(50)}
    threads = [threading.Thread(target=redactor.learn_environment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redactor.redact(" ".join(environ.values())) == " ".join(["[redacted]"] * 50)


def test_colours_stay_where_a_secret_was(redactor: Redactor) -> None:
    """Tracebacks are coloured, within a literal too."""
    text = "\x1b[1mpassword\x1b[0m=\x1b[32m'\x1b[39m\x1b[33mtiger\x1b[34m77\x1b[39m'\x1b[0m!"
    left = "\x1b[1mpassword\x1b[0m=\x1b[32m'\x1b[39m\x1b[33m[redacted]\x1b[34m\x1b[39m'\x1b[0m!"
    assert redactor.redact(text) == left


@given(
    text=st.text(alphabet="a1:=/'\"\\ \n\x1b[m-_@password.keysk", max_size=200),
    after=st.integers(0, 20),
)
def test_context_is_never_given_back(text: str, after: int) -> None:
    """What stands before the wanted part changes what is found, and is left out."""
    redactor = Redactor({})
    assert "[redacted]" in redactor.redact(text, after=after) or (
        redactor.redact(text, after=after) == text[after:]
    )


HOSTILE = [
    "password=", "password='", "-----BEGIN PRIVATE KEY-----", "AKIA" + "A" * 16 + " ", "eyJ", "eyJaaaaaaaaa-",
    "eyJaaaaaaaa.", "sk-a", "-", "_", "://", "://a:", "login ", "wandb login --a ", 'auth=("', "curl -u ",
    "Authorization: Bearer ", "\x1b[31m", "\x1b", 'password = "\\', "\\", "password: str | ", "password\x1b[0m=",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_gone_through(redactor: Redactor, piece: str) -> None:
    """A megabyte that was made to be slow ends, which it would not if it took squared time."""
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    assert len(redactor.redact(text)) <= 2 * len(text)


def test_names_that_are_given_nothing_secret_are_passed_over() -> None:
    """Each costs a look or two, however often it stands in a text."""
    found = [0]

    def count(_frame: Any, event: str, _given: Any) -> None:
        found[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        spans = list(named_spans("pass = 1\npassword = ask(2)\n" * 1000))
    finally:
        sys.setprofile(None)
    assert spans == []
    assert found[0] <= 2000 * 4
