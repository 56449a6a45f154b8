"""A contract that would break its users, or that its documents do not tell, does not pass the checks."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.api.annotations_pb2 import http
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from ocpctl_local.settings import ROOT

from tools.generate import described
from tools.openapi.document import render

CONTRACT = ROOT / "protos" / "ocpctl" / "v1" / "cluster_service.proto"


def breaking(folder: Path) -> "subprocess.CompletedProcess[str]":
    buf = str(Path(sys.executable).parent / "buf")
    command = [buf, "breaking", "protos", "--against", "protos/promised.binpb"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("", "", ""),
        ("  string name = 2;", "  string name = 99;", 'field "2"'),
        ("  string region = 5;", "  int32 region = 5;", "changed type"),
        ("rpc CancelCreate(", "rpc CancelTheCreate(", "CancelCreate"),
    ],
    ids=["as it is", "a number", "a type", "a name"],
)
def test_what_would_break_users_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    for name in ("protos", "third_party"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    file = tmp_path / CONTRACT.relative_to(ROOT)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    done = breaking(tmp_path)
    assert (done.returncode == 0) == (says == "")
    assert says in done.stdout


def changed_url(file: FileDescriptorProto) -> None:
    file.service[0].method[0].options.Extensions[http].post = "/api/v1/klusters"


def changed_enum(file: FileDescriptorProto) -> None:
    file.message_type[0].enum_type[0].value[1].name = "QUEUED"


@pytest.mark.parametrize(
    ("name", "change"), [("cluster_service", changed_url), ("types", changed_enum)], ids=["a URL", "an enum"]
)
def test_the_golden_document_notices(name: str, change: Callable[[FileDescriptorProto], None]) -> None:
    """`make check` compares the document with the committed one; here, that it depends on what was changed."""
    protos = sorted(f"ocpctl/v1/{path.name}" for path in (ROOT / "protos" / "ocpctl" / "v1").glob("*.proto"))
    descriptors = FileDescriptorSet.FromString(described(protos))
    golden = (ROOT / "docs" / "openapi.json").read_text()
    assert render(descriptors.SerializeToString()) == golden
    change(next(file for file in descriptors.file if file.name == f"ocpctl/v1/{name}.proto"))
    assert render(descriptors.SerializeToString()) != golden


def test_every_word_of_an_enum_says_what_it_means() -> None:
    """UNSPECIFIED is one of them only where the contract says what it means: elsewhere it is never sent."""
    schemas = json.loads((ROOT / "docs" / "openapi.json").read_text())["components"]["schemas"]
    enums = {name: schema for name, schema in schemas.items() if "enum" in schema}
    assert len(enums) >= 10
    assert "UNSPECIFIED" in enums["AttemptOutcome"]["enum"]
    assert "UNSPECIFIED" not in enums["CredentialsMode"]["enum"]
    for name, schema in enums.items():
        for word in schema["enum"]:
            assert re.search(rf"\b{word}: \w", schema["description"]), f"{name} {word}"
