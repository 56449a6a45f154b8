"""YAML that readers of its versions 1.1 and 1.2 take for the same."""

import pytest
import yaml
from ocpctl_cli.objects import Object
from ocpctl_cli.quoting import dumped

WORDS = ["no", "null", "a: b", "💥", "#", "- x", "2026-01-01", "", "a\nb", "-\n1"]
# YAML 1.1 as Go reads it, or 1.2, takes these for a number or a truth; PyYAML alone does not.
NOT_ONLY_WORDS = ["y", "Y", "n", "N", "0o7", "1e3", "08", "+1", ".5e3", "1_000", "0b1"]


@pytest.mark.parametrize("word", [*WORDS, *NOT_ONLY_WORDS])
def test_yaml_means_what_was_meant(word: str) -> None:
    assert yaml.safe_load(dumped({"name": word, word: 1})) == {"name": word, word: 1}


@pytest.mark.parametrize("word", NOT_ONLY_WORDS)
def test_what_another_reader_takes_for_no_word_has_quotes(word: str) -> None:
    assert dumped({word: word}) == f"'{word}': '{word}'\n"


def test_objects_of_the_server_are_objects() -> None:
    assert dumped(Object(cluster=Object(name="t1"))) == "cluster:\n  name: t1\n"
