"""Policy: a request against its profile. Every violation is reported, each with its field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ocpctl_common.errors import FieldProblem, InvalidRequest, PolicyRefused
from ocpctl_common.profiles.catalogue import Catalogue
from ocpctl_common.profiles.model import Profile
from ocpctl_common.profiles.render import OUR_TAGS
from ocpctl_common.profiles.spec import ResolvedSpec, WorkerPool
from ocpctl_common.profiles.ssh_keys import is_public_key
from ocpctl_common.profiles.tag_keys import KEY, VALUE, doubles, is_reserved
from ocpctl_common.profiles.workers import hourly_cost_micros, worker_limits

# 40: the longest host name below it, console-openshift-console.apps.<name>.<domain>, must keep within 253
# characters for domains of up to 180, and the installer cuts longer names in the infra id anyway.
NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
# A tag's value takes no other characters than TAG_VALUE, and owner, team and cost center become tags.
OWNER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
LABEL_RULE = "must be 1 to 63 letters, digits, '.', '_' or '-'"
# Shorter, and a moment without network ends a cluster; longer, and it is a time to live.
KEEPALIVE_SECONDS = range(30, 86_401)
TAG_KEY = re.compile(KEY)
TAG_VALUE = re.compile(VALUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """What a caller asks for. None and "" mean: the profile's default."""

    name: str
    profile: str
    base_domain: str
    owner: str
    team: str
    cost_center: str
    platform: str = ""
    version: str = ""
    region: str = ""
    ttl_hours: int | None = None
    worker_replicas: int | None = None
    ssh_public_key: str = ""
    tags: Mapping[str, str]
    keepalive_seconds: int | None = None


def resolve(request: CreateRequest, catalogue: Catalogue) -> ResolvedSpec:
    """What the request resolves to.

    Raises InvalidRequest when a value is malformed, else PolicyRefused when it is against the profile; both name
    every problem of the request.
    """
    malformed = list(_malformed(request))
    profile = catalogue.profiles.get(request.profile)
    refused = list(_against(request, profile)) if profile else [_no_profile(request, catalogue)]
    if malformed or not request.profile:
        problems = [*malformed, *refused]
        raise InvalidRequest(_sentence(problems), problems=problems)
    if refused or profile is None:
        raise PolicyRefused(_sentence(refused), problems=refused)
    return _spec(request, profile)


def _sentence(problems: list[FieldProblem]) -> str:
    return "; ".join(f"{problem.field}: {problem.description}" for problem in problems)


def _no_profile(request: CreateRequest, catalogue: Catalogue) -> FieldProblem:
    enabled = sorted(name for name, profile in catalogue.profiles.items() if profile.is_offered)
    what, reason = "is required", "FIELD_REQUIRED"
    if request.profile:
        what, reason = f"{request.profile!r} is unknown", "PROFILE_UNKNOWN"
    return FieldProblem(field="profile", description=f"{what}; use one of {', '.join(enabled)}", reason=reason)


def _malformed(request: CreateRequest) -> Iterator[FieldProblem]:
    shapes = (
        ("name", request.name, NAME, "must be a DNS label of at most 40 characters that begins with a letter"),
        ("owner", request.owner, OWNER, "must be an e-mail address"),
        ("team", request.team, LABEL, LABEL_RULE),
        ("costCenter", request.cost_center, LABEL, LABEL_RULE),
    )
    for field, value, pattern, rule in shapes:
        if not value:
            yield FieldProblem(field=field, description=f"is required; it {rule}", reason="FIELD_REQUIRED")
        elif not pattern.fullmatch(value):
            yield FieldProblem(field=field, description=rule, reason=f"{_word(field)}_INVALID")
    if not request.base_domain:
        yield FieldProblem(field="baseDomain", description="is required", reason="FIELD_REQUIRED")
    if request.ttl_hours is not None and request.ttl_hours < 1:
        yield FieldProblem(field="ttlHours", description="must be at least 1", reason="TTL_INVALID")
    if request.keepalive_seconds is not None and request.keepalive_seconds not in KEEPALIVE_SECONDS:
        rule = f"must be {KEEPALIVE_SECONDS.start} to {KEEPALIVE_SECONDS.stop - 1}"
        yield FieldProblem(field="keepaliveSeconds", description=rule, reason="KEEPALIVE_INVALID")
    # The value is never echoed: somebody may have pasted a private key.
    if request.ssh_public_key and not is_public_key(request.ssh_public_key):
        kinds = "ssh-ed25519, ecdsa, or ssh-rsa of at least 2048 bits"
        rule = f"must be one line with a whole public key ({kinds}); never send a private key"
        yield FieldProblem(field="sshPublicKey", description=rule, reason="SSH_KEY_INVALID")
    yield from _malformed_tags(request.tags)


def _word(field: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).upper()


