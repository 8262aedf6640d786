"""`reverie check` for generators that are elsewhere, or whose model is."""

from __future__ import annotations

from pathlib import Path

import pytest
from screening import Box, make_box

from reverie import checkup, config
from reverie.checkup import Finding
from reverie.errors import GeneratorError

TOKEN = "0123456789abcdef"


def looked_at(settings: config.Generator) -> Finding:
    """The last thing that is said of the generator."""
    found = checkup.findings(config.Config(generators=(settings,), serve=config.Serve(port=0)))
    return [finding for finding in found if finding.what == f"generator {settings.name}"][-1]


def remote(url: str, token: str | None = None) -> config.Generator:
    return config.Generator.model_validate({"kind": "remote", "remote": {"url": url, "token": token}})


def test_another_machine_that_answers(served: Box) -> None:
    assert looked_at(remote(f"{served.url}/v1")) == Finding(
        "generator remote", "ok", f"{served.url}/v1 answers"
    )


def test_another_machine_that_wants_a_token(tmp_path: Path) -> None:
    box = make_box(tmp_path, serve={"port": 0, "token": TOKEN})
    box.start()
    try:
        assert looked_at(remote(f"{box.url}/v1", "fedcba9876543210")).verdict == "wrong"
        assert looked_at(remote(f"{box.url}/v1", TOKEN)).verdict == "ok"
    finally:
        box.stop()
        box.store.close()


def test_another_machine_that_is_away_may_come_back() -> None:
    finding = looked_at(remote("http://user:secret@127.0.0.1:9/v1"))
    assert finding.verdict == "note"
    assert "does not answer now" in finding.message
    assert "secret" not in finding.message


def test_another_machine_without_the_model(served: Box) -> None:
    settings = remote(f"{served.url}/v1")
    other = settings.model_copy(update={"remote": settings.remote.model_copy(update={"model": "sora"})})
    finding = looked_at(other)
    assert finding.verdict == "note"
    assert "lists no model 'sora'; it lists storyboard" in finding.message


def test_a_storyboard_before_another_generator_always_wins() -> None:
    away = remote("http://127.0.0.1:9/v1")
    for generators, notes in (((away, config.Generator()), 0), ((config.Generator(), away), 1)):
        found = checkup.findings(config.Config(generators=generators, serve=config.Serve(port=0)))
        assert len([f for f in found if f.what == "generators"]) == notes


def test_product_pictures_that_are_nowhere(tmp_path: Path) -> None:
    settings = config.Generator(pictures=tmp_path / "none")
    assert looked_at(settings) == Finding("generator storyboard", "wrong", f"{tmp_path}/none: no such folder")


def test_an_address_that_lists_no_models(served: Box) -> None:
    finding = looked_at(remote(f"{served.url}/v2"))
    assert (finding.verdict, "HTTP 404" in finding.message) == ("note", True)


def test_a_model_that_was_never_pulled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVERIE_MODELS", str(tmp_path))
    settings = config.Generator(kind="wan")
    finding = looked_at(settings)
    assert finding.verdict == "wrong"
    with pytest.raises(GeneratorError) as error:
        checkup.refuse(config.Config(generators=(settings,)))
    assert str(error.value) == finding.message
    # Where the extra is not installed, that is what is said first.
    assert "reverie models pull" in finding.message or "reverie[wan]" in finding.message
