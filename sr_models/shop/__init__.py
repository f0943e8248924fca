"""What shops ask of a picture: presets, the backdrop, the canvas and its checklist."""
