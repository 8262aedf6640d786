"""Any shot as a picture: casts the words, chooses sizes and places, moves the camera, draws in order.

    scene = ShotScene(shot, canvas, seconds, seed)
    scene.draw(canvas, t)

Sizes: natural ratios, softened (a butterfly beside a cat is half as high, not a third), fitted to the
picture. Feet stand at `sets.GROUND`, above where a caption of two lines begins.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from reverie.values import Shot, View
from reverie.video.storyboard.acting.actions import ALOFT, CARRYING, IN_HAND, SEATED, TALL, TOY, action_of
from reverie.video.storyboard.acting.sense import sensible
from reverie.video.storyboard.acting.stage import Stage, Tableau
from reverie.video.storyboard.art import light
from reverie.video.storyboard.art.canvas import STILL, Canvas, colour
from reverie.video.storyboard.art.easing import clamp, wave
from reverie.video.storyboard.art.own import is_own
from reverie.video.storyboard.art.props import podium
from reverie.video.storyboard.art.sprites import parts_of
from reverie.video.storyboard.caption import Caption
from reverie.video.storyboard.figures.actor import Actor, make_actor, picture_of
from reverie.video.storyboard.figures.casting import BOARDS, Cast, Kind, Role, role
from reverie.video.storyboard.figures.puppet import Pose
from reverie.video.storyboard.framing import Area, framed, reach_of
from reverie.video.storyboard.places.grading import OUTDOORS
from reverie.video.storyboard.places.life import draw_life
from reverie.video.storyboard.places.sets import GROUND, load_set, mood_of
from reverie.video.storyboard.score import label_room

PODIUM = 46.0
"""How high a stand lifts what is shown on it, virtual units."""

_STANDING = frozenset({"appear", "spin", "shine", "open", "take_apart", "build", "look_at", "sleep"})
_SHOWN = frozenset({Kind.THING, Kind.FOOD, Kind.DRINK})


_SPREADING = frozenset({"rain", "snow", "condense", "evaporate", "erupt"})
"""Actions that reach from the sky to the ground, whoever plays them."""


class ShotScene:
    """One shot, ready to draw at any time 0 <= t < `seconds`, in any order."""

    def __init__(
        self,
        shot: Shot,
        canvas: Canvas,
        seconds: float,
        seed: int,
        view: View = "",
        cast: Cast = role,
        last: bool = True,
        wardrobe: int | None = None,
    ) -> None:
        """`canvas`: any canvas of the size to come. `seed` decides what a viewer would not miss: sides,
        camera move, where particles fly, clothes. `view`: how near the camera is where the shot leaves it
        open. `cast`: who plays a word. `last`: nothing follows, so its caption stays to the end.
        `wardrobe`: what everybody wears, where it must not change from shot to shot."""
        rng = random.Random(seed)
        asked, shot = shot, sensible(shot)
        self._seed = seed
        self._seconds = seconds
        self._last = last
        subject = cast(shot.subject, shot.labels[0])
        brought = shot.object == asked.object  # by the shot itself, not by what its action needs
        thing = cast(shot.object, shot.labels[1] if brought else "") if shot.object else None
        self._act = action_of(shot.action)
        setting = _home(shot, subject)
        height, width = canvas.pixels.shape[:2]
        self._setting = load_set(setting, shot.mood, width, height, shot.light)
        self._mood = mood_of(shot.mood)
        self._caption = Caption(shot.caption, canvas, self._mood.accent, _highlights(shot, subject, thing))
        side = _unmirrored(subject, thing, shot.action) or rng.choice((1.0, -1.0))
        clothes = rng.randrange(10_000) if wardrobe is None else wardrobe
        self._stage = _staged(shot, subject, thing, canvas.wide, seconds, side, clothes, setting)
        reach = reach_of(self._act, self._stage)
        self._in_bubble = setting != "underwater" and shot.action not in ("float", "swim")
        if shot.action in _SPREADING:
            reach = Area(reach.left - 20, min(reach.top, 84.0), reach.right + 20, GROUND + 6)
        elif shot.action == "swim" or (self._in_bubble and subject.kind is Kind.SWIMMER):
            reach = reach.grown(16)  # arms that stroke, or the water somebody brings along
        elif shot.action in ("boil", "unbox"):
            reach = reach.grown(24)  # the pot, the carton
        elif subject.kind is not Kind.PERSON and shot.action in ("sleep", "wave"):
            reach = reach.grown(8)  # paws that stretch and lift
        room = room_of(canvas, self._caption.top)
        self._framing = framed(reach, room, shot.view or view, canvas.wide, rng)
        self._stands = _stands(self._stage)
        self._afloat = shot.action != "swim" and _on_water(subject, thing)

    def draw(self, canvas: Canvas, t: float) -> None:
        """Draw the whole picture at `t` seconds, caption included."""
        tableau = self._act(self._stage, t)
        follow = 0.0 if tableau.follow is None else tableau.follow - self._stage.middle
        canvas.camera = self._framing.at(clamp(t / self._seconds), follow, tableau.zoom)
        self._draw_scenery(canvas, tableau, t)
        self._draw_players(canvas, tableau, t)
        self._draw_lens(canvas, t)
        canvas.camera = STILL
        self._caption.draw(canvas, t - 0.05, 1.0 if self._last else self._seconds - t)

    def _draw_scenery(self, canvas: Canvas, tableau: Tableau, t: float) -> None:
        setting = self._setting
        canvas.draw_layers(setting.back, lambda i: draw_life(canvas, setting, t, self._seed, i))
        canvas.fade((16, 10, 46), tableau.dim)
        light.motes(canvas, t, self._seed, self._mood.motes, count=9, alpha=0.4)

    def _draw_players(self, canvas: Canvas, tableau: Tableau, t: float) -> None:
        stage = self._stage
        for actor, x in self._stands:
            _draw_stand(canvas, actor, x)
        for effect in tableau.behind:
            effect(canvas)
        self._draw_figures(canvas, stage, tableau, t)
        if self._afloat:
            light.water(canvas, t, stage.y - 24, "#55c2f2", "#1f83d6", 0.84)
        for effect in tableau.before:
            effect(canvas)

    def _draw_lens(self, canvas: Canvas, t: float) -> None:
        """What is between the figures and the lens: blades in the wind, the light of the hour."""
        setting, hour = self._setting, self._setting.hour
        setting.draw_front(canvas, 2.5 * wave(t, 0.21) if setting.name in OUTDOORS else 0.0)
        canvas.fade(colour(hour.over), hour.cover)

    def _draw_figures(self, canvas: Canvas, stage: Stage, tableau: Tableau, t: float) -> None:
        subject, pose = stage.subject, tableau.subject
        grounded = tableau.grounded and _casts_shadow(stage.lift, subject.role) and not self._afloat

        def draw_other() -> None:
            self._draw_other(canvas, stage, tableau, t)

        held: Callable[[], None] | None = draw_other if tableau.held else None
        if tableau.other is not None and not tableau.held and not tableau.front:
            draw_other()
        if pose.alpha > 0:
            subject.draw(canvas, pose, t, held, grounded)
            self._bubble(canvas, subject, pose, t)
        if tableau.other is not None and tableau.front:
            draw_other()

    def _draw_other(self, canvas: Canvas, stage: Stage, tableau: Tableau, t: float) -> None:
        pose, thing = tableau.other, stage.object
        if pose is None:
            return
        if tableau.picture is not None:
            canvas.draw(
                tableau.picture,
                pose.x,
                pose.y - pose.hop,
                tableau.picture_height,
                wide=pose.wide,
                turn=pose.turn,
                anchor=(0.5, 0.9),
            )
        elif thing is not None:
            grounded = (
                tableau.other_grounded and _casts_shadow(stage.other_lift, thing.role) and not self._afloat
            )
            thing.draw(canvas, pose, t, None, grounded)
            self._bubble(canvas, thing, pose, t)

    def _bubble(self, canvas: Canvas, actor: Actor, pose: Pose, t: float) -> None:
        """Swimmers bring their water along where there is none."""
        if actor.role.kind is Kind.SWIMMER and self._in_bubble:
            size = max(actor.height, actor.width) * pose.size * 1.3
            y = pose.y - pose.hop - actor.height * pose.size / 2
            canvas.draw(light.bubble(), pose.x, y, size, wide=1 + 0.02 * wave(t, 0.8))


def _stands(stage: Stage) -> tuple[tuple[Actor, float], ...]:
    """Who is shown on a stand, and where."""
    found = [(stage.subject, stage.x)] if stage.y < GROUND - 1 else []
    if stage.object is not None and stage.other_y < GROUND - 1:
        found.append((stage.object, stage.other_x))
    return tuple(found)


def _draw_stand(canvas: Canvas, actor: Actor, x: float) -> None:
    image = podium()
    width = clamp(actor.width * 1.25, 96 if actor.height < 100 else 150, 240)
    height = width / image.aspect
    light.shadow(canvas, x, GROUND + 8, width * 1.05, 0, 0.5)
    canvas.draw(image, x, GROUND + 12, height, tall=(PODIUM + 22) / height, anchor=(0.5, 1.0))


def room_of(canvas: Canvas, caption: float) -> Area:
    """Where figures may be on the screen: below the AI label, above a caption that begins at `caption`."""
    side = max(6.0, canvas.wide * 0.02)
    return Area(side, label_room(canvas)[1] + 4, canvas.wide - side, min(caption - 8, 406.0))


# ---------------------------------------------------------------------------------- casting a shot


def _home(shot: Shot, subject: Role) -> str:
    """The setting; the sea is under water for those who live there."""
    in_water = subject.kind is Kind.SWIMMER or (subject.word == "turtle" and shot.action not in CARRYING)
    return "underwater" if shot.setting == "sea" and in_water else shot.setting


def _unmirrored(subject: Role, thing: Role | None, action: str) -> float:
    """The side on which an operator's picture stands as it is: its lettering stays legible. 0 for no such."""
    if is_own(subject.sprite) and subject.facing:
        return float(subject.facing)
    if thing is not None and is_own(thing.sprite):
        met = action not in CARRYING | IN_HAND  # then the two face each other
        return float(-thing.facing if met else thing.facing)
    return 0.0


