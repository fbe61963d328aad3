"""Two languages: zh_CN first, English second.

Texts stand in English in the code; each feature keeps its Chinese beside it in `translations/`. The catalogues are
read as they are written (.po) when the service starts, so there is no compiled file that could be stale.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.core import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext
from markupsafe import Markup

from loyalty.kernel.errors import Sentence
from loyalty.kernel.money import Money
from loyalty.web import formats

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
LOCALES = {language: Locale.parse(language) for language in LANGUAGES}
COOKIE = "lang"
YEAR = 365 * 24 * 3600
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?(?:Z|[+-]\d\d:\d\d)")
# Whole numbers under these names say which one and not how many.
NAMING = frozenset(
    {
        *("account", "client", "customer_id", "id", "number", "refund_id", "request", "row", "rules_version", "run"),
        *("store", "table", "version", "year"),
    }
)
ROOT = Path(__file__).parent.parent

# What the form library says with figures in it; it fills them in before we could translate.
LIBRARY_SENTENCES = (
    "Length must be between {min} and {max}.",
    "Length must be {equal}.",
    "Shorter than minimum length {min}.",
    "Longer than maximum length {max}.",
    "Must be one of: {choices}.",
    "Must be greater than or equal to {min} and less than or equal to {max}.",
    "Must be greater than or equal to {min}.",
    "Must be less than or equal to {max}.",
)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)), re.DOTALL)


_LIBRARY = tuple((sentence, _pattern(sentence)) for sentence in LIBRARY_SENTENCES)


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel ships no types
    """The merged translations of all features, kept in memory."""

    def __init__(self, chinese: NullTranslations) -> None:
        super().__init__()
        self._chinese = chinese
        self._none = NullTranslations()

    def get_translations(self) -> NullTranslations:
        """Return the translations of the request's language; none for English, which the code is written in.

        They are chosen once for each request: a page asks for them a hundred times.
        """
        try:
            known: NullTranslations = g.catalogue
        except (AttributeError, RuntimeError):  # not looked for yet, or outside of the application
            known = self._chinese if in_chinese() else self._none
            if g:
                g.catalogue = known
        return known

    def marked(self, sentence: str, **variables: Any) -> Markup:
        """Return the sentence for a template, its %(placeholders)s filled with escaped values: `_("…")`.

        As Jinja's own does, which goes through its context three times for each of a hundred texts on a page.
        """
        told = self.get_translations().ugettext(sentence)
        return Markup(told) % variables if variables or "%" in told else Markup(told)  # noqa: S704 - texts of our own


def catalogue_files(root: Path = ROOT) -> list[Path]:
    """Return the Chinese catalogues of all features."""
    return sorted(root.glob(f"*/translations/{CHINESE}/LC_MESSAGES/messages.po"))


def read_catalogues(paths: Iterable[Path]) -> Translations:
    """Return the catalogues as one; where two translate the same text, the first in the order of names stays."""
    merged = Translations()
    for path in paths:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=Locale.parse(CHINESE))
        packed = BytesIO()
        write_mo(packed, catalogue)
        packed.seek(0)
        one = Translations(packed)
        one._catalog.pop("", None)  # noqa: SLF001 - the header, which says nothing to readers
        for text, translation in one._catalog.items():  # noqa: SLF001 - merge() of babel lets later files win
            merged._catalog.setdefault(text, translation)  # noqa: SLF001 - as above
    merged.plural = lambda _count: 0  # Chinese has one form for all numbers
    return merged


def matching(asked: str | None) -> str | None:
    """Return our language for a code such as "zh-TW", "zh" or "en_GB"; None when we do not speak it."""
    lowered = (asked or "").strip().lower().replace("_", "-")
    if lowered.split("-")[0] == "zh":
        return CHINESE
    return ENGLISH if lowered.split("-")[0] == "en" else None


def choose_language() -> str:
    """Return the language of this request: the address, the cookie, the browser's wish, Chinese."""
    if not has_request_context():
        return CHINESE
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        found = matching(asked)
        if found:
            return found
    wished = [matching(language) or language for language in request.accept_languages.values()]
    return (negotiate_locale(wished, LANGUAGES) if wished else None) or CHINESE


def remember_language(answer: Response) -> Response:
    """Keep the language that the address asked for."""
    if not request.query_string:
        return answer
    asked = matching(request.args.get("lang"))
    if asked and matching(request.cookies.get(COOKIE)) != asked:
        answer.set_cookie(COOKIE, html_language(asked), max_age=YEAR, samesite="Lax", secure=request.is_secure)
    return answer


def html_language(language: str | None = None) -> str:
    """Return the code that the `lang` of a page has; of the request's language when none is given."""
    return "zh-CN" if (in_chinese() if language is None else language == CHINESE) else "en"


def in_chinese() -> bool:
    """Return whether the reader's language is Chinese."""
    locale = get_locale()
    return locale is not None and locale.language == "zh"


def say(sentence: str, numbers: Mapping[str, Any] | None = None) -> str:
    """Return `sentence` in the reader's language, its {placeholders} filled: figures and moments as people read them.

    The sentence of an effect or a refusal. A translation that misses a placeholder never hides the message: then the
    English stands.
    """
    shown = {name: value if _names(name, value) else _shown(value) for name, value in (numbers or {}).items()}
    try:
        return str(gettext(sentence)).format(**shown)
    except (KeyError, IndexError, ValueError):
        return sentence.format(**shown)


def say_line(line: object) -> str:
    """Return what is wrong at a field in the reader's language; a `Sentence` keeps its figures."""
    if isinstance(line, Sentence):
        return say(line.pattern, line.details)
    for sentence, pattern in _LIBRARY:
        if found := pattern.fullmatch(str(line)):
            return say(sentence, found.groupdict())
    return str(gettext(str(line)))


class _Figure(int):
    """A whole number that a sentence shows in thousands unless it asks for another format."""

    def __format__(self, asked: str) -> str:
        return super().__format__(asked) if asked else formats.number(int(self))


class _Late:
    """A value that is written out only where a sentence names it; most sentences name few of their numbers."""

    def __init__(self, write: Callable[[Any], str], value: object) -> None:
        self._write, self._value = write, value

    def __format__(self, asked: str) -> str:
        return format(self._write(self._value), asked)


def _names(name: str, value: object) -> bool:
    """Tell whether a whole number names something, as an order or a row, and so stands without thousands."""
    return name in NAMING and type(value) is int


def _shown(value: Any) -> Any:
    if isinstance(value, Money):
        return _Late(formats.money, value)
    if isinstance(value, Sentence):
        return say_line(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _Figure(value)
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        with suppress(ValueError):  # as the 29 February of a common year that somebody asked for
            value = datetime.fromisoformat(value)  # what an effect kept in JSON
    return _Late(formats.moment, value) if isinstance(value, datetime) else value


def init_app(app: Flask) -> None:
    """Speak both languages; templates get `_`, `ngettext`, `say` and `html_language`."""
    catalogues = Catalogues(read_catalogues(catalogue_files()))
    babel = Babel(app, default_locale=CHINESE, locale_selector=lambda: LOCALES[choose_language()])
    babel.domain_instance = catalogues
    app.after_request(remember_language)
    for name in ("_", "gettext"):
        app.add_template_global(catalogues.marked, name)
    app.add_template_global(say)
    app.add_template_global(html_language)
    app.add_template_global(in_chinese)
