"""Training: the loop that every run shares, the tasks that a network can learn, and one recipe per weight file."""
