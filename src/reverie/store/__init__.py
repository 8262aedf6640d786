"""Where the three programs meet: jobs, clips, moments, plays, dials, health."""

from reverie.store.store import Clips, Jobs, Moments, Plays, Store, Volatile, open_store

__all__ = ["Clips", "Jobs", "Moments", "Plays", "Store", "Volatile", "open_store"]
