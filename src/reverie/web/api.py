"""The JSON API: what the box knows, and the few things an operator may ask of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from reverie import __version__
from reverie.errors import ReverieError, StoryError
from reverie.values import (
    Brief,
    Clip,
    Command,
    Dials,
    Job,
    Language,
    Moment,
    Play,
    Priority,
    Question,
)
from reverie.web.films import clip_url, still_url
from reverie.web.kiosk import Body
from reverie.web.site import Site
from reverie.web.wellness import Condition
from reverie.web.words import kind_of, why

ASKED_HOLD = 30.0
"""Seconds that somebody waits for the answer to a question, at least."""

Count = Annotated[int, Query(ge=1, le=500, description="How many, newest first.")]


class ShotView(BaseModel):
    subject: str
    action: str
    object: str | None
    setting: str
    mood: str
    caption: str
    seconds: float


class BriefView(BaseModel):
    """What is shown: topic, shots in order, tone and language of the captions."""

    topic: str
    shots: list[ShotView]
    tone: str
    language: Language


class ClipView(BaseModel):
    """A finished film. `url` plays it, `still` is a picture of it."""

    key: str
    take: int
    url: str
    still: str
    seconds: float
    size: int = Field(description="Bytes.")
    topic: str
    generator: str
    scores: dict[str, float]
    made: float


class JobView(BaseModel):
    """A film to make. `progress` 0..1; times are UTC seconds."""

    key: str
    topic: str
    generator: str
    status: str
    progress: float
    priority: int
    attempts: int
    take: int
    created: float
    deadline: float
    error: str


class PlayView(BaseModel):
    """Proof of play. `ended` is 0 while it runs; `waited` seconds from what was seen to the first picture."""

    id: str
    screen: str
    key: str
    take: int
    rung: str
    moment: str
    cause: str
    seen: float
    started: float
    ended: float
    waited: float | None


class WishView(BaseModel):
    """A film that would answer the moment, and how far it is."""

    generator: str
    key: str
    clip: ClipView | None
    job: JobView | None


class MomentView(BaseModel):
    """Why something was imagined. `why` says it in words; `kind` in one."""

    id: str
    why: str
    kind: str
    live: bool
    seen: float
    opened: float
    expires: float
    brief: BriefView
    wishes: list[WishView]
    plays: list[PlayView]


class ProgramView(BaseModel):
    """A program's last heartbeat; `age` seconds ago, `fresh` while that is no longer than 10 s.

    One that has not reported has the state "missing", the pid 0, and the age of this program's look.
    """

    program: str
    state: str
    detail: str
    pid: int
    age: float
    fresh: bool
    problem: str = Field(description="What keeps the box from being ready; empty when all is well.")
    stats: dict[str, Any]


class DialsBody(Body):
    """The operator's live settings; null means as configured."""

    paused: bool = Field(default=False, description="No new films are made; the screen plays what there is.")
    language: Language | None = Field(default=None, description="Language of captions.")
    tone: Literal["plain", "promotional", "playful", "popular-science"] | None = Field(
        default=None, description="How sentences sound."
    )


class StateView(BaseModel):
    """Everything that the console shows, at once."""

    name: str
    version: str
    now: float
    live_view: bool
    fault: str
    dials: DialsBody
    configured: dict[str, Any]
    screens: list[dict[str, Any]]
    moments: list[MomentView]
    counts: dict[str, int]
    jobs: list[JobView]
    programs: list[ProgramView]
    clips: dict[str, int]


class Ask(Body):
    """A question in plain words."""

    text: str = Field(min_length=1, max_length=300)
    language: Language | None = Field(default=None, description="Of the captions; null: the dial's.")


class Show(Body):
    """A topic by name."""

    topic: str = Field(min_length=1, max_length=120)


class Asked(BaseModel):
    """What was understood. `paused`: generation is paused, so only kept films can answer."""

    moment: str
    brief: BriefView
    paused: bool


