#!/bin/sh
# In the builder: an environment of each image below /environments, compiled, with its bill of materials.
set -eu
mkdir /environments
for package in api-gateway scheduler installer-runner janitor migrations envoy; do
  without=
  if [ "$package" = envoy ]; then # only the folder of Swagger UI is used, never the code around it
    for unused in blinker click flask itsdangerous jinja2 markupsafe werkzeug; do
      without="$without --no-install-package $unused"
    done
  fi
  # shellcheck disable=SC2086 # words
  uv sync --quiet --locked --no-dev --no-editable --all-extras --compile-bytecode --python python3 $without --package "ocpctl-$package"
  uv export --quiet --frozen --no-dev --all-extras --package "ocpctl-$package" --format cyclonedx1.5 > /opt/ocpctl/sbom.cdx.json
  mv /opt/ocpctl "/environments/ocpctl-$package"
done
chmod -R a+rX /environments # whoever cloned with a strict umask still builds what any user can run
