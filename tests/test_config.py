"""The configuration: what is right loads, what is wrong is told with line, setting, found and allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reverie import config, manual
from reverie.errors import ConfigError

TOKEN = "(http://TOKEN@host:8760)"
WAN = "generators: [{{kind: wan, width: 832, height: 480, {}}}]"
ZONE = "cameras:\n- name: a\n  source: 0\n  zones:\n  - name: shelf\n    polygon: {polygon}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # a setting that does not exist, with the one that was meant
        ("detector:\n  conff: 0.5\n", ["f.yaml:2", "detector.conff", "did you mean 'conf'"]),
        ("nonsense: 1\n", ["f.yaml:1", "nonsense", "allowed here", "cameras"]),
        # out of range, with what was found and what is allowed
        ("detector:\n\n  conf: 1.5\n", ["f.yaml:3", "detector.conf", "found 1.5", "less than or equal to 1"]),
        ("serve:\n  port: 99999\n", ["f.yaml:2", "serve.port", "found 99999"]),
        ("screen:\n  fade: 10\n", ["f.yaml:2", "screen.fade", "found 10", "less than or equal to 5"]),
        ("events:\n  stitch: 60\n", ["f.yaml:2", "events.stitch", "found 60", "less than or equal to 20"]),
        ("events:\n  crowd: one\n", ["f.yaml:2", "events.crowd", 'found "one"']),
        ("generators:\n- width: 641\n", ["f.yaml:2", "generators[0].width", "found 641"]),
        ("cameras: []\n", ["f.yaml:1", "cameras", "at least 1"]),
        # not a list, not settings, no name
        ("cameras: 0\n", ["f.yaml:1", "cameras", "a list is expected", "found 0"]),
        ("detector: embedded\n", ["f.yaml:1", "detector", "settings are expected"]),
        ("cameras:\n- demo\n", ["f.yaml:2", "cameras[0]", "settings are expected"]),
        ("name: 'a/b'\n", ["f.yaml:1", "name", "letters, digits"]),
        # a zone that goes round twice holds nothing
        (
            ZONE.format(polygon="[[0.1, 0.1], [0.9, 0.1], [0.5, 0.9], [0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]"),
            ["f.yaml:5", "zone 'shelf' goes twice along one side"],
        ),
        # another choice
        ("story:\n  place: pub\n", ["f.yaml:2", "story.place", "'shop'", 'found "pub"']),
        # not YAML, not settings, twice the same
        ("detector: [1,\n", ["f.yaml:2", "not YAML"]),
        ("- a\n- b\n", ["f.yaml:1", "expected settings"]),
        ("detector:\n  conf: 0.1\n  conf: 0.2\n", ["f.yaml:3", "detector.conf", "set twice", "line 2"]),
        # zones
        (ZONE.format(polygon="[[0, 0], [1, 1], [1, 0], [0, 1]]"), ["f.yaml:5", "'shelf'", "cross"]),
        (ZONE.format(polygon="[[0, 0], [0.5, 0.5], [1, 1]]"), ["f.yaml:5", "no area"]),
        (ZONE.format(polygon="[[0, 0], [1.2, 0], [1, 1]]"), ["f.yaml:6", "polygon", "found 1.2"]),
        (ZONE.format(polygon="[[0, 0], [1, 0]]"), ["f.yaml:6", "at least 3"]),
        # two of a name
        ("cameras:\n- {name: a}\n- {name: a}\n", ["'a'", "two cameras"]),
        # a pattern that is no name's: what is allowed, in words
        (WAN.format("wan: {encoder: nope}"), ["[0].wan.encoder: not", 'found "nope" (Who encodes', TOKEN]),
        (WAN.format("wan: {device: tpu}"), ["f.yaml:1", 'found "tpu" (auto, cpu, cuda or cuda:1.']),
        (WAN.format("remote: {url: x}"), ["f.yaml:1", 'found "x" (Its address up to and with /v1']),
        # others can reach it, so it needs a token; a token needs to be one
        ("serve:\n  host: 0.0.0.0\n", ["f.yaml:1", "serve", "token"]),
        ("serve:\n  token: short\n", ["f.yaml:2", "serve.token", "16 characters"]),
    ],
)
def test_a_mistake_is_told_with_line_setting_found_and_allowed(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, "f.yaml")
    said = config.mask(str(caught.value))  # as `reverie` prints it
    for part in told:
        assert part in said
    assert "short" not in said
    assert "pattern" not in said
    assert ("a name is expected" in said) == ("letters, digits" in told)


def test_what_was_written_is_masked_and_what_is_explained_is_not() -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(WAN.format("wan: {encoder: 'ftp://hunter2@node'}"), "f.yaml")
    said = config.mask(str(caught.value))
    assert 'found "ftp://***@node"' in said
    assert TOKEN in said


def test_a_missing_file_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="reverie init"):
        config.load(tmp_path / "none.yaml")


def test_an_empty_file_is_all_defaults_and_so_is_the_sample(tmp_path: Path) -> None:
    assert config.parse("", "f") == config.Config()
    assert config.parse(manual.yaml(), "f") == config.Config()


def test_every_setting_is_described_and_on_the_page() -> None:
    page = manual.markdown()
    sections = (
        config.Zone,
        config.Line,
        config.Camera,
        config.Detector,
        config.Events,
        config.Story,
        config.Generator,
        config.Store,
        config.Serve,
        config.Screen,
    )
    for section in sections:
        for name, field in section.model_fields.items():
            assert field.description, f"{section.__name__}.{name}"
            assert f"| `{name}` |" in page


def test_the_committed_page_is_the_current_one() -> None:
    committed = Path(__file__).parents[1] / "docs" / "configuration.md"
    assert committed.read_text(encoding="utf-8") == manual.markdown(), (
        "run `reverie config --markdown > docs/configuration.md`"
    )


def test_a_name_may_be_in_any_script() -> None:
    assert config.parse("name: 店铺 1\n", "f").name == "店铺 1"


def test_relative_paths_are_taken_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text("cameras: [{source: shop.mp4}]\nstore: {folder: data}\ndetector: {model: y.onnx}\n")
    loaded = config.load(file)
    assert loaded.cameras[0].source == str(tmp_path / "shop.mp4")
    assert loaded.store.folder == tmp_path / "data"
    assert loaded.detector.model == str(tmp_path / "y.onnx")


@pytest.mark.parametrize("model", ["embedded", "yolov8n", "shop-int8", "yolov8n.v2", "scripted:plan.json"])
def test_a_models_name_is_no_path(model: str, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(f"detector: {{model: '{model}'}}\n")
    assert config.load(file).detector.model == model


@pytest.mark.parametrize("source", ["demo", "0", "rtsp://h/1", "http://h/2"])
def test_what_is_no_path_stays(source: str, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(f"cameras: [{{source: '{source}'}}]\n")
    assert config.load(file).cameras[0].source == source


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("rtsp://admin:hunter2@10.0.0.9/ch1", "rtsp://***@10.0.0.9/ch1"),
        ("cannot open rtsp://u:p@h:554/x?channel=1", "cannot open rtsp://***@h:554/x?channel=1"),
        ("http://h/?token=abc&x=1", "http://h/?token=***&x=1"),
        ("rtsp://u:p@ss@h/x", "rtsp://***@h/x"),
        ("rtsp://u:p#a/s?s'w<d@h/x", "rtsp://***@h/x"),
        ("rtsp://h/user=admin&password=x1&channel=1", "rtsp://h/user=admin&password=***&channel=1"),
        ("no such file: admin:pw@1.2.3.4/x", "no such file: ***@1.2.3.4/x"),
        ("rtsp:/u:p@h/x: no such file", "rtsp:/***@h/x: no such file"),
        ("no address at all", "no address at all"),
        # a placeholder of our own stays, and nothing that looks like it
        ("write (http://TOKEN@host:8760), or", "write (http://TOKEN@host:8760), or"),
        ("http://TOKEN@host", "http://TOKEN@host"),
        ("http://TOKEN@pw@host/x", "http://***@host/x"),
        ("http://TOKENS@host", "http://***@host"),
        ("http://u:TOKEN@host", "http://***@host"),
        ("http://token@host", "http://***@host"),
        ("at 12:30 a@b.example wrote", "at 12:30 a@b.example wrote"),
    ],
)
def test_credentials_are_masked(text: str, masked: str) -> None:
    assert config.mask(text) == masked


def test_secrets_show_in_no_repr_error_or_dump() -> None:
    loaded = config.parse(
        "cameras: [{source: 'rtsp://admin:hunter2@h/1'}]\nserve: {token: swordfish-swordfish}\n", "f"
    )
    shown = f"{loaded!r} {loaded} {loaded.cameras!r} {config.mask(loaded.model_dump_json())}"
    assert "hunter2" not in shown
    assert "swordfish" not in shown
    with pytest.raises(ConfigError) as caught:
        config.parse("cameras: [{source: 'rtsp://admin:hunter2@h/1', fpss: 3}]", "f")
    assert "hunter2" not in str(caught.value)


def test_a_snapshot_gives_the_same_config_with_its_secret() -> None:
    loaded = config.parse("serve: {host: 0.0.0.0, token: swordfish-swordfish}\n", "f")
    digest, blob = config.snapshot(loaded)
    again = config.from_snapshot(blob)
    assert again == loaded
    assert again.serve.token is not None
    assert again.serve.token.get_secret_value() == "swordfish-swordfish"
    assert digest == config.snapshot(again)[0]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_gives_a_config_or_a_config_error(text: str) -> None:
    told = ""
    try:
        assert isinstance(config.parse(text, "f"), config.Config)
    except ConfigError as error:
        told = str(error)
    assert not told or told.startswith("f:")
