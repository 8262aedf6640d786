"""The stage an action plays on, and what an action gives back: poses, effects and little else.

    tableau = ACTIONS["pick_up"](stage, t)       # t seconds into the shot, 0 <= t <= stage.seconds

Actions (listed in `actions.py`; `sense.py` says which of them a shot may ask for) are pure functions of the
stage and time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reverie.video.storyboard.art.canvas import Canvas, Sprite
from reverie.video.storyboard.art.clay import Point, reach
from reverie.video.storyboard.art.easing import clamp, keys, lerp, wave
from reverie.video.storyboard.figures.actor import Actor, Puppet, paces
from reverie.video.storyboard.figures.casting import Kind
from reverie.video.storyboard.figures.puppet import Expression, Pose, frame_of

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
    def span(self) -> float:
        """Seconds that the deed itself takes: all of a short shot; a long one leaves time to live on."""
        return min(self.seconds, 4.4)

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


def feels(t: float, first: Expression, *later: tuple[float, Expression]) -> Expression:
    """The expression at `t`: `first`, then each `(time, expression)` from its time on. Times grow."""
    found = first
    for since, face in later:
        if t >= since:
            found = face
    return found


def inside(s: Stage, x: float, width: float) -> float:
    """`x`, moved so far that something `width` wide stays in the picture."""
    half = min(width / 2 + 4, s.wide / 2)
    return clamp(x, half, s.wide - half)


def hands_of(actor: Actor, pose: Pose) -> tuple[Point, Point]:
    """(near, far): where the hands are, as far as arms reach; of others the paw or bumper, twice."""
    if not isinstance(actor, Puppet):
        return actor.hand(pose), actor.hand(pose)
    joints = frame_of(actor.look, actor.height, pose)
    front = 1 if pose.facing > 0 else 0
    places = []
    for i, target in ((front, pose.near), (1 - front, pose.far)):
        x, y = joints.shoulders[i]
        goal = target or (x, y + joints.arm * 1.86)
        places.append(reach((x, y), goal, joints.arm, joints.arm, 1.0)[1])
    return places[0], places[1]


def reached(s: Stage, pose: Pose, share: float, near: Point | None, far: Point | None = None) -> Pose:
    """The hands on their way, by `share` 0..1, from where they hang to `near` and `far` (None: it hangs on).

    Nothing changes without limbs, or while `share` is 0.
    """
    if not s.limbs or share <= 0.0:
        return pose
    hang = hands_of(s.subject, replace(pose, near=None, far=None))
    goals = [
        (lerp(rest[0], goal[0], share), lerp(rest[1], goal[1], share)) if goal is not None else None
        for rest, goal in zip(hang, (near, far), strict=True)
    ]
    return replace(
        pose,
        near=goals[0],
        far=goals[1],
        elbow_near=pose.elbow_near or s.side,
        elbow_far=pose.elbow_far or s.side,
    )


def pelvis_of(actor: Actor, pose: Pose) -> float:
    """How high above its feet a body sits in `pose`, virtual units; a third of the height without limbs."""
    if not isinstance(actor, Puppet):
        return actor.height * pose.size / 3
    return pose.y - pose.hop - frame_of(actor.look, actor.height, pose).pelvis[1]


def grasped(s: Stage, pose: Pose, ahead: float = 0.4, turn: float = 0.0) -> Pose:
    """The object in the near hand, else the mouth; its middle `ahead` of its width further."""
    thing = s.object
    assert thing is not None
    x, y = hands_of(s.subject, pose)[0] if s.limbs else s.subject.mouth(pose)
    return Pose(
        x + s.side * thing.width * ahead, y + thing.height * 0.5, facing=s.side, turn=turn, pivot=0.5, wag=0.5
    )


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


def arriving(s: Stage, x: float, goal: float, stride: float = 1.0) -> float:
    """Cycles to walk on the way to `goal`, so that no foot slides and the legs are together on arrival."""
    return 0.25 - paces(s.subject, abs(goal - x), stride)


def travel(s: Stage, t: float, paces: float, start: float = 0.24, end: float = 0.68) -> tuple[float, float]:
    """(x, cycles walked): across the stage in the shot's time, whoever's side it is."""
    a, b = (start, end) if s.side > 0 else (1 - start, 1 - end)
    share = keys(t, (0.0, 0.0), (s.seconds, 1.0, "lin"))
    return s.wide * lerp(a, b, share), t * paces
