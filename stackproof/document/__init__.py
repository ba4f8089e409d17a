"""Document: pages about templates, written from the templates themselves, so that they cannot disagree."""
