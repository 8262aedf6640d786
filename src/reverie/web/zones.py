"""The Zones page: its file, the zones of each camera to read and to save, and a plain still to draw them on.

What is saved goes into the machine-written zones file (`reverie.zones`), from which `watch` takes it within a
second. The still comes over the live view's socket when somebody asks, without boxes, and is kept nowhere.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Body as InBody
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from reverie import config, zones
from reverie.config import runtime_folder
from reverie.errors import ConfigError
from reverie.shelf import read_shelf
from reverie.vision.coco import COCO
from reverie.web.api import live_view
from reverie.web.kiosk import FRESH, STATIC
from reverie.web.site import Site

PATIENCE = 10.0
"""Seconds for a camera to have a picture: a folder or a slow camera shows one a second or fewer."""

CameraName = Annotated[str, InPath(max_length=64, description="The camera's name.")]
Version = Annotated[
    str, Query(pattern="^[0-9a-f]{16}$", description="The `version` that was read before editing.")
]


class Drawing(BaseModel):
    """What is on one camera's picture: zones and lines, as the configuration writes them."""

    zones: list[config.Zone]
    lines: list[config.Line]


class PlanView(Drawing):
    """The zones and lines that hold for a camera now."""

    camera: str
    drawn: bool = Field(description="They were drawn on the Zones page; else the configuration says so.")
    version: str = Field(description="Names exactly these zones and lines; who saves sends it back.")
    fault: str = Field(description="Why drawn zones that there are cannot be used; empty when all is well.")
    configured: Drawing = Field(description="What the configuration says, drawn or not.")


class Usual(BaseModel):
    """What holds for a zone that does not say it itself."""

    dwell: float
    cooldown: float
    crowd: int


class ZonesView(BaseModel):
    """Everything that the Zones page begins with."""

    name: str
    cameras: list[PlanView]
    usual: Usual
    labels: list[str] = Field(description="Names to choose from: things configured, taught and usual.")
    still: bool = Field(description="Whether the operator may see the camera: see serve.live_view.")


class Wanted(Drawing):
    """What is to hold from now on for a camera. `version`: the one that the editing began with."""

    version: str


def zones_routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["zones"])
    folder, settings = site.config.store.folder, site.config

    @router.get("/console/zones", include_in_schema=False)
    def page() -> Response:
        return FileResponse(STATIC / "zones.html", headers=FRESH)

    @router.get("/api/zones", summary="Zones and lines of every camera")
    def every() -> ZonesView:
        """What was drawn, else what the configuration says."""
        plans = zones.load(folder, settings.cameras)
        return ZonesView(
            name=settings.name,
            cameras=[_view(camera, plans[camera.name]) for camera in settings.cameras],
            usual=Usual(
                dwell=settings.events.dwell, cooldown=settings.events.cooldown, crowd=settings.events.crowd
            ),
            labels=_labels(settings),
            still=live_view(site),
        )

    @router.get("/api/zones/{camera}", summary="Zones and lines of one camera")
    def one(camera: CameraName) -> PlanView:
        found = _camera(settings, camera)
        return _view(found, zones.load(folder, [found])[found.name])

    @router.put(
        "/api/zones/{camera}",
        summary="Draw a camera's zones",
        openapi_extra=_body_schema(),
    )
    def draw(camera: CameraName, wanted: Annotated[dict[str, Any], InBody()]) -> PlanView:
        """All zones and lines of the camera at once; they hold within a second and are kept.

        409 when they were changed since `version` was read; 422 says which zone is wrong, and why.
        """
        found = _camera(settings, camera)
        base = wanted.pop("version", None)
        if not isinstance(base, str):
            raise HTTPException(422, "version: send the `version` that was read before editing")
        try:
            return _save(site, found, zones.draw(found, wanted), base)
        except ConfigError as error:
            raise HTTPException(422, str(error)) from None

    @router.delete("/api/zones/{camera}", summary="Back to the configuration")
    def undraw(camera: CameraName, version: Version) -> PlanView:
        """Forget what was drawn for the camera: its configured zones hold again within a second."""
        return _save(site, _camera(settings, camera), None, version)

    @router.get(
        "/api/zones/{camera}/still",
        summary="What a camera sees now",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}},
    )
    async def still(camera: CameraName) -> Response:
        """A JPEG without boxes, to draw zones on. Taken when asked for; kept nowhere."""
        return await _still(site, _camera(settings, camera))

    return router


def _body_schema() -> dict[str, Any]:
    """What may be put, for the OpenAPI page. The route reads it itself, to name the zones that are wrong."""
    schema = Wanted.model_json_schema(ref_template="#/components/schemas/{model}")
    del schema["$defs"]  # the answers' schemas bring them
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _camera(settings: config.Config, name: str) -> config.Camera:
    for camera in settings.cameras:
        if camera.name == name:
            return camera
    raise HTTPException(
        404, f"no camera has that name; there is {', '.join(repr(c.name) for c in settings.cameras)}"
    )


def _save(site: Site, camera: config.Camera, plan: zones.Plan | None, base: str) -> PlanView:
    try:
        return _view(camera, zones.save(site.config.store.folder, camera, plan, base))
    except zones.Outdated as error:
        raise HTTPException(409, str(error)) from None


async def _still(site: Site, camera: config.Camera) -> Response:
    from reverie.vision.liveview import read_still

    if not live_view(site):
        raise HTTPException(403, "the live view is off; see serve.live_view")
    path = runtime_folder(site.config.store) / "live.sock"
    try:
        jpeg = await asyncio.wait_for(read_still(path, camera.name), PATIENCE)
    except TimeoutError:
        raise HTTPException(
            503, f"camera {camera.name!r} had no picture for {PATIENCE:g} s", {"retry-after": "5"}
        ) from None
    if jpeg is None:
        raise HTTPException(503, "no camera program offers the live view", {"retry-after": "1"})
    return Response(jpeg, media_type="image/jpeg", headers={"cache-control": "no-store"})


def _view(camera: config.Camera, plan: zones.Plan) -> PlanView:
    return PlanView(
        camera=camera.name,
        drawn=plan.drawn,
        version=plan.version,
        fault=plan.fault,
        zones=list(plan.zones),
        lines=list(plan.lines),
        configured=Drawing(zones=list(camera.zones), lines=list(camera.lines)),
    )


def _labels(settings: config.Config) -> list[str]:
    """Names to choose from, the most usual first: only the detector's own file knows all that it reports."""
    plain = [*settings.detector.classes] or list(COCO)
    named: list[str] = []
    for camera in settings.cameras:
        named += [label for zone in camera.zones for label in zone.labels]
        named += [label for line in camera.lines for label in line.labels]
    taught = read_shelf(settings.products).labels if settings.products is not None else ()
    return list(dict.fromkeys([*named, *taught, *plain]))
