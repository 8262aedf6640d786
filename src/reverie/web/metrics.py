"""Prometheus metrics: read from the store when asked, plus what this program measured itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.responses import Response

from reverie.clock import Clock
from reverie.errors import StoreError
from reverie.store.store import Store
from reverie.values import Rung
from reverie.web.site import Site

BUCKETS = (0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds in seconds, dense where the box is meant to be: cached 0.1, new storyboard 0.35."""


class Meters:
    """What `serve` measures and what it reads for /metrics. One a server; no global registry."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self._wait = Histogram(
            "reverie_event_to_play_seconds",
            "From the committed moment to its first picture on a screen.",
            ["rung"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._plays = Counter(
            "reverie_plays", "Films asked of screens, by how that went.", ["outcome"], registry=self.registry
        )
        for rung in Rung:
            self._wait.labels(rung)
        for outcome in ("played", "decode", "timeout", "network"):
            self._plays.labels(outcome)
        self.registry.register(_Stored(store, clock))

    def played(self, rung: Rung, waited: float) -> None:
        self._wait.labels(rung).observe(waited)
        self._plays.labels("played").inc()

    def failed(self, kind: str) -> None:
        self._plays.labels(kind).inc()


class _Stored(Collector):
    """Gauges read from the store at the moment they are asked for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            counts = self._store.jobs.counts()
            clips, size = self._store.clips.total()
            live = len(self._store.moments.live())
            health = self._store.health.all()
        except StoreError:
            yield GaugeMetricFamily("reverie_store_up", "Whether the store answers.", 0)
            return
        yield GaugeMetricFamily("reverie_store_up", "Whether the store answers.", 1)
        jobs = GaugeMetricFamily(
            "reverie_jobs", "Jobs that the store remembers, by status.", labels=["status"]
        )
        for status, count in sorted(counts.items()):
            jobs.add_metric([status], count)
        yield jobs
        yield GaugeMetricFamily("reverie_clips", "Films that are kept.", clips)
        yield GaugeMetricFamily("reverie_clips_bytes", "Bytes of the films that are kept.", size)
        yield GaugeMetricFamily("reverie_live_moments", "Moments that live now.", live)
        age = GaugeMetricFamily(
            "reverie_heartbeat_age_seconds", "Since a program's last heartbeat.", labels=["program"]
        )
        stats = GaugeMetricFamily(
            "reverie_program_stat", "Numbers that a program says of itself.", labels=["program", "stat"]
        )
        for item in health:
            age.add_metric([item.program], max(0.0, self._clock.now() - item.time))
            for name, value in sorted(item.stats.items()):
                # Only plain numbers: what is a list or a table is for the report, and could grow labels.
                if isinstance(value, int | float) and not isinstance(value, bool):
                    stats.add_metric([item.program, re.sub(r"\W", "_", name)], value)
        yield age
        yield stats


def metrics_routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/metrics", response_class=Response, summary="Prometheus metrics")
    def metrics() -> Response:
        """In the text format; durations are in seconds, no label names a visitor, a track or a clip."""
        return Response(generate_latest(site.meters.registry), media_type=CONTENT_TYPE_LATEST)

    return router
