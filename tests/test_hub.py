"""The hub: a tiny checkpoint pulled from a loopback server that speaks the hub's interface, and errs."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from screening import wait_for

from reverie import hub, models
from reverie.clock import ManualClock
from reverie.errors import DetectorError, GeneratorError, StoreError, StoreFull
from reverie.models import DETECTORS
from reverie.video.wan import checkpoint

REPO = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
BIG = "transformer/diffusion_pytorch_model.safetensors"
TOKEN = "hf_loopbackSecret"


def tensors(numbers: int) -> bytes:
    """A safetensors file with one tensor of float32."""
    data = bytes(range(256)) * (numbers * 4 // 256 + 1)
    header = json.dumps(
        {"w": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, numbers * 4]}}
    ).encode()
    return struct.pack("<Q", len(header)) + header + data[: numbers * 4]


def repository() -> dict[str, bytes]:
    """Files of a checkpoint that `checkpoint.inspect` takes for a small relative of the 5B."""
    transformer = {
        "_class_name": "WanTransformer3DModel",
        "num_layers": 2,
        "num_attention_heads": 2,
        "attention_head_dim": 24,
        "ffn_dim": 96,
        "in_channels": 48,
        "text_dim": 32,
        "patch_size": [1, 2, 2],
    }
    vae = {"_class_name": "AutoencoderKLWan", "z_dim": 48, "scale_factor_spatial": 16}
    index = {
        "_class_name": "WanPipeline",
        "expand_timesteps": True,
        "transformer": ["diffusers", "WanTransformer3DModel"],
        "vae": ["diffusers", "AutoencoderKLWan"],
    }
    return {
        "model_index.json": json.dumps(index).encode(),
        "README.md": b"# tiny",
        "transformer/config.json": json.dumps(transformer).encode(),
        BIG: tensors(60_000),
        "vae/config.json": json.dumps(vae).encode(),
        "vae/diffusion_pytorch_model.safetensors": tensors(2_000),
        "scheduler/scheduler_config.json": b"{}",
        "tokenizer/spiece.model": b"pieces",
        "assets/picture.png": b"png",
        "text_encoder/pytorch_model.bin": b"a pickle",
    }


@dataclass
class Hub:
    """What the server has, and how it misbehaves. `asked` are (path, Range) of files, in order."""

    files: dict[str, bytes] = field(default_factory=repository)
    card: dict[str, Any] = field(default_factory=lambda: {"license": "apache-2.0"})
    sizes: dict[str, int] = field(default_factory=dict)
    odd: dict[str, Any] = field(default_factory=dict)
    sends: dict[str, bytes] = field(default_factory=dict)
    breaks: dict[str, list[int]] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    packed: bool = False
    stalls: threading.Event | None = None
    elsewhere: str = ""
    revision: str = "c0ffee" * 6 + "c0ff"
    repo: str = REPO
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def listing(self) -> bytes:
        siblings = []
        for path, content in self.files.items():
            entry: dict[str, Any] = {"rfilename": path, "size": self.sizes.get(path, len(content))}
            git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry["blobId"] = git
            if path.endswith((".safetensors", ".bin", ".pt", ".onnx")):
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": entry["size"]}
            siblings.append(entry | (self.odd if path == "README.md" else {}))
        return json.dumps({"sha": self.revision, "cardData": self.card, "siblings": siblings}).encode()


class Answers(BaseHTTPRequestHandler):
    """`/api/models/REPO/revision/main` and `/REPO/resolve/COMMIT/PATH`."""

    hub: Hub

    def do_GET(self) -> None:
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        hub.tokens.add(self.headers.get("Authorization", ""))
        if path.startswith("/api/"):
            wanted = path == f"/api/models/{hub.repo}/revision/main"
            self.answer(hub.status.get("api", 200 if wanted else 404), hub.sends.get("api", hub.listing()))
            return
        name = path.removeprefix(f"/{hub.repo}/resolve/{hub.revision}/")
        asked = self.headers.get("Range", "")
        hub.asked.append((name, asked))
        if name not in hub.files:
            self.answer(404, b"")
            return
        content = hub.sends.get(name, hub.files[name])
        if hub.elsewhere:
            self.send_response(302)
            self.send_header("Location", f"{hub.elsewhere}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif name in hub.status:
            self.answer(hub.status[name], b"")
        elif asked and hub.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.answer(206, content[start:], f"bytes {start}-{len(content) - 1}/{len(content)}", name)
        else:
            self.answer(200, content, breaking=name)

    def answer(self, status: int, body: bytes, content_range: str = "", breaking: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if self.hub.packed:
            self.send_header("Content-Encoding", "gzip")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        breaks = self.hub.breaks.get(breaking)
        self.wfile.write(body[: breaks.pop(0)] if breaks else body)
        if breaking == BIG and self.hub.stalls is not None:
            self.hub.stalls.wait(60)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def listening(state: Hub) -> Iterator[Hub]:
    """`state` served on loopback, at `state.url`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Answers,), {"hub": state}))
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub on loopback that the environment names, with a token and a models folder of its own."""
    with listening(Hub()) as state:
        _point_to(state, monkeypatch, tmp_path)
        yield state


def _point_to(state: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", state.url + "/")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def pull(target: Path, clock: ManualClock | None = None) -> list[tuple[str, int]]:
    """Look up and pull; what was told."""
    told: list[tuple[str, int]] = []
    hub.pull(hub.look_up("wan"), target, clock or ManualClock(), lambda path, done: told.append((path, done)))
    return told


def test_an_offer_says_what_it_is_before_anything_is_fetched(server: Hub) -> None:
    offer = hub.look_up("wan")
    assert (offer.repo, offer.revision, offer.licence) == (REPO, server.revision, "apache-2.0")
    taken = {path: content for path, content in server.files.items() if path not in offer.skipped}
    assert offer.size == sum(map(len, taken.values()))
    assert set(offer.skipped) == {"assets/picture.png", "text_encoder/pytorch_model.bin"}
    assert server.asked == []
    assert server.tokens == {f"Bearer {TOKEN}"}


def test_a_pull_brings_every_file_whole(server: Hub, tmp_path: Path) -> None:
    target = checkpoint.place_of("wan")
    with pytest.raises(GeneratorError, match="reverie models pull wan"):
        checkpoint.find("wan")
    told = pull(target)
    assert checkpoint.find("wan") == target
    for file in hub.look_up("wan").files:
        assert (target / file.path).read_bytes() == server.files[file.path]
    assert not list(target.rglob("*.bin")) + list(target.rglob("*.part"))
    assert [p.name for p in target.parent.iterdir()] == [target.name]
    done = [amount for _, amount in told]
    assert done == sorted(done)
    assert done[-1] == hub.look_up("wan").size
    assert json.loads((target / models.NOTES).read_text())["revision"] == server.revision


def test_a_broken_line_goes_on_where_it_broke(server: Hub, tmp_path: Path) -> None:
    server.breaks[BIG] = [100_000, 50_000]
    pull(tmp_path / "wan")
    assert [asked for path, asked in server.asked if path == BIG] == ["", "bytes=100000-", "bytes=150000-"]


def test_a_pull_that_was_broken_off_goes_on_next_time(server: Hub, tmp_path: Path) -> None:
    server.breaks[BIG] = [100_000, *[0] * hub.TRIES]
    clock = ManualClock(0.0)
    with pytest.raises(GeneratorError, match=r"safetensors: .* 100000 of \d+ bytes are here and kept"):
        pull(tmp_path / "wan", clock)
    assert clock.now() == sum(hub.PAUSE * 2**i for i in range(hub.TRIES - 1))
    assert not (tmp_path / "wan").exists()
    first = list(server.asked)
    server.asked.clear()
    offer = hub.look_up("wan")
    assert hub.missing(offer, tmp_path / "wan") == len(server.files[BIG]) - 100_000
    pull(tmp_path / "wan")
    assert server.asked == [(BIG, "bytes=100000-")], first
    assert (tmp_path / "wan" / BIG).read_bytes() == server.files[BIG]


def test_a_server_without_ranges_is_asked_from_the_beginning(server: Hub, tmp_path: Path) -> None:
    server.ranges, server.breaks[BIG] = False, [100_000]
    pull(tmp_path / "wan")
    assert (tmp_path / "wan" / BIG).read_bytes() == server.files[BIG]


def test_a_new_commit_meanwhile_keeps_what_did_not_change(server: Hub, tmp_path: Path) -> None:
    server.breaks[BIG] = [100_000, *[0] * hub.TRIES]
    with pytest.raises(GeneratorError):
        pull(tmp_path / "wan")
    server.revision, server.files["README.md"] = "beef" * 10, b"# newer"
    del server.files["tokenizer/spiece.model"]
    server.asked.clear()
    pull(tmp_path / "wan")
    assert server.asked == [("README.md", ""), (BIG, "bytes=100000-")]
    assert not (tmp_path / "wan" / "tokenizer" / "spiece.model").exists()


@pytest.mark.parametrize("path", [BIG, "vae/config.json"])  # a sum of its own for large and small files
def test_wrong_bytes_are_refused_by_name(server: Hub, tmp_path: Path, path: str) -> None:
    right = server.files[path]
    server.sends[path] = right[:-1] + bytes([right[-1] ^ 1])
    with pytest.raises(GeneratorError, match=f"{path}: what came is not what {REPO} lists"):
        pull(tmp_path / "wan")
    assert not (tmp_path / "wan").exists()
    server.sends.clear()
    pull(tmp_path / "wan")
    assert (tmp_path / "wan" / path).read_bytes() == right


def test_more_bytes_than_listed_are_not_kept(server: Hub, tmp_path: Path) -> None:
    server.sends[BIG] = server.files[BIG] + b"more"
    with pytest.raises(GeneratorError, match=f"{BIG}: more came than"):
        pull(tmp_path / "wan")
    assert not list(tmp_path.rglob("*.part"))
    assert not (tmp_path / "wan").exists()


def test_a_checkpoint_that_no_generator_takes_is_not_put_in_place(server: Hub, tmp_path: Path) -> None:
    server.files["model_index.json"] = b'{"_class_name": "StableDiffusionPipeline"}'
    with pytest.raises(GeneratorError, match="StableDiffusionPipeline"):
        pull(tmp_path / "wan")
    assert not (tmp_path / "wan").exists()


def test_no_room_is_said_before_anything_is_fetched(server: Hub, tmp_path: Path) -> None:
    server.sizes[BIG] = 10**17
    with pytest.raises(StoreFull, match=r"100000000\.0 GB are to be fetched, and its disk has .* free"):
        pull(tmp_path / "wan")
    assert server.asked == []
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_overwritten(server: Hub, tmp_path: Path) -> None:
    (tmp_path / "wan").mkdir()
    with pytest.raises(StoreError, match="is there already"):
        pull(tmp_path / "wan")
    assert server.asked == []


def test_two_pulls_at_once_do_not_mix(server: Hub, tmp_path: Path) -> None:
    partial = hub.partial_of(tmp_path / "wan")
    partial.mkdir()
    with hub._sole(partial), pytest.raises(StoreError, match="another `reverie models pull`"):
        pull(tmp_path / "wan")


# What the hub may answer, and what is told.
LISTINGS: list[tuple[dict[str, Any], str]] = [
    ({"status": {"api": 404}}, "its list of files is not there"),
    ({"status": {"api": 401}}, "private, or asks .* HF_TOKEN"),
    ({"status": {"api": 500}}, "the hub answered 500"),
    ({"sends": {"api": b"<html>log in"}}, "does not answer as a model hub does"),
    ({"sends": {"api": b"{}"}}, "does not answer as a model hub does"),
    ({"sends": {"api": b"[]"}}, "does not answer as a model hub does"),
    *(
        ({"odd": odd}, "does not answer as a model hub does")
        for odd in (
            {"blobId": "../../../x"},
            {"blobId": "c0ffee"},
            {"lfs": {"sha256": "../x", "size": 2}},
            {"size": -1},
            {"size": True},
            {"size": float("inf")},
        )
    ),
    ({"files": {"a\x1b[2J.json": b"{}", **repository()}}, r"'a\\x1b\[2J\.json' would leave"),
    ({"files": {"a\ud800.json": b"{}", **repository()}}, r"'a\\ud800\.json' would leave"),
    ({"files": {"../../evil.json": b"{}", **repository()}}, r"'\.\./\.\./evil\.json' would leave"),
    ({"files": {"/etc/evil.json": b"{}", **repository()}}, "would leave"),
    ({"files": {"Wan2.2_VAE.pth": b"pickle"}}, r"no model_index\.json.*-Diffusers"),
    (
        {"files": {"model_index.json": b"{}", "unet/pytorch_model.bin": b"pickle"}},
        r"can run code and are never fetched \(it has unet/pytorch_model\.bin\)",
    ),
]


@pytest.mark.parametrize(("answers", "told"), LISTINGS)
def test_a_listing_that_cannot_be_used(server: Hub, answers: dict[str, Any], told: str) -> None:
    for name, value in answers.items():
        setattr(server, name, value)
    with pytest.raises(GeneratorError, match=told):
        hub.look_up("wan")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HF_ENDPOINT", "http://xn--a", "http://xn--a cannot be reached"),
        ("HF_TOKEN", "pässwort", "HF_TOKEN .* no request can carry"),
        ("ALL_PROXY", "foo://x", "proxy"),
    ],
)
def test_an_environment_that_cannot_be_used(
    server: Hub, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(GeneratorError, match=told) as error:
        hub.look_up("wan")
    assert "pässwort" not in str(error.value)


def test_a_licence_is_words(server: Hub) -> None:
    server.card = {"license": "\x1b[2Jmit\nor so" + "!" * 500}
    licence = hub.look_up("wan").licence
    assert licence.startswith(" [2Jmit or so!")
    assert len(licence) <= 200


@pytest.mark.parametrize("packed", [False, True])
def test_a_listing_without_end_is_not_read(
    server: Hub, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(hub, "LISTING", 100_000)
    server.sends["api"] = gzip.compress(bytes(10**6)) if packed else bytes(10**6)
    server.packed = packed
    with pytest.raises(GeneratorError, match="does not answer as a model hub does"):
        hub.look_up("wan")


def test_a_redirect_to_no_host_there_can_be(server: Hub, tmp_path: Path) -> None:
    offer = hub.look_up("wan")
    server.elsewhere = "http://xn--a"
    with pytest.raises(GeneratorError, match="cannot be fetched"):
        hub.pull(offer, tmp_path / "wan", ManualClock(), lambda path, done: None)


def test_a_verified_file_that_was_cut_since_is_fetched_again(server: Hub, tmp_path: Path) -> None:
    server.status["README.md"] = 404
    server.files["README.md"] = b"#" * 10**6  # the last to be fetched
    target = tmp_path / "wan"
    with pytest.raises(GeneratorError):
        pull(target)
    (hub.partial_of(target) / BIG).write_bytes(server.files[BIG][:100])
    server.status.clear()
    pull(target)
    assert (target / BIG).read_bytes() == server.files[BIG]


def test_a_file_is_on_the_disk_before_it_is_noted_as_verified(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut the notes may be right about nothing else."""
    steps: list[str] = []
    sync, note = os.fsync, hub._note

    def synced(descriptor: int) -> None:
        steps.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        sync(descriptor)

    def noted(partial: Path, offer: hub.Offer, verified: dict[str, str]) -> None:
        for path in verified:
            assert any(step.startswith(f"{Path(path).name}.") for step in steps), path
        note(partial, offer, verified)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(hub, "_note", noted)
    pull(tmp_path / "wan")


