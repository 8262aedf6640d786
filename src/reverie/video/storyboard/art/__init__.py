"""What pictures are made of: the canvas, clay, light, text, sprites, motion as numbers."""
