"""Compares this project's networks with other people's, on the same photos, on the same machine. For development; no part of the product.

`python -m peers --data FOLDER` installs the others beside the project, runs all of them and writes docs/peers.json, docs/peers.md and the
plots. Others' weights are downloaded and measured; none is kept in the project.
"""
