"""The hub: a model's files, fetched whole and verified, or not at all.

    offer = look_up("wan")             what it is, its licence, its files and their sizes; fetches nothing
    pull(offer, target, clock, tell)   file by file into a hidden folder beside; verified; then renamed

What can be fetched are checkpoints that imagine (whole folders, see `video/wan/checkpoint.py`) and detectors
(one file, see `models.py`).

Speaks the Hugging Face hub's own HTTP interface: a listing with a checksum of every file, and each file by
its commit, from any byte on. The hub's own Python package would not do: it begins a broken file anew.
Honours HF_ENDPOINT, HF_TOKEN (and where `hf auth login` keeps one), and HF_HUB_OFFLINE.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import httpx

from reverie import __version__, config
from reverie.clock import Clock
from reverie.errors import DetectorError, GeneratorError, ReverieError, StoreError, StoreFull, StoreReadOnly
from reverie.models import DETECTORS, NOTES, Weights, detector_files, models_folder, words
from reverie.video.wan import checkpoint

HUB = "https://huggingface.co"
"""Where models are fetched from, unless HF_ENDPOINT names another place."""

ALLOWED = (".safetensors", ".json", ".model", ".txt", ".md")
"""Files of a checkpoint that hold numbers or text. Pickled weights (.bin, .pt, .pth, .ckpt) can run code, and
are never fetched with one. A detector's .pt is, when it is asked for by name and nothing safer is there."""

NAMED = ("LICENSE", "LICENCE", "NOTICE")
"""Files without a suffix that are fetched too."""

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")

LISTING = 32 << 20
"""Bytes of a repository's list of files, at most: some hundred for each file."""

CHUNK = 1 << 20
SILENCE = 30.0
"""Seconds that the hub may be silent before a try counts as failed."""

TRIES = 4
"""Tries in a row that brought no byte, after which a file is given up for this time."""

PAUSE = 2.0
"""Seconds before the next of such tries; twice as long each time."""

DIGEST = re.compile(r"sha256:[0-9a-f]{64}|git:[0-9a-f]{40}")

TROUBLE = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
"""What a request may meet; UnicodeError: an address with a host's name that there cannot be."""

Tell = Callable[[str, int], None]
"""Told what is happening ("transformer/config.json") and how many bytes of the whole are here."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository: `path` with `/`, `size` in bytes, `digest` as the hub vouches for it.

    `digest` is `sha256:` and 64 hex digits for large files (LFS), `git:` and 40 for small ones: the SHA-1
    that Git names their content by.
    """

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a pull would fetch: `repo` at the commit `revision`. `skipped` are files that are not taken.

    `is_detector`: one file that sees, not a folder that imagines. `warning` is what else to know before it
    is fetched, "" for nothing.
    """

    repo: str
    revision: str
    licence: str
    what: str
    files: tuple[RemoteFile, ...]
    skipped: tuple[str, ...]
    is_detector: bool = False
    warning: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Model:
    """A model folder of this machine: `size` in bytes, `kind` as `checkpoint.inspect` says.

    `licence` is what it was fetched under, "" for one that somebody copied here. `fault` is "" for a complete
    one, else what is missing.
    """

    path: Path
    kind: str
    size: int
    fault: str
    licence: str = ""


# ---------------------------------------------------------------------------------- what there is


def place_of(model: str) -> Path:
    """Where a pull puts a model, by a detector's name, a checkpoint's alias, or a repository's name.

    Raises GeneratorError for a name that is none of them.
    """
    weights = DETECTORS.get(model.lower())
    return models_folder() / weights.name if weights is not None else checkpoint.place_of(_known(model))


def _known(model: str) -> str:
    """`model`, unless it is a detector's name miswritten: then GeneratorError says which."""
    if "/" not in model and model.lower() not in checkpoint.NAMES:
        near = difflib.get_close_matches(model.lower(), (*checkpoint.NAMES, *DETECTORS), n=1, cutoff=0.5)
        if near and near[0] in DETECTORS:
            raise GeneratorError(
                f"model {model!r} is unknown; did you mean {near[0]!r}? Allowed: {', '.join(DETECTORS)}, "
                f"{', '.join(checkpoint.NAMES)}, or a hub id as owner/name"
            )
    return model


