"""Whatever measures a picture."""
