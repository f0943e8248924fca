"""What tabs are put together from."""