def api_routes(site: Site) -> APIRouter:
    router = APIRouter(prefix="/api")
    store, clock, config = site.store, site.clock, site.config
    imagination = Imagination(site)

    @router.get("/state", tags=["state"], summary="All of it, for the console")
    def state() -> StateView:
        """One look at everything that changes."""
        clips, size = store.clips.total()
        return StateView(
            name=config.name,
            version=__version__,
            now=clock.now(),
            live_view=live_view(site),
            fault=site.screens.fault,
            dials=DialsBody(**asdict(store.dials())),
            configured={
                "language": config.story.language,
                "tone": config.story.tone,
                "place": config.story.place,
                "cameras": [camera.name for camera in config.cameras],
            },
            screens=site.screens.states(),
            moments=moment_views(site, store.moments.recent(12)),
            counts=dict(store.jobs.counts()),
            jobs=[job_view(job) for job in store.jobs.recent(12)],
            programs=program_views(site),
            clips={"count": clips, "bytes": size, "budget": config.store.clips_mb * 1_000_000},
        )

    @router.get("/moments", tags=["state"], summary="Moments, newest first")
    def moments(count: Count = 50) -> list[MomentView]:
        return moment_views(site, store.moments.recent(count))

    @router.get("/jobs", tags=["state"], summary="Films to make, newest first")
    def jobs(count: Count = 50) -> list[JobView]:
        return [job_view(job) for job in store.jobs.recent(count)]

    @router.get("/clips", tags=["state"], summary="Finished films, newest first")
    def clips(count: Count = 50) -> list[ClipView]:
        return [clip_view(clip) for clip in store.clips.recent(count)]

    @router.get("/plays", tags=["state"], summary="Proof of play, newest first")
    def plays(count: Count = 50) -> list[PlayView]:
        return [play_view(play) for play in store.plays.recent(count)]

    @router.get("/health", tags=["health"], summary="Each program's last heartbeat")
    def health() -> list[ProgramView]:
        return program_views(site)

    @router.get("/dials", tags=["operator"], summary="The live settings")
    def dials() -> DialsBody:
        return DialsBody(**asdict(store.dials()))

    @router.put("/dials", tags=["operator"], summary="Turn the live settings")
    def turn(body: DialsBody) -> DialsBody:
        """All of them at once; they are kept over restarts."""
        store.turn(Dials(**body.model_dump()))
        return body

    @router.post("/ask", tags=["operator"], status_code=202, summary="Ask for a film in words")
    def ask(body: Ask) -> Asked:
        """Opens a moment with the highest priority; the film plays on the screen like any other."""
        text = " ".join(body.text.split())
        if not text:
            raise HTTPException(422, "text: say what you would like to see")
        language = body.language or store.dials().language or config.story.language
        return imagination.open(Question(clock.now(), text, language), f"no story for “{text}”")

    @router.post("/show", tags=["operator"], status_code=202, summary="Show a topic")
    def show(body: Show) -> Asked:
        """The story of a topic, as if its moment had come."""
        return imagination.open(Command(clock.now(), body.topic), f"no story has the topic {body.topic!r}")

    return router


