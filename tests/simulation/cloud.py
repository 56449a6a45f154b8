"""The truth outside the database: which installers live, and what exists."""

from dataclasses import dataclass, field


class Violated(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True, eq=False)
class Installer:
    """A living installer (or destroyer) of one attempt; it dies by itself when trust ends, if there is a guard."""

    cluster_id: str
    attempt_id: str
    infra_id: str = ""
    trusted_until: float = 0.0


@dataclass(slots=True)
class Cloud:
    """Resources by infra id, and the installers that live now."""

    guard: bool = True
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
        """The guard kills with its runner; without a guard the installer goes on."""
        if self.guard:
            self.stop(installer)

    def create(self, installer: Installer) -> None:
        """It makes something. Raises Violated when it may not."""
        if installer.infra_id not in self.authorized:
            raise Violated(f"{installer.infra_id} created without authorisation")
        self.resources[installer.infra_id] = self.resources.get(installer.infra_id, 0) + 1
        self.owners[installer.infra_id] = installer.cluster_id

    def delete(self, infra_id: str) -> None:
        """A destroy that works."""
        self.resources.pop(infra_id, None)

    def tick(self, now: float) -> None:
        """Time has passed: trust ends, and what lives goes on creating."""
        for installer in list(self.installers):
            if self.guard and now >= installer.trusted_until:
                self.stop(installer)
            elif installer.infra_id:
                self.create(installer)

    def left_of(self, cluster_id: str) -> list[str]:
        """Infra ids of a cluster of which something exists."""
        return [infra for infra, count in self.resources.items() if count and self.owners[infra] == cluster_id]
