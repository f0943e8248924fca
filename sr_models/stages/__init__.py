"""What happens to a photo, in the order in which it happens."""