class Imagination:
    """From a question or a command to an open moment. Loads the story library when first asked."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._director: Any = None

    def open(self, cause: Question | Command, unknown: str) -> Asked:
        """Open a moment for `cause`. Raises HTTPException 422 with `unknown` when no story answers it."""
        store = self._site.store
        dials = store.dials()
        try:
            brief = self._direct(cause, dials)
        except StoryError as error:
            raise HTTPException(503, f"the story library cannot be used: {error}") from error
        if brief is None:
            raise HTTPException(422, unknown)
        moment = self._moment(cause, brief)
        self._site.screens.update()
        return Asked(moment=moment.id, brief=brief_view(brief), paused=dials.paused)

    def _direct(self, cause: Question | Command, dials: Dials) -> Brief | None:
        with self._lock:  # a director keeps no state worth sharing, but its library loads once
            if self._director is None:
                from reverie.story.director import Director
                from reverie.story.library import load_library
                from reverie.story.llm import second_reader

                story, questions = self._site.config.story, self._site.config.questions
                self._director = Director(
                    load_library(story.library), story, second=second_reader(questions.llm)
                )
            director = self._director
        # Outside: a language model may think for seconds, and nobody else waits for it
        brief: Brief | None = director.direct(cause, dials)
        return brief

    def _moment(self, cause: Question | Command, brief: Brief) -> Moment:
        from reverie.wishes import make_moment

        site = self._site
        moment, jobs = make_moment(site.config, cause, brief, cause.time, Priority.ASKED)
        expires = max(moment.expires, cause.time + ASKED_HOLD)
        wanted = [replace(job, deadline=expires) for job in jobs if site.store.clips.get(job.key) is None]
        return site.store.moments.open(replace(moment, expires=expires), wanted)


def health_routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether this program lives")
    def healthz() -> dict[str, str]:
        """Always 200 and needs no token: it says nothing else."""
        return {"status": "ok"}

    @router.get("/readyz", summary="Whether the box does its work")
    def readyz() -> JSONResponse:
        """200 when the store can be written and every program is well; else 503 and why.

        Each program of the configuration must have reported in the last 10 s, must not be failing, and must
        not have been starting for more than 60 s.
        """
        problems = []
        try:
            site.store.plays.end("", site.clock.now())  # a write that changes nothing
        except ReverieError as error:
            problems.append(str(error))
        problems += [f"{c.program}: {c.problem}" for c in site.wellness.look() if c.problem]
        return JSONResponse(
            {"ready": not problems, "problems": problems}, status_code=503 if problems else 200
        )

    return router


# ---------------------------------------------------------------------------------- values as views


def live_view(site: Site) -> bool:
    """Whether the console may see the camera: as configured, else only on loopback."""
    asked = site.config.serve.live_view
    return site.config.serve.loopback if asked is None else asked


def brief_view(brief: Brief) -> BriefView:
    return BriefView.model_validate(asdict(brief))


def clip_view(clip: Clip) -> ClipView:
    return ClipView(
        key=clip.key,
        take=clip.take,
        url=clip_url(clip.key, clip.take),
        still=still_url(clip.key, clip.take),
        seconds=clip.seconds,
        size=clip.size,
        topic=clip.topic,
        generator=clip.generator,
        scores=dict(clip.scores),
        made=clip.made,
    )


def job_view(job: Job) -> JobView:
    return JobView(
        key=job.key,
        topic=job.brief.topic,
        generator=job.spec.generator,
        status=job.status,
        progress=job.progress,
        priority=job.priority,
        attempts=job.attempts,
        take=job.take,
        created=job.created,
        deadline=job.deadline,
        error=job.error,
    )


def play_view(play: Play) -> PlayView:
    waited = round(play.started - play.seen, 4) if play.moment and play.seen else None
    return PlayView(**asdict(play), waited=waited)


def program_views(site: Site) -> list[ProgramView]:
    """Each program that this box is to run, as it fares now."""
    return [_program_view(condition) for condition in site.wellness.look()]


def _program_view(condition: Condition) -> ProgramView:
    health = condition.health
    return ProgramView(
        program=condition.program,
        state=health.state if health is not None else "missing",
        detail=health.detail if health is not None else "",
        pid=health.pid if health is not None else 0,
        age=round(condition.age, 2),
        fresh=condition.fresh,
        problem=condition.problem,
        stats=dict(health.stats) if health is not None else {},
    )


def moment_views(site: Site, moments: Iterable[Moment]) -> list[MomentView]:
    plays: dict[str, list[Play]] = {}
    for play in site.store.plays.recent(200):
        plays.setdefault(play.moment, []).append(play)
    now = site.clock.now()
    return [
        MomentView(
            id=moment.id,
            why=why(moment.cause),
            kind=kind_of(moment.cause),
            live=moment.expires > now,
            seen=moment.seen,
            opened=moment.opened,
            expires=moment.expires,
            brief=brief_view(moment.brief),
            wishes=[_wish_view(site, wish.generator, wish.key) for wish in moment.wishes],
            plays=[play_view(play) for play in plays.get(moment.id, [])],
        )
        for moment in moments
    ]


def _wish_view(site: Site, generator: str, key: str) -> WishView:
    clip, job = site.store.clips.get(key), site.store.jobs.get(key)
    return WishView(
        generator=generator,
        key=key,
        clip=clip_view(clip) if clip is not None else None,
        job=job_view(job) if job is not None else None,
    )
