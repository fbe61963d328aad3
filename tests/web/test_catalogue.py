"""The list of errors is read from the code, whole, and in both languages."""

import pytest

from loyalty.kernel.errors import Problem, Refused
from loyalty.web.catalogue import ADVICE_TEXTS, catalogue
from loyalty.web.errors import STATUSES


def kinds(kind=Problem):
    for inner in kind.__subclasses__():
        yield inner
        yield from kinds(inner)


def test_every_code_stands_for_one_kind_of_problem(app):
    ours = [kind for kind in kinds() if kind.__module__.startswith("loyalty.") and "code" in vars(kind)]

    assert len({kind.code for kind in ours}) == len(ours)


def test_every_refusal_of_ours_has_a_code_of_its_own(app):
    nameless = [
        kind.__qualname__
        for kind in kinds(Refused)
        if kind.__module__.startswith("loyalty.") and not kind.__subclasses__() and "code" not in vars(kind)
    ]

    assert nameless == []


def test_every_code_is_listed_with_its_status_and_what_to_do(app):
    entries = {entry.code: entry for entry in catalogue()}

    assert {kind.code for kind in kinds() if "code" in vars(kind)} <= set(entries)
    assert {entry.status for entry in entries.values()} <= set(ADVICE_TEXTS)
    assert set(STATUSES.values()) <= {entry.status for entry in entries.values()}
    assert entries["key_reused"].status == 422
    assert entries["key_reused"].details == ("key",)


@pytest.mark.parametrize(("language", "sentence"), [("zh", "先登录"), ("en", "Please sign in first.")])
def test_the_page_and_the_document_are_in_the_language_asked_for(client, language, sentence):
    page = client.get("/api/v1/errors", query_string={"lang": language})
    document = client.get("/api/v1/errors.json", headers={"Accept-Language": language})

    assert sentence in page.text
    told = {error["code"]: error for error in document.json["errors"]}
    assert sentence in told["not_signed_in"]["message"]
    assert len(told) == len(catalogue())
