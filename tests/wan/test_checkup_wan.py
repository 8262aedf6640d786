"""`reverie check` and the start of `reverie run` for a box with Wan: what is wrong is said before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny  # noqa: F401  (one thread for torch)

from reverie import checkup, config
from reverie.checkup import Finding
from reverie.errors import GeneratorError


def settings(checkpoint: Path | str, width: int = 96, height: int = 64, **wan: Any) -> config.Config:
    # Smaller than a configuration may ask for: so that it is quick.
    generator = config.Generator.model_construct(
        **{
            **config.Generator().model_dump(),
            "kind": "wan",
            "name": "wan",
            "width": width,
            "height": height,
            "wan": config.Wan(model=str(checkpoint), device="cpu", **wan),
            "remote": config.Remote(),
        }
    )
    return config.Config.model_construct(**{**dict(config.Config()), "generators": (generator,)})


def found(box: config.Config) -> Finding:
    return next(f for f in checkup.findings(box) if f.what == "generator wan")


def test_a_model_that_can_run_is_named_with_its_recipe(checkpoint: Path) -> None:
    finding = found(settings(checkpoint, preset="fast", segment=17))
    assert finding.verdict == "ok"
    said = (
        f"{checkpoint.name}, preset fast: 3 steps, the full decoder; on cpu: 17 pictures at once need about"
    )
    assert finding.message.startswith(said)
    assert finding.message.endswith("are free, 96x64 at 24 fps, libx264")
    # Nobody knows that these weights were distilled: so many steps as any others.
    assert "preset quality: 30 steps, guidance 5" in found(settings(checkpoint)).message


def test_how_many_prompts_are_compiled_and_who_encodes_the_others(checkpoint: Path) -> None:
    def told(**wan: Any) -> Finding:
        return next(f for f in checkup.findings(settings(checkpoint, **wan)) if f.what == "prompts of wan")

    assert (told().verdict, "encoded when they come" in told().message) == ("ok", True)
    away = told(encoder="http://127.0.0.1:9")
    assert (away.verdict, "asked again" in away.message) == ("note", True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"width": 112}, "sides divide by 32; 112x64 does not; near is 128x64"),
        ({"preset": "edge"}, "no text encoder|tiny decoder|prompts compile"),
        ({"preset": "edge", "encoder": "cpu"}, "tiny_vae.safetensors is not there"),
        ({"memory_gib": 0.000001}, "are needed even for one picture"),
    ],
)
def test_what_a_preset_cannot_run_with_is_wrong(checkpoint: Path, changes: dict[str, Any], says: str) -> None:
    finding = found(settings(checkpoint, **changes))
    assert finding.verdict == "wrong"
    assert any(one in finding.message for one in says.split("|")), finding.message


def test_a_box_does_not_start_without_its_model(checkpoint: Path, tmp_path: Path) -> None:
    checkup.refuse(settings(checkpoint))
    with pytest.raises(GeneratorError, match="no such folder"):
        checkup.refuse(settings(tmp_path / "none"))
