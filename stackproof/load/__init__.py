"""Load: a file becomes a `Template`, data with line marks."""

from stackproof.load.template import Parameter, Template, is_template, load_template, parse_template

__all__ = ["Parameter", "Template", "is_template", "load_template", "parse_template"]
