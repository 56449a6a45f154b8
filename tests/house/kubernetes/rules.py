"""All rules, by name."""

from collections.abc import Callable, Iterator, Mapping

from tests.house.kubernetes import hardening, schema, wiring
from tests.house.kubernetes.rendering import Documents

Rule = Callable[[Documents], Iterator[str]]

RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        schema.fits,
        hardening.hardened,
        hardening.sized,
        hardening.pinned,
        hardening.without_secrets,
        hardening.probed,
        hardening.runners_may_finish,
        hardening.envoy_sheds_load,
        wiring.services_have_pods,
        wiring.deployments_select_their_pods,
        wiring.budgets_match,
        wiring.scalers_have_targets,
        wiring.monitors_have_services,
        wiring.references_exist,
    )
}
