"""Sound through the house: settings, the clip's key, the store's rows, the loop that makes films, `check`."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import av
import httpx
import numpy as np
import pytest
from screening import make_box
from standin_voice import Voices, piper_model

from reverie import checkup, cli, config, generate
from reverie.checkup.voices import findings as voices_of
from reverie.clock import ManualClock
from reverie.config import Config
from reverie.errors import ConfigError
from reverie.generate import Studio, Tally, make_narrator
from reverie.store import Store, open_store, rows
from reverie.values import Brief, ClipSpec, Command, Image, Job, JobStatus, Priority, Request, Shot, clip_key
from reverie.video import encode
from reverie.video.generator import Generator as Made
from reverie.video.generator import Progress, make_spec
from reverie.wishes import make_moment, make_wish

STORYBOARD = config.Generator(width=160, height=120, fps=10)
WAN = config.Generator(
    kind="wan", name="wan", width=160, height=128, fps=10, wan=config.Wan(model="/nowhere/wan")
)
BED, NARRATED = config.Sound(films="bed"), config.Sound(films="narrated")
BRIEF = Brief("cat", (Shot("cat", "appear", None, "room", "calm", "A cat comes", 2.0),), "plain", "en")


# ---------------------------------------------------------------------------------- settings


def test_it_is_off_as_it_comes() -> None:
    assert config.Config().sound == config.SILENT
    assert (config.SILENT.films, config.SILENT.aloud) == ("off", False)


def test_the_word_off_is_false_in_yaml() -> None:
    assert config.parse("sound: {films: off}", "x").sound.films == "off"
    assert config.parse("sound: {films: narrated, aloud: on}", "x").sound.aloud


def test_the_pages_example_loads(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "sound.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(sound:.*?)```", page, re.S)
    sound = config.parse(block, "docs/sound.md", tmp_path).sound
    assert (sound.films, sound.aloud) == ("narrated", True)
    assert sound.voices["zh"].startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sound: {films: on}", r"x:1: sound\.films: .*found true .*`narrated`"),
        ("sound: {films: music}", 'found "music"'),
        ("sound: {volume: 2}", r"sound\.volume: .*found 2"),
        ("sound: {voices: {fr: fr}}", r"sound\.voices"),
        ("sound: {voices: {en: '-x; rm'}}", "'-x; rm' is neither a voice of espeak-ng"),
        ("sound: {voices: {en: ../voice}}", "neither a voice of espeak-ng"),
    ],
)
def test_settings_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.parse(text, "x")


def test_a_models_path_is_taken_from_the_configurations_folder(tmp_path: Path) -> None:
    path = tmp_path / "reverie.yaml"
    path.write_text("sound: {voices: {en: voices/amy.onnx, zh: cmn-latn-pinyin}}")
    assert config.load(path).sound.voices == {
        "en": str(tmp_path / "voices/amy.onnx"),
        "zh": "cmn-latn-pinyin",
    }
    assert config.from_snapshot(config.snapshot(config.load(path))[1]).sound == config.load(path).sound


# ---------------------------------------------------------------------------------- keys and rows


def test_a_silent_film_has_the_key_it_always_had() -> None:
    """As it was computed before films had sound: boxes keep what they have."""
    spec = ClipSpec("storyboard", "storyboard-1", 640, 480, 72, 24)
    assert clip_key("{}", spec) == "eb19196f13d79b60e8ee144b1d3108deeb2a31d4fc3c1f1c523bba2b907219db"
    assert clip_key("{}", replace(spec, sound="bed/0123456789abcdef")) != clip_key("{}", spec)


def key(
    settings: config.Generator, sound: config.Sound, brief: Brief = BRIEF, asked: Request | None = None
) -> str:
    return make_wish(settings, brief, asked, sound)[0].key


@pytest.mark.parametrize("settings", [STORYBOARD, WAN], ids=lambda s: s.kind)
def test_a_film_with_sound_is_another_clip(settings: config.Generator) -> None:
    assert len({key(settings, sound) for sound in (config.SILENT, BED, NARRATED)}) == 3
    assert make_wish(settings, BRIEF)[1].sound == ""


def test_a_models_narrated_film_is_of_one_language() -> None:
    chinese = Brief("cat", (replace(BRIEF.shots[0], caption="小猫来了"),), "plain", "zh")
    assert key(WAN, BED, chinese) == key(WAN, BED)
    assert key(WAN, NARRATED, chinese) != key(WAN, NARRATED)
    asked, other = Request("a cat"), replace(BRIEF, shots=(replace(BRIEF.shots[0], caption="Other words"),))
    assert key(WAN, NARRATED, other, asked) == key(WAN, NARRATED, BRIEF, asked), "none of them is said"


def test_moments_wish_what_the_box_sounds_of() -> None:
    box = Config(generators=(STORYBOARD,), sound=NARRATED)
    moment, (job,) = make_moment(box, Command(0.0, "cat"), BRIEF, 0.0, Priority.LIVE)
    assert job.spec == make_spec(STORYBOARD, BRIEF, None, NARRATED)
    assert job.spec.sound.startswith("narrated/")
    assert moment.wishes[0].key == job.key == key(STORYBOARD, NARRATED)


def test_rows_of_before_are_silent_and_others_keep_their_sound() -> None:
    spec = ClipSpec("storyboard", "1", 640, 480, 72, 24)
    before = '{"generator":"storyboard","version":"1","width":640,"height":480,"frames":72,"fps":24}'
    assert rows.spec_text(spec) == before, "an older program can read it"
    assert rows.spec_of(before) == spec
    loud = replace(spec, sound="bed/0123456789abcdef")
    assert rows.spec_of(rows.spec_text(loud)) == loud


def test_rows_keep_light_and_view() -> None:
    dusk = replace(BRIEF, shots=(replace(BRIEF.shots[0], light="dusk", view="close"),))
    assert rows.brief_of(rows.brief_text(dusk)) == dusk


# ---------------------------------------------------------------------------------- the loop


class Painter:
    """Pictures of a growing square, by whichever generator the settings name."""

    streams = True
    per_minute: int | None = None

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        for index in range(job.spec.frames):
            image = np.full((job.spec.height, job.spec.width, 3), 90, np.uint8)
            image[20 : 30 + index, 20 : 30 + index] = (250, 200, 40)
            yield image
            progress((index + 1) / job.spec.frames)


@pytest.fixture
def voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Voices:
    return Voices(tmp_path, monkeypatch)


def made(folder: Path, sound: config.Sound, settings: config.Generator, painter: Made) -> tuple[Store, Job]:
    """A moment's film, made as the loop makes it."""
    clock = ManualClock()
    box = Config(
        generators=(settings,),
        sound=sound,
        store=config.Store(folder=folder / "data", runtime=folder / "run"),
    )
    store = open_store(box.store, clock)
    now = clock.now()
    moment, jobs = make_moment(box, Command(now, "cat"), BRIEF, now, Priority.LIVE)
    store.moments.open(moment, jobs)
    at = Studio(box, settings, painter, store, clock, "generate/test/1", None, make_narrator(sound))
    job = generate.claim(at)
    assert job is not None
    assert job.spec == jobs[0].spec, "the store keeps what it sounds of"
    generate.make(at, job, threading.Event(), Tally())
    return store, job


