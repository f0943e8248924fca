"""What surrounds the page: who may ask for what, how long files stay, whose GPU it is."""