def _on_water(subject: Role, thing: Role | None) -> bool:
    return any(cast.kind is Kind.SHIP or cast.word == "surfboard" for cast in (subject, thing) if cast)


def _highlights(shot: Shot, subject: Role, thing: Role | None) -> tuple[str, ...]:
    """Words of a caption to set off: a product's name, else of an English one the object where it is named,
    else the subject."""
    own = (*(thing.names if thing is not None else ()), *subject.names)
    if any(name.lower() in shot.caption.lower() for name in own):
        return own
    named = thing is not None and thing.word.lower() in shot.caption.lower()
    return (thing.word,) if thing is not None and named else (shot.subject,)


def _casts_shadow(lift: float, cast: Role) -> bool:
    return not (lift > 90 and cast.kind in (Kind.SKY, Kind.AIRCRAFT))


# ---------------------------------------------------------------------------------- sizes and places


def solo_height(cast: Role) -> float:
    """How high something stands when it is alone on stage, virtual units."""
    if cast.kind is Kind.PERSON:
        return float(222 * (cast.metres / 1.65) ** 0.3)
    if cast.kind is Kind.SKY:
        return 150.0
    return clamp(186 * cast.metres**0.22, 118, 268)


def pair_heights(subject: Role, thing: Role, action: str) -> tuple[float, float]:
    """Heights of two on one stage: the square root of the natural ratio, fitted to what the action needs."""
    softened = 0.55
    a, b = subject.metres**softened, thing.metres**softened
    k = max(solo_height(subject), solo_height(thing)) / max(a, b)
    first, second = k * a, k * b
    if subject.kind is Kind.PERSON and first < 150:
        second, first = second * 150 / first, 150.0
    if action == "take_apart":
        second = max(second, min(first * 0.72, 150.0))
    if action in IN_HAND:
        first = max(first, solo_height(subject) * 0.9)
        smallest, largest = {"drink": (0.32, 0.40), "eat": (0.24, 0.32)}.get(action, (0.30, 0.42))
        if subject.kind is not Kind.PERSON:
            largest = min(largest, 0.36)  # it must not hide a face that is this near
        second = clamp(second, first * smallest, first * largest)
        if thing.word == "umbrella" and action in ("hold", "pick_up"):
            second = first * 0.62
    elif action in CARRYING:
        first = min(first, 176.0) if subject.kind is Kind.PERSON else min(first, 130.0)
        low = 0.30 if thing.word in BOARDS else 0.72
        high = (
            (0.8 if thing.word == "surfboard" else 0.5) if low < 0.5 else 0.95 if action == "drive" else 1.25
        )
        second = clamp(second, first * low, first * high)
        if thing.kind is Kind.SHIP:
            second = max(second, first * 1.3)
    elif action in TOY:
        # What the sun melts is the one to be seen.
        least, most = (0.75, 1.0) if subject.kind is Kind.SKY else (0.44, 0.64)
        second = clamp(second, first * least, first * most)
    elif action in SEATED:
        lying = subject.kind is not Kind.PERSON  # an animal needs all of the seat
        second = clamp(second, first * (0.95 if lying else 0.55), first * (1.15 if lying else 0.75))
    elif action in TALL and thing.metres > subject.metres:
        second = 290.0 if thing.metres > 1.6 else 216.0
        first = clamp(second / 1.7, min(176.0, solo_height(subject) * 0.5), 176.0)
    elif action in ALOFT:
        second = min(second, 150.0)
        first = second * 0.45
    elif action == "play" and thing.word in ("guitar",):
        second = first * 0.56
    elif action == "play" and thing.kind in _SHOWN and thing.metres < 0.5:
        second = clamp(second, first * 0.28, first * 0.42)
    return max(first, 58.0), min(max(second, 46.0), 300.0 if action in TALL else 268.0)


