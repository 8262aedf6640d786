"""batch: a list in CSV → films in a folder, with a generator that paints squares in place of a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from csv import QUOTE_ALL, QUOTE_MINIMAL
from csv import writer as csv_writer
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import batch, config, wishes
from reverie.batch import NOTES, Film, Report
from reverie.commission import Commission
from reverie.errors import Cancelled, ConfigError, GeneratorError, StoreError
from reverie.story.library import load_library
from reverie.values import Image, Job
from reverie.video.encode import probe
from reverie.video.generator import Progress

LIBRARY = load_library(None)
SMALL = Commission("", size="160x120", frames=3)
NODE = "http://127.0.0.1:30000/v1"


class Painter:
    """Pictures of a growing square; refuses seven a second."""

    streams = True
    per_minute: int | None = None

    def generate(self, job: Job, progress: Progress) -> Iterator[Image]:
        if job.spec.fps == 7:
            raise GeneratorError("not seven")
        for index in range(job.spec.frames):
            image = np.full((job.spec.height, job.spec.width, 3), 60 + 40 * job.take, np.uint8)
            image[20 : 40 + index * 9, 20 : 40 + index * 9] = (250, 200, 40)
            yield image
            progress((index + 1) / job.spec.frames)


class Watcher:
    """Remembers what it is told; cancels once `stop` shares were told of."""

    def __init__(self, stop: int = 1_000) -> None:
        self.rows: list[tuple[int, int, str]] = []
        self.left = stop

    def row(self, done: int, total: int, name: str) -> None:
        self.rows.append((done, total, name))

    def share(self, share: float) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled("stopped")


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[config.Generator]:
    """Every generator that is loaded; a remote one cannot be."""
    loaded: list[config.Generator] = []

    def load(settings: config.Generator, warm: bool = True) -> Painter:
        loaded.append(settings)
        if settings.kind == "remote":
            raise GeneratorError("the other machine is away")
        return Painter()

    monkeypatch.setattr(wishes, "load", load)
    return loaded


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


def is_prompt(text: str) -> bool:
    """Whether a list may hold it: not only blanks, no zero byte, no half of a character."""
    return bool(text.strip()) and "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def films_of(csv: Path, text: str, defaults: Commission = SMALL) -> tuple[Film, ...]:
    csv.write_text(text, encoding="utf-8")
    return batch.read(csv, defaults, LIBRARY)


def make(films: tuple[Film, ...], folder: Path, watcher: Watcher | None = None) -> Report:
    return batch.run(films, folder, watcher or Watcher())


# ---------------------------------------------------------------------------------- reading

# How lists come, and the prompts that are in them.
LISTS: list[tuple[str, list[str]]] = [
    ("prompt\na cat\n", ["a cat"]),
    ("prompt\r\na cat\r\na dog\r\n", ["a cat", "a dog"]),
    ("\ufeffprompt;fps\r\na cat, fat;12\r\n", ["a cat, fat"]),  # Excel where the decimal point is a comma
    ("fps\tprompt\n12\ta; b, c\n", ["a; b, c"]),
    (' Prompt , FPS\n"a ""big"" cat, fat",\n', ['a "big" cat, fat']),
    ('prompt\n"a cat\nin rain"\na dog\n', ["a cat\nin rain", "a dog"]),
    ("\n\nprompt,fps\n,\na cat,\n\n", ["a cat"]),
    ("prompt\n猫追蝴蝶\n", ["猫追蝴蝶"]),
]


@pytest.mark.parametrize(("text", "prompts"), LISTS)
def test_lists_come_as_programs_write_them(csv: Path, text: str, prompts: list[str]) -> None:
    csv.write_bytes(text.encode())
    assert [film.row.commission.text for film in batch.read(csv, SMALL, LIBRARY)] == prompts


@settings(max_examples=30, deadline=None)
@given(
    prompts=st.lists(st.text(min_size=1, max_size=60).filter(is_prompt), min_size=1, max_size=4),
    separator=st.sampled_from([",", ";", "\t"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, prompts: list[str], separator: str, ends: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        # Python before 3.13 writes a lone \r without quotes, and that ends a line.
        quoted: Literal[0, 1] = QUOTE_ALL if "\r" in "".join(prompts) else QUOTE_MINIMAL
        writer = csv_writer(file, delimiter=separator, lineterminator=ends, quoting=quoted)
        writer.writerows([["prompt", "fps"], *([prompt, "12"] for prompt in prompts)])
    films = batch.read(path, SMALL, LIBRARY)
    assert [film.row.commission.text for film in films] == [prompt.strip() for prompt in prompts]
    names = [film.row.name for film in films]
    assert len(set(names)) == len(names)
    assert all("/" not in name and not name.startswith(".") for name in names)


def test_a_row_says_otherwise_than_the_options(csv: Path) -> None:
    films = films_of(csv, 'prompt;size;seconds;fps;language\na cat;;;;\na cat;320x240;"1,5";12;zh\n')
    specs = [(f.job.spec.width, f.job.spec.height, f.job.spec.frames, f.job.spec.fps) for f in films]
    assert specs == [(160, 120, 3, 24), (320, 240, 18, 12)]
    assert [film.job.brief.language for film in films] == ["en", "zh"]


def test_options_that_mean_nothing_to_a_rows_own_model_are_left_out(csv: Path) -> None:
    text = "prompt,model\na cat,storyboard\na cat,\n"
    films = films_of(csv, text, Commission("", model=NODE, seed=7, steps=2))
    assert [(f.settings.kind, f.row.commission.seed) for f in films] == [("storyboard", None), ("remote", 7)]


def test_files_are_named_by_their_rows_or_prompts(csv: Path) -> None:
    films = films_of(
        csv,
        "prompt,name\nA cat! (fat),\na cat fat,\nx,a-cat-fat-3\na cat fat,\n猫追蝴蝶？,\n…,\ny,Z 1.mp4\n"
        + f"{'long ' * 40},\n",
    )
    assert [film.row.name for film in films] == [
        "a-cat-fat.mp4",
        "a-cat-fat-2.mp4",
        "a-cat-fat-3.mp4",
        "a-cat-fat-4.mp4",
        "猫追蝴蝶.mp4",
        "film.mp4",
        "Z 1.mp4",
        "long-long-long-long-long-long-long-long-long-lon.mp4",
    ]


def test_the_same_row_once_more_is_another_take(csv: Path) -> None:
    films = films_of(csv, "prompt,fps\na cat,\na cat,\na cat,12\n")
    assert [film.job.take for film in films] == [1, 2, 1]


# What is in the file, and what is told of it after its name.
WRONG: list[tuple[bytes, str]] = [
    (b"", ": is empty; its first line names the columns"),
    (b"\n\n", ": is empty"),
    (b"prompt\n", ": has a header and no rows"),
    (b"promt\na cat\n", ":1: the header names 'promt', .*did you mean 'prompt'"),
    (b"a cat\na dog\n", ":1: the header names 'a cat', which is no column; allowed: prompt, name"),
    (b"prompt,prompt\na,b\n", ":1: the header names 'prompt' twice"),
    (b"name,fps\na,5\n", ":1: the header has no column 'prompt'; it has: name, fps"),
    (b"prompt,fps\na cat\n", ":2: has 1 columns, the header has 2; .*comma .* double quotes"),
    (b"prompt;fps\na cat;5;6\n", ":2: has 3 columns, the header has 2; .*semicolon"),
    (b'prompt\n"a cat\n', ":2: is not CSV"),
    (b"prompt\na cat\n\xc3\x28\n", ":3: is not UTF-8; .*`CSV UTF-8`"),
    ("prompt\na cat\n".encode("utf-16"), ": is UTF-16"),
    (b"PK\x03\x04rest", ": is a spreadsheet, not CSV"),
    (b"prompt\na\0cat\n", ":2: has a zero byte"),
    (b"prompt,fps\n,5\n", ":2: column 'prompt': is empty"),
    (b"prompt,fps\na cat,fast\n", ":2: column 'fps': fast: a whole number is expected"),
    (b"prompt,fps\na cat,1e3\n", ":2: column 'fps': 1e3: a whole number"),
    (b"prompt,fps\na cat,3\n", ":2: column 'fps': 3: .*5"),
    (b"prompt,seconds\na cat,nan\n", ":2: column 'seconds': nan: a number is expected"),
    (b"prompt,seconds\na cat,99\n", ":2: column 'seconds': 99: allowed are up to 60"),
    (b"prompt,frames\na cat,10000\n", ":2: column 'frames': 10000: allowed are 1 to 1440"),
    (b"prompt,size\na cat,big\n", ":2: column 'size': big: write it as WIDTHxHEIGHT"),
    (b"prompt,language\na cat,fr\n", ":2: column 'language': fr: allowed are en and zh"),
    (b"prompt,seed\na cat,3\n", ":2: column 'seed': 3: means nothing to the storyboard"),
    (b"prompt,name\na cat,../x\n", r":2: column 'name': \.\./x: allowed are"),
    (b"prompt,name\na cat,.hidden\n", r":2: column 'name': \.hidden: allowed are"),
    (b"prompt,name\na cat,a\na dog,a.mp4\n", ":3: column 'name': a: is the film of line 2 already"),
    (b"prompt,model,picture\na cat,http://x/v1,none.png\n", ":2: column 'picture': .*none.png: cannot be"),
    (b"prompt,model,size\na cat,./none,160x160\n", ":2: model none: no such folder"),
    (b"prompt,model,size\na cat,~nobody-of-that-name/a,160x160\n", ":2: model ~nob.*home directory"),
    (
        b"prompt,name\na cat," + "猫".encode() * 100 + b"\n",
        ":2: column 'name': .*300 bytes; allowed are at most 200",
    ),
    (b"prompt,model,picture\na cat,http://x/v1,~nobody-of-that-name/a.png\n", ":2: column 'picture': ~nob"),
    (b"prompt,size\na cat," + b"9" * 5000 + b"x480\n", ":2: column 'size': 99.*write it as"),
    (b"prompt,size,model\na cat,832x480," + b"a" * 300 + b"\n", ":2: model 'aaa.* is unknown"),
    (b"prompt,size,model\na cat,832x480,./" + b"a" * 300 + b"\n", ":2: model aaa.*too long"),
]


@pytest.mark.parametrize(("content", "told"), WRONG)
def test_a_wrong_list_is_told_by_line_and_column(csv: Path, content: bytes, told: str) -> None:
    csv.write_bytes(content)
    with pytest.raises(ConfigError, match=f"^{csv}{told}"):
        batch.read(csv, SMALL, LIBRARY)


def test_an_option_that_is_wrong_for_a_row_is_told_as_an_option(csv: Path) -> None:
    csv.write_text("prompt\na cat\n")
    with pytest.raises(ConfigError, match=f"^{csv}:2: --seed 3: means nothing to the storyboard"):
        batch.read(csv, Commission("", seed=3), LIBRARY)


def test_all_mistakes_are_told_at_once(csv: Path) -> None:
    csv.write_text("prompt,fps\n" + "a cat,3\n" * 25)
    with pytest.raises(ConfigError) as told:
        batch.read(csv, SMALL, LIBRARY)
    lines = str(told.value).splitlines()
    assert lines[0].startswith(f"{csv}:2: ")
    assert lines[19].startswith(f"{csv}:21: ")
    assert lines[20:] == ["and 5 more"]


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.csv: no such file"):
        batch.read(tmp_path / "none.csv", SMALL, LIBRARY)


# ---------------------------------------------------------------------------------- making


def test_every_row_is_a_film_and_the_next_run_makes_none(csv: Path, tmp_path: Path) -> None:
    films, folder = films_of(csv, "prompt\na cat\na dog\n"), tmp_path / "new" / "films"
    watcher = Watcher()
    assert make(films, folder, watcher) == Report(2, 0, (), 0)
    assert watcher.rows == [(0, 2, "a-cat.mp4"), (1, 2, "a-dog.mp4")]
    assert sorted(path.name for path in folder.iterdir()) == ["a-cat.mp4", "a-dog.mp4", NOTES]
    assert probe(folder / "a-cat.mp4").frames == 3
    before = (folder / "a-cat.mp4").stat().st_mtime_ns
    assert make(films, folder) == Report(0, 2, (), 0)
    assert (folder / "a-cat.mp4").stat().st_mtime_ns == before
    noted = json.loads((folder / NOTES).read_text())["films"]["a-cat.mp4"]
    assert noted["film"] == f"{films[0].job.key}-1"
    assert noted["sha256"] == probe(folder / "a-cat.mp4").sha256


def test_a_row_that_changed_is_made_anew(csv: Path, tmp_path: Path) -> None:
    make(films_of(csv, "prompt,name,fps\na cat,x,12\na dog,y,12\n"), tmp_path)
    assert make(films_of(csv, "prompt,name,fps\na cat,x,24\na dog,y,12\n"), tmp_path) == Report(1, 1, (), 0)
    assert probe(tmp_path / "x.mp4").seconds == pytest.approx(3 / 24)


def test_files_that_are_not_ours_are_not_touched(csv: Path, tmp_path: Path) -> None:
    films = films_of(csv, "prompt,name\na cat,mine\na dog,cut\na bird,new\n")
    (tmp_path / "mine.mp4").write_bytes(b"my holiday")
    make(films, tmp_path)
    (tmp_path / "cut.mp4").write_bytes(b"cut by hand")
    report = make(films, tmp_path)
    assert (report.made, report.kept) == (0, 1)
    assert [(row.line, why.split(": ")[1]) for row, why in report.failed] == [
        (2, "is there, and was not made by this list; not touched"),
        (3, "was changed since it was made; not touched"),
    ]
    assert (tmp_path / "mine.mp4").read_bytes() == b"my holiday"
    assert (tmp_path / "cut.mp4").read_bytes() == b"cut by hand"


def test_a_generator_is_loaded_once_whatever_the_rows_order_and_sizes(
    csv: Path, tmp_path: Path, loads: list[config.Generator]
) -> None:
    text = f"prompt,model,size\na,,160x120\nb,{NODE},\nc,,320x240\nd,{NODE},\ne,,\n"
    watcher = Watcher()
    report = make(films_of(csv, text), tmp_path, watcher)
    assert [settings.kind for settings in loads] == ["storyboard", "remote"]
    assert report.made == 3
    assert [(row.line, why) for row, why in report.failed] == [
        (3, "the other machine is away"),
        (5, "the other machine is away"),
    ]
    assert [name for _, _, name in watcher.rows] == ["a.mp4", "c.mp4", "e.mp4", "b.mp4", "d.mp4"]


def test_a_row_that_fails_does_not_stop_the_others_and_is_tried_again(csv: Path, tmp_path: Path) -> None:
    films = films_of(csv, "prompt,fps\na cat,\na bird,7\na dog,\n")
    for made, kept in ((2, 0), (0, 2)):
        report = make(films, tmp_path)
        assert (report.made, report.kept) == (made, kept)
        assert [(row.line, why) for row, why in report.failed] == [(3, "not seven")]
    assert not (tmp_path / "a-bird.mp4").exists()
    # What somebody puts there meanwhile is theirs.
    (tmp_path / "a-bird.mp4").write_bytes(b"a real one")
    assert "not made by this list" in make(films, tmp_path).failed[0][1]


def test_stopped_it_keeps_what_is_whole_and_goes_on_next_time(csv: Path, tmp_path: Path) -> None:
    films = films_of(csv, "prompt\na cat\na dog\na bird\n")
    report = make(films, tmp_path, Watcher(stop=6))  # in the middle of the second film
    assert report == Report(1, 0, (), 2)
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["a-cat.mp4"]
    assert not list(tmp_path.glob(".reverie-*"))
    assert make(films, tmp_path) == Report(2, 1, (), 0)


def test_killed_before_the_note_a_film_is_known_all_the_same(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = films_of(csv, "prompt\na cat\n")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(batch._Notes, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            make(films, tmp_path)
    assert (tmp_path / "a-cat.mp4").exists()
    assert make(films, tmp_path) == Report(0, 1, (), 0)


def test_two_runs_at_once_do_not_mix(csv: Path, tmp_path: Path) -> None:
    films = films_of(csv, "prompt\na cat\n")
    with batch._alone(tmp_path), pytest.raises(StoreError, match="another `reverie generate --from`"):
        make(films, tmp_path)
    assert make(films, tmp_path) == Report(1, 0, (), 0)


def test_a_folder_that_cannot_be_used(csv: Path, tmp_path: Path) -> None:
    films = films_of(csv, "prompt\na cat\n")
    with pytest.raises(StoreError, match="cannot be used"):
        make(films, csv)
    for damaged in ("{", "[]", '{"films": []}', '{"films": {"a": 1}}'):
        (tmp_path / NOTES).write_text(damaged)
        with pytest.raises(StoreError, match="is damaged; remove it"):
            make(films, tmp_path)
