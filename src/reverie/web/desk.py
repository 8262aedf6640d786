"""Where orders for films are taken: from what a program sent to a committed order and its job.

body → generator → settings → brief, request → wish → order, job
"""

from __future__ import annotations

import asyncio
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reverie import config
from reverie.errors import StoryError
from reverie.values import Brief, Job, Order, Priority, Question, Request
from reverie.web.forms import LONGEST, VideoBody
from reverie.web.guard import Complaint
from reverie.web.pictures import PARAM as PICTURE
from reverie.web.pictures import first_picture
from reverie.web.site import Site

if TYPE_CHECKING:
    from reverie.story.director import Director

KEPT = 86_400.0
"""Seconds from its creation that an order, and so its film, is kept: 24 h."""

WAITING = 100
"""Orders whose films are still to be made, at most; the next one is asked to come later."""

MOST = 10_000
"""Orders that are kept, at most, whatever became of them."""

SHARE = 0.5
"""Share of the room for clips (`store.clips_mb`) that films of orders may take: they are never evicted to
make room, and the rest is the visitors'."""

LATER = 10
"""Seconds after which that one may ask again."""

LARGEST = 600_000_000
"""Pixels of all pictures of a film together: 27 s at 1280x704 and 24 a second; OpenAI's largest, 12 s at
1792x1024, has 528 million. A film that is checked whole before anybody sees it lies in memory meanwhile, at
three bytes a pixel."""

SIDES = ((160, 3840), (120, 2160))
"""Least and most pixels of width and height, as the configuration has them."""

READ = 2000
"""Characters of a prompt that Wan reads (`video/wan/pipeline.py`)."""

NOT_DRAWN = ("negative_prompt", "num_inference_steps", "guidance_scale")
"""What means nothing to a storyboard, beside a first picture."""


class Desk:
    """Takes orders. One at a time, so that their number is kept, and one picture is decoded at once.

    In a thread of its own: those of the event loop are few, and growing films are followed in them.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._thread = ThreadPoolExecutor(1, "desk")
        self._director: Director | None = None

    async def take(self, body: VideoBody, picture: bytes | None) -> Order:
        """Commit an order for what `body` asks. Raises Complaint, StoreError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._take, body, picture)

    def _take(self, body: VideoBody, picture: bytes | None) -> Order:
        from reverie.wishes import make_wish

        generator = self.generator(body.model)
        settings = _adjusted(generator, body)
        _demand_makeable(settings, body, picture)
        store, now = self._site.store, self._site.clock.now()
        if store.orders.unmade() >= WAITING:
            raise Complaint(429, f"{WAITING} films wait to be made; come back later", retry_after=str(LATER))
        self._demand_room()
        brief = _wordless(self._brief(body.prompt, now))
        frames = _frames(settings, body, brief)
        if frames is not None:
            brief = _paced(brief, frames / settings.fps)
        kept = None
        if picture is not None:
            small = first_picture(picture, settings.width, settings.height)
            kept = store.orders.keep_picture(small, ".png")
        request = Request(
            prompt=body.prompt,
            negative=body.negative_prompt,
            seed=body.seed,
            steps=body.num_inference_steps,
            guidance=body.guidance_scale,
            frames=frames,
            picture=kept,
        )
        wish, spec = make_wish(settings, brief, request, self._site.config.sound)
        order = Order(
            id=f"video_{uuid.uuid4().hex}",
            key=wish.key,
            model=generator.name,
            prompt=body.prompt,
            width=spec.width,
            height=spec.height,
            seconds=spec.frames / spec.fps,
            created=now,
            expires=now + KEPT,
        )
        # Below LIVE: whoever stands before the screen is served first, and takes an order's place.
        job = Job(wish.key, brief, spec, order.expires, Priority.SPECULATIVE, now, request=request)
        return store.orders.place(order, job)

    def _demand_room(self) -> None:
        """Refuse one more order where those that are kept leave visitors too little. Raises Complaint."""
        count, size = self._site.store.orders.kept()
        room = SHARE * self._site.config.store.clips_mb
        if count >= MOST or size / 1e6 >= room:
            raise Complaint(
                507,
                f"{count} orders with {size / 1e6:.0f} MB of films are kept; allowed are {MOST} with "
                f"{room:.0f} MB. Delete those that you have fetched, or let the box keep more clips "
                "(store.clips_mb)",
            )

    def find(self, id: str, param: str | None = None) -> Order:
        """The order `id`. Raises Complaint: 404, or 400 where it is only a parameter."""
        order = self._site.store.orders.get(id)
        if order is None:
            raise unknown(id, param)
        return order

    def generator(self, model: str | None, status: int = 400) -> config.Generator:
        """The generator called `model`, else the first of that kind; the first of all for None."""
        generators = self._site.config.generators
        if model is None:
            return generators[0]
        for one in (*(g for g in generators if g.name == model), *(g for g in generators if g.kind == model)):
            return one
        names = ", ".join(generator.name for generator in generators)
        raise Complaint(status, f"no model is called so; this box has {names}", "model", "model_not_found")

    def _brief(self, prompt: str, now: float) -> Brief:
        from reverie.story.director import Director
        from reverie.story.library import load_library
        from reverie.story.questions import detect_language

        story = self._site.config.story
        try:
            if self._director is None:
                self._director = Director(load_library(story.library), story)
            question = Question(now, prompt, detect_language(prompt))
            brief = self._director.direct(question, self._site.store.dials())
        except StoryError as error:
            raise Complaint(503, f"the story library cannot be used: {error}") from error
        assert brief is not None, "a question always has an answer: a card at least"
        return brief


