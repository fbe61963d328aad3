"""Both languages are whole: whatever the project says, it says in Chinese too."""

import inspect
import re
from collections import defaultdict

import marshmallow.fields
import marshmallow.validate
import pytest
from babel.messages.pofile import read_po

from loyalty.web.languages import CHINESE, catalogue_files, matching, read_catalogues, say
from tests.web.msgids import of_project, of_python, of_template

PLACE = re.compile(r"%\(\w+\)[sd]|\{(\w+)")


def messages():
    """Return the messages of all catalogues, each as (its forms in English, its forms in Chinese)."""
    found = []
    for path in catalogue_files():
        with path.open("rb") as file:
            listed = [message for message in read_po(file, locale=CHINESE) if message.id and not message.fuzzy]
        found += [(_forms(message.id), _forms(message.string)) for message in listed]
    return found


def _forms(text):
    return text if isinstance(text, tuple) else (text,)


@pytest.fixture(scope="module")
def chinese():
    """Each text of the catalogues with its Chinese; of those with two forms, the singular."""
    return {english[0]: told[0] for english, told in messages() if told[0]}


def missing(texts, chinese):
    """Return the texts without Chinese, by the file that says them."""
    by_file = defaultdict(list)
    for text, path in texts.items():
        if text not in chinese:
            by_file[path].append(text)
    return dict(by_file)


def test_every_text_of_the_project_has_its_chinese(chinese):
    assert missing(of_project(), chinese) == {}


def test_a_planted_text_without_chinese_is_found(chinese):
    planted = of_python('class Odd(Refused):\n    code = "odd"\n    sentence = "The moon is {phase}."\n')

    assert planted == {"The moon is {phase}."}
    assert missing(dict.fromkeys(planted, "planted.py"), chinese) == {"planted.py": ["The moon is {phase}."]}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('_("One")', {"One"}),
        ('gettext("Two %(n)s", n=1)', {"Two %(n)s"}),
        ('ngettext("a row", "rows", 2)', {"a row"}),
        ('Effect("k", "Three {n}")', {"Three {n}"}),
        ('raise Malformed({"day": ["Four."]})', {"Four."}),
        ('raise ValidationError("Five.")', {"Five."}),
        ('Entry("Six", "/six", "icon")', {"Six"}),
        ('PAGE_TITLES: Mapping[int, str] = {1: "Seven"}', {"Seven"}),
        ('class A:\n    sentence: ClassVar[str] = "Eight."', {"Eight."}),
        ('logger.info("Not shown")', set()),
    ],
)
def test_texts_are_found_wherever_they_may_stand(source, texts):
    assert of_python(source) == texts


def test_texts_of_templates_are_found(tmp_path):
    template = tmp_path / "page.html"
    template.write_text('<p>{{ _("Nine") }} {{ ngettext("%(num)d row", "%(num)d rows", n) }} Not marked</p>')

    assert of_template(template) == {"Nine", "%(num)d row"}


def test_what_the_form_library_says_is_in_chinese_too(chinese):
    said = set()
    for module in (marshmallow.fields, marshmallow.validate):
        for _name, kind in inspect.getmembers(module, inspect.isclass):
            said |= set(getattr(kind, "default_error_messages", {}).values())
    plain = {text for text in said if "{" not in text}

    assert plain
    assert missing(dict.fromkeys(plain, "marshmallow"), chinese) == {}


def test_one_text_has_one_chinese_in_all_catalogues():
    told = defaultdict(set)
    for english, chinese in messages():
        told[english].add(chinese)

    assert {text: versions for text, versions in told.items() if len(versions) > 1} == {}


def test_a_translation_has_no_place_that_its_text_lacks():
    assert [
        told for english, told in messages() if {place.removesuffix("_zh") for place in places(told)} - places(english)
    ] == []


def test_a_planted_place_that_the_text_lacks_is_found():
    assert places(("共 {count} 条",)) - places(("{number} rows",)) == {"{count"}


def places(forms):
    return {found.group() for form in forms for found in PLACE.finditer(form)}


