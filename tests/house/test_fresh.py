"""What is printed into the docs is what the code says."""

from ocpctl_common.lifecycle import diagram
from ocpctl_local.settings import ROOT


def test_the_diagram_in_the_docs_is_the_tables() -> None:
    document = (ROOT / "docs" / "lifecycle.md").read_text()
    assert diagram.insert(document) == document, "run `make gen`"


def test_the_readme_names_the_real_test_command() -> None:
    assert "make test" in (ROOT / "README.md").read_text()
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()
