"""The oracle's two checks of the cloud: what is proven gone has nothing left, what lives is whole. By infra id."""

from collections.abc import Mapping, Sequence
from typing import Any

from ocpctl_local.moto.inventory import Thing

from tests.oracle.checks import ALIVE, ESSENTIAL, MADE_BY_IT, MADE_FOR_IT, MAY_EXIST, gone_is_gone, living_is_whole

OLD, NEW = "team-x2b4c", "team-y2b4c"  # two clusters of one name, or two attempts of one


class Seen:
    """Evidence of one living cluster under NEW; whatever was under OLD is proven gone.

    `made_for_it`: the journal tells that its credentials were made for it.
    """

    def __init__(self, *things: Thing, made_for_it: bool = False, secret_names: Sequence[str] = ()) -> None:
        self.things = list(things)
        self._secret_names = secret_names
        self._operations = ["create", "ccoctl-create-all"] if made_for_it else ["create"]

    def records(self) -> list[dict[str, Any]]:
        return [{"operation": operation, "infra_id": NEW} for operation in self._operations]

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        assert statement in (MAY_EXIST, ALIVE)
        return [{"id": "att_new", "infra_id": NEW, "name": "team"}]

    def secret_names(self) -> Sequence[str]:
        return self._secret_names


def whole(infra_id: str, credentials: Mapping[str, int] = MADE_BY_IT) -> list[Thing]:
    """Everything that a living cluster must have."""
    found = []
    for kind, minimum in {**ESSENTIAL, **credentials}.items():
        word, _, label = kind.partition(" ")
        name = f"{label}.team.labs.example.com" if label else "one"
        found += [Thing(kind=word, name=name, infra_id=infra_id) for _ in range(minimum)]
    return found


def told(check: Any, *things: Thing, made_for_it: bool = False) -> list[str]:
    return list(check(Seen(*things, made_for_it=made_for_it)))


def test_credentials_that_were_made_for_a_cluster_live_as_long_as_it() -> None:
    things = whole(NEW, MADE_FOR_IT)
    assert told(living_is_whole, *things, made_for_it=True) == []
    for kind in MADE_FOR_IT:
        fewer = list(things)
        fewer.remove(next(thing for thing in things if thing.kind == kind))
        [line] = told(living_is_whole, *fewer, made_for_it=True)
        assert kind in line


def test_a_living_cluster_beside_a_gone_one_of_its_name_is_all_right() -> None:
    assert told(gone_is_gone, *whole(NEW)) == []
    assert told(living_is_whole, *whole(NEW)) == []


def test_what_is_left_of_the_gone_one_is_told_although_the_name_lives() -> None:
    left = Thing(kind="user", name="team-x2b4c-registry", infra_id=OLD)
    assert told(gone_is_gone, *whole(NEW), left) == ["team-x2b4c user team-x2b4c-registry exists"]


def test_the_password_of_an_attempt_that_is_gone_is_told() -> None:
    names = [f"ocpctl/clusters/clu_one/{attempt}/kubeadmin" for attempt in ("att_old", "att_new")]
    found = list(gone_is_gone(Seen(secret_names=["ocpctl/pull-secret", *names])))  # type: ignore[arg-type]
    assert found == ["the secret ocpctl/clusters/clu_one/att_old/kubeadmin exists"]


def test_a_record_that_points_nowhere_is_told_by_its_name() -> None:
    lost = Thing(kind="record", name="api.gone.labs.example.com")
    assert told(gone_is_gone, lost) == ["? record api.gone.labs.example.com exists"]
    assert told(gone_is_gone, Thing(kind="record", name="api.team.labs.example.com")) == []


def test_whatever_a_living_cluster_lacks_is_told() -> None:
    for kind in (*ESSENTIAL, *MADE_BY_IT):
        word, _, label = kind.partition(" ")
        rest = [thing for thing in whole(NEW) if thing.kind != word or not thing.name.startswith(label)]
        [line] = told(living_is_whole, *rest)
        assert kind in line


def test_records_that_point_to_another_cluster_are_not_its_own() -> None:
    rest = [thing for thing in whole(NEW) if thing.kind != "record"]
    theirs = [Thing(kind="record", name=f"{name}.team.labs.example.com", infra_id=OLD) for name in ("api", "*.apps")]
    [line] = told(living_is_whole, *rest, *theirs)
    assert line.endswith("lacks record api, record *")
