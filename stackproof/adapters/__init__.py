"""Adapters: the policies in other tools' clothes. The verdicts are ours, on the file, whatever the host has read."""
