"""The version of the program; the newest heading of CHANGELOG.md names it."""

__version__ = "0.8.0"
