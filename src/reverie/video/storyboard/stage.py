"""The stage an action plays on, and what an action gives back: poses, effects and little else.

    tableau = ACTIONS["pick_up"](stage, t)       # t seconds into the shot, 0 <= t <= stage.seconds

Actions (`moves.py`, `rides.py`, `hands.py`, `deeds.py`, `wonders.py`) are pure functions of the stage and
time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reverie.video.storyboard.actor import Actor
from reverie.video.storyboard.canvas import Canvas, Sprite
from reverie.video.storyboard.casting import Kind
from reverie.video.storyboard.easing import keys, lerp, wave
from reverie.video.storyboard.puppet import Pose

Effect = Callable[[Canvas], None]


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Who is on, and where. Places are virtual units.

    `side`: +1 when the subject stands left and looks right, -1 mirrored. (`x`, `y`) and (`other_x`,
    `other_y`): where subject and object rest their feet; `lift`, `other_lift`: how high they hover by nature
    (0 on the ground). `seconds`: the shot's length. `reach`: half of the room to move in.
    """

    wide: float
    seconds: float
    subject: Actor
    object: Actor | None
    side: float
    seed: int
    setting: str
    x: float
    y: float
    other_x: float
    other_y: float
    lift: float = 0.0
    other_lift: float = 0.0

    @property
    def limbs(self) -> bool:
        """Whether the subject has hands."""
        return self.subject.role.kind is Kind.PERSON

    @property
    def height(self) -> float:
        return self.subject.height

    @property
    def middle(self) -> float:
        return self.wide / 2


@dataclass(frozen=True, slots=True, eq=False)
class Tableau:
    """One instant: poses, and what is drawn behind and before the figures.

    `other` None leaves the object out. `front`: the object is drawn over the subject; `held`: it is drawn
    between the subject's arms. `picture`: shown in place of the object, `picture_height` high. `zoom`: added
    to the camera's; `follow`: where the camera would like its centre, None for the shot's own move. `dim`:
    darkness 0..1 laid over the setting.
    """

    subject: Pose
    other: Pose | None = None
    front: bool = False
    held: bool = False
    grounded: bool = True
    other_grounded: bool = True
    behind: tuple[Effect, ...] = ()
    before: tuple[Effect, ...] = ()
    zoom: float = 0.0
    follow: float | None = None
    dim: float = 0.0
    picture: Sprite | None = None
    picture_height: float = 0.0


Action = Callable[[Stage, float], Tableau]


# ---------------------------------------------------------------------------------- common ground


def alive(s: Stage, t: float, pop: bool = True) -> Pose:
    """Standing there: a pop at the start, then breath, small looks around and, in the air, bobbing."""
    size = keys(t, (0.0, 0.72), (0.32, 1.0, "back")) if pop else 1.0
    bob = 7 * wave(t, 0.55, s.seed % 7 / 7) if s.lift else 0.0
    soft = s.subject.role.kind is not Kind.THING
    return Pose(
        s.x,
        s.y,
        hop=s.lift + bob,
        facing=s.side,
        size=size,
        tall=1 + (0.016 if soft else 0.008) * wave(t, 0.7),
        wide=1 - 0.010 * wave(t, 0.7),
        tilt=2.5 * wave(t, 0.33),
        gaze=0.45 * s.side * wave(t, 0.22, 0.1),
        wag=0.35,
        turn=0.0 if s.limbs else 1.6 * wave(t, 0.4),
    )


def at_rest(s: Stage, t: float, pop: bool = True) -> Pose | None:
    """The object at rest."""
    if s.object is None:
        return None
    size = keys(t, (0.05, 0.6), (0.42, 1.0, "back")) if pop else 1.0
    bob = 6 * wave(t, 0.6, 0.4) if s.other_lift else 0.0
    return Pose(
        s.other_x,
        s.other_y,
        hop=s.other_lift + bob,
        facing=-s.side,
        size=size,
        tall=1 + 0.012 * wave(t, 0.8),
        wag=0.3,
    )


def toward(s: Stage, pose: Pose, strength: float = 1.0) -> Pose:
    """The subject looks at the object."""
    return replace(pose, facing=s.side, gaze=s.side * 0.85 * strength)


def two_hands(s: Stage, pose: Pose, x: float, y: float, apart: float = 22.0) -> Pose:
    """Both hands at (x, y), elbows down."""
    return replace(
        pose,
        far=(x - s.side * apart * 0.4, y - 2),
        near=(x + s.side * apart * 0.2, y + 4),
        elbow_far=s.side,
        elbow_near=s.side,
    )


def head_top(s: Stage, pose: Pose) -> float:
    return pose.y - pose.hop - s.height * pose.size * pose.tall


def waist(s: Stage, pose: Pose) -> float:
    return pose.y - pose.hop - s.height * 0.5


def travel(s: Stage, t: float, paces: float, start: float = 0.24, end: float = 0.68) -> tuple[float, float]:
    """(x, cycles walked): across the stage in the shot's time, whoever's side it is."""
    a, b = (start, end) if s.side > 0 else (1 - start, 1 - end)
    share = keys(t, (0.0, 0.0), (s.seconds, 1.0, "lin"))
    return s.wide * lerp(a, b, share), t * paces