def heard(path: Path) -> np.ndarray | None:
    with av.open(path) as container:
        if not container.streams.audio:
            return None
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


@pytest.mark.parametrize(
    ("sound", "settings", "loudest"),
    [
        (config.SILENT, STORYBOARD, None),
        (BED, STORYBOARD, (0.03, 0.45)),
        (NARRATED, STORYBOARD, (0.12, 0.6)),
        (NARRATED, WAN, (0.12, 0.6)),  # the sound belongs to the brief, whoever imagines
    ],
    ids=["silent", "bed", "narrated", "wan"],
)
def test_the_loop_gives_films_their_sound(
    tmp_path: Path,
    voices: Voices,
    sound: config.Sound,
    settings: config.Generator,
    loudest: tuple[float, float] | None,
) -> None:
    voices.install("espeak-ng")
    store, job = made(tmp_path, sound, settings, Painter())
    clip = store.clips.get(job.key)
    assert clip is not None
    assert clip.seconds == 2.0
    found = heard(clip.path)
    if loudest is None:
        assert found is None
    else:
        assert found is not None
        assert loudest[0] < np.abs(found).max() < loudest[1]
        assert 0 <= len(found) - 2.0 * 48_000 < 1024
    assert [words for _, words in voices.told] == (["A cat comes\n"] if sound is NARRATED else [])
    store.close()


