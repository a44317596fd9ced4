"""Secrets made up for the tests, and the texts in which people leave them."""

import base64
import json
import random
import string
from collections.abc import Callable, Iterator

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
URLSAFE = ALNUM + "_-"
Make = Callable[[random.Random], str]


def some(rng: random.Random, letters: str, n: int) -> str:
    """So many letters; at least one of them is a digit, and one is none."""
    text = "".join(rng.choice(letters) for _ in range(n - 2))
    return text + rng.choice("23456789") + rng.choice([one for one in letters if one.isalpha()])


def jwt(rng: random.Random) -> str:
    """A token of three parts."""
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": some(rng, ALNUM, 12), "iat": 1516239022}]
    said = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().strip("=") for one in parts]
    return ".".join([*said, some(rng, URLSAFE, 43)])


def pem(rng: random.Random) -> str:
    """A private key."""
    lines = [some(rng, ALNUM + "+/", 64) for _ in range(12)]
    kind = rng.choice(["RSA ", "EC ", "", "OPENSSH "])
    return "\n".join(
        [f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"]
    )


def password(rng: random.Random) -> str:
    """What a person might think of."""
    word = rng.choice(["Tiger", "sunshine", "hunter", "Correct", "zebra"])
    return word + some(rng, ALNUM + "!#*", rng.randint(5, 9))


# Keys that are known by their form, wherever they stand.
SHAPED: dict[str, Make] = {
    "aws id": lambda rng: rng.choice(["AKIA", "ASIA"]) + "".join(rng.choices(string.ascii_uppercase + "234567", k=16)),
    "github": lambda rng: rng.choice(["ghp_", "gho_", "ghs_"]) + some(rng, ALNUM, 36),
    "github fine": lambda rng: "github_pat_" + some(rng, ALNUM, 22) + "_" + some(rng, ALNUM, 59),
    "gitlab": lambda rng: "glpat-" + some(rng, URLSAFE, 20),
    "huggingface": lambda rng: "hf_" + some(rng, ALNUM, 34),
    "openai": lambda rng: "sk-" + some(rng, ALNUM, 48),
    "openai project": lambda rng: "sk-proj-" + some(rng, URLSAFE, 74) + "T3BlbkFJ" + some(rng, ALNUM, 74),
    "anthropic": lambda rng: "sk-ant-api03-" + some(rng, ALNUM, 40) + some(rng, URLSAFE, 53) + "AA",
    "slack": lambda rng: "xoxb-" + some(rng, string.digits + "a", 12) + "-" + some(rng, ALNUM, 24),
    "google": lambda rng: "AIza" + some(rng, URLSAFE, 35),
    "stripe": lambda rng: rng.choice(["sk_live_", "rk_live_"]) + some(rng, ALNUM, 24),
    "npm": lambda rng: "npm_" + some(rng, ALNUM, 36),
    "pypi": lambda rng: "pypi-AgEIcHlwaS5vcmc" + some(rng, URLSAFE, 120),
    "jwt": jwt,
}  # fmt: skip
# Keys that only their name gives away.
NAMED: dict[str, Make] = {
    "wandb": lambda rng: some(rng, HEX, 40),
    "aws secret": lambda rng: some(rng, ALNUM + "/+", 40),
    "password": password,
    "hex": lambda rng: some(rng, HEX, 32),
}
# Where a key of a known form may stand.
PLACES = (
    "{}", "token: {}\n", "client = Client('{}')\n", 'login(token="{}")', "# old key {}\n",
    "https://{}@github.com/me/it.git", "Authorization: Bearer {}", '{{"key": "{}"}}',
    'Traceback (most recent call last):\n  File "<ipython>", line 1\nValueError: bad key {}',
    "\x1b[31mValueError\x1b[39m: \x1b[38;5;124m'{}'\x1b[39m\n", "['a\\n{}\\n']", "x={}&y=2",
    "INFO:root:using {}, all well\n", "<td>{}</td>", "pip install --index-url https://u:{}@host/",
)  # fmt: skip
# Where a key stands beside its name.
NAMED_PLACES = (
    'password = "{}"', "api_key='{}'", '"api_key": "{}",', "AWS_SECRET_ACCESS_KEY={}\n",
    "WANDB_API_KEY={}", "export DB_PASSWORD={}\n", "os.environ['SECRET_KEY'] = '{}'",
    "connect(host='h', password='{}', port=5)", 'config = {{"client_secret": "{}"}}',
    "postgresql://ann:{}@db.example.com/x", "git remote: https://ann:{}@git.example.com/x.git",
    "%env OPENAI_API_KEY={}\n", "curl https://x.example.com/?api_key={}&n=1",
    "\x1b[38;5;28mpassword\x1b[39m \x1b[38;5;241m=\x1b[39m \x1b[38;5;124m'\x1b[39m\x1b[38;5;124m{}\x1b[39m\x1b[38;5;124m'\x1b[39m",
    '----> 1 login(password="{}")\n', "!tool --password {} --user ann", "auth_token: '{}'",
    'self.password: str = "{}"', "requests.get(url, auth=('ann', '{}'))", 'SECRET_KEY = b"{}"',
    '{{\\"password\\": \\"{}\\"}}', "dbPassword: {}\n", "[default]\naws_secret_access_key = {}\n",
)  # fmt: skip


def seeded(n: int = 300) -> Iterator[tuple[str, str, str]]:
    """Texts with a secret in each: what it is, the secret, the text."""
    rng = random.Random(34)
    for k in range(n):
        is_shaped = rng.random() < 0.5
        kinds, places = (SHAPED, PLACES) if is_shaped else (NAMED, NAMED_PLACES)
        kind = list(kinds)[k % len(kinds)]
        place = rng.choice(places)
        if kind == "aws secret" and "://" in place:
            place = NAMED_PLACES[0]  # an address would have its slashes quoted
        secret = kinds[kind](rng) if rng.random() < 0.95 else pem(rng)
        yield f"{k} {kind} in {place!r:.40}", secret, place.format(secret)
