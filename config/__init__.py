"""The top of the house; and which version all of it is."""

#: The version whose tag this is, or that is on its way (`.dev0`): docs/upgrade.md says what moves which number.
__version__ = "1.0.0.dev0"
