"""From photos to a weight file: photos, degradation, losses, the loop, and one recipe per weight file."""
