"""Where it happens: settings, their light, and what stirs in them."""
