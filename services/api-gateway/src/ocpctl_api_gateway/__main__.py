"""`python -m ocpctl_api_gateway`: serves until SIGTERM or Ctrl-C."""

from ocpctl_common.service import run

from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_api_gateway.wiring import start

if __name__ == "__main__":
    run("api-gateway", GatewaySettings, start)
