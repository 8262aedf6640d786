"""Sound on one core: what the track of a film costs, what it adds to a draft, how loud it is, what is said.

    brief → bed, effects, voice → samples → AAC        beside the same draft without sound

Voices are measured where `espeak-ng` is installed. Loudness is integrated, after ITU-R BS.1770-4 (EBU R128).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from table import Row, median, show, write

from reverie import config
from reverie.generate import make_narrator, sound_of
from reverie.story.director import Director
from reverie.story.library import load_library
from reverie.values import Brief, Command, Dials, Image, Job, Language
from reverie.video.encode import DraftWriter
from reverie.video.generator import Generator
from reverie.video.sound import bed, effects, tones
from reverie.video.sound.tones import SAMPLE_RATE, Samples
from reverie.video.sound.track import LEAD, REST
from reverie.wishes import load, make_wish

SOUNDS = (config.SILENT, config.Sound(films="bed"), config.Sound(films="narrated"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the rows to this file too")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each (default: 5)")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    moods = [mood_row(mood, arguments.repeats) for mood in bed.STYLES]
    settings = config.Generator()
    generator = load(settings)
    films = [film_row(generator, settings, sound, arguments.repeats) for sound in SOUNDS]
    said = [said_row(language) for language in get_args(Language)]
    if arguments.json:
        write(arguments.json, "sound", [*moods, *films, *said])
    show("Music of four seconds by mood, one core", moods)
    show("A draft of the water cycle at 640x480, its pictures being there, one core", films)
    show("Captions of the library: how many are said in their time", said)


def timed(make: Callable[[], object]) -> float:
    start = time.perf_counter()
    make()
    return 1e3 * (time.perf_counter() - start)


def forget() -> None:
    """As in a program that has just begun."""
    for kept in (tones.pluck, tones.swell, tones.tap, effects.make_accent, effects.make_texture):
        kept.cache_clear()


def mood_row(mood: str, repeats: int) -> Row:
    def make() -> Samples:
        return bed.compose([(mood, 4.0)], 7)

    def cold() -> float:
        forget()
        return timed(make)

    samples = bed.compose([(mood, 8.0)], 7)
    return {
        "mood": mood,
        "cold ms": median([cold() for _ in range(repeats)]),
        "warm ms": median([timed(make) for _ in range(repeats)]),
        "LUFS": loudness(samples),
        "peak dB": 20 * float(np.log10(np.abs(samples).max())),
        "largest step": float(np.abs(np.diff(samples, append=samples[:1])).max()),
    }


def loudness(samples: Samples) -> float:
    """Integrated loudness of mono sound, LUFS: weighted, in blocks of 0.4 s, gated at -70 and 10 below."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(samples)))
    head = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    low = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weighted = np.fft.irfft(np.fft.rfft(samples) * head * low, len(samples))
    block = round(0.4 * SAMPLE_RATE)
    starts = range(0, len(samples) - block + 1, block // 4)
    power = np.array([np.mean(weighted[at : at + block] ** 2) for at in starts])
    power = power[-0.691 + 10 * np.log10(power + 1e-12) > -70]
    power = power[power > power.mean() / 10]
    return float(-0.691 + 10 * np.log10(power.mean()))


def film_row(generator: Generator, settings: config.Generator, sound: config.Sound, repeats: int) -> Row:
    """One story as `generate` makes it: to its first fragments, and to its end."""
    brief = told("water-cycle", "en")
    wish, spec = make_wish(settings, brief, None, sound)
    job = Job(wish.key, brief, spec, 0.0, 0, 0.0, take=1)
    pictures = list(generator.generate(job, lambda share: None))
    first, total, whole, size = [], [], [], 0
    for _ in range(repeats):
        forget()  # a first film; a narrator of its own has said nothing yet
        track = list(sound_of(job, settings, make_narrator(sound)) or ())
        start, encoded, size = turn(job, settings, sound, pictures)
        first.append(start)
        total.append(encoded)
        whole.append(timed(lambda: list(sound_of(job, settings, make_narrator(sound)) or ())))
    return {
        "films": sound.films,
        "seconds": spec.frames / spec.fps,
        "track alone ms": median(whole) if sound.films != "off" else None,
        "first picture in the file ms": median(first),
        "CPU ms": median(total),
        "draft kB": size // 1000,
        "LUFS": loudness(np.concatenate(track)) if track else None,
    }


def turn(
    job: Job, settings: config.Generator, sound: config.Sound, pictures: list[Image]
) -> tuple[float, float, int]:
    """(ms until the first picture is in the file, with the second; CPU ms to the end; bytes)."""
    where = "/dev/shm" if Path("/dev/shm").is_dir() else tempfile.gettempdir()
    with tempfile.TemporaryFile(dir=where, buffering=0) as file:
        start, spent = time.perf_counter(), time.process_time()
        writer = DraftWriter(file, job.spec, settings, {}, sound_of(job, settings, make_narrator(sound)))
        first = 0.0
        for index, image in enumerate(pictures):
            writer.write(image)
            if index == 1:
                first = 1e3 * (time.perf_counter() - start)
        writer.close()
        return first, 1e3 * (time.process_time() - spent), file.tell()


def told(topic: str, language: Language) -> Brief:
    director = Director(load_library(None), config.Story(language=language))
    brief = director.direct(Command(0.0, topic), Dials())
    assert brief is not None, topic
    return brief


def said_row(language: Language) -> Row:
    """Every topic's captions, each tried in the time that its shot has."""
    narrator = make_narrator(config.Sound(films="narrated"))
    assert narrator is not None
    lines = list(captions(language))
    spent: list[float] = []
    said = 0
    for caption, room in lines:
        start = time.perf_counter()
        said += narrator.say(caption, language, room) is not None
        spent.append(1e3 * (time.perf_counter() - start))
    return {"language": language, "captions": len(lines), "said": said, "ms a caption": median(spent)}


def captions(language: Language) -> Iterator[tuple[str, float]]:
    director = Director(load_library(None), config.Story(language=language))
    for topic in director.topics():
        brief = director.direct(Command(0.0, topic), Dials())
        for shot in brief.shots if brief is not None else ():
            if shot.caption.strip():
                yield shot.caption, shot.seconds - LEAD - REST


if __name__ == "__main__":
    main()
