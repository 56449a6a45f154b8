"""The oracle's two checks of the cloud: what is proven gone has nothing left, what lives is whole. By infra id."""

from typing import Any

from ocpctl_local.moto.inventory import Thing

from tests.oracle.checks import ALIVE, ESSENTIAL, MAY_EXIST, gone_is_gone, living_is_whole

OLD, NEW = "team-x2b4c", "team-y2b4c"  # two clusters of one name, or two attempts of one


class Seen:
    """Evidence of one living cluster under NEW; whatever was under OLD is proven gone."""

    def __init__(self, *things: Thing) -> None:
        self.things = list(things)

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        assert statement in (MAY_EXIST, ALIVE)
        return [{"infra_id": NEW, "name": "team"}]


def whole(infra_id: str) -> list[Thing]:
    """Everything that a living cluster must have."""
    found = []
    for kind, minimum in ESSENTIAL.items():
        word, _, label = kind.partition(" ")
        name = f"{label}.team.labs.example.com" if label else "one"
        found += [Thing(kind=word, name=name, infra_id=infra_id) for _ in range(minimum)]
    return found


def told(check: Any, *things: Thing) -> list[str]:
    return list(check(Seen(*things)))


def test_a_living_cluster_beside_a_gone_one_of_its_name_is_all_right() -> None:
    assert told(gone_is_gone, *whole(NEW)) == []
    assert told(living_is_whole, *whole(NEW)) == []


def test_what_is_left_of_the_gone_one_is_told_although_the_name_lives() -> None:
    left = Thing(kind="user", name="team-x2b4c-registry", infra_id=OLD)
    assert told(gone_is_gone, *whole(NEW), left) == ["team-x2b4c user team-x2b4c-registry exists"]


def test_a_record_that_points_nowhere_is_told_by_its_name() -> None:
    lost = Thing(kind="record", name="api.gone.labs.example.com")
    assert told(gone_is_gone, lost) == ["? record api.gone.labs.example.com exists"]
    assert told(gone_is_gone, Thing(kind="record", name="api.team.labs.example.com")) == []


def test_whatever_a_living_cluster_lacks_is_told() -> None:
    for kind in ESSENTIAL:
        word, _, label = kind.partition(" ")
        rest = [thing for thing in whole(NEW) if thing.kind != word or not thing.name.startswith(label)]
        [line] = told(living_is_whole, *rest)
        assert kind in line


def test_records_that_point_to_another_cluster_are_not_its_own() -> None:
    rest = [thing for thing in whole(NEW) if thing.kind != "record"]
    theirs = [Thing(kind="record", name=f"{name}.team.labs.example.com", infra_id=OLD) for name in ("api", "*.apps")]
    [line] = told(living_is_whole, *rest, *theirs)
    assert line.endswith("lacks record api, record *")