def _adjusted(generator: config.Generator, body: VideoBody) -> config.Generator:
    """The generator's settings with the size and frame rate that were asked for. Raises Complaint."""
    settings = generator
    if body.size is not None:
        width, height = (int(side) for side in body.size.split("x"))
        try:
            settings = _with(settings, width=width, height=height)
        except ValidationError:
            near = _nearest(generator.kind, width, height)
            raise Complaint(
                400, f"size: {generator.name} cannot make {body.size}; the nearest is {near}", "size"
            ) from None
    if body.fps is not None:
        try:
            settings = _with(settings, fps=body.fps)
        except ValidationError as error:
            told = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
            raise Complaint(400, f"fps: {told}", "fps", "invalid_value") from None
    return settings


def _with(settings: config.Generator, **changes: int) -> config.Generator:
    return config.Generator.model_validate({**settings.model_dump(), **changes})


def _nearest(kind: str, width: int, height: int) -> str:
    """The nearest size that a generator of this kind makes."""
    step = 32 if kind == "wan" else 2
    sides = [
        min(max(side, -(-least // step) * step), most // step * step)
        for side, (least, most) in zip((width, height), SIDES, strict=True)
    ]
    return config.near_size(sides[0], sides[1], step)


def _demand_makeable(settings: config.Generator, body: VideoBody, picture: bytes | None) -> None:
    """Refuse what this generator cannot take, rather than leave it out. Raises Complaint."""
    if settings.kind == "wan" and len(body.prompt) > READ:
        told = f"{settings.name} reads at most {READ} characters; found {len(body.prompt)}"
        raise Complaint(400, f"prompt: {told}", "prompt", "invalid_value")
    if settings.kind != "storyboard":
        return
    unfit = [name for name in NOT_DRAWN if getattr(body, name) is not None]
    if picture is not None:
        unfit.append(PICTURE)
    if unfit:
        raise Complaint(
            400,
            f"{', '.join(unfit)}: {settings.name} is a storyboard, which draws the prompt's words and cannot "
            "use that; leave it out or choose another model",
            unfit[0],
            "unsupported_parameter",
        )


def _frames(settings: config.Generator, body: VideoBody, brief: Brief) -> int | None:
    """How many pictures were asked for, None when the story decides. Raises Complaint for too many."""
    asked = body.num_frames
    if asked is None and body.seconds is not None:
        asked = max(1, round(body.seconds * settings.fps))
    count = asked or round(brief.seconds * settings.fps)
    most = min(int(LONGEST * settings.fps), LARGEST // (settings.width * settings.height))
    if count > most:
        param = "num_frames" if body.num_frames is not None else "seconds"
        raise Complaint(
            400,
            f"{param}: a film of {settings.width}x{settings.height} has at most {most} frames "
            f"({most / settings.fps:.4g} s at {settings.fps} a second); asked: {count}",
            param,
            "invalid_value",
        )
    return asked


def _wordless(brief: Brief) -> Brief:
    """The same brief without captions: whoever orders a film lays over it what they like. A card, shown for
    what cannot be drawn, is nothing but its words and keeps them."""
    if brief.topic == "card":
        return brief
    return replace(brief, shots=tuple(replace(shot, caption="") for shot in brief.shots))


def _paced(brief: Brief, seconds: float) -> Brief:
    """The same brief in `seconds`, each shot with its share."""
    pace = seconds / brief.seconds
    return replace(brief, shots=tuple(replace(shot, seconds=shot.seconds * pace) for shot in brief.shots))


def unknown(id: str, param: str | None = None) -> Complaint:
    """That no order is called `id`: 404, or 400 where it was only the parameter `param`."""
    shown = id if re.fullmatch(r"\w{1,64}", id, re.ASCII) else "so"
    return Complaint(400 if param else 404, f"no film is called {shown}: unknown, deleted or expired", param)
