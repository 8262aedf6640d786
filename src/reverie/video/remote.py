"""Films made by another machine, behind OpenAI's `/v1/videos`: SGLang, vLLM-Omni, FastVideo, another reverie.

    shots → POST a film each → progress … → GET its content → DELETE it → pictures of our size, at our rate

Each shot is a film of its own, cut after the other: models make one scene well and several badly, and a shot
keeps its own length. A film is asked for by `seconds` and `size`, and by what the field adds to OpenAI's
words (`num_frames`, `fps`, `seed`, `num_inference_steps`, `guidance_scale`, `negative_prompt`). A server that
takes only forms gets a form; one that knows only OpenAI's own words gets those (`Way`).
"""

from __future__ import annotations

import contextlib
import enum
import io
import itertools
import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image as Pillow

from reverie import config
from reverie.clock import Clock, SystemClock
from reverie.errors import ClipError, GeneratorError, Refused
from reverie.values import ClipSpec, Image, Job
from reverie.video import decode
from reverie.video.generator import SCARCE, Progress, Reading, picture_of
from reverie.video.visit import Answer, Visit, address
from reverie.video.wan import picture

MADE = 0.9
"""Share of the job that is the other machine's; decoding is the rest."""

PLAIN_SECONDS = (4, 8, 12)
"""The lengths that OpenAI's own service makes."""

UNKNOWN_WORDS = re.compile(r"(?i)unknown|unrecogni[sz]ed|unexpected|not permitted|extra (inputs|fields)")
"""How servers say that they do not know a parameter."""


LET_IN = "set `remote.token` to its token (--model takes it as http://TOKEN@host/v1). It says: "
"""Told before the words of a server that lets nobody in: those may speak of a browser's ways."""


class Way(enum.Enum):
    """How a film is asked for. JSON is tried first, and what worked is kept."""

    JSON = "json"
    FORM = "form"
    PLAIN = "plain"
    """JSON with OpenAI's own words only."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One film to ask for: a shot, or the whole of what a program requested. `frames` at the spec's rate."""

    prompt: str
    frames: int
    seed: int
    negative: str | None = None
    steps: int | None = None
    guidance: float | None = None
    picture: Path | None = None


