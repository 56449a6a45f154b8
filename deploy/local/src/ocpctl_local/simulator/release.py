"""What a release says about itself: the same for one version on every machine."""

import hashlib

REPOSITORY = "quay.io/openshift-release-dev/ocp-release"
CREATED = "2025-10-14T07:21:33Z"


def digest(version: str) -> str:
    """The digest of the release's payload."""
    return f"sha256:{hashlib.sha256(f'release {version}'.encode()).hexdigest()}"


def image(version: str) -> str:
    """The release image, by digest."""
    return f"{REPOSITORY}@{digest(version)}"


def description(version: str) -> str:
    """What `openshift-install version` prints."""
    commit = hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest()
    return (
        f"openshift-install {version}\nbuilt from commit {commit}\n"
        f"release image {image(version)}\nrelease architecture amd64"
    )