def test_a_film_whose_voice_is_missing_is_made(
    tmp_path: Path, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    store, job = made(tmp_path, NARRATED, STORYBOARD, Painter())
    found = store.jobs.get(job.key)
    assert found is not None
    assert found.status is JobStatus.DONE
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "films are not narrated: `espeak-ng` is not installed (nowhere on this program's PATH), and "
        "sound.films: narrated needs it for 'en'"
    ]
    store.close()


def test_the_voice_is_told_of_captions_and_of_nothing_else(tmp_path: Path, voices: Voices) -> None:
    """Of a film that was asked for in other words no caption is shown, so none is said."""
    voices.install("espeak-ng")
    narrator = make_narrator(NARRATED)
    wish, spec = make_wish(WAN, BRIEF, Request("a secret of the shop"), NARRATED)
    job = Job(wish.key, BRIEF, spec, 1.0, 0, 0.0, request=Request("a secret of the shop"))
    sound = generate.sound_of(job, WAN, narrator)
    assert sound is not None
    assert sum(len(piece) for piece in sound) == 2 * 48_000
    assert voices.told == []


@pytest.mark.parametrize(
    ("settings", "topic", "shot", "accent"),
    [
        (STORYBOARD, "a", ("child", "hug", "teddy bear"), True),
        (STORYBOARD, "a", ("child", "throw", "cat"), False),  # nobody throws a cat: the child looks at it
        (STORYBOARD, "heart", ("child", "hug", "teddy bear"), False),  # a bespoke scene has beats of its own
        (WAN, "a", ("child", "hug", "teddy bear"), False),
    ],
    ids=["composed", "sensible", "bespoke", "model"],
)
def test_accents_are_laid_where_the_composer_plays_them(
    settings: config.Generator, topic: str, shot: tuple[str, str, str], accent: bool
) -> None:
    def sound(action: str) -> np.ndarray:
        played = replace(BRIEF.shots[0], subject=shot[0], action=action, object=shot[2])
        brief = replace(BRIEF, topic=topic, shots=(played,))
        wish, spec = make_wish(settings, brief, None, BED)
        pieces = generate.sound_of(Job(wish.key, brief, spec, 1.0, 0, 0.0), settings, None)
        assert pieces is not None
        return np.concatenate(list(pieces))

    assert np.array_equal(sound(shot[1]), sound("look_at")) == (not accent)


def test_what_the_key_says_is_made_though_the_setting_has_changed(tmp_path: Path, voices: Voices) -> None:
    voices.install("espeak-ng")
    _, spec = make_wish(STORYBOARD, BRIEF, None, BED)
    job = Job("0" * 64, BRIEF, spec, 1.0, 0, 0.0)
    assert list(generate.sound_of(job, STORYBOARD, make_narrator(NARRATED)) or ())
    assert voices.told == [], "the key says `bed`"
    assert generate.sound_of(replace(job, spec=replace(spec, sound="")), STORYBOARD, None) is None


