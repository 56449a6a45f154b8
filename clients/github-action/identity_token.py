"""Prints the identity token of a GitHub job for AWS. Standard library only."""

import json
import os
import sys
import urllib.error
import urllib.request

AUDIENCE = "sts.amazonaws.com"


def main() -> None:
    """Ends with a sentence when the job may not have one."""
    try:
        url, key = os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"], os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    except KeyError:
        sys.exit("this job may not have an identity token: give it `permissions: id-token: write`")
    headers = {"authorization": f"bearer {key}"}
    request = urllib.request.Request(f"{url}&audience={AUDIENCE}", headers=headers)  # noqa: S310 - GitHub's own
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            sys.stdout.write(json.load(answer)["value"])
    except (urllib.error.URLError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"GitHub gives no identity token: {error}")


if __name__ == "__main__":
    main()
