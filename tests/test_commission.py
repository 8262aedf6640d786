"""What may be asked for on the command line or in a row, and how what may not is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow
from test_hub import BIG, repository

from reverie import config
from reverie.commission import Commission, Wrong, applying, configured, job_of, kind_of, settings_of
from reverie.errors import ConfigError, GeneratorError
from reverie.story.library import load_library
from reverie.video.wan import checkpoint

CAT = Commission("a cat chases a butterfly")
LIBRARY = load_library(None)
NODE = "http://127.0.0.1:30000/v1"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with a small relative of the 5B under its own name and as FastWan."""
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    for name in ("wan", "fastwan2.2-ti2v-5b"):
        for path, content in repository().items():
            file = checkpoint.place_of(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return tmp_path / "models"


# Which generator a --model is.
@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (None, "storyboard"),
        ("storyboard", "storyboard"),
        ("wan", "wan"),
        ("./folder", "wan"),
        ("Wan-AI/Wan2.2-TI2V-5B-Diffusers", "wan"),
        (NODE, "remote"),
        ("https://node.example/v1", "remote"),
    ],
)
def test_kind_of(model: str | None, kind: str) -> None:
    assert kind_of(model) == kind


def test_a_storyboard_is_the_default_at_the_length_of_its_story() -> None:
    settings = settings_of(CAT)
    job = job_of(CAT, settings, LIBRARY)
    assert (settings.kind, job.spec.width, job.spec.height, job.spec.fps) == ("storyboard", 640, 480, 24)
    assert job.request is None
    assert job.spec.frames == round(job.brief.seconds * 24)


# What is asked, and what the film has: frames, fps.
@pytest.mark.parametrize(
    ("asked", "frames", "fps"),
    [
        (replace(CAT, seconds=1.5), 36, 24),
        (replace(CAT, seconds=0.04), 1, 24),
        (replace(CAT, frames=16, fps=5), 16, 5),
        (replace(CAT, frames=1), 1, 24),
        (replace(CAT, frames=1440), 1440, 24),
        (replace(CAT, model=NODE), 72, 24),  # three seconds where nobody says
        (replace(CAT, model=NODE, frames=16), 16, 24),
        (replace(CAT, model=NODE, seconds=60, fps=60), 3600, 60),
    ],
)
def test_length(asked: Commission, frames: int, fps: int) -> None:
    job = job_of(asked, settings_of(asked), LIBRARY)
    assert (job.spec.frames, job.spec.fps) == (frames, fps)
    assert job.request is None or job.request.frames == frames


def test_a_model_reads_the_text_as_it_is_written(models: Path) -> None:
    asked = Commission("  车 in rain  ", "wan", negative="blur", seed=7, steps=2, guidance=3.5, take=1)
    settings = settings_of(asked)
    job = job_of(asked, settings, LIBRARY)
    assert (settings.wan.model, settings.width, settings.height) == ("wan", 832, 480)
    assert job.request is not None
    assert (job.request.prompt, job.request.negative) == ("车 in rain", "blur")
    assert (job.request.seed, job.request.steps, job.request.guidance) == (7, 2, 3.5)


def test_the_preset_is_what_the_weights_were_made_for(models: Path) -> None:
    fast = "fastwan2.2-ti2v-5b"
    assert settings_of(Commission("x", "wan")).wan.preset == "quality"
    assert settings_of(Commission("x", fast)).wan.preset == "fast"
    assert settings_of(Commission("x", fast, preset="edge")).wan.preset == "edge"


