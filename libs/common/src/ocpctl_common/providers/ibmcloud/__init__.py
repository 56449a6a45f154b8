"""IBM Cloud: profiles, checks and install-config.yaml; disabled in this phase, so nothing asks the cloud."""
