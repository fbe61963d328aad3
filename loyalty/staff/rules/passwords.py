"""Which passwords are taken.

Length is what counts, so there are no rules about kinds of characters. What is refused is what is guessed first:
the words of every list of stolen passwords dressed up with digits, runs over the keyboard, one thing said many
times, and words of the person and the dealer: user name, name, e-mail address, and the stores' names, in characters and
in pinyin.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from pypinyin import lazy_pinyin

from loyalty.kernel.errors import Malformed

SHORTEST = 12
LONGEST = 128

_KINDS_OF_CHARACTERS = 5
_WORD = 2  # shorter ones would take every password apart
_STEM = 4  # what is left of a guessable password when the guessable part is taken out

_GUESSED_FIRST = (
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "iloveyou",
    "woaini",
    "welcome",
    "letmein",
    "admin",
    "administrator",
    "changeme",
    "football",
    "baseball",
    "superman",
    "princess",
    "sunshine",
    "dragon",
    "monkey",
    "master",
    "shadow",
    "michael",
    "trustno1",
    "whatever",
    "qazwsx",
    "asdf",
    "zxcv",
    "qwer",
    "1q2w3e4r",
    "abc123",
    "a123456",
    "woaini1314",
    "5201314",
    "1314520",
    "loyalty",
    "mima",
    "guanliyuan",
    "huiyuan",
    "qiche",
)
_RUNS = (
    "01234567890",
    "09876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
)
_DRESSING = re.compile(r"[\W\d_]+")


def normal_password(typed: str) -> str:
    """Return the password as it is hashed, so that the same keys on another keyboard sign in too."""
    return unicodedata.normalize("NFKC", typed)


def check_password(typed: str, *, known: Iterable[str] = ()) -> str:
    """Return the password as it is to be hashed; malformed when too short, too long or easily guessed.

    `known` are texts that who guesses would know: names of the person and of the dealer.
    """
    password = normal_password(typed)
    if len(password) < SHORTEST:
        raise Malformed({"password": ["Use at least 12 characters."]})
    if len(password) > LONGEST:
        raise Malformed({"password": ["Use at most 128 characters."]})
    if _easily_guessed(password.lower(), words_of(known)):
        raise Malformed({"password": ["This is one of the first passwords to be guessed. Several words in a row do."]})
    return password


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the words that would be tried of these texts: each whole, its parts, and its pinyin, in small letters."""
    words: set[str] = set()
    for text in texts:
        plain = normal_password(text).lower().strip()
        parts = [part for part in _DRESSING.split(plain) if part]
        spoken = "".join(lazy_pinyin(plain, errors="ignore"))
        words.update(word for word in (plain, *parts, "".join(parts), spoken) if len(word) >= _WORD)
    return words


def _easily_guessed(password: str, known: set[str]) -> bool:
    if len(set(password)) < _KINDS_OF_CHARACTERS:
        return True
    rest = password
    for guess in sorted({*_GUESSED_FIRST, *known}, key=len, reverse=True):
        rest = rest.replace(guess, "")
    return len(_DRESSING.sub("", _without_runs(rest))) < _STEM


def _without_runs(text: str) -> str:
    """Return the text without the characters that follow their neighbour on a keyboard or in the alphabet."""
    follows = {pair for run in _RUNS for pair in pairwise(run)}
    kept = [after for before, after in pairwise(text) if (before, after) not in follows and before != after]
    return "".join([text[:1], *kept])