def look_up(model: str) -> Offer:
    """What the hub offers under a name or a repository's name, at its newest commit. Fetches no file.

    Raises GeneratorError: unknown, private or gated, no Diffusers checkpoint, no network; DetectorError
    where the hub has no such detector (any more).
    """
    weights = DETECTORS.get(model.lower())
    repo = weights.repo if weights is not None else checkpoint.repo_of(_known(model))
    with _client() as client:
        try:
            status, listing = _listing(client, f"{_endpoint()}/api/models/{repo}/revision/main")
        except TROUBLE as error:
            raise GeneratorError(_unreachable(repo, weights, error)) from None
    _demand_ok(status, repo, "its list of files")
    try:
        data = json.loads(listing)
        return _offer(model, repo, data) if weights is None else _detector_offer(weights, data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise GeneratorError(
            f"{_endpoint()} does not answer as a model hub does ({error!r}); is something between that asks "
            "for a login?"
        ) from None


def _listing(client: httpx.Client, url: str) -> tuple[int, bytes]:
    """The status and the body of the answer as it came, cut off after LISTING bytes."""
    body = bytearray()
    with client.stream("GET", url, params={"blobs": "true"}) as answer:
        for data in answer.iter_raw():
            body += data
            if len(body) > LISTING:
                break
    return answer.status_code, bytes(body[:LISTING])


def _offer(model: str, repo: str, data: dict[str, Any]) -> Offer:
    known = checkpoint.NAMES.get(model.lower())
    files: list[RemoteFile] = []
    skipped: list[str] = []
    for entry in data["siblings"]:
        path = str(entry["rfilename"])
        if not _is_taken(path):
            skipped.append(path)
        elif not _stays_inside(path):
            raise GeneratorError(
                f"{repo}: a file called {path!r} would leave the model's folder; not fetched"
            )
        else:
            files.append(_remote_file(path, entry))
    names = {file.path for file in files}
    if "model_index.json" not in names:
        raise GeneratorError(
            f"{repo} is no Diffusers checkpoint: it has no model_index.json. Where a model comes in two "
            "forms, the one to take is mostly called …-Diffusers"
        )
    if not any(name.endswith(".safetensors") for name in names):
        pickled = [name for name in skipped if name.endswith(PICKLED)]
        raise GeneratorError(
            f"{repo} has no weights as .safetensors; pickled ones can run code and are never fetched "
            f"(it has {', '.join(pickled[:3]) or 'none'})"
        )
    stated = (data.get("cardData") or {}).get("license") or next(
        (tag.removeprefix("license:") for tag in data.get("tags") or () if tag.startswith("license:")), None
    )
    return Offer(
        repo=repo,
        revision=str(data["sha"]),
        licence=words(str(stated or (known.licence if known else "not stated"))),
        what=known.what if known else "a Diffusers checkpoint",
        files=tuple(sorted(files, key=lambda file: (file.size, file.path))),
        skipped=tuple(skipped),
    )


def _detector_offer(weights: Weights, data: dict[str, Any]) -> Offer:
    """Of a repository with many detectors: the one, as .onnx where that is there, and the licence's text."""
    entries = {str(entry["rfilename"]): entry for entry in data["siblings"]}
    safe = str(PurePosixPath(weights.file).with_suffix(".onnx"))
    file = safe if safe in entries else weights.file
    if file not in entries:
        raise DetectorError(
            f"{weights.repo} has no {weights.file} (any more); copy {safe} into {models_folder()} yourself"
        )
    pickled = file.endswith(PICKLED)
    taken = [file, *(path for path in entries if path.startswith(NAMED) and _stays_inside(path))]
    return Offer(
        repo=weights.repo,
        revision=str(data["sha"]),
        licence=words(weights.licence),
        what=weights.what,
        files=tuple(_remote_file(path, entries[path]) for path in taken),
        skipped=tuple(path for path in entries if path not in taken),
        is_detector=True,
        warning="a PyTorch file: ultralytics' own code has to open it once, to export it" if pickled else "",
    )


def _remote_file(path: str, entry: dict[str, Any]) -> RemoteFile:
    """Raises ValueError for a size or a digest that is none: a digest becomes part of a file's name."""
    lfs = entry.get("lfs")
    size = lfs["size"] if lfs else entry["size"]
    digest = f"sha256:{lfs['sha256']}" if lfs else f"git:{entry['blobId']}"
    if type(size) is not int or not 0 <= size < 1 << 62 or not DIGEST.fullmatch(digest):
        raise ValueError(f"{path}: no size, or no digest: {digest!r:.100}")
    return RemoteFile(path, size, digest)


def _is_taken(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.endswith(ALLOWED) or name.startswith(NAMED)


def _stays_inside(path: str) -> bool:
    parts = path.split("/")
    return (
        "\\" not in path and path.isprintable() and not any(part in ("", ".", "..", NOTES) for part in parts)
    )


# ---------------------------------------------------------------------------------- fetching


def partial_of(target: Path) -> Path:
    """Where a model is while it is fetched: a hidden folder beside, which no generator looks into."""
    return target.parent / f".{target.name}.partial"


def missing(offer: Offer, target: Path) -> int:
    """Bytes that are still to be fetched."""
    partial = partial_of(target)
    here = sum(min(file.size, _length(_at(partial, file), _part(partial, file))) for file in offer.files)
    return offer.size - here


def demand_room(offer: Offer, target: Path) -> None:
    """Raise StoreFull where the disk has too little room for what is missing."""
    place = target.absolute()
    while not place.exists():
        place = place.parent
    needed, free = missing(offer, target), shutil.disk_usage(place).free
    if needed > free:
        raise StoreFull(
            f"{target}: {gigabytes(needed)} are to be fetched, and its disk has {gigabytes(free)} free; make "
            "room, or choose a folder on another disk with --to"
        )


def pull(offer: Offer, target: Path, clock: Clock, tell: Tell) -> Path:
    """Fetch what is missing of `offer`, verify every file, and put the whole at `target`; returns it.

    What was fetched stays when it is broken off (a signal, a lost line, a full disk), and the next call goes
    on at that byte. Until all is here (and `checkpoint.inspect` accepts a checkpoint), there is nothing at
    `target`.
    Raises GeneratorError (naming the file), StoreFull, StoreReadOnly and StoreError.
    """
    if target.exists():
        raise StoreError(f"{target}: is there already; remove it, or choose another folder with --to")
    demand_room(offer, target)
    partial = partial_of(target)
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with _sole(partial), _client() as client:
            verified = _verified(partial)
            _forget_others(partial, offer)
            done = 0
            for file in offer.files:
                if verified.get(file.path) != file.digest or not _is_whole(_at(partial, file), file.size):
                    _fetch(_Errand(client, offer, file, partial, clock, tell, done))
                    verified[file.path] = file.digest
                    _note(partial, offer, verified)
                done += file.size
                tell(file.path, done)
            if not offer.is_detector:
                checkpoint.inspect(partial)
            partial.rename(target)
    except OSError as error:
        raise _disk_error(error, partial) from error
    return target


@dataclass(frozen=True, slots=True)
class _Errand:
    """One file to fetch into `partial`; `before` are the bytes of the files before it."""

    client: httpx.Client
    offer: Offer
    file: RemoteFile
    partial: Path
    clock: Clock
    tell: Tell
    before: int

    @property
    def part(self) -> Path:
        """Where it grows."""
        return _part(self.partial, self.file)

    @property
    def url(self) -> str:
        return f"{_endpoint()}/{self.offer.repo}/resolve/{self.offer.revision}/{quote(self.file.path)}"


def _fetch(errand: _Errand) -> None:
    """One file into its place, verified. Tries again while the line is bad, and goes on where it broke."""
    file, part = errand.file, errand.part
    part.parent.mkdir(parents=True, exist_ok=True)
    fruitless = 0
    while (here := _length(part)) != file.size or not part.exists():
        try:
            _stream(errand)
            if _length(part) < file.size:
                raise httpx.ReadError(f"it ended after {_length(part)} of {file.size} bytes")
        except TROUBLE as error:
            fruitless = 0 if _length(part) > here else fruitless + 1
            if fruitless >= TRIES:
                raise GeneratorError(
                    f"{file.path}: cannot be fetched: {_plain(error)}. {_length(part)} of {file.size} bytes "
                    "are here and kept; the same command goes on from there"
                ) from None
            if fruitless:
                errand.clock.wait(threading.Event(), PAUSE * 2 ** (fruitless - 1))
    errand.tell(f"checking {file.path}", errand.before + file.size)
    found = _digest(part, file.digest.partition(":")[0])
    if found != file.digest:
        part.unlink()
        raise GeneratorError(
            f"{file.path}: what came is not what {errand.offer.repo} lists: {found} instead of "
            f"{file.digest}. It was removed; the same command fetches it again"
        )
    with part.open("rb") as whole:
        os.fsync(whole.fileno())  # what is noted as verified is never looked at again
    part.replace(_at(errand.partial, file))


def _stream(errand: _Errand) -> None:
    """Append to the part what is missing. Raises httpx.HTTPError where another try may help."""
    file, part, repo = errand.file, errand.part, errand.offer.repo
    here = _length(part)
    if here > file.size:
        part.unlink()
        here = 0
    asked = {"Range": f"bytes={here}-"} if here else {}
    with errand.client.stream("GET", errand.url, headers=asked) as answer:
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            raise httpx.ReadError(f"the hub answered {answer.status_code}")
        _demand_ok(answer.status_code, repo, file.path)
        goes_on = answer.headers.get("content-range", "").startswith(f"bytes {here}-")
        with part.open("ab" if goes_on else "wb", buffering=0) as out:
            here = here if goes_on else 0
            for data in answer.iter_raw():  # as it comes: a larger piece would be lost with the line
                here += len(data)
                if here > file.size:
                    part.unlink()
                    raise GeneratorError(
                        f"{file.path}: more came than the {file.size} bytes that {repo} lists; not kept"
                    )
                _write_all(out.fileno(), data)
                errand.tell(file.path, errand.before + here)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _digest(path: Path, kind: str) -> str:
    """The content's checksum as the hub writes it; Git's is of a header and the content."""
    with path.open("rb") as file:
        if kind == "sha256":
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
        sha = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while data := file.read(CHUNK):
            sha.update(data)
        return "git:" + sha.hexdigest()


def _client() -> httpx.Client:
    """A client with the operator's token, which a redirect to another host is not shown."""
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise GeneratorError("HF_HUB_OFFLINE is set, so nothing is fetched; unset it")
    headers = {"User-Agent": f"reverie/{__version__}", "Accept-Encoding": "identity"}
    token = _token()
    if not re.fullmatch(r"[!-~]*", token):
        raise GeneratorError("HF_TOKEN has characters that no request can carry")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        return httpx.Client(headers=headers, timeout=SILENCE, follow_redirects=True)
    except (ValueError, ImportError) as error:
        raise GeneratorError(f"this environment's proxy cannot be used: {error}") from error


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or HUB


def _token() -> str:
    """HF_TOKEN, else what `hf auth login` has written; "" without one."""
    if token := os.environ.get("HF_TOKEN", "").strip():
        return token
    home = config.home(os.environ.get("HF_HOME") or "~/.cache/huggingface")
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return Path(os.environ.get("HF_TOKEN_PATH") or home / "token").read_text(encoding="ascii").strip()
    return ""


def _demand_ok(status: int, repo: str, what: str) -> None:
    match status:
        case 200 | 206:
            return
        case 401 | 403:
            raise GeneratorError(
                f"{repo}: {what} is refused ({status}): there is no such model, or it is private, or asks "
                f"that its terms are accepted at {_endpoint()}/{repo}; then set HF_TOKEN"
            )
        case 404:
            raise GeneratorError(f"{repo}: {what} is not there (404); is the name written right?")
        case _:
            raise GeneratorError(f"{repo}: {what} cannot be fetched: the hub answered {status}")


def _unreachable(repo: str, weights: Weights | None, error: Exception) -> str:
    place = models_folder()
    if weights is None:
        advice = (
            f"pull the model on another machine (`reverie models pull {repo}`) and copy its folder into "
            f"{place} on this one"
        )
    else:
        advice = (
            f"where there is one, `pipx install ultralytics`, `yolo export model={weights.name}.pt "
            f"format=onnx`, and copy {weights.name}.onnx into {place} on this machine"
        )
    return f"{_endpoint()} cannot be reached: {_plain(error)}. Without a network here: {advice}"


def _plain(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {SILENCE:.0f} s"
    return str(error) or type(error).__name__


# ---------------------------------------------------------------------------------- what is here


def models(folder: Path) -> list[Model]:
    """Every model that imagines in `folder`, whole, half pulled or damaged, by name; none without a folder.

    Half pulled detectors are among them; whole ones are `models.detector_files`.
    """
    if not folder.is_dir():
        return []
    seeing = {path.parent for path in detector_files(folder)}
    return [
        _model(path)
        for path in sorted(folder.iterdir(), key=lambda path: path.name.lstrip("."))
        if path.is_dir() and _is_model(path) and path not in seeing
    ]


def _is_model(path: Path) -> bool:
    """Not what else lies there: compiled prompts, and folders that are nobody's."""
    if path.name.startswith("."):
        return path.name.endswith(".partial")
    return path.name != "prompts"


def _model(path: Path) -> Model:
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    if path.name.endswith(".partial"):
        name = path.name.removeprefix(".").removesuffix(".partial")
        return Model(path.with_name(name), "", size, "half pulled; `reverie models pull` goes on")
    try:
        return Model(path, checkpoint.inspect(path).kind, size, "", _fetched_under(path))
    except ReverieError as error:
        return Model(path, "", size, str(error))


def _fetched_under(path: Path) -> str:
    try:
        return words(str(json.loads((path / NOTES).read_text(encoding="utf-8"))["licence"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def gigabytes(size: int) -> str:
    """`size` in bytes as people read it: "34.2 GB", "3.8 MB", "120 kB" (powers of ten)."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


# ---------------------------------------------------------------------------------- files


def _at(folder: Path, file: RemoteFile) -> Path:
    return folder / file.path


def _part(folder: Path, file: RemoteFile) -> Path:
    """Where a file grows until it is verified; its digest in the name keeps other bytes from going on it."""
    place = folder / file.path
    return place.with_name(f"{place.name}.{file.digest.partition(':')[2][:12]}.part")


def _length(*paths: Path) -> int:
    """Bytes of the first of `paths` that is there; 0 without any."""
    for path in paths:
        with contextlib.suppress(OSError):
            return path.stat().st_size
    return 0


def _is_whole(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _forget_others(partial: Path, offer: Offer) -> None:
    """Remove what an older commit of the repository left behind."""
    kept = {_at(partial, file) for file in offer.files} | {_part(partial, file) for file in offer.files}
    for path in list(partial.rglob("*")):
        if path.is_file() and path not in kept and path.name != NOTES:
            path.unlink()


def _verified(partial: Path) -> dict[str, str]:
    """Digests of the files that an earlier pull verified, by path."""
    try:
        noted = json.loads((partial / NOTES).read_text(encoding="utf-8"))["files"]
        return {str(path): str(digest) for path, digest in noted.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _note(partial: Path, offer: Offer, verified: dict[str, str]) -> None:
    notes = {"repo": offer.repo, "revision": offer.revision, "licence": offer.licence, "files": verified}
    draft = partial / (NOTES + ".part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(json.dumps(notes, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(partial / NOTES)


@contextlib.contextmanager
def _sole(folder: Path) -> Iterator[None]:
    """One pull at a time into a folder: a lock that goes with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{folder}: another `reverie models pull` is at work here") from None
        yield
    finally:
        os.close(descriptor)


def _disk_error(error: OSError, path: Path) -> ReverieError:
    where = error.filename or path
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StoreFull(f"{where}: the disk is full; what is here is kept: make room and go on")
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreReadOnly(f"{where}: cannot be written: {error.strerror}")
        case _:
            return StoreError(f"{where}: cannot be written: {error.strerror}")
