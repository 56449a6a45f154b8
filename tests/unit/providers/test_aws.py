"""What AWS alone makes of an installer's variables, its metadata and its log."""

from pathlib import Path

import pytest
from ocpctl_common.providers.aws.provider import AWS
from ocpctl_common.providers.protocol import ClusterIdentity, ConcurrencyKey


@pytest.mark.parametrize(("characters", "known"), [(15, False), (16, True), (40, True)])
def test_a_word_of_a_test_endpoint_is_no_secret(characters: int, known: bool) -> None:
    value = "a" * characters
    assert AWS.secrets({"AWS_SECRET_ACCESS_KEY": value}) == ((value,) if known else ())


def test_rebuilt_metadata_has_every_tag_by_which_destroy_finds() -> None:
    cluster = ClusterIdentity(name="one", infra_id="one-x7k2p", region="us-east-1", domain="one.labs.example.com")
    assert AWS.rebuilt_metadata(cluster) == {
        "clusterName": "one",
        "infraID": "one-x7k2p",
        "aws": {
            "region": "us-east-1",
            "clusterDomain": "one.labs.example.com",
            "identifier": [
                {"kubernetes.io/cluster/one-x7k2p": "owned"},
                {"sigs.k8s.io/cluster-api-provider-aws/cluster/one-x7k2p": "owned"},
            ],
        },
    }


def test_tags_are_passed_on_to_everything_that_the_cluster_makes() -> None:
    assert AWS.install_config(region="us-east-1", tags={"a": "b"}) == {
        "platform": {"aws": {"region": "us-east-1", "userTags": {"a": "b"}, "propagateUserTags": True}}
    }


def test_limits_are_those_of_an_account_in_a_region() -> None:
    assert AWS.concurrency_key("1", "us-east-1") == ConcurrencyKey(account_id="1", region="us-east-1")
    assert AWS.tag_rules.limit == 25


@pytest.mark.parametrize(
    "error", ["DependencyViolation: The vpc vpc-1 has dependencies", "AccessDenied: no", "UnauthorizedOperation: no"]
)
def test_an_error_of_the_api_is_found_in_a_line(error: str) -> None:
    assert AWS.api_errors.findall(f'level=debug msg="deleting: {error}\\n"') == [error]


@pytest.mark.parametrize(("characters", "kept"), [(0, 0), (200, 200), (201, 200)])
def test_an_error_of_any_length_is_kept_within_bounds(characters: int, kept: int) -> None:
    assert AWS.api_errors.findall(f"AccessDenied{' ' * characters}") == [f"AccessDenied{' ' * kept}"]


@pytest.mark.parametrize(("private", "more"), [(False, []), (True, ["--create-private-s3-bucket"])])
def test_only_where_it_is_asked_for_the_discovery_documents_are_private(private: bool, more: list[str]) -> None:
    words = AWS.credentials_command(
        name="one-x7k2p", region="us-east-1", requests=Path("asked"), output=Path("made"), private=private
    )
    assert " ".join(words) == " ".join(
        ["aws create-all --name one-x7k2p --region us-east-1 --credentials-requests-dir asked --output-dir made", *more]
    )
