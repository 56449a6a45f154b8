"""The ports that a stack needs, by name."""

from ocpctl_local.settings import StackSettings

PORT_NAMES = (
    "postgres",
    "aws",
    "kubernetes",
    "kubernetes_ready",
    "envoy",
    "envoy_admin",
    "envoy_front",
)


def port_names(settings: StackSettings) -> list[str]:
    """Every port that a stack needs."""
    copies = {
        "scheduler": settings.schedulers,
        "scheduler_metrics": settings.schedulers,
        "gateway": settings.gateways,
        "gateway_metrics": settings.gateways,
        "janitor_metrics": settings.janitors,
    }
    runners = (f"runner_metrics_{number}" for number in range(1, settings.runners + 1))
    return [*PORT_NAMES, *(f"{name}{end}" for name, count in copies.items() for end in ends(count)), *runners]


def ends(copies: int) -> list[str]:
    """The suffixes of the names of a service's copies: none for the first, then -2, -3 and so on."""
    return ["", *(f"-{number}" for number in range(2, copies + 1))]
