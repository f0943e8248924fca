"""Catalogues: a folder, a ZIP or a table of photos × an order, to the end whatever happens to one, with a verdict for every file."""
