"""What operators see of a running node: log lines and health."""
