"""Problems that are told to people and programs: each has a stable code and one sentence."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self


class Sentence(str):  # noqa: SLOT000 - it keeps its pattern and figures in its dict
    """A sentence with figures in it: English text that keeps its pattern, so that faces say it in another language."""

    pattern: str
    details: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **details: Any) -> Self:
        """Return `pattern` with its {placeholders} filled by `details`."""
        told = super().__new__(cls, pattern.format(**details))
        told.pattern, told.details = pattern, details
        return told


class Problem(Exception):
    """Something that the caller must know; `details` fill the placeholders of `sentence`."""

    code: ClassVar[str] = "problem"
    sentence: ClassVar[str] = "This cannot be done."

    def __init__(self, **details: Any) -> None:
        """Keep `details`, by the names that `sentence` uses."""
        super().__init__(self.sentence)
        self.details: dict[str, Any] = details

    def __str__(self) -> str:
        """Return the English sentence with its details filled in."""
        return self.sentence.format(**self.details)


class Refused(Problem):
    """A rule says no to something that was asked correctly."""

    code = "refused"


class NotFound(Problem):
    """The thing does not exist, or lies outside what the caller may see: the answer is the same."""

    code = "not_found"
    sentence = "Nothing was found here."


class Forbidden(Problem):
    """The caller is known but lacks the named permission."""

    code = "forbidden"
    sentence = "This needs the permission {permission}."


class NotSignedIn(Problem):
    """The caller is not known."""

    code = "not_signed_in"
    sentence = "Please sign in first."


class Unavailable(Problem):
    """Something that is needed does not answer now; asking again later may work."""

    code = "unavailable"
    sentence = "The service cannot answer at the moment. Please try again shortly."


class TooMany(Problem):
    """A limit was reached; `retry_after` says in seconds when to come back."""

    code = "too_many"
    sentence = "Too many tries. Please try again in {retry_after} seconds."

    def __init__(self, *, retry_after: int, **details: Any) -> None:
        """Keep `retry_after` in seconds, at least 1."""
        super().__init__(retry_after=max(1, retry_after), **details)
        self.retry_after = max(1, retry_after)


class Malformed(Problem):
    """The input cannot be read; `errors` names each place with what is wrong and the way out."""

    code = "malformed"
    sentence = "Some fields need attention."

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Keep `errors` by the path of the field."""
        super().__init__()
        self.errors: dict[str, list[str]] = {place: list(told) for place, told in errors.items()}

    def __str__(self) -> str:
        """Return the places and what is wrong at each."""
        return "; ".join(f"{place}: {' '.join(told)}" for place, told in self.errors.items()) or self.sentence


class KeyReused(Problem):
    """The key was used before with other content."""

    code = "key_reused"
    sentence = "The key {key} was used before with other content. Use a new key for a new request."


class KeyInFlight(Problem):
    """A request with the same key is being worked on at this moment."""

    code = "key_in_flight"
    sentence = "A request with the key {key} is still being worked on. Please ask again in a moment."
    retry_after: ClassVar[int] = 1