def _malformed_tags(tags: Mapping[str, str]) -> Iterator[FieldProblem]:
    for key, value in tags.items():
        if not TAG_KEY.fullmatch(key) or not TAG_VALUE.fullmatch(value):
            rule = "a key has 1 to 128 and a value 1 to 256 letters, digits, _.:/=+@- or spaces within"
            yield FieldProblem(field=f"tags[{key[:128]}]", description=rule, reason="TAG_INVALID")


def _against(request: CreateRequest, profile: Profile) -> Iterator[FieldProblem]:
    if not profile.is_offered:
        provider = profile.provider
        why = f"{provider.label} is disabled in this phase" if provider.disabled else "disabled for now"
        yield FieldProblem(field="profile", description=f"{profile.name}: {why}", reason="PROFILE_DISABLED")
    lists = (
        ("platform", request.platform, (profile.platform,), "PLATFORM_MISMATCH"),
        ("version", request.version, profile.openshift_versions.allowlist, "VERSION_NOT_ALLOWED"),
        ("region", request.region, profile.regions.allowlist, "REGION_NOT_ALLOWED"),
        ("baseDomain", request.base_domain, profile.base_domains.allowlist, "BASE_DOMAIN_NOT_ALLOWED"),
    )
    for field, value, allowed, reason in lists:
        if value and value not in allowed:
            description = f"{value[:200]!r} is not allowed by {profile.name}; allowed: {', '.join(allowed)}"
            yield FieldProblem(field=field, description=description, reason=reason)
    yield from _against_limits(request, profile)
    yield from _against_tags(request.tags, profile)


def _against_limits(request: CreateRequest, profile: Profile) -> Iterator[FieldProblem]:
    life = profile.lifecycle
    if request.ttl_hours is not None and request.ttl_hours > life.max_ttl_hours:
        rule = f"{request.ttl_hours} is above the maximum of {life.max_ttl_hours} hours of {profile.name}"
        yield FieldProblem(field="ttlHours", description=rule, reason="TTL_ABOVE_MAXIMUM")
    if request.ttl_hours not in (None, life.default_ttl_hours) and not life.allow_custom_ttl:
        rule = f"{profile.name} allows only {life.default_ttl_hours} hours"
        yield FieldProblem(field="ttlHours", description=rule, reason="TTL_NOT_CUSTOMIZABLE")
    asked = request.worker_replicas
    if asked is not None and (problem := worker_limits(profile).problem(asked)):
        yield problem


def _against_tags(tags: Mapping[str, str], profile: Profile) -> Iterator[FieldProblem]:
    rules = profile.provider.tag_rules
    of_profile = {key.lower() for key in profile.tags}
    reserved = {key for key in tags if is_reserved(key, rules) or key.lower() in of_profile}
    for key in tags:
        if key in reserved:
            yield FieldProblem(field=f"tags[{key[:128]}]", description=_reserved_rule(profile), reason="TAG_RESERVED")
    for key, first in doubles((key for key in tags if key not in reserved), rules):
        rule = f"differs from {first[:128]} only in capitals, which {rules.one_case} refuses"
        yield FieldProblem(field=f"tags[{key[:128]}]", description=rule, reason="TAG_DOUBLE")
    limit = rules.limit - len(OUR_TAGS) - len(profile.tags)
    if len(tags) > limit:
        yield FieldProblem(field="tags", description=f"at most {limit} tags are possible", reason="TOO_MANY_TAGS")


def _reserved_rule(profile: Profile) -> str:
    others = f"keys of ocpctl, of the profile, of {profile.provider.label}, Kubernetes and OpenShift, and Name"
    return f"is reserved, in capitals or not: {others}"


def _spec(request: CreateRequest, profile: Profile) -> ResolvedSpec:
    workers = profile.compute.workers
    replicas = workers.replicas if request.worker_replicas is None else request.worker_replicas
    # Every value was checked above, by the profile's model or by the patterns.
    return ResolvedSpec.model_construct(
        name=request.name,
        platform=profile.platform,
        version=request.version or profile.openshift_versions.default,
        profile=profile.name,
        region=request.region or profile.regions.default,
        base_domain=request.base_domain,
        owner=request.owner,
        team=request.team,
        cost_center=request.cost_center,
        environment=profile.features.environment,
        ttl_hours=profile.lifecycle.default_ttl_hours if request.ttl_hours is None else request.ttl_hours,
        tags={**profile.tags, **request.tags},
        ssh_public_key=request.ssh_public_key,
        control_plane=profile.compute.control_plane,
        workers=WorkerPool(replicas=replicas, instance_type=workers.instance_type),
        networking=profile.networking,
        publish=profile.features.publish,
        fips=profile.features.fips,
        hourly_cost_micros=hourly_cost_micros(profile, replicas),
    )
