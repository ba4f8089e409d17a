"""taskcat: what it needs to deploy whole systems in real accounts, written from the manifests."""