def test_a_folder_may_be_written_as_a_shell_completes_it(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = checkpoint.place_of("wan")
    monkeypatch.chdir(folder.parent)
    assert settings_of(Commission("x", folder.name)).wan.model == f"./{folder.name}"


# An address as it is written, and the address and token that it means.
@pytest.mark.parametrize(
    ("model", "url", "token"),
    [
        ("http://node:1/v1", "http://node:1/v1", None),
        ("http://s3cret@node:1/v1", "http://node:1/v1", "s3cret"),
        ("https://s3%40cret%2F@node/v1", "https://node/v1", "s3@cret/"),
        ("http://s3@cret@node", "http://node", "s3@cret"),
        ("http://me:s3cret@node/v1", "http://me:s3cret@node/v1", None),  # a user's name and password
        ("http://node/v1?of=me@home", "http://node/v1?of=me@home", None),
        ("http://@node/v1", "http://@node/v1", None),
    ],
)
def test_a_token_in_the_address_is_the_remote_s(model: str, url: str, token: str | None) -> None:
    remote = settings_of(replace(CAT, model=model)).remote
    assert remote.url == url
    assert (remote.token and remote.token.get_secret_value()) == token


def test_a_configured_generator_keeps_what_is_not_asked_otherwise() -> None:
    settings = config.Config(
        generators=(
            config.Generator(),
            config.Generator(kind="remote", name="node", quality=30, remote=config.Remote(url=NODE)),
        )
    )
    node = configured(settings, "node", "box.yaml")
    made = settings_of(replace(CAT, size="320x240", seed=3), node)
    assert made == node.model_copy(update={"width": 320, "height": 240})
    with pytest.raises(ConfigError, match=r"--generator nod: box\.yaml has no such .*: storyboard, node"):
        configured(settings, "nod", "box.yaml")


# What is asked, and what is told: the option first.
WRONG: list[tuple[Commission, str]] = [
    (Commission("  "), "the text is empty"),
    (Commission("cat " * 1250), "the text has 4999 characters; allowed are 2000"),
    (replace(CAT, size="big"), "--size big: write it as WIDTHxHEIGHT"),
    (replace(CAT, size="640x"), "--size 640x: write it as WIDTHxHEIGHT"),
    (replace(CAT, size="-640x480"), "--size -640x480: write it as"),
    (replace(CAT, size="641x480"), "--size 641x480: .*multiple of 2"),
    (replace(CAT, size="64x64"), "--size 64x64: .*160"),
    (replace(CAT, fps=4), "--fps 4: .*5"),
    (replace(CAT, fps=61), "--fps 61: .*60"),
    (replace(CAT, frames=0), "--frames 0: allowed are 1 to 1440"),
    (replace(CAT, frames=10_000), "--frames 10000: allowed are 1 to 1440"),
    (replace(CAT, seconds=0), "--seconds 0: allowed are up to 60"),
    (replace(CAT, seconds=float("nan")), "--seconds nan: allowed are"),
    (replace(CAT, seconds=61), "--seconds 61: allowed are up to 60"),
    (replace(CAT, seconds=1, frames=9), "--frames 9: say either the frames or the seconds"),
    (replace(CAT, take=0), "--take 0: allowed are 1 and up"),
    (replace(CAT, preset="fast"), "--preset fast: means nothing to the storyboard"),
    (replace(CAT, seed=0), "--seed 0: means nothing to the storyboard; another .* --take"),
    (replace(CAT, steps=3), "--steps 3: means nothing to the storyboard"),
    (replace(CAT, guidance=3), "--guidance 3: means nothing to the storyboard"),
    (replace(CAT, negative="x" * 3000), "--negative means nothing to the storyboard"),
    (replace(CAT, picture=Path("a.png")), "--picture a.png: means nothing to the storyboard"),
    (replace(CAT, model=NODE, preset="fast"), "--preset fast: means nothing to http.*has its own"),
    (replace(CAT, model=NODE, language="en"), "--language en: means nothing to http.*as it is written"),
    (replace(CAT, model="http://"), "--model http://: no address; write it up to and with /v1: http://"),
    (replace(CAT, model=NODE, seed=-1), "--seed -1: allowed are 0 to 4294967295"),
    (replace(CAT, model=NODE, steps=101), "--steps 101: allowed are 1 to 100"),
    (replace(CAT, model=NODE, guidance=0.5), r"--guidance 0\.5: allowed are 1 to 20"),
    (replace(CAT, model=NODE, seed=1, take=2), "--take 2: the seed 1 says which"),
    (replace(CAT, model=NODE, picture=Path("none.png")), "--picture none.png: cannot be read: No such"),
    (replace(CAT, model=NODE, picture=Path("text.png")), "--picture text.png: is no picture"),
    (replace(CAT, model=NODE, picture=Path("cut.png")), "--picture cut.png: cannot be read: Truncated"),
    (replace(CAT, model="wan", size="200x160"), "--size 200x160: .*divide by 16.* 192x160"),
    (replace(CAT, model="wan", size="208x160"), "--size 208x160: wan makes .* by 32; near is 192x160"),
    (replace(CAT, model="wan", preset="turbo"), "--preset turbo: .*'quality', 'fast' or 'edge'"),
]


@pytest.mark.parametrize(("asked", "told"), WRONG)
def test_what_cannot_be_is_said_before_anything_loads(
    asked: Commission, told: str, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.png").write_text("no picture")
    Pillow.new("RGB", (64, 64), "red").save("whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:60])
    with pytest.raises(Wrong, match=f"^{told}"):
        job_of(asked, settings_of(asked), LIBRARY)


def test_a_model_that_is_not_here_or_not_whole_is_said_before_anything_loads(models: Path) -> None:
    with pytest.raises(GeneratorError, match=r"reverie models pull wan2\.1-t2v-1\.3b"):
        settings_of(replace(CAT, model="wan2.1-t2v-1.3b"))
    with pytest.raises(GeneratorError, match="no such folder"):
        settings_of(replace(CAT, model="./none"))
    (checkpoint.place_of("wan") / BIG).unlink()
    with pytest.raises(GeneratorError, match="has no weights"):
        settings_of(replace(CAT, model="wan"))


def test_a_picture_is_part_of_a_models_job(tmp_path: Path) -> None:
    path = tmp_path / "toy.png"
    Pillow.new("RGB", (64, 64), "red").save(path)
    asked = replace(CAT, model=NODE, picture=path)
    job = job_of(asked, settings_of(asked), LIBRARY)
    assert job.request is not None
    assert job.request.picture == path
    Pillow.new("RGB", (64, 64), "blue").save(path)
    assert job_of(asked, settings_of(asked), LIBRARY).key != job.key


def test_applying_leaves_out_what_means_nothing_there() -> None:
    asked = Commission("x", preset="fast", seed=3, fps=12, language="zh")
    assert applying(asked, "storyboard") == Commission("x", fps=12, language="zh")
    assert applying(asked, "remote") == Commission("x", seed=3, fps=12)
    assert applying(asked, "wan") == Commission("x", preset="fast", seed=3, fps=12)
