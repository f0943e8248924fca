"""Files from the Hugging Face Hub, what they hold, and what is published there."""
