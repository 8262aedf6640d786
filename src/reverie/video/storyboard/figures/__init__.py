"""Who is seen: the cast of every word, people, animals and things that move."""
