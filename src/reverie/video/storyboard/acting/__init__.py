"""What is done: every verb, and what makes sense."""
