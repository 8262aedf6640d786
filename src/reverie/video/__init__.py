"""The part that imagines: generators, the check, the label, the encoder."""
