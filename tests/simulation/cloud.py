"""The truth outside the database: which installers live, and what exists."""

from dataclasses import dataclass, field


class Violated(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True, eq=False)
class Installer:
    """A living installer (or destroyer) of one attempt; it dies by itself when trust ends, if there is a watchdog."""

    cluster_id: str
    attempt_id: str
    name: str = ""
    infra_id: str = ""
    trusted_until: float = 0.0


@dataclass(slots=True)
class Cloud:
    """Resources by infra id, DNS records by cluster name, and the installers that live now.

    A name has one set of records, whoever made them: they belong to the attempt that made them last. `late` is what a
    call on the wire made after an attempt was proven gone; only post-destroy verification can know of it. With
    `by_name`, the control, destroys and verifications take a name's records for their own, whoever made them.
    """

    watchdog: bool = True
    by_name: bool = False
    records: dict[str, str] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    resources: dict[str, int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    authorized: set[str] = field(default_factory=set)
    installers: list[Installer] = field(default_factory=list)

    def start(self, installer: Installer) -> None:
        """An installer begins to live. Raises Violated when another one of its cluster lives."""
        for other in self.installers:
            if other.cluster_id == installer.cluster_id and other.attempt_id != installer.attempt_id:
                raise Violated(f"{installer.attempt_id} began while {other.attempt_id} lives on {other.cluster_id}")
        self.installers.append(installer)

    def stop(self, installer: Installer | None) -> None:
        """It is dead."""
        if installer in self.installers:
            self.installers.remove(installer)

    def runner_died(self, installer: Installer | None) -> None:
        """The watchdog kills with its runner; without a watchdog the installer goes on."""
        if self.watchdog:
            self.stop(installer)

    def create(self, installer: Installer) -> None:
        """It makes something. Raises Violated when it may not."""
        if installer.infra_id not in self.authorized:
            raise Violated(f"{installer.infra_id} created without authorisation")
        self.resources[installer.infra_id] = self.resources.get(installer.infra_id, 0) + 1
        self.owners[installer.infra_id] = installer.cluster_id
        self.records[installer.name] = installer.infra_id

    def seen(self, infra_id: str, name: str) -> list[str]:
        """What a look at an attempt finds. Raises Violated when it takes another attempt's things for its own."""
        owner = self.records.get(name, infra_id)
        mine = [infra_id] if self.resources.get(infra_id) or self.late.get(infra_id) else []
        if owner != infra_id and self.by_name:
            raise Violated(f"a look at or a destroy of {infra_id} touches the records of {owner}")
        return mine + ([name] if self.records.get(name) == infra_id else [])

    def delete(self, infra_id: str, name: str) -> None:
        """A destroy that works: everything of an attempt, and nothing else."""
        if self.seen(infra_id, name):
            self.remove(infra_id)

    def remove(self, infra_id: str) -> None:
        """A destroy or a person takes away what an attempt made."""
        self.resources.pop(infra_id, None)
        self.late.pop(infra_id, None)
        self.records = {name: owner for name, owner in self.records.items() if owner != infra_id}

    def arrive_late(self, infra_id: str) -> None:
        """A call on the wire arrives after the proof."""
        self.late[infra_id] = self.late.get(infra_id, 0) + 1

    def tick(self, now: float) -> None:
        """Time has passed: trust ends, and what lives goes on creating."""
        for installer in list(self.installers):
            if self.watchdog and now >= installer.trusted_until:
                self.stop(installer)
            elif installer.infra_id:
                self.create(installer)

    def left_of(self, cluster_id: str) -> list[str]:
        """Infra ids of a cluster of which something exists."""
        return [infra for infra, count in self.resources.items() if count and self.owners[infra] == cluster_id]
