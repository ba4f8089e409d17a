"""Compose: the stacks of a system in one environment become a `Deployment`, exports joined to imports."""
