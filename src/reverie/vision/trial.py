"""How fast detectors are on this box: on every engine, device and precision, in turn on each picture.

Interleaved, because a box that others work on too is not equally fast from one minute to the next: what is
measured side by side can be compared, what is measured in turn cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reverie import config
from reverie.errors import DetectorError
from reverie.values import Frame
from reverie.vision.detector import Detector, load_detector
from reverie.vision.model import READERS, Offer

Seconds = Callable[[], float]
"""A clock: seconds since some moment."""

WARM = 2
"""Looks of each that do not count: memory is laid out in the first ones."""


@dataclass(frozen=True, slots=True)
class Way:
    """One model on one engine, device and precision."""

    settings: config.Detector

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Model, engine, device and precision in the words of the configuration."""
        settings = self.settings
        return settings.model, settings.engine, settings.device, settings.precision


@dataclass(frozen=True, slots=True)
class Result:
    """What a way took, in milliseconds a picture: `median`, 95th percentile, and of all CPUs together.

    `found` is how many things it saw in a picture, on the average. `fault` is "" or why it does not run here;
    then there are no figures.
    """

    way: Way
    looks: int
    median: float
    p95: float
    cpu: float
    found: float
    fault: str

    @property
    def fps(self) -> float:
        """Pictures a second with nothing else to do; 0 for one that does not run."""
        return 1000 / self.median if self.median else 0.0


def ways(settings: config.Detector, suffix: str, offers: Sequence[Offer]) -> list[Way]:
    """Every way that `offers` has to run a model of a file kind (`.onnx`, …); a `.pt` becomes an `.onnx`."""
    readers = READERS.get({".pt": ".onnx", ".pth": ".onnx"}.get(suffix, suffix), ())
    return [
        Way(settings.model_copy(update={"engine": o.engine, "device": o.device, "precision": precision}))
        for o in offers
        if o.engine in readers
        for precision in o.precisions
    ]


def measure(
    chosen: Iterable[Way], frames: Iterable[Frame], now: Seconds, cpu: Seconds, until: float
) -> Iterator[Result]:
    """A result for each of `chosen`, in order, once all have looked at `frames` or `now` is past `until`.

    Each looks WARM + 1 times at least. `cpu`: seconds that all threads of this process have worked.
    """
    loaded: list[tuple[Way, Detector | None, str]] = []
    for way in chosen:
        try:
            loaded.append((way, load_detector(way.settings), ""))
        except DetectorError as error:
            loaded.append((way, None, str(error)))
    runs: dict[int, list[tuple[float, float, int]]] = {number: [] for number in range(len(loaded))}
    for index, frame in enumerate(frames):
        if index > WARM and now() >= until:
            break
        for number, (_, detector, _) in enumerate(loaded):
            if detector is not None:
                before, worked = now(), cpu()
                found = len(detector.detect([frame])[0])
                runs[number].append((now() - before, cpu() - worked, found))
    for number, (way, _, fault) in enumerate(loaded):
        yield _result(way, runs[number][WARM:], fault)


def _result(way: Way, runs: Sequence[tuple[float, float, int]], fault: str) -> Result:
    if not runs:
        return Result(way, 0, 0.0, 0.0, 0.0, 0.0, fault or f"fewer than {WARM + 1} pictures")
    took = sorted(1000 * seconds for seconds, _, _ in runs)
    return Result(
        way,
        len(runs),
        took[len(took) // 2],
        took[min(len(took) - 1, int(0.95 * len(took)))],
        1000 * sum(worked for _, worked, _ in runs) / len(runs),
        sum(found for _, _, found in runs) / len(runs),
        fault,
    )
