"""File formats, where Pillow does not read or write all of them: one a file."""