def _small(cast: Role) -> bool:
    return cast.kind in _SHOWN and cast.metres < 1.0


def _needs_stand(thing: Role, action: str) -> bool:
    return action in ("look_at", "take_apart") and _small(thing) and thing.metres < 0.5


def _aspect(cast: Role) -> float:
    return 0.44 if cast.kind is Kind.PERSON else _shape(cast)


def _shape(cast: Role) -> float:
    return make_actor(cast, 100.0).width / 100.0 if parts_of(cast.sprite) else picture_of(cast).aspect


def _natural_lift(cast: Role, height: float) -> float:
    """How high something hovers by nature: its middle stays clear of the label's corner and of the ground."""
    if cast.kind in (Kind.SKY, Kind.AIRCRAFT):
        return max(36.0, GROUND - 178 - height / 2)
    if cast.kind is Kind.SWIMMER:
        return max(26.0, 128 - height / 2)
    if cast.kind is Kind.INSECT:
        return max(60.0, 150 - height / 2)
    return 0.0


def _staged(
    shot: Shot,
    subject: Role,
    thing: Role | None,
    wide: float,
    seconds: float,
    side: float,
    seed: int,
    setting: str,
) -> Stage:
    if thing is None:
        first, second = solo_height(subject), 0.0
        first *= min(1.0, wide * (0.56 if wide >= 400 else 0.74) / (first * _aspect(subject)))
    else:
        first, second = pair_heights(subject, thing, shot.action)
        together = (first * _aspect(subject), second * _aspect(thing))
        between = 90 if shot.action == "chase" else 34
        close = shot.action in CARRYING | IN_HAND | SEATED | TALL | ALOFT
        apart = max(together) * 1.08 if close else sum(together) + between
        # A narrow picture gives its people more of the width: there is little else beside them.
        share, largest = (0.84, 0.58) if wide >= 400 else (0.93, 0.72)
        fit = min(1.0, wide * share / apart, wide * largest / max(together))
        first, second = first * fit, second * fit
    on_stand = thing is None and shot.action in _STANDING and _small(subject)
    y = GROUND - PODIUM if on_stand else GROUND
    actor = make_actor(subject, first, seed)
    other = make_actor(thing, second, seed + 1) if thing is not None else None
    x = other_x = wide / 2
    if other is not None:
        gap = clamp(wide * 0.07, 16, 46) if shot.action != "look_at" else clamp(wide * 0.10, 18, 64)
        span = actor.width + other.width + gap
        x = wide / 2 - side * (span - actor.width) / 2
        other_x = wide / 2 + side * (span - other.width) / 2
    return Stage(
        wide,
        seconds,
        actor,
        other,
        side,
        seed,
        setting,
        x,
        y,
        other_x,
        GROUND - PODIUM if thing is not None and _needs_stand(thing, shot.action) else GROUND,
        0.0 if on_stand or shot.action in ("grow",) else _natural_lift(subject, first),
        0.0 if thing is None or shot.action in IN_HAND else _natural_lift(thing, second),
    )
