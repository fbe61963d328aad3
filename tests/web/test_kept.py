"""What a form that comes back holds: what was typed, ticks as they were, and nothing secret."""

import pytest
from flask import g, render_template_string

from loyalty.web.kept import value_of

FORM = """
{% import "web/macros/fields.html" as f with context %}
{{ f.text("name", "Name", {"name": "as stored"}, {}) }}
{{ f.tick("lunar", "Lunar", {"lunar": "1"}, {}) }}
{{ f.checks("stores", "Stores", [("1", "East"), ("2", "West")], {"stores": ["1", "2"]}, {}) }}
"""


@pytest.fixture
def shown(app):
    """Show the form with what a kept one held; None when nothing was kept."""

    def show(kept):
        with app.test_request_context("/staff/"):
            if kept is not None:
                g.kept_form = kept
            return render_template_string(FORM)

    return show


def test_without_a_kept_form_the_page_says_what_is_stored(shown):
    page = shown(None)

    assert page.count(" checked") == 3
    assert 'value="as stored"' in page


def test_a_box_that_was_unticked_stays_so(shown):
    page = shown({"name": ["typed"], "boxes": ["lunar", "stores"]})

    assert " checked" not in page
    assert 'value="typed"' in page


def test_boxes_that_were_ticked_stay_so(shown):
    page = shown({"name": ["typed"], "boxes": ["lunar", "stores"], "lunar": ["1"], "stores": ["2"]})

    assert page.count(" checked") == 2
    assert 'value="2" checked' in page


def test_boxes_of_another_form_on_the_page_are_left_as_they_are(shown):
    page = shown({"reason": ["typed elsewhere"]})

    assert page.count(" checked") == 3


def test_without_the_names_of_its_boxes_an_unticked_one_would_be_ticked_again(shown):
    """The negative control: a browser sends nothing of a box without its tick."""
    page = shown({"name": ["typed"]})

    assert 'name="lunar" value="1" checked' in page


def test_a_field_that_was_emptied_stays_empty(app):
    with app.test_request_context("/staff/"):
        g.kept_form = {"name": [""]}

        assert str(value_of({"name": "as stored"}, "name")) == ""
