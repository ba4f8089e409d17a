"""What ``checkov --external-checks-dir`` loads; checkov ignores a folder without this file."""
