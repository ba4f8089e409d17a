"""Resolve: a template and one value per parameter become a `Stack` of concrete resources."""
