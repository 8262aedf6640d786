"""The part that looks. Pixels of people come in here and never leave it."""