def test_a_file_that_is_not_there_is_named(server: Hub, tmp_path: Path) -> None:
    server.status[BIG] = 404
    with pytest.raises(GeneratorError, match=f"{BIG} is not there"):
        pull(tmp_path / "wan")


def test_no_network_says_what_to_copy_where(
    server: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(GeneratorError, match=rf"cannot be reached.*copy its folder into {tmp_path}/models"):
        hub.look_up("wan")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(GeneratorError, match="HF_HUB_OFFLINE"):
        hub.look_up("wan")


def test_an_unknown_name_is_told_with_its_neighbour(server: Hub) -> None:
    with pytest.raises(GeneratorError, match=r"did you mean 'wan2\.2-ti2v-5b'"):
        hub.look_up("wan2.2-ti2v-5bb")


def test_the_token_is_where_the_hubs_own_tool_keeps_it(
    server: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hf_fromLogin\n")
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    hub.look_up("wan")
    assert server.tokens == {"Bearer hf_fromLogin"}


def test_another_host_that_keeps_the_files_is_not_shown_the_token(server: Hub, tmp_path: Path) -> None:
    with listening(Hub()) as store:
        server.elsewhere = store.url
        pull(tmp_path / "wan")
        assert [path for path, _ in store.asked] == [path for path, _ in server.asked]
        assert store.tokens == {""}


def test_models_are_whole_half_or_damaged(server: Hub, tmp_path: Path) -> None:
    assert hub.models(tmp_path / "none") == []
    folder = models.models_folder()
    pull(folder / "whole")
    pull(folder / "damaged")
    (folder / "damaged" / BIG).unlink()
    server.breaks[BIG] = [100_000, *[0] * hub.TRIES]
    with pytest.raises(GeneratorError):
        pull(folder / "half")
    found = {model.path.name: model for model in hub.models(folder)}
    assert list(found) == ["damaged", "half", "whole"]
    whole = found["whole"]
    assert (whole.kind, whole.fault, whole.licence) == ("ti2v", "", "apache-2.0")
    assert "half pulled" in found["half"].fault
    assert found["half"].size < found["whole"].size
    assert "transformer" in found["damaged"].fault


# Bytes, and how people read them.
@pytest.mark.parametrize(
    ("size", "told"),
    [(34_200_000_000, "34.2 GB"), (3_800_000, "3.8 MB"), (120_400, "120 kB"), (0, "0 kB")],
)
def test_gigabytes(size: int, told: str) -> None:
    assert hub.gigabytes(size) == told


# ---------------------------------------------------------------------------------- detectors


@pytest.fixture
def eyes(server: Hub) -> Hub:
    """The same hub with the repository of YOLOv8: many detectors, of which one is asked for."""
    server.repo = DETECTORS["yolov8n"].repo
    weights = {f"{name}.pt": name.encode() * 9_000 for name in DETECTORS}
    server.files = {**weights, "LICENSE": b"AGPL", "README.md": b"# YOLOv8", "../LICENSE": b"evil"}
    return server


def test_of_many_detectors_one_is_offered(eyes: Hub) -> None:
    offer = hub.look_up("YOLOv8s-pose")
    assert [file.path for file in offer.files] == ["yolov8s-pose.pt", "LICENSE"]
    assert offer.licence.startswith("AGPL-3.0")
    assert "PyTorch file" in offer.warning
    assert (offer.is_detector, eyes.asked) == (True, [])


def test_a_detector_is_pulled_and_found_by_its_name(eyes: Hub) -> None:
    eyes.breaks["yolov8n.pt"] = [10_000]
    with pytest.raises(DetectorError, match=r"not on this box; fetch it with `reverie models pull yolov8n`"):
        models.find_detector("yolov8n")
    hub.pull(hub.look_up("yolov8n"), hub.place_of("yolov8n"), ManualClock(), lambda path, done: None)
    path = models.find_detector("yolov8n")
    assert path.read_bytes() == eyes.files["yolov8n.pt"]
    assert eyes.asked[:2] == [("yolov8n.pt", ""), ("yolov8n.pt", "bytes=10000-")]
    sheet = models.read_sheet(path)
    assert (sheet.name, sheet.task, sheet.fault) == ("yolov8n", "detect", "")
    assert sheet.licence.startswith("AGPL-3.0")
    assert hub.models(models.models_folder()) == []  # it is no model that imagines, and no broken one


def test_what_needs_no_pickle_is_taken_instead(eyes: Hub) -> None:
    eyes.files["yolov8n.onnx"] = b"onnx"
    offer = hub.look_up("yolov8n")
    assert [file.path for file in offer.files] == ["yolov8n.onnx", "LICENSE"]
    assert offer.warning == ""


def test_wrong_bytes_of_a_detector_are_refused(eyes: Hub) -> None:
    eyes.sends["yolov8n.pt"] = b"#" * len(eyes.files["yolov8n.pt"])
    with pytest.raises(GeneratorError, match=r"yolov8n\.pt: what came is not what"):
        hub.pull(hub.look_up("yolov8n"), hub.place_of("yolov8n"), ManualClock(), lambda path, done: None)
    assert not hub.place_of("yolov8n").exists()


def test_a_detector_that_the_hub_has_no_more(eyes: Hub) -> None:
    del eyes.files["yolov8x.pt"]
    with pytest.raises(DetectorError, match=r"no yolov8x\.pt .* copy yolov8x\.onnx into .*models"):
        hub.look_up("yolov8x")


def test_a_detector_without_a_network(eyes: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    told = rf"yolo export model=yolov8n\.pt format=onnx`, and copy yolov8n\.onnx into {tmp_path}/models"
    with pytest.raises(GeneratorError, match=told):
        hub.look_up("yolov8n")


def test_a_detectors_name_miswritten(server: Hub) -> None:
    for ask in (hub.look_up, hub.place_of):
        with pytest.raises(GeneratorError, match=r"did you mean 'yolov8n'\?"):
            ask("yolo8n")


# ---------------------------------------------------------------------------------- the command


def reverie(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reverie", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_the_command_says_what_it_is_and_asks_first(server: Hub) -> None:
    refused = reverie("models", "pull", "wan")
    assert refused.returncode == 1
    assert "add --yes" in refused.stderr
    for told in (REPO, "apache-2.0", "249 kB in 8 files", str(checkpoint.place_of("wan"))):
        assert told in refused.stdout
    assert server.asked == []
    done = reverie("models", "pull", "wan", "--yes")
    assert done.returncode == 0, done.stderr
    assert "wan is here:" in done.stdout
    again = reverie("models", "pull", "wan")
    assert (again.returncode, "here already" in again.stdout) == (0, True)
    listed = reverie("models", "list")
    assert "ti2v" in listed.stdout
    assert str(checkpoint.place_of("wan")) in listed.stdout
    assert TOKEN not in "".join(run.stdout + run.stderr for run in (refused, done, again, listed))


def test_the_command_pulls_a_detector(eyes: Hub, tmp_path: Path) -> None:
    refused = reverie("models", "pull", "yolov8n")
    assert (refused.returncode, eyes.asked) == (1, [])
    for told in ("AGPL-3.0", "YOLOv8n, 3.2 million", "mind     a PyTorch file", f"{tmp_path}/models/yolov8n"):
        assert told in refused.stdout
    done = reverie("models", "pull", "yolov8n", "--yes")
    assert done.returncode == 0, done.stderr
    assert "detector.model: yolov8n" in done.stdout


def test_the_command_puts_a_model_where_it_is_told(server: Hub, tmp_path: Path) -> None:
    assert reverie("models", "pull", "wan", "--yes", "--to", str(tmp_path / "new")).returncode == 0
    assert checkpoint.inspect(tmp_path / "new").kind == "ti2v"
    (tmp_path / "shelf").mkdir()
    assert reverie("models", "pull", "wan", "--yes", "--to", str(tmp_path / "shelf")).returncode == 0
    assert checkpoint.inspect(tmp_path / "shelf" / REPO.replace("/", "--")).kind == "ti2v"


def test_stopped_the_command_keeps_what_is_here_and_goes_on(server: Hub) -> None:
    server.stalls, server.breaks[BIG] = threading.Event(), [100_000]
    process = subprocess.Popen(
        [sys.executable, "-m", "reverie", "models", "pull", "wan", "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in the background of a shell, Ctrl-C is ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    partial = hub.partial_of(checkpoint.place_of("wan"))
    part = f"{BIG}.*.part"
    wait_for(lambda: [p for p in partial.glob(part) if p.stat().st_size == 100_000], "what was sent")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "what is here is kept" in told
    assert "Traceback" not in told
    server.stalls.set()
    assert "half pulled" in reverie("models", "list").stdout
    assert reverie("models", "pull", "wan", "--yes").returncode == 0
    assert server.asked[-1] == (BIG, "bytes=100000-")
