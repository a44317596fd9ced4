"""The words of a line of `%tracker`, its options, and the values it gives to names."""

import re
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from nbtracker.notebook.arguments import SUBCOMMANDS, help_of, init_arguments, options_of, parsed
from nbtracker.notebook.words import evaluated, names_for, words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  init   lr=0.1 ", ["init", "lr=0.1"]),
        ("log x=f(1, 2) y=[1, 2]", ["log", "x=f(1, 2)", "y=[1, 2]"]),
        ('init opt={"a": {"b": [1, 2]}}', ["init", 'opt={"a": {"b": [1, 2]}}']),
        ("init --name 'my run' x=1", ["init", "--name", "'my run'", "x=1"]),
        (r"init x='it\'s so' y=1", ["init", r"x='it\'s so'", "y=1"]),
        ('init x="# no comment" # one', ["init", 'x="# no comment"']),
        ("log a=b#c", ["log", "a=b#c"]),
        ("log x=')' y=1", ["log", "x=')'", "y=1"]),
    ],
)
def test_words_end_at_blanks_outside_of_quotes_and_brackets(line, words):
    """As Python would read each value; a comment is none."""
    assert words_of(line) == words


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("init x='abc", "quote is not closed: 'abc"),
        ("init x=(1, [2)", r"bracket is not closed; \]\) is missing"),
        ("init --notes it's", "quote is not closed: 's"),
    ],
)
def test_what_is_not_closed_is_named(line, says):
    """The user sees where it opens, or what is missing."""
    with pytest.raises(UsageError, match=says):
        words_of(line)


def test_values_are_expressions_of_the_users_names():
    """Comprehensions and functions included."""
    names = {"n": 2, "f": lambda x: x + 1}
    said = evaluated(["a=n*2", "b=f(n)", "val/acc=[n for _ in range(n)]", "c='text'"], names)
    assert said == {"a": 4, "b": 3, "val/acc": [2, 2], "c": "text"}


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("opt=adam", "no name 'adam' is defined; if it is text, quote it: opt='adam'"),
        ("opt=adam-w", "if it is text, quote it: opt='adam-w'"),
        ("path=/data/x", "is no Python expression; if it is text, quote it: path='/data/x'"),
        ("x=f(1)", "no name 'f' is defined; define it first"),
        ("x=1/0", "ZeroDivisionError: division by zero"),
        ("x=", "lacks its value"),
        ("loss", "write loss=loss"),
        ("x==1", "gives no name a value"),
    ],
)
def test_a_value_that_is_none_is_told_with_what_would_be_right(word, says):
    """Above all, text that lacks its quotes."""
    with pytest.raises(UsageError, match=says):
        evaluated([word], {})


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("init --name first try lr=1", '--name takes one text: --name "first try"'),
        ("init --notes=it was late", '--notes takes one text: --notes "it was late"'),
        ("run --tags a, b", "--tags takes one text: --tags a,b"),
        ("log loss=0.1 + 2", "what has blanks needs brackets: loss=(0.1 + 2)"),
        ("config lr=2 -1 n=3", "what has blanks needs brackets: lr=(2 -1)"),
    ],
)
def test_what_a_blank_has_cut_off_is_told_with_what_would_be_right(line, says):
    """Text with quotes, an expression with brackets."""
    subcommand, *words = words_of(line)
    with pytest.raises(UsageError, match=re.escape(says)):
        parsed(subcommand, words)


def test_a_key_that_is_given_twice_is_refused():
    """Which of both counts, nobody knows."""
    with pytest.raises(UsageError, match="loss is given twice"):
        evaluated(["loss=1", "a=2", "loss=2"], {})


def test_an_interrupt_of_an_expression_is_no_usage_error():
    """Ctrl-C ends a slow expression as it ends a cell."""

    def slow():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluated(["x=slow()"], {"slow": slow})


def test_names_of_a_function_go_before_those_of_the_notebook():
    """In a function, a line sees what Python would see there."""
    assert names_for({"a": 1, "b": 1}, {"a": 2}) == {"a": 2, "b": 1}


def test_options_of_init_become_arguments():
    """Options and values may stand in any order; quotes are taken off."""
    words = words_of("""lr=0.1 --name "a b" x=-1 --tags a,b --no-save-code --job-type='t' y=2""")
    said = parsed("init", words)
    assert said.values == ["lr=0.1", "x=-1", "y=2"]
    assert init_arguments(said) == {
        "name": "a b", "tags": ("a", "b"), "save_code": False, "job_type": "t",
    }  # fmt: skip


def test_options_are_expanded_and_values_are_not():
    """`{n}` in a name is a value; in a dict it is Python."""
    said = parsed("init", ["--name", "run-{n}", "d={n}"], lambda text: text.replace("{n}", "3"))
    assert (said.name, said.values) == ("run-3", ["d={n}"])


@pytest.mark.parametrize(
    ("subcommand", "words", "says"),
    [
        ("init", ["--projct", "x"], "does not take '--projct'; did you mean --project"),
        ("init", ["--projct=x"], "did you mean --project"),
        ("init", ["--mode", "off"], "invalid choice: 'off'"),
        ("init", ["--name"], "expected one argument"),
        ("finish", ["1", "2"], r"does not take '2'; %tracker finish\? shows"),
        ("log", ["--zzz"], "does not take '--zzz'; there are --step, --no-commit"),
        ("runs", ["--limit", "x"], "invalid int value: 'x'"),
    ],
)
def test_wrong_options_are_told_on_one_line(subcommand, words, says):
    """With the nearest one that there is."""
    with pytest.raises(UsageError, match=says) as caught:
        parsed(subcommand, words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_has_help_that_names_its_options(subcommand):
    """`%tracker init?` tells all that init takes."""
    shown = help_of(subcommand)
    assert f"%tracker {subcommand}" in shown
    assert [option for option in options_of(subcommand) if option not in shown] == []
    assert f"  {subcommand}" in help_of()


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_and_option_is_documented(subcommand):
    """docs/magics.md leaves nothing out."""
    page = (Path(__file__).parents[2] / "docs" / "magics.md").read_text(encoding="utf-8")
    assert re.search(rf"\| `{subcommand}\b", page)
    assert [option for option in options_of(subcommand) if f"`{option}" not in page] == []
