"""A program for `credential_process`: prints what the container's endpoint gives now (AWS_CONTAINER_*, a full URL).

Run by its file. Which hosts may be asked, and how often, is botocore's own rule.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import MetadataRetrievalError
from botocore.utils import ContainerMetadataFetcher

PRINTED = {"AccessKeyId": "AccessKeyId", "SecretAccessKey": "SecretAccessKey", "Token": "SessionToken"}
VERSION = 1


def main(own: Mapping[str, str]) -> None:
    """Ends with a sentence where there are no credentials; it names no secret."""
    try:
        found = ContainerMetadataFetcher().retrieve_full_uri(own["AWS_CONTAINER_CREDENTIALS_FULL_URI"], _headers(own))
    except (MetadataRetrievalError, ValueError, OSError) as error:
        sys.exit(f"no credentials of the container: {type(error).__name__}")
    printed = {theirs: found[name] for name, theirs in PRINTED.items()}
    sys.stdout.write(json.dumps({"Version": VERSION, **printed, "Expiration": found["Expiration"]}))


def _headers(own: Mapping[str, str]) -> dict[str, str]:
    """The token's file is read each time: it is rotated."""
    if path := own.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        return {"Authorization": Path(path).read_text()}
    token = own.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    return {"Authorization": token} if token else {}


if __name__ == "__main__":
    main(os.environ)
