#!/usr/bin/env bash
# What the action does: every input comes as a variable, so nothing of it is read as shell but the command.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! command -v ocpctl >/dev/null; then
  python3 -m venv "${RUNNER_TEMP:-/tmp}/ocpctl"
  "${RUNNER_TEMP:-/tmp}/ocpctl/bin/pip" install --quiet "$here/../python" "$here/../cli"
  PATH="${RUNNER_TEMP:-/tmp}/ocpctl/bin:$PATH"
fi
if [ -n "$INPUT_ROLE" ]; then # boto3 takes the role by itself with these two
  AWS_WEB_IDENTITY_TOKEN_FILE=$(mktemp)
  export AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN=$INPUT_ROLE
  python3 "$here/identity_token.py" > "$AWS_WEB_IDENTITY_TOKEN_FILE"
fi
ocpctl login
exec ocpctl run -p "$INPUT_PROFILE" --owner "$INPUT_OWNER" --cost-center "$INPUT_COST_CENTER" \
  --ttl "$INPUT_TTL" --keep-alive "$INPUT_KEEP_ALIVE" -- bash -euo pipefail -c "$INPUT_COMMAND"