@pytest.mark.parametrize("word", ["失败", "无效", "非法", "！"])
def test_the_words_we_do_not_use_are_not_used(chinese, word):
    assert [told for told in chinese.values() if word in told] == []


@pytest.mark.parametrize(
    ("asked", "language"),
    [("zh", CHINESE), ("zh-TW", CHINESE), ("zh_Hans_CN", CHINESE), ("en-GB", "en"), ("de", None), ("", None)],
)
def test_codes_of_languages_are_matched(asked, language):
    assert matching(asked) == language


@pytest.mark.parametrize(
    ("headers", "lang"),
    [({}, "zh-CN"), ({"Accept-Language": "en"}, "en"), ({"Accept-Language": "de, zh-TW;q=0.5"}, "zh-CN")],
)
def test_the_browser_says_the_language_and_chinese_is_first(visitor, headers, lang):
    assert f'<html lang="{lang}"' in visitor.get("/plain", headers=headers).text


def test_a_language_in_the_address_is_kept(visitor):
    visitor.get("/plain?lang=en")

    assert '<html lang="en"' in visitor.get("/plain").text


def test_the_link_changes_the_language_and_leads_back(visitor):
    answer = visitor.get("/language?to=en&next=/plain?tab=2")

    assert (answer.status_code, answer.location) == (303, "/plain?tab=2")
    assert '<html lang="en"' in visitor.get("/plain").text


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", ""])
def test_the_way_back_never_leads_to_another_site(visitor, address):
    assert visitor.get("/language", query_string={"to": "en", "next": address}).location == "/"


def test_a_catalogue_without_a_text_falls_back_to_english(probe, tmp_path):
    empty = tmp_path / "messages.po"
    empty.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')

    assert read_catalogues([empty]).gettext("Customers") == "Customers"


def test_a_sentence_with_a_missing_number_does_not_hide_the_message(probe):
    with probe.test_request_context("/plain"), pytest.raises(KeyError):
        say("The key {key} was lost.", {})  # a slip of the caller is loud

    with probe.test_request_context("/plain"):
        assert say("Nothing was found here.") != "Nothing was found here."


def test_a_number_that_names_something_has_no_thousands(probe):
    with probe.test_request_context("/plain?lang=en"):
        assert say("Row {row} has {points} points.", {"row": 2126, "points": 2126}) == "Row 2126 has 2,126 points."


def test_a_moment_that_was_kept_as_text_is_shown_as_a_moment(probe):
    with probe.test_request_context("/plain?lang=en"):
        assert say("Usable from {at}.", {"at": "2026-10-04T16:00:00+00:00"}) == "Usable from 2026-10-05 00:00."
        assert say("Order {number}.", {"number": "2026-10-04T16"}) == "Order 2026-10-04T16."


HAN = "[\u4e00-\u9fff]"
UNWRITTEN = {
    "a word that blames": re.compile("失败|无效|非法|你(?!们)"),
    "an exclamation": re.compile("[！!]"),
    "half-width punctuation": re.compile(f"{HAN}[,;:?()]|[,;:?()]{HAN}|{HAN}[.](?: |$)"),
    "no space beside Latin or figures": re.compile(f"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}"),
}
PLATE = re.compile(f"{HAN}[A-Z]·")
"""A number plate is written as one."""


def unwritten(chinese):
    """Return what is not how we write in a text; what stands for its figures does not count."""
    bare = PLATE.sub("", PLACE.sub("", re.sub(r"\{\w+[^}]*\}", "", chinese)))
    return [name for name, pattern in UNWRITTEN.items() if pattern.search(bare)]


def test_chinese_is_written_as_we_write():
    found = {told: unwritten(told) for _, forms in messages() for told in forms if unwritten(told)}

    assert found == {}


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("导入失败", "a word that blames"),
        ("你的积分", "a word that blames"),
        ("已保存！", "an exclamation"),
        ("请填写手机号,再试", "half-width punctuation"),
        ("还差3天", "no space beside Latin or figures"),
    ],
)
def test_what_we_do_not_write_is_found(planted, name):
    assert unwritten(planted) == [name]
