"""What is printed into the docs is what the code says."""

import json
import re

import pytest
from ocpctl_local.settings import ROOT
from openapi_spec_validator import OpenAPIV31SpecValidator

from tools.printed import PARTS, printed

VARIABLE = re.compile(r"{\w+}")


@pytest.mark.parametrize("document", PARTS)
def test_what_is_printed_into_the_docs_is_what_the_code_says(document: str) -> None:
    assert printed(document) == (ROOT / document).read_text(), "run `make gen`"


def test_the_readme_names_the_real_test_command() -> None:
    assert "make test" in (ROOT / "README.md").read_text()
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()


def test_the_openapi_document_is_valid_and_names_every_route() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    OpenAPIV31SpecValidator(document).validate()
    routes = {(verb, path) for path, operations in document["paths"].items() for verb in operations}
    rows = [line for line in (ROOT / "docs" / "api.md").read_text().splitlines() if "/api/v1/" in line]
    told = {(verb.lower(), path) for line in rows for verb, path in told_in(line)}
    assert {(verb, VARIABLE.sub("{id}", path)) for verb, path in routes} == told


def told_in(row: str) -> list[tuple[str, str]]:
    """The routes of a row of the table in docs/api.md; one verb may stand before several paths."""
    found: list[tuple[str, str]] = []
    for part in row.split("|")[1].split(","):
        *verb, path = part.split()
        found.append((verb[0] if verb else found[-1][0], VARIABLE.sub("{id}", path)))
    return found
