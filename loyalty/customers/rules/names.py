"""Names of people and companies: how they are stored, sorted and found."""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

from loyalty.kernel.errors import Malformed

LONGEST_NAME = 80
MOST_STARTS = 24
"""From how many places of a name it is found; the rest of a longer company name is not."""

_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_ALL_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_KEPT = re.compile(r"[^\w]+")

# Characters that are read differently as a surname.
_SURNAMES = {
    "万俟": ("mo", "qi"),
    "尉迟": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "单": ("shan",),
    "仇": ("qiu",),
    "解": ("xie",),
    "曾": ("zeng",),
    "查": ("zha",),
    "盖": ("ge",),
    "区": ("ou",),
    "朴": ("piao",),
    "乐": ("yue",),
    "任": ("ren",),
    "华": ("hua",),
    "翟": ("zhai",),
    "冼": ("xian",),
    "覃": ("qin",),
    "缪": ("miao",),
    "种": ("chong",),
    "员": ("yun",),
    "召": ("shao",),
    "繁": ("po",),
    "尉": ("wei",),
}


@lru_cache(maxsize=8192)  # a chunk of a file asks for each twice: to check it and to store it
def normal_name(typed: str) -> str:
    """Return the name as it is stored: without outer, doubled and control spaces.

    Malformed when nothing is left, when it is longer than 80 characters, or when it has control characters.
    """
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name:
        raise Malformed({"name": ["Enter a name."]})
    if len(name) > LONGEST_NAME:
        raise Malformed({"name": ["A name has at most 80 characters."]})
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} for letter in name):
        raise Malformed({"name": ["A name has letters, spaces and hyphens only."]})
    return name


def pinyin(name: str) -> list[str]:
    """Return the syllables of a name in small letters, a run of Latin letters or digits being one; surnames right."""
    for surname, syllables in _SURNAMES.items():
        if name.startswith(surname) and len(name) > len(surname):
            return [*syllables, *_syllables(name[len(surname) :])]
    return [*_syllables(name)]


@lru_cache(maxsize=8192)  # a chunk of a file asks for each name twice: to sort by it and to find it
def _syllables(text: str) -> tuple[str, ...]:
    if _ALL_CHINESE.fullmatch(text) and _phrase_beginnings().isdisjoint(map("".join, pairwise(text))):
        return tuple([_syllable(sign) for sign in text])
    return _spoken(text)


@cache
def _syllable(sign: str) -> str:
    """Return how a character is read that stands in no phrase; there are some thousand of them."""
    return "".join(_spoken(sign))


@cache
def _phrase_beginnings() -> frozenset[str]:
    """Return the first two characters of every phrase; only within phrases may a character be read differently."""
    return frozenset(phrase[:2] for phrase in PHRASES_DICT)


def _spoken(text: str) -> tuple[str, ...]:
    spoken = (part for piece in lazy_pinyin(text) for part in _KEPT.split(piece.lower()))
    return tuple(part for part in spoken if part)


def name_key(name: str | None) -> str:
    """Return what names are sorted by: pinyin, then the name itself; those without a name come last."""
    return f"{' '.join(pinyin(name))} {name}" if name else "\U0010ffff"


def folded(text: str) -> str:
    """Return `text` as search sees it: full width made plain, small letters, letters and digits only."""
    return _KEPT.sub("", unicodedata.normalize("NFKC", text).lower()).replace("_", "")


def search_keys(name: str | None) -> frozenset[str]:
    """Return the keys a name is found by, each by its beginning.

    `n:` the name from each Chinese character and each Latin word on; `p:` its pinyin; `i:` the initials.
    """
    if not name:
        return frozenset()
    if _ALL_CHINESE.fullmatch(name):  # folded it is what it was, and each of its characters is a beginning
        syllables = pinyin(name)
        starts = [f"n:{name[start:]}" for start in range(min(len(name), MOST_STARTS))]
        return frozenset([*starts, f"p:{''.join(syllables)}", f"i:{''.join([part[0] for part in syllables])}"])
    whole = folded(name)
    syllables = pinyin(name)
    keys = {f"n:{whole}", *(f"n:{whole[start:]}" for start in _starts(name)[:MOST_STARTS])}
    if _CHINESE.search(name):
        keys |= {f"p:{''.join(syllables)}", f"i:{''.join(part[0] for part in syllables)}"}
    keys.discard("n:")
    return frozenset(keys)


def _starts(name: str) -> list[int]:
    """Return where in the folded name a Chinese character or a Latin word begins."""
    starts: list[int] = []
    length = 0
    fresh = True  # whether a Latin letter here would begin a word
    for letter in name:
        kept = folded(letter)
        if kept and (fresh or _CHINESE.match(letter)):
            starts.append(length)
        fresh = not kept or bool(_CHINESE.match(letter))
        length += len(kept)
    return starts
