"""What `app.py` is built from: the texts, and one file a tab."""
