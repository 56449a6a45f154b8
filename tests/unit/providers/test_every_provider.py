"""What every registered provider keeps to. A new one passes these as they are."""

import json
import socket
from collections.abc import Callable
from typing import Any, Never

import pytest
from ocpctl_common.errors import CloudUnavailable, PolicyRefused, ProviderDisabled
from ocpctl_common.profiles.catalogue import Catalogue, load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.render import OUR_TAGS
from ocpctl_common.providers.cloud import Scope
from ocpctl_common.providers.protocol import ClusterIdentity, ConcurrencyKey, Provider
from ocpctl_common.providers.registry import PROVIDERS, Clouds, enabled
from ocpctl_local.settings import ROOT

CATALOGUE = load_catalogue(ROOT / "profiles")
IDENTITY = ClusterIdentity(name="one", infra_id="one-x7k2p", region="some-region-1", domain="one.labs.example.com")
SCOPE = Scope(infra_id="one-x7k2p", region="us-east-1", domain="one.labs.example.com")
TAGS = {"ocpctl:managed-by": "ocpctl", "Purpose": "a test"}
# What asks for the cloud of a cluster, or prepares for it.
OF_CLUSTERS: dict[str, Callable[[Provider], Any]] = {
    "api_errors": lambda provider: provider.api_errors,
    "child_environment": lambda provider: provider.child_environment({}),
    "child_files": lambda provider: provider.child_files({}),
    "secrets": lambda provider: provider.secrets({}),
    "rebuilt_metadata": lambda provider: provider.rebuilt_metadata(IDENTITY),
    "connect": lambda provider: provider.connect(),
    "the runner's cloud": lambda provider: Clouds({}).of(provider.name),
}
every = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda one: one.name)
working = pytest.mark.parametrize("provider", enabled(), ids=lambda one: one.name)
disabled = pytest.mark.parametrize(
    "provider", [one for one in PROVIDERS.values() if one.disabled], ids=lambda one: one.name
)


def test_one_cloud_is_enabled() -> None:
    """A runner that asks for a lease names one account. A second cloud needs more there: docs/decisions/0016."""
    assert len(enabled()) == 1


@every
def test_the_installer_reads_platform_and_region_under_the_providers_name(provider: Provider) -> None:
    config = provider.install_config(region="some-region-1", tags=TAGS)
    assert list(config["platform"]) == [provider.name]
    assert config["platform"][provider.name]["region"] == "some-region-1"
    assert json.dumps(config).isascii()


@every
def test_rendering_takes_no_key_from_the_rest_of_the_configuration(provider: Provider) -> None:
    config = provider.install_config(region="some-region-1", tags=TAGS)
    ours = {"apiVersion", "metadata", "baseDomain", "controlPlane", "compute", "networking", "publish", "fips"}
    assert not {*ours, "pullSecret", "sshKey"} & set(config)


@every
def test_tags_leave_room_for_those_of_requests(provider: Provider) -> None:
    assert provider.tag_rules.limit > len(OUR_TAGS)
    assert all(part == part.lower() for part in provider.tag_rules.reserved)


@every
def test_runs_of_one_account_and_region_are_counted_together(provider: Provider) -> None:
    key = provider.concurrency_key("1", "a")
    assert key == provider.concurrency_key("1", "a") == ConcurrencyKey(account_id="1", region=key.region)
    assert key != provider.concurrency_key("2", "a")
    assert key.region in ("a", "")


@every
def test_there_is_a_profile_of_it(provider: Provider) -> None:
    assert provider.name in {profile.platform for profile in CATALOGUE.profiles.values()}


@working
def test_an_installer_gets_nothing_of_the_runners_own(provider: Provider) -> None:
    own = {"OCPCTL_DATABASE_URL": "secret", "LD_PRELOAD": "x", "PYTHONPATH": "x", "HOME": "/nonexistent"}
    assert not set(provider.child_environment(own)) & set(own)
    assert provider.secrets(own) == ()


@working
def test_rebuilt_metadata_tells_whose_resources_are_to_be_destroyed(provider: Provider) -> None:
    made = json.loads(json.dumps(provider.rebuilt_metadata(IDENTITY)))
    assert (made["clusterName"], made["infraID"]) == ("one", "one-x7k2p")
    assert made[provider.name]["region"] == "some-region-1"


@working
def test_an_ordinary_line_of_a_log_is_no_error_of_the_api(provider: Provider) -> None:
    assert provider.api_errors.findall('level=debug msg="Destroying the VPC"') == []


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: Any) -> Never:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)


@working
@pytest.mark.usefixtures("unreachable")
def test_a_cloud_that_does_not_answer(provider: Provider) -> None:
    """Nothing may pass for gone because nobody was there to ask."""
    cloud = provider.connect()
    asked: list[Callable[[], Any]] = [
        cloud.account.ask,
        cloud.account.last_known,
        lambda: cloud.remaining(SCOPE),
        lambda: cloud.prepare_destroy(SCOPE, lambda: None),
        lambda: cloud.delete_credentials(SCOPE, lambda: None),
        cloud.orphans.regions,
        lambda: cloud.orphans.infra_ids(SCOPE.region),
        lambda: cloud.orphans.resources("1", SCOPE.region, []),
    ]
    for ask in asked:
        with pytest.raises(CloudUnavailable):
            ask()
    assert cloud.orphans.always


@disabled
@pytest.mark.parametrize("member", OF_CLUSTERS)
def test_a_disabled_provider_says_so(provider: Provider, member: str) -> None:
    with pytest.raises(ProviderDisabled, match=f"{provider.label} is disabled in this phase"):
        OF_CLUSTERS[member](provider)


@disabled
def test_every_request_to_a_disabled_provider_is_refused_for_that_reason_alone(provider: Provider) -> None:
    """Also where somebody has enabled the profile."""
    for profile in CATALOGUE.profiles.values():
        if profile.platform != provider.name:
            continue
        switched_on = Catalogue({profile.name: profile.model_copy(update={"enabled": True})})
        request = CreateRequest(
            name="one",
            profile=profile.name,
            base_domain=profile.base_domains.allowlist[0],
            owner="a@b.c",
            team="t",
            cost_center="1",
            tags={},
        )
        for catalogue in (CATALOGUE, switched_on):
            with pytest.raises(PolicyRefused) as refused:
                resolve(request, catalogue)
            assert [problem.reason for problem in refused.value.problems] == ["PROFILE_DISABLED"]
            assert f"{provider.label} is disabled in this phase" in str(refused.value)