def test_an_ordered_film_sounds_as_the_box_does(tmp_path: Path) -> None:
    box = make_box(tmp_path, sound={"films": "bed"})
    box.start()
    try:
        answer = httpx.post(f"{box.url}/v1/videos", json={"prompt": "a cat sleeps"})
        assert answer.status_code == 200, answer.text
        order = box.store.orders.get(answer.json()["id"])
        job = box.store.jobs.get(order.key) if order is not None else None
        assert job is not None
        assert job.spec.sound.startswith("bed/")
    finally:
        box.stop()
        box.store.close()


# ---------------------------------------------------------------------------------- check, generate


def looked_at(sound: config.Sound) -> dict[str, tuple[str, str]]:
    return {found.what: (found.verdict, found.message) for found in voices_of(sound, "en")}


def test_check_tries_the_voices(voices: Voices, tmp_path: Path) -> None:
    assert looked_at(config.SILENT) == {}
    assert looked_at(BED) == {"sound": ("ok", "films sound of music")}
    verdict, message = looked_at(NARRATED)["sound, en"]
    assert verdict == "note"
    assert "`espeak-ng` is not installed" in message
    assert message.endswith("films are made without a voice")
    voices.install("espeak-ng")
    assert looked_at(NARRATED) == {
        "sound": ("ok", "films sound of music and their captions"),
        "sound, en": ("ok", "captions are said by espeak-ng, en"),
    }
    voices.install("piper", "sys.exit(2)")
    both = config.Sound(films="narrated", voices={"zh": str(piper_model(tmp_path))})
    assert looked_at(both)["sound, zh"] == (
        "note",
        f"`piper` failed with exit code 2, told to speak as {str(tmp_path / 'amy.onnx')!r}; "
        "films are made without a voice",
    )
    voices.install("piper", "sys.stdout.buffer.write(bytes(1 << 12)); sys.exit(0)")
    verdict, message = looked_at(both)["sound, zh"]
    assert verdict == "note"
    assert message.startswith("`piper` gave silence, told to speak as")


def test_check_tells_of_a_missing_encoder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def add_stream(name: str, **options: object) -> object:
        return av.CodecContext.create(f"no {name}", "w")

    monkeypatch.setattr(encode, "_open_draft", lambda *given: SimpleNamespace(add_stream=add_stream))
    wrong = ("wrong", "this FFmpeg has no AAC encoder: set `sound.films: off`")
    assert looked_at(BED) == {"sound": wrong}
    assert looked_at(config.SILENT) == {}


def test_check_says_where_there_is_nothing_to_hear() -> None:
    told = checkup.findings(Config(sound=config.Sound(aloud=True)))
    finding = next(finding for finding in told if finding.what == "sound")
    assert finding.verdict == "note"
    assert "nothing to hear" in finding.message


def test_generate_takes_sound_as_an_option(
    tmp_path: Path, voices: Voices, monkeypatch: pytest.MonkeyPatch
) -> None:
    voices.install("espeak-ng")
    (tmp_path / "box.yaml").write_text("sound: {films: bed}")
    for name, options in {
        "silent": [],
        "narrated": ["--sound", "narrated"],
        "box": ["--generator", "storyboard", "--config", str(tmp_path / "box.yaml")],
        "hushed": ["--generator", "storyboard", "--config", str(tmp_path / "box.yaml"), "--sound", "off"],
    }.items():
        size = ["--size", "160x120", "--seconds", "1.5", "--fps", "8"]
        arguments = [
            "reverie",
            "generate",
            "a cat sleeps",
            "-o",
            str(tmp_path / f"{name}.mp4"),
            *size,
            *options,
        ]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == 0
    assert {
        name: heard(tmp_path / f"{name}.mp4") is not None for name in ("silent", "narrated", "box", "hushed")
    } == {
        "silent": False,
        "narrated": True,
        "box": True,
        "hushed": False,
    }
