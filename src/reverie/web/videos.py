"""Films for programs: the API that video servers have in common, under /v1/videos.

    POST /v1/videos → order, job → GET /v1/videos/{id} until it is completed → GET /v1/videos/{id}/content

Any generator of this box answers, the storyboard too. Where this API leaves a choice:

- A film is an *order*: a name of its own (`video_…`) for a clip. Who asks twice for the same gets two
  orders, and the film is made once. An order lives KEPT seconds; its film is kept as long, over restarts.
- Visitors come first. Orders wait below everything that somebody stands before the screen for, and a film
  that is being made for one is put back when somebody comes. Among themselves the oldest goes first.
- What a generator cannot take is refused (400), never left out silently. Only a storyboard is choosy: it
  draws a prompt's words, so it takes no first picture, no steps, guidance or negative prompt. What it cannot
  draw is a film that says so; its `topic` is then "card".
- `num_frames` counts; `seconds` is for those who do not count. Both at once: `num_frames` wins.
- `progress` is of the furthest attempt, so that it never falls; it is 100 only when the film can be fetched.
- Such a film shows on no screen: it is its orderer's. DELETE forgets it, and stops its making.
- Films that were not deleted take at most half of the room for clips (`store.clips_mb`); then none is taken.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from reverie import config
from reverie.errors import ClipError
from reverie.values import Clip, Job, JobStatus, Order
from reverie.web.desk import LATER, Desk, unknown
from reverie.web.films import FilmResponse
from reverie.web.forms import FORMS, body_schema, is_form, read_body
from reverie.web.guard import Complaint
from reverie.web.site import Site

LOOK_MS = 500
"""Milliseconds between two looks that a client is advised."""


class FailureView(BaseModel):
    """Why there will be no film: `generation_failed`, `expired` (not made in time) or `content_lost`."""

    code: str
    message: str


class VideoView(BaseModel):
    """A film that was ordered. Times are whole UTC seconds."""

    id: str
    object: Literal["video"] = "video"
    model: str = Field(description="The generator's name.")
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(description="0..100; never falls, and is 100 only when the film is completed.")
    created_at: int
    completed_at: int | None
    expires_at: int = Field(description="When it is forgotten: 24 hours after it was created.")
    size: str
    seconds: str = Field(description="How long the film is (or will be), in seconds, as text.")
    prompt: str
    error: FailureView | None
    topic: str | None = Field(
        description="The story that was understood from the prompt; `card`: a storyboard cannot draw it."
    )


class VideoList(BaseModel):
    """Some of the films; ask for those `after` the `last_id` while `has_more`."""

    object: Literal["list"] = "list"
    data: list[VideoView]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedView(BaseModel):
    id: str
    object: Literal["video.deleted"] = "video.deleted"
    deleted: bool = True


class ModelView(BaseModel):
    """A generator of this box, best first. `created` is unknown: 0."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str
    kind: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelView]


