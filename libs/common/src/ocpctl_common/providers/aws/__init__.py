"""Amazon Web Services. `provider` is pure; `cloud` and what stands below it ask the account."""
