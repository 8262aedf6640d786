"""The storyboard on one core: time to the first picture, and pictures a second beside the encoder alone.

    brief → pictures → check → label → encoder → draft      all in
                                     → encoder → draft      the same labelled pictures again

The two take turns in one process that is held to one core, and each figure is the median of the turns. Every
rate is given twice: by the clock on the wall, and by the processor's time, which other work on the machine
does not stretch. The drafts are written to a folder in memory where there is one, so that no disk is
measured. `--memory` makes many films of many sizes instead and prints what the process holds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import cv2
import psutil
from table import Row, median, show, write

from reverie import config
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.values import Brief, Command, Dials, Image, Job
from reverie.video.check import Check
from reverie.video.encode import DraftWriter
from reverie.video.generator import Generator
from reverie.video.label import Label, metadata
from reverie.wishes import load, make_wish

SIZES = ((640, 480), (832, 480), (1280, 720), (1080, 1920))
"""What memory is looked at with: all that a screen may ask for."""

PRESETS = get_args(config.Generator.model_fields["preset"].annotation)


@dataclass(frozen=True, slots=True)
class Turn:
    """One clip, in seconds from the job: its first picture, its first fragment in the file, its end; `busy`
    is what the processor worked for it."""

    picture: float
    fragment: float
    total: float
    busy: float
    size: int


def main() -> None:
    arguments = parse()
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    cv2.setNumThreads(1)
    if arguments.memory:
        show("Memory over many films", memory(briefs(arguments.topics or ["*"])), note="resident set, MB")
        return
    every: list[Row] = []
    for size in arguments.sizes:
        width, height = (int(side) for side in size.split("x"))
        settings = config.Generator(width=width, height=height, preset=arguments.preset)
        started = time.perf_counter()
        generator = load(settings)
        loaded = time.perf_counter() - started
        rows = measure(generator, settings, briefs(arguments.topics), arguments.repeats, Path(folder()))
        every += [{"size": size, **row} for row in rows]
        show(
            f"Storyboard at {size}, one core, libx264 {settings.preset}, median of {arguments.repeats}",
            rows,
            note=f"generator loaded in {loaded:.2f} s; fps by the clock, (fps) by the processor's time",
        )
    if arguments.json:
        write(arguments.json, "storyboard", every)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument("--sizes", nargs="+", default=["640x480", "1280x720"], help="width x height")
    parser.add_argument(
        "--memory", action="store_true", help="40 films of all sizes: what is held at the end"
    )
    parser.add_argument("--preset", choices=PRESETS, default=config.Generator().preset)
    parser.add_argument("--topics", nargs="+", help="topics of the library (default: four, spread over it)")
    return parser.parse_args()


def briefs(topics: Sequence[str] | None) -> list[Brief]:
    """What the demo library tells about `topics`, in English."""
    director = Director(load_library(None), config.Story())
    known = director.topics()
    chosen = known if topics == ["*"] else topics or known[:: max(1, len(known) // 4)][:4]
    found = [director.direct(Command(0.0, topic), Dials()) for topic in chosen]
    for topic, brief in zip(chosen, found, strict=True):
        if brief is None:
            raise SystemExit(f"--topics: no story {topic!r}; allowed: {', '.join(known)}")
    return [brief for brief in found if brief is not None]


def folder() -> str:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else tempfile.gettempdir()


def measure(
    generator: Generator, settings: config.Generator, briefs: Sequence[Brief], repeats: int, where: Path
) -> list[Row]:
    """A row for each brief: medians over `repeats` turns of all-in and encoder-alone, one after the other."""
    rows: list[Row] = []
    for brief in briefs:
        job = make_job(settings, brief)
        started = time.process_time()
        stream = labelled(generator, job)
        pictures = [next(stream)]
        cold = time.process_time() - started
        pictures += stream  # warms the caches, and is what the encoder gets alone
        whole: list[Turn] = []
        alone: list[Turn] = []
        render: list[float] = []
        for repeat in range(repeats):
            fresh = replace(job, take=2 + repeat)  # another take: nothing of the last turn can be reused
            whole.append(turn(labelled(generator, fresh), job, settings, where))
            alone.append(turn(pictures, job, settings, where))
            render.append(timed(generator, replace(job, take=1000 + repeat)))
        frames = job.spec.frames
        rows.append(
            {
                "topic": brief.topic,
                "frames": frames,
                "new topic ms": 1e3 * cold,
                "first picture ms": 1e3 * median([t.picture for t in whole]),
                "first fragment ms": 1e3 * median([t.fragment for t in whole]),
                "all-in fps": frames / median([t.total for t in whole]),
                "(all-in)": frames / median([t.busy for t in whole]),
                "(pictures)": frames / median(render),
                "encoder alone fps": frames / median([t.total for t in alone]),
                "(encoder)": frames / median([t.busy for t in alone]),
                "kB": round(whole[0].size / 1e3),
            }
        )
    return rows


def make_job(settings: config.Generator, brief: Brief) -> Job:
    wish, spec = make_wish(settings, brief)
    return Job(wish.key, brief, spec, deadline=0.0, priority=0, created=0.0, take=1)


def labelled(generator: Generator, job: Job) -> Iterator[Image]:
    """What `generate` does to each picture before it is encoded."""
    check, mark = Check(job.spec), Label(job.spec.width, job.spec.height)
    for image in generator.generate(job, lambda share: None):
        check.update(image)
        yield mark.burn(image)
    wrong = check.verdict()
    if wrong is not None:
        raise SystemExit(f"{job.brief.topic}: the clip did not pass the check: {wrong}")


def timed(generator: Generator, job: Job) -> float:
    """Seconds of the processor for the pictures alone."""
    start = time.process_time()
    for _ in generator.generate(job, lambda share: None):
        pass
    return time.process_time() - start


def memory(films: Sequence[Brief]) -> list[Row]:
    """What the process holds in the course of 40 films, each of another topic and size than the last."""
    generator = load(config.Generator())
    rows: list[Row] = []
    for i in range(40):
        width, height = SIZES[i % len(SIZES)]
        job = make_job(config.Generator(width=width, height=height, fps=6), films[i % len(films)])
        for _ in labelled(generator, job):
            pass
        if i % 8 == 7:
            held = psutil.Process().memory_info().rss / 1e6
            rows.append({"films": i + 1, "MB": round(held)})
    return rows


def turn(images: Iterable[Image], job: Job, settings: config.Generator, where: Path) -> Turn:
    """Encode `images` to a draft and time it from before the first picture is asked for."""
    with tempfile.TemporaryFile(dir=where, buffering=0) as file:
        start, began = time.perf_counter(), time.process_time()
        writer = DraftWriter(file, job.spec, settings, metadata(job.key, job.take, "bench"))
        init = file.tell()
        picture = fragment = 0.0
        for image in images:
            picture = picture or time.perf_counter() - start
            writer.write(image)
            if not fragment and file.tell() > init:
                fragment = time.perf_counter() - start
        writer.close()
        total = time.perf_counter() - start
        return Turn(picture, fragment or total, total, time.process_time() - began, file.tell())


if __name__ == "__main__":
    main()