class ErrorBody(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class ErrorView(BaseModel):
    error: ErrorBody


def video_routes(site: Site) -> APIRouter:
    problems: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorView} for status in (400, 401, 404, 408, 413, 415, 429, 507)
    }
    router = APIRouter(prefix="/v1", tags=["videos"], responses=problems)
    store, desk, forms = site.store, Desk(site), asyncio.Semaphore(FORMS)

    @router.post("/videos", summary="Order a film", openapi_extra={"requestBody": body_schema()})
    async def create(request: Request) -> VideoView:
        """As JSON, or as a form with a picture that the film begins with. It is made when its turn comes.

        429 with Retry-After when too many orders wait; 507 when too many films were not deleted.
        """
        form = is_form(request)
        if form and forms.locked():
            raise Complaint(429, "too many pictures come at once; come back later", retry_after=str(LATER))
        async with forms if form else contextlib.nullcontext():
            body, picture = await read_body(request)
            order = await desk.take(body, picture)
        return await asyncio.to_thread(_view, site, order)

    @router.get("/videos", summary="Films that were ordered")
    def listed(
        limit: Annotated[int, Query(ge=1, le=100, description="How many.")] = 20,
        after: Annotated[str | None, Query(max_length=100, description="Those that follow this id.")] = None,
        order: Annotated[Literal["asc", "desc"], Query(description="`desc`: newest first.")] = "desc",
    ) -> VideoList:
        if after is not None:
            desk.find(after, "after")
        found = store.orders.recent(limit + 1, after, oldest_first=order == "asc")
        data = [_view(site, ordered) for ordered in found[:limit]]
        first, last = (data[0].id, data[-1].id) if data else (None, None)
        return VideoList(data=data, first_id=first, last_id=last, has_more=len(found) > limit)

    @router.get("/videos/{id}", response_model=VideoView, summary="How far a film is")
    def one(id: str) -> Response:
        """The header `openai-poll-after-ms` says when to look again, while there is something to wait for."""
        view = _view(site, desk.find(id))
        waits = view.status in ("queued", "in_progress")
        headers = {"openai-poll-after-ms": str(LOOK_MS)} if waits else {}
        return JSONResponse(view.model_dump(), headers={"cache-control": "no-store", **headers})

    @router.delete("/videos/{id}", summary="Forget a film, or stop its making")
    def delete(id: str) -> DeletedView:
        """Its file goes too, unless another order has the same film."""
        if not store.orders.delete(id):
            raise unknown(id)
        return DeletedView(id=id)

    @router.get("/videos/{id}/content", response_class=FileResponse, summary="The film itself")
    def content(
        id: str,
        variant: Annotated[
            Literal["video", "thumbnail"], Query(description="MP4 (with Range), or a JPEG of its middle.")
        ] = "video",
    ) -> Response:
        """400 while it is not completed."""
        path = _clip(site, desk.find(id)).path
        try:
            if variant == "thumbnail":
                from reverie.video.encode import thumbnail

                answer = Response(thumbnail(path), media_type="image/jpeg")
            else:
                answer = FilmResponse(path)
        except (FileNotFoundError, ClipError):
            raise unknown(id) from None  # deleted since it was looked up
        answer.headers["cache-control"] = "private, no-cache"
        return answer

    @router.get("/models", summary="The generators of this box")
    def models() -> ModelList:
        return ModelList(data=[_model_view(generator) for generator in site.config.generators])

    @router.get("/models/{id}", summary="One generator")
    def model(id: str) -> ModelView:
        return _model_view(desk.generator(id, 404))

    return router


# ---------------------------------------------------------------------------------- how it fares


def _view(site: Site, order: Order) -> VideoView:
    # The job first: between the two looks it may be finished, never the other way round.
    job = site.store.jobs.get(order.key)
    clip = site.store.clips.get(order.key)
    reached = 0.0 if job is None else site.store.orders.reached(order.key)
    status, error = _fate(job, clip)
    return VideoView(
        id=order.id,
        model=order.model,
        status=status,
        progress=100 if clip is not None else min(99, int(100 * reached)),
        created_at=int(order.created),
        completed_at=None if clip is None else int(max(clip.made, order.created)),
        expires_at=int(order.expires),
        size=f"{order.width}x{order.height}",
        seconds=f"{round(order.seconds, 3):g}",
        prompt=order.prompt,
        error=error,
        topic=None if job is None else job.brief.topic,
    )


def _clip(site: Site, order: Order) -> Clip:
    """The finished film of an order. Raises Complaint (400) when there is none, or none yet."""
    clip = site.store.clips.get(order.key)
    if clip is not None:
        return clip
    view = _view(site, order)
    if view.error is not None:
        raise Complaint(400, f"there is no film: {view.error.message}", code="video_failed")
    raise Complaint(
        400, f"the film is {view.status}, {view.progress} % done; look again", code="video_not_ready"
    )


def _fate(
    job: Job | None, clip: Clip | None
) -> tuple[Literal["queued", "in_progress", "completed", "failed"], FailureView | None]:
    """The status of a film, and why it failed."""
    if clip is not None:
        return "completed", None
    match None if job is None else job.status:
        case JobStatus.WAITING:
            return "queued", None
        case JobStatus.RUNNING:
            return "in_progress", None
        case JobStatus.FAILED:
            assert job is not None
            return "failed", FailureView(code="generation_failed", message=job.error)
        case JobStatus.EXPIRED:
            return "failed", FailureView(code="expired", message="it could not be made in time")
        case _:
            return "failed", FailureView(code="content_lost", message="its file is lost; order it anew")


def _model_view(generator: config.Generator) -> ModelView:
    return ModelView(id=generator.name, owned_by="reverie", kind=generator.kind)
