"""Clusters as people name them, and what is shown of them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ocpctl_cli import durations
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object, odd
from ocpctl_cli.output import Column

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

ID = re.compile(r"clu_[0-9A-Z]{26}")
DESTROYED = "DESTROYED"
LIVING = ("PENDING", "CREATING", "READY", "SCALING", "DESTROYING", "FAILED")
MICROS = 1_000_000


def id_of(api: "Api", word: str, *, gone: bool = False) -> str:
    """The id behind a name or an id. `gone`: destroyed ones count too. Raises Failure."""
    return word if ID.fullmatch(word) else str(found(api, word, gone=gone)["id"])


def found(api: "Api", word: str, *, gone: bool = False) -> Object:
    """The cluster behind a name or an id: the one that lives, or the newest of those that are gone. Raises Failure."""
    if ID.fullmatch(word):
        return api.get(f"/clusters/{word}")
    if word.startswith("job_"):
        raise Failure(Exit.NOT_FOUND, f"{word} is no id of a job: job_ and 26 characters", "See: ocpctl jobs")
    living = list(api.pages("/clusters", "clusters", name=word, status=LIVING))
    if len(living) > 1:
        which = "\n".join(f"{one['id']}  {one['name']}.{one['baseDomain']}  team {one['team']}" for one in living)
        raise Failure(Exit.USAGE, f"{len(living)} clusters are named {word}: say which by its id", which)
    # A name may have had hundreds of clusters: the newest is the first of the list.
    newest = living or api.get("/clusters", name=word, pageSize=1).objects("clusters")
    if newest and (gone or newest[0].get("status") != DESTROYED):
        return newest[0]
    was = "; the last one of that name is DESTROYED" if newest else ""
    raise Failure(Exit.NOT_FOUND, f"you have no cluster {word}{was}", "See what there is: ocpctl list --all")


def moment(text: Any) -> datetime | None:
    """A time of the API; None where there is none, or one that cannot be read."""
    try:
        found = datetime.fromisoformat(text or "")
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def age(cluster: Object, now: datetime | None = None) -> str:
    """Since it was asked for."""
    begun = moment(cluster.get("createTime"))
    return durations.shown(((now or datetime.now(tz=UTC)) - begun).total_seconds()) if begun else ""


def ends(cluster: Object, now: datetime | None = None) -> str:
    """Until its end, or what it came to."""
    if gone := moment(cluster.get("destroyedTime")):
        return f"gone {gone:%Y-%m-%d %H:%M}"
    end = moment(cluster.get("destroyAt"))
    if end is None:
        return ""
    left = (end - (now or datetime.now(tz=UTC))).total_seconds()
    return f"in {durations.shown(left)}" if left > 0 else "now"


def state(cluster: Object) -> str:
    """With how far it is."""
    percent = cluster.get("progressPercent")
    moving = cluster.get("status") in ("CREATING", "DESTROYING", "SCALING") and percent
    return f"{cluster.get('status', '?')} {percent}%" if moving else str(cluster.get("status", "?"))


def price(cluster: Object) -> str:
    """An hour, in dollars; money is micro-dollars in the API."""
    return f"{micros(cluster, 'hourlyCostMicros') / MICROS:.2f}"


def micros(row: Object, name: str) -> int:
    """Micro-dollars: the API has them as text, since JSON's numbers are too small. Raises Failure."""
    try:
        return int(row.get(name) or 0)
    except (TypeError, ValueError) as error:
        raise odd(f"with {name} that is no whole number") from error


def text(name: str) -> Callable[[Object], str]:
    """A field as it is."""
    return lambda row: str(row.get(name, ""))


COLUMNS = (
    Column(title="NAME", value=text("name"), elastic=True),
    Column(title="STATUS", value=state),
    Column(title="PROFILE", value=text("profile"), elastic=True),
    Column(title="OWNER", value=text("owner"), elastic=True),
    Column(title="AGE", value=age),
    Column(title="ENDS", value=ends),
    Column(title="TEAM", value=text("team"), wide=True),
    Column(title="REGION", value=text("region"), wide=True),
    Column(title="VERSION", value=text("version"), wide=True),
    Column(title="USD/H", value=price, wide=True),
    Column(title="ID", value=text("id"), wide=True),
)
