"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reverie.clock import Clock
from reverie.config import Config
from reverie.store.store import Store

if TYPE_CHECKING:
    from reverie.web.metrics import Meters
    from reverie.web.screens import Screens
    from reverie.web.wellness import Wellness


@dataclass(frozen=True, slots=True)
class Site:
    """One running server: its settings, store and clock, the screens that are connected, how it fares."""

    config: Config
    store: Store
    clock: Clock
    screens: Screens
    meters: Meters
    wellness: Wellness
