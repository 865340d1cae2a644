"""Regular expressions as XPath has them, beside Python's where the two agree."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.feel import Run
from banjie.feel.regex import find, pattern
from unit.feel.language import value_of


@pytest.mark.parametrize(
    ("text", "wanted", "flags", "expected"),
    [
        ("abracadabra", "bra", "", True),
        ("abracadabra", "^a.*a$", "", True),
        ("abracadabra", "^bra", "", False),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "", False),
        ("a\nb", "^b$", "m", True),
        ("a\n", "a$", "", False),
        ("Mum", "([md])[aeiou]\\1", "", False),
        ("Mum", "([md])[aeiou]\\1", "i", True),
        ("helloworld", "hello world", "x", True),
        ("helloworld", "hello[ ]world", "x", False),
        ("hello world", "hello\\ sworld", "x", True),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("2024年", "^\\d{4}\\p{Lo}$", "", True),
        ("x", "[a-z-[aeiou]]", "", True),
        ("e", "[a-z-[aeiou]]", "", False),
        ("-", "[a-]", "", True),
        ("é", "\\p{IsLatin-1Supplement}", "", True),
        ("a", "\\p{Lu}", "i", False),
        ("\u212a", "k", "i", True),
        ("\u212a", "[A-Z]", "i", True),
        ("Q", "[^q]", "i", False),
        ("a:b_c", "^\\i\\c*$", "", True),
        ("ab", "(?:a)(b)\\1", "", False),
        ("aa", "(a)\\1", "", True),
        ("aa0", "(a)\\10", "", True),
    ],
)
def test_text_matches_as_in_xpath(text: str, wanted: str, flags: str, expected: bool) -> None:
    assert value_of("matches(t, p, f)", {"t": text, "p": wanted, "f": flags}) is expected


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        ("(", ""),
        (")", ""),
        ("[", ""),
        ("[]", ""),
        ("[b-a]", ""),
        ("*a", ""),
        ("a**", ""),
        ("a{2,1}", ""),
        ("a{", ""),
        ("\\", ""),
        ("\\z", ""),
        ("\\b", ""),
        ("\\p{Xx}", ""),
        ("\\p", ""),
        ("(a)\\2", ""),
        ("(a\\1)", ""),
        ("[\\1]", ""),
        ("(?=a)", ""),
        ("(?P<n>a)", ""),
        ("a", "g"),
        ("a", "X"),
        ("a}", ""),
        ("]", ""),
    ],
)
def test_invalid_pattern_is_null(wanted: str, flags: str) -> None:
    assert value_of('matches("a", p, f)', {"p": wanted, "f": flags}) is None


@pytest.mark.parametrize(
    ("text", "wanted", "replacement", "expected"),
    [
        ("darted", "^(.*?)d(.*)$", "$1c$2", "carted"),
        ("abc", "b", "\\$", "a$c"),
        ("abc", "(b)", "[$12]", "a[b2]c"),
        ("abc", "b", "$", None),
        ("abc", "b", "\\x", None),
        ("abc", "x*", "-", None),
        ("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3", "(012) 345-6789"),
    ],
)
def test_matches_are_replaced(text: str, wanted: str, replacement: str, expected: str | None) -> None:
    assert value_of("replace(t, p, r)", {"t": text, "p": wanted, "r": replacement}) == expected


_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "a|b", "ab", ""])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda one, other: one + other, inner, inner),
        st.builds(lambda one, other: f"(?:{one}|{other})", inner, inner),
        st.builds(
            lambda one, sign: f"({one}){sign}",
            inner.filter(lambda one: re.fullmatch(one, "") is None),
            st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}", "{0,2}?"]),
        ),
    ),
    max_leaves=6,
)


@given(_PATTERNS, st.text(alphabet="ab1", max_size=8))
def test_matches_are_those_of_python(wanted: str, text: str) -> None:
    found = find(pattern(wanted, ""), text, 0, Run())
    by_python = re.search(wanted, text)

    assert (found[:2] if found else None) == (by_python.span() if by_python else None)
