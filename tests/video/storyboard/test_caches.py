"""What the storyboard keeps between films: a kiosk draws for a year, so all of it has a bound."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from reverie.video import storyboard
from reverie.video.storyboard.art.sprites import _sprite, part, sprite


def caches() -> dict[str, Any]:
    """Every `lru_cache` of the package, by name."""
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(storyboard.__path__, f"{storyboard.__name__}.")
    ]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if hasattr(value, "cache_info")
    }


def test_every_cache_has_a_bound() -> None:
    found = caches()
    assert len(found) > 30  # they are really looked at
    assert [name for name, cache in found.items() if cache.cache_info().maxsize is None] == []


def test_a_cut_sprite_does_not_keep_its_square() -> None:
    part.cache_clear()
    _sprite.cache_clear()
    assert sprite("umbrella").height <= 256
    assert part.cache_info().currsize == 0
