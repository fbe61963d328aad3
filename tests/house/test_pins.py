"""The environment comes from exact pins that name no registry, and agree with what pyproject.toml asks for."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HOUSE = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")
ADDRESS = re.compile(r"://|--index|--extra-index|--find-links|file:|@ ")


@pytest.mark.parametrize("name", FILES)
def test_pins_name_no_address(name):
    assert not ADDRESS.search((HOUSE / name).read_text())


def test_a_planted_address_is_found():
    assert ADDRESS.search("six @ https://registry.example/six.whl")
    assert ADDRESS.search("--index-url registry.example")


@pytest.mark.parametrize("name", FILES)
def test_every_pin_is_exact_and_has_hashes(name):
    for block in re.split(r"\n(?=\S)", (HOUSE / name).read_text().strip()):
        assert re.match(r"[a-z0-9._\[\],-]+==\S+", block), block
        assert "--hash=sha256:" in block, block


def test_what_the_project_asks_for_is_pinned_and_installed():
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]
    pins = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", (HOUSE / FILES[1]).read_text(), re.MULTILINE))

    for text in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        asked = Requirement(text)
        assert asked.specifier.contains(pins[asked.name]), text
        assert version(asked.name) == pins[asked.name], text
