"""A `.pt` becomes an ONNX file once, by the operator's own `yolo`; here by a stand-in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from reverie.errors import DetectorError
from reverie.vision import export
from reverie.vision.export import exported

YOLO = """#!{python}
import os, pathlib, sys
here = pathlib.Path(".")
with open({told!r}, "a") as told:
    told.write(" ".join(sys.argv[1:]) + "|" + ",".join(
        os.environ[name] for name in ("YOLO_AUTOINSTALL", "YOLO_OFFLINE")) + "\\n")
what = {what!r}
if what == "fails":
    sys.exit("RuntimeError: Unsupported global: os.system")
if what != "nothing":
    (here / "model.onnx").write_bytes(b"from " + (here / "model.pt").read_bytes())
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """What the stand-in was asked, a line a call."""
    return tmp_path / "told.txt"


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, told: Path, what: str = "writes") -> None:
    """Put a `yolo` on the path that does `what`; nothing else is there."""
    bin = folder / "bin"
    bin.mkdir(exist_ok=True)
    (bin / "yolo").write_text(YOLO.format(python=sys.executable, told=str(told), what=what))
    (bin / "yolo").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin))


@pytest.fixture
def pt(tmp_path: Path) -> Path:
    path = tmp_path / "my model = best.pt"
    path.write_bytes(b"a pickle")
    return path


def test_it_is_exported_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path, pt: Path) -> None:
    install(monkeypatch, tmp_path, told)
    first = exported(str(pt), tmp_path / "cache")
    assert exported(str(pt), tmp_path / "cache") == first
    assert first.read_bytes() == b"from a pickle"
    assert told.read_text().splitlines() == [
        "export model=model.pt format=onnx dynamic=True simplify=False opset=17|false,true"
    ]
    assert list((tmp_path / "cache").iterdir()) == [first]
    assert pt.read_bytes() == b"a pickle"


def test_another_content_is_another_export(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path, pt: Path
) -> None:
    install(monkeypatch, tmp_path, told)
    first = exported(str(pt), tmp_path / "cache")
    pt.write_bytes(b"trained on")
    second = exported(str(pt), tmp_path / "cache")
    assert first != second
    assert second.read_bytes() == b"from trained on"
    assert first.stem.startswith("my model = best-")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("fails", "`yolo export` failed: RuntimeError: Unsupported global: os.system"),
        ("nothing", "`yolo export` ended well and wrote no ONNX file"),
    ],
)
def test_what_went_wrong_is_told_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path, pt: Path, what: str, message: str
) -> None:
    install(monkeypatch, tmp_path, told, what)
    with pytest.raises(DetectorError, match=message) as caught:
        exported(str(pt), tmp_path / "cache")
    assert str(pt) in str(caught.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_ultralytics_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pt: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(DetectorError, match=r"pipx install ultralytics` \(AGPL-3.0\)") as caught:
        exported(str(pt), tmp_path / "cache")
    assert "yolo export model=my model = best.pt format=onnx" in str(caught.value)


def test_one_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path, pt: Path
) -> None:
    install(monkeypatch, tmp_path, told)
    slow = tmp_path / "bin" / "yolo"
    slow.write_text(f"#!{sys.executable}\nimport threading; threading.Event().wait(60)\n")
    monkeypatch.setattr(export, "PATIENCE", 0.2)
    with pytest.raises(DetectorError, match="took longer than 0 s"):
        exported(str(pt), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path, pt: Path
) -> None:
    install(monkeypatch, tmp_path, told)
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(DetectorError, match=r"cannot be exported to .*cache"):
        exported(str(pt), tmp_path / "cache")


def test_other_files_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Path) -> None:
    install(monkeypatch, tmp_path, told)
    for name in ("model.onnx", "model.xml", "model.engine"):
        (tmp_path / name).touch()
        assert exported(str(tmp_path / name)) == tmp_path / name
    assert not told.exists()
    with pytest.raises(DetectorError, match="no such file"):
        exported(str(tmp_path / "missing.pt"))
    assert not told.exists()


def test_exports_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert export.exports_folder() == tmp_path / "reverie" / "exports"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert export.exports_folder() == Path(os.path.expanduser("~")) / ".cache" / "reverie" / "exports"
