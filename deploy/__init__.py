"""Deploying: example sites, provisioning, packages. It may use edge and training only."""