class Remote:
    """Asks another machine for each film. One job at a time.

    It asks for few starts a minute (SCARCE): the other machine's time is dear too, and may be somebody
    else's; where it is not, the operator sets `per_minute`.
    """

    streams = False
    per_minute: int | None = SCARCE

    def __init__(self, settings: config.Generator, read: Reading, clock: Clock) -> None:
        self._settings = settings
        self._read = read
        self._clock = clock
        self._way = Way.JSON

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        """`job.spec.frames` RGB pictures, uint8 (height, width, 3), C-contiguous, each its own array.

        Every film is fetched before the first picture is given. Raises GeneratorError for a server that is
        away, silent, broken or lying, Refused for what it will not make, and Cancelled from `progress`, after
        telling the server to stop.
        """
        spec = job.spec
        films = self.wanted(job)
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(_scratch()) for _ in films]
            with Visit(self._settings, self._clock, progress) as visit:
                done = 0
                for film, file in zip(films, files, strict=True):
                    visit.part(done / spec.frames * MADE, (done + film.frames) / spec.frames * MADE)
                    visit.fetch(self._order(visit, spec, film), file)
                    done += film.frames
            made = 0
            for film, file in zip(films, files, strict=True):
                file.seek(0)
                try:
                    for image in decode.pictures(file, f"{visit.where}: the film", spec, film.frames):
                        made += 1
                        progress(1 - (1 - MADE) * (1 - made / spec.frames))
                        yield image
                except ClipError as error:
                    raise GeneratorError(str(error)) from error

    def wanted(self, job: Job) -> list[Wanted]:
        """The films that make up the one of `job`, in order: one a shot, as long as the shot.

        Their seeds differ, and are of the job's key and take; one that a program asked for stays as it is.
        Raises Refused for a job without a shot.
        """
        spec, request = job.spec, job.request
        seed = job.seed
        if request is not None:
            tuned = (request.negative, request.steps, request.guidance, request.picture)
            return [Wanted(request.prompt, spec.frames, _small(seed), *tuned)]
        shots = job.brief.shots
        prompts = self._read(job.brief, self._settings.remote.language)
        ends = itertools.accumulate(shot.seconds for shot in shots)
        stops = [0, *(round(spec.frames * end / job.brief.seconds) for end in ends)]
        films = [
            Wanted(prompt, stop - start, _small(seed + index), picture=picture_of(self._settings, shot))
            for index, (prompt, shot, (start, stop)) in enumerate(
                zip(prompts, shots, itertools.pairwise(stops), strict=True)
            )
        ]
        films = [film for film in films if film.frames > 0]
        if not films:
            raise Refused(f"generator {self._settings.name!r}: {job.brief.topic!r} has no shot to make")
        return films

    def _order(self, visit: Visit, spec: ClipSpec, film: Wanted) -> str:
        """Ask for a film and wait until it is made. Returns its name there."""
        first = None if film.picture is None else _first_picture(film.picture, spec)
        way: Way | None = Way.FORM if first is not None and self._way is Way.JSON else self._way
        refused = ""
        while way is not None:
            answer = visit.create(self._fields(spec, film, way), way is Way.FORM, first)
            if answer.status < 400:
                self._way = way if first is None else self._way
                return visit.wait_made(answer)
            hint = "; is remote.url right, with its /v1?" if answer.status in (404, 405) else ""
            lead = LET_IN if answer.status in (401, 403) else ""
            said = f"{visit.where}: refuses the film ({answer.status}): {lead}{visit.said(answer)}{hint}"
            refused = refused or said
            way = _another(way, answer)
        raise Refused(refused)

    def _fields(self, spec: ClipSpec, film: Wanted, way: Way) -> dict[str, str | int | float]:
        seconds = math.ceil(film.frames / spec.fps)
        if way is Way.PLAIN:
            seconds = next((allowed for allowed in PLAIN_SECONDS if allowed >= seconds), seconds)
        fields: dict[str, str | int | float | None] = {
            "prompt": film.prompt,
            "model": self._settings.remote.model or None,
            "size": f"{spec.width}x{spec.height}",
            "seconds": str(seconds),
        }
        if way is not Way.PLAIN:
            fields |= {
                "fps": spec.fps,
                # Video models make 4k+1 pictures: never fewer than are needed are asked for.
                "num_frames": film.frames + (1 - film.frames) % 4,
                "seed": film.seed,
                "num_inference_steps": film.steps,
                "guidance_scale": film.guidance,
                "negative_prompt": film.negative,
            }
        return {name: value for name, value in fields.items() if value is not None}


def load_remote(settings: config.Generator, read: Reading, clock: Clock | None = None) -> Remote:
    """The generator behind `settings.remote`. Asks the server nothing yet: it may come later.

    Raises GeneratorError for an address that is none.
    """
    address(settings)
    return Remote(settings, read, clock or SystemClock())


def _first_picture(path: Path, spec: ClipSpec) -> bytes:
    """The picture that a film begins with, as PNG of the film's size: the whole of it, nothing cut off."""
    laid = picture.fit(picture.read(path), spec.width, spec.height)
    out = io.BytesIO()
    Pillow.fromarray(laid).save(out, "PNG")
    return out.getvalue()


def _scratch() -> IO[bytes]:
    """A file that goes away when it is closed. Raises GeneratorError where there is no room for one."""
    try:
        return tempfile.TemporaryFile(prefix="reverie-")
    except OSError as error:
        raise GeneratorError(
            f"{tempfile.gettempdir()}: no file can be made there: {error.strerror}"
        ) from error


def _another(way: Way, answer: Answer) -> Way | None:
    """How to ask after a refusal that may have been about the form of the question."""
    if way is Way.JSON and answer.status in (415, 422):
        return Way.FORM
    words = answer.body.decode("utf-8", "replace")
    if way is not Way.PLAIN and answer.status == 400 and UNKNOWN_WORDS.search(words):
        return Way.PLAIN
    return None


def _small(seed: int) -> int:
    """A seed that every server's integers hold, 0..2**31-1."""
    return seed % 2**31
