"""The connected screens: a real store, a clock that moves when told to, and what the screens hear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from screening import FPS, Studio, key_of, make_box, moment_of

from reverie.clock import ManualClock
from reverie.config import Config, Generator, Remote, Sound
from reverie.errors import StoreFull
from reverie.store.store import Store, open_store
from reverie.values import Brief, Clip, Draft, Language, Moment, Play, Rung, Shot
from reverie.web.metrics import Meters
from reverie.web.screens import AWAY, DRAFT_OVERDUE, OVERDUE, UNSEEN, Message, Screens

SECONDS = 4.0
FRAMES = round(SECONDS * FPS)


@dataclass(eq=False)  # a page is itself, whatever another has heard
class Ear:
    """What one page hears, and says back as the kiosk does."""

    screens: Screens
    clock: ManualClock
    name: str = "window"
    heard: list[dict[str, Any]] = field(default_factory=list)
    hints: list[Any] = field(default_factory=list)
    closed: bool = False

    def __call__(self, message: Message | None) -> None:
        if message is None:
            self.closed = True
        elif message.event == "cue":
            self.heard.append(json.loads(message.data))
        else:
            self.hints.append(json.loads(message.data)["next"])

    def connect(self, last: str = "") -> Ear:
        self.screens.connect(self.name, last, self)
        return self

    def leave(self) -> None:
        self.screens.disconnect(self.name, self)

    @property
    def cue(self) -> dict[str, Any]:
        return self.heard[-1]

    @property
    def shown(self) -> tuple[str, str]:
        return self.cue["rung"], self.cue["key"]

    def start(self) -> None:
        cue = self.cue
        self.screens.started(
            Play(
                cue["id"],
                self.name,
                cue["key"],
                cue["take"],
                Rung(cue["rung"]),
                cue["moment"],
                "",
                0.0,
                self.clock.now(),
            )
        )

    def end(self) -> None:
        self.screens.ended(self.cue["id"], self.clock.now())


@dataclass
class Room:
    config: Config
    store: Store
    clock: ManualClock
    studio: Studio
    screens: Screens

    def ear(self, name: str = "window") -> Ear:
        return Ear(self.screens, self.clock, name)

    def restarted(self) -> Room:
        """The same box after `serve` was killed and came back."""
        return Room(self.config, self.store, self.clock, self.studio, screens_of(self))


def screens_of(room: Room) -> Screens:
    return Screens(room.config, room.store, room.clock, Meters(room.store, room.clock))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    box = make_box(tmp_path)
    box.store.close()
    clock = ManualClock()
    store = open_store(box.config.store, clock)
    meters = Meters(store, clock)
    yield Room(box.config, store, clock, Studio(store, clock), Screens(box.config, store, clock, meters))
    store.close()


AMBIENT = ("ambient", "")


def test_a_new_screen_gets_the_ambient_loop(room: Room) -> None:
    ear = room.ear().connect()
    assert ear.shown == AMBIENT
    assert ear.cue["loop"]
    assert ear.cue["expires"] is None


def test_a_moment_whose_film_is_kept_is_answered_at_the_next_look(room: Room) -> None:
    clip = room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    moment = room.studio.moment(1)
    room.screens.update()
    assert ear.shown == ("clip", key_of(1))
    assert ear.cue["url"] == f"/api/clips/{clip.key}/{clip.take}.mp4"
    assert (ear.cue["moment"], ear.cue["seconds"]) == (moment.id, SECONDS)


def test_a_draft_and_then_its_film(room: Room) -> None:
    ear = room.ear().connect()
    draft, file = room.studio.begin(1, FRAMES)
    file.close()
    room.studio.moment(1)
    room.screens.update()
    assert ear.shown == ("draft", key_of(1))
    assert ear.cue["url"] == f"/api/drafts/{draft.key}/{draft.take}.mp4"
    ear.start()
    room.clock.advance(2)
    room.studio.finish(draft, 1, FRAMES)
    room.screens.update()
    assert ear.shown == ("draft", key_of(1)), "its own film does not interrupt it"
    assert ear.hints[-1]["url"] == f"/api/clips/{draft.key}/{draft.take}.mp4", "but it is prepared"
    room.clock.advance(2)
    ear.end()
    assert ear.shown == ("clip", key_of(1)), "it plays once more, from the cache"


def test_a_film_plays_as_often_as_configured_and_then_the_loop(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    for _ in range(room.config.screen.repeat):
        assert ear.shown == ("clip", key_of(1))
        ear.start()
        room.clock.advance(SECONDS)
        ear.end()
    assert ear.shown == AMBIENT
    assert len({cue["id"] for cue in ear.heard}) == len(ear.heard), "each play is a play of its own"


def test_proof_of_play_says_why(room: Room) -> None:
    room.studio.film(1, FRAMES)
    moment = room.studio.moment(1)
    ear = room.ear().connect()
    room.clock.advance(0.5)
    ear.start()
    (play,) = room.store.plays.recent(5)
    assert (play.moment, play.seen) == (moment.id, moment.seen)
    assert play.cause == "a banana was held up to the camera"


def test_a_page_that_reloads_goes_on_where_it_was(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    before = ear.cue
    room.clock.advance(1.5)
    ear.leave()
    again = room.ear().connect()
    assert (again.cue["id"], again.cue["key"]) == (before["id"], before["key"])
    assert again.cue["offset"] == pytest.approx(1.5)
    assert len(again.heard) == 1


def test_a_page_that_reloads_at_the_end_begins_anew(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(SECONDS - 0.5)
    ear.leave()
    again = room.ear().connect()
    assert again.cue["offset"] == 0
    assert again.cue["id"] != ear.cue["id"]
    assert room.store.plays.recent(1)[0].ended, "the play that the reload cut off has ended"


def test_a_second_page_of_the_same_name_joins_without_disturbing_the_first(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    first = room.ear().connect()
    first.start()
    room.clock.advance(1.5)
    second = room.ear().connect()
    assert len(first.heard) == 1
    assert (second.cue["id"], second.cue["offset"]) == (first.cue["id"], pytest.approx(1.5))
    room.clock.advance(2)
    third = room.ear().connect()  # near its end, too
    assert len(first.heard) == len(second.heard) == 1
    assert third.cue["offset"] == pytest.approx(3.5)
    third.end()
    assert [len(ear.heard) for ear in (first, second, third)] == [2, 2, 2]


def test_a_second_page_joins_the_ambient_loop_and_a_draft(room: Room) -> None:
    first = room.ear().connect()
    first.start()
    second = room.ear().connect()
    assert (len(first.heard), second.cue["id"], second.shown) == (1, first.cue["id"], AMBIENT)
    _, file = room.studio.begin(1, FRAMES)
    file.write(b"x")
    room.studio.moment(1)
    room.screens.update()
    assert first.shown == ("draft", key_of(1))
    third = room.ear().connect()
    assert (len(first.heard), third.cue["id"], third.shown) == (2, first.cue["id"], first.shown)
    file.close()


def test_a_second_page_that_comes_back_late_does_not_disturb_the_first(room: Room) -> None:
    first, second = room.ear().connect(), room.ear().connect()
    first.start()
    before = second.cue["id"]
    second.leave()
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    room.screens.update()
    first.start()
    room.clock.advance(1.5)
    told = len(first.heard)
    second.connect(before)
    assert len(first.heard) == told
    assert (second.cue["id"], second.cue["offset"]) == (first.cue["id"], pytest.approx(1.5))


def test_the_console_is_told_why_the_loop_is_on_as_people_come_and_go(room: Room) -> None:
    def reason() -> str:
        room.screens.update()
        return str(room.screens.states()[0]["reason"])

    ear = room.ear().connect()
    ear.start()
    assert reason() == "nobody is here"
    room.studio.moment(1)
    assert reason() == "no film is ready yet"
    room.studio.film(1, FRAMES)
    room.screens.update()
    for _ in range(2):
        ear.start()
        room.clock.advance(SECONDS)
        ear.end()
    assert ear.shown == AMBIENT
    assert reason() == ear.cue["reason"] == "their films have been shown"
    room.clock.advance(60)
    assert reason() == "nobody is here"


def test_a_page_that_reloads_within_a_draft_follows_it_from_its_beginning(room: Room) -> None:
    """Or plays the finished film from where the draft was, when it is finished meanwhile."""
    draft, file = room.studio.begin(1, FRAMES)
    file.close()
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(1)
    ear.leave()
    again = room.ear().connect()
    assert (again.shown, again.cue["offset"]) == (("draft", draft.key), 0)
    again.start()
    room.clock.advance(1)
    again.leave()
    room.studio.finish(draft, 1, FRAMES)
    last = room.ear().connect()
    assert last.cue["kind"] == "clip"
    assert last.cue["offset"] == pytest.approx(1)


def test_a_stream_that_blinks_changes_nothing(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    ear.leave()
    again = room.ear().connect(last=ear.cue["id"])
    assert again.heard == []


def test_a_cue_missed_while_the_stream_was_away_is_told_unless_it_expired(room: Room) -> None:
    room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    ear.leave()
    room.studio.moment(1, hold=5)
    room.clock.advance(2)
    assert room.ear().connect(last=ear.cue["id"]).shown == ("clip", key_of(1))


def test_an_expired_moment_is_not_told_on_return(room: Room) -> None:
    room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    ear.leave()
    room.studio.moment(1, hold=5)
    room.clock.advance(6)
    assert room.ear().connect(last=ear.cue["id"]).heard == []


def test_after_a_restart_a_screen_goes_on_undisturbed(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(2)
    after = room.restarted()
    again = after.ear().connect(last=ear.cue["id"])
    assert again.heard == []
    after.clock.advance(2)
    after.screens.ended(ear.cue["id"], after.clock.now())
    assert again.shown == ("clip", key_of(1)), "its second play"


def test_a_screen_that_says_nothing_more_is_not_waited_for(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1, hold=3)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(SECONDS + OVERDUE - 0.1)
    room.screens.update()
    assert ear.shown == ("clip", key_of(1))
    room.clock.advance(0.2)
    room.screens.update()
    assert ear.shown == AMBIENT
    assert room.store.plays.on_screen() == []


def test_a_play_whose_end_is_never_told_counts(room: Room) -> None:
    """It is ended for its screen before the next film is chosen, or it would play once too often."""
    room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    moment = room.studio.moment(1, hold=300)
    room.screens.update()
    for _ in range(room.config.screen.repeat):
        assert ear.shown == ("clip", key_of(1))
        ear.start()
        room.clock.advance(SECONDS + OVERDUE + 0.1)
        room.screens.update()
    assert ear.shown == AMBIENT
    assert sum(room.store.plays.count(moment.id).values()) == room.config.screen.repeat


def test_a_look_while_an_end_is_being_kept_shows_nothing_twice(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop's thread may look at any time: here just before and just after the end is kept."""
    room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    room.studio.moment(1, hold=300)
    room.screens.update()
    keep = room.store.plays.end

    def end(play: str, at: float) -> None:
        room.screens.update()
        keep(play, at)
        room.screens.update()

    monkeypatch.setattr(room.store.plays, "end", end)
    for _ in range(room.config.screen.repeat):
        assert ear.shown == ("clip", key_of(1))
        ear.start()
        room.clock.advance(SECONDS)
        ear.end()
    assert [cue["rung"] for cue in ear.heard] == ["ambient", *["clip"] * room.config.screen.repeat, "ambient"]


def test_a_cue_that_never_shows_is_given_up(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1, hold=3)
    ear = room.ear().connect()
    room.clock.advance(UNSEEN + 0.1)
    room.screens.update()
    assert ear.shown == AMBIENT


def test_a_slow_draft_has_time(room: Room) -> None:
    _, file = room.studio.begin(1, FRAMES)
    file.close()
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(SECONDS + DRAFT_OVERDUE - 0.1)
    room.screens.update()
    assert len(ear.heard) == 1


def test_a_damaged_film_is_dropped_and_the_next_rung_shown(room: Room) -> None:
    clip = room.studio.film(1, FRAMES)
    other = room.studio.film(2, FRAMES, topic="topic-1")
    room.studio.moment(1)
    ear = room.ear().connect()
    assert ear.shown == ("clip", clip.key)
    data = bytearray(clip.path.read_bytes())
    data[len(data) // 3 :] = bytes(len(data) - len(data) // 3)
    clip.path.write_bytes(bytes(data))
    assert room.screens.failed(ear.cue["id"], clip.key, clip.take, "decode", "media error 3")
    assert ear.shown == ("topic", other.key)
    assert room.store.clips.get(clip.key) is None


def test_a_whole_film_that_one_browser_cannot_play_is_kept(room: Room) -> None:
    """A browser without H.264 must not empty the cache."""
    clip = room.studio.film(1, FRAMES)
    room.studio.moment(1)
    poor, good = room.ear("poor").connect(), room.ear("good").connect()
    assert not room.screens.failed(poor.cue["id"], clip.key, clip.take, "decode", "media error 4")
    assert room.store.clips.get(clip.key) is not None
    assert poor.shown == AMBIENT
    assert good.shown == ("clip", clip.key)


def test_a_draft_that_broke_off_does_not_stand_in_the_way_of_its_film(room: Room) -> None:
    draft, file = room.studio.begin(1, FRAMES)
    file.close()
    room.studio.moment(1)
    ear = room.ear().connect()
    room.screens.failed(ear.cue["id"], draft.key, draft.take, "network", "cut off")
    assert ear.shown == AMBIENT
    room.studio.finish(draft, 1, FRAMES)
    room.screens.update()
    assert ear.shown == ("clip", draft.key)


def test_a_newer_moment_takes_over_and_the_older_comes_back(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.film(2, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(2)
    room.studio.moment(2)
    room.screens.update()
    assert ear.shown == ("clip", key_of(2))
    ear.start()
    for _ in range(2):
        room.clock.advance(SECONDS)
        ear.end()
        if ear.shown == ("clip", key_of(2)):
            ear.start()
    assert ear.shown == ("clip", key_of(1))


def test_a_film_that_has_just_begun_again_gives_way_at_once(room: Room) -> None:
    """The steady time counts from when a film came on: whoever comes does not wait for its repetition."""
    room.studio.film(1, FRAMES)
    room.studio.film(2, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    room.clock.advance(SECONDS)
    ear.end()
    ear.start()
    room.clock.advance(0.1)
    room.studio.moment(2)
    room.screens.update()
    assert ear.shown == ("clip", key_of(2))


def test_a_screen_that_went_away_holds_nothing(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    ear.leave()
    room.clock.advance(AWAY + 1)
    room.screens.update()
    assert room.store.plays.on_screen() == []
    assert room.screens.states() == []


def test_a_play_of_before_the_restart_is_ended_when_its_screen_stays_away(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    ear.start()
    after = room.restarted()
    after.screens.update()
    assert len(after.store.plays.on_screen()) == 1
    after.clock.advance(AWAY + 1)
    after.screens.update()
    assert after.store.plays.on_screen() == []


def test_while_nobody_is_there_the_most_wanted_film_is_prepared(room: Room) -> None:
    room.studio.film(1, FRAMES)
    room.studio.film(2, FRAMES)
    for name in ("a", "b"):
        room.studio.moment(2, hold=1, name=name)
    room.studio.moment(1, hold=1)
    room.clock.advance(5)
    ear = room.ear().connect()
    assert ear.shown == AMBIENT
    assert ear.cue["next"]["key"] == key_of(2)


def test_a_store_that_fails_leaves_the_screen_as_it_is(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.studio.film(1, FRAMES)
    room.studio.moment(1)
    ear = room.ear().connect()
    full = StoreFull("the disk is full")

    def fail(*_: object) -> None:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(room.store.moments, "live", fail)
        room.screens.update()
        assert room.screens.fault == "the disk is full"
        assert len(ear.heard) == 1
    room.screens.update()
    assert room.screens.fault == ""


def test_a_full_disk_does_not_stop_the_screen(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is refused (the page tells it again), and the next film comes all the same."""

    def full(*_: object) -> None:
        raise StoreFull("the disk is full")

    room.studio.film(1, FRAMES)
    room.studio.moment(1, hold=SECONDS + 1)
    ear = room.ear().connect()
    with monkeypatch.context() as patch:
        patch.setattr(room.store.plays, "start", full)
        patch.setattr(room.store.plays, "end", full)
        with pytest.raises(StoreFull):
            ear.start()
        room.clock.advance(SECONDS)
        with pytest.raises(StoreFull):
            ear.end()
        assert (ear.shown, len(ear.heard)) == (("clip", key_of(1)), 2)
        with pytest.raises(StoreFull):
            ear.start()
        room.clock.advance(SECONDS + OVERDUE)
        room.screens.update()
        assert ear.shown == AMBIENT, "also when its screen says nothing"
        ear.leave()
        room.clock.advance(AWAY + 1)
        room.screens.update()
        assert room.screens.states(), "what could not be ended is remembered"
    room.screens.update()
    assert room.screens.states() == []


def test_closing_tells_every_listener(room: Room) -> None:
    ears = [room.ear("a").connect(), room.ear("b").connect()]
    room.screens.close()
    assert all(ear.closed for ear in ears)


# ---------------------------------------------------------------------------------- words over films


WORDS = (
    Shot("cat", "play", None, "room", "calm", "one", 1.5),
    Shot("cat", "sleep", None, "room", "calm", "", 1.0),
    Shot("dog", "run", None, "park", "calm", " three ", 1.5),
)
CHINESE = tuple(replace(shot, caption=text) for shot, text in zip(WORDS, ("一", "二", "三"), strict=True))


def overlaid(room: Room) -> Room:
    """The same box with a generator whose films have no words in them."""
    generator = Generator(kind="remote", name="storyboard", remote=Remote(url="http://127.0.0.1:9/v1"))
    room.config = room.config.model_copy(update={"generators": (generator,)})
    return room.restarted()


def telling(room: Room, shots: tuple[Shot, ...], language: Language = "en", name: str = "") -> Moment:
    """A moment that film 1 answers, whose brief has these shots."""
    moment = moment_of(1, room.clock.now(), "topic-1")
    brief = Brief("topic-1", shots, "plain", language)
    return room.store.moments.open(replace(moment, id=name or moment.id, brief=brief), [])


def test_each_shot_s_caption_comes_with_its_time(room: Room) -> None:
    room = overlaid(room)
    room.studio.film(1, FRAMES, topic="topic-1")
    telling(room, WORDS)
    cue = room.ear().connect().cue
    assert cue["captions"] == [
        {"from": 0.0, "to": 1.5, "text": "one"},
        {"from": 2.5, "to": 4.0, "text": "three"},
    ]


def test_one_film_speaks_every_language(room: Room) -> None:
    room = overlaid(room)
    room.studio.film(1, FRAMES, topic="topic-1")
    telling(room, WORDS)
    ear = room.ear().connect()
    room.clock.advance(2)
    telling(room, CHINESE, "zh", "later")
    room.screens.update()
    assert ear.cue["moment"] == "moment-1", "a film is not restarted"
    ear.start()
    room.clock.advance(SECONDS)
    ear.end()
    assert ear.cue["moment"] == "later"
    assert [caption["text"] for caption in ear.cue["captions"]] == ["一", "二", "三"]


def test_a_draft_has_its_captions_too(room: Room) -> None:
    room = overlaid(room)
    _, file = room.studio.begin(1, FRAMES, topic="topic-1")
    file.close()
    telling(room, WORDS)
    ear = room.ear().connect()
    assert (ear.shown[0], len(ear.cue["captions"])) == ("draft", 2)


def test_a_film_of_another_brief_and_the_loop_have_none(room: Room) -> None:
    room = overlaid(room)
    ear = room.ear().connect()
    assert ear.cue["captions"] == []
    room.studio.film(2, FRAMES, topic="topic-1")
    telling(room, WORDS)
    room.screens.update()
    assert (ear.shown, ear.cue["captions"]) == (("topic", key_of(2)), [])


def test_words_that_are_in_the_picture_are_not_laid_over_it(room: Room) -> None:
    room.studio.film(1, FRAMES, topic="topic-1")
    telling(room, WORDS)
    ear = room.ear().connect()
    assert (ear.shown[0], ear.cue["captions"]) == ("clip", [])


def test_a_page_that_reloads_after_a_restart_still_has_its_words(room: Room) -> None:
    room = overlaid(room)
    room.studio.film(1, FRAMES, topic="topic-1")
    telling(room, WORDS)
    ear = room.ear().connect()
    ear.start()
    words = ear.cue["captions"]
    room = room.restarted()
    page = room.ear().connect(last=ear.cue["id"])
    assert page.heard == []
    page.leave()
    assert room.ear().connect().cue["captions"] == words


# ------------------------------------------------------------------------------------------ sound


def sounding(room: Room, **sound: object) -> Room:
    """The same room with settings of sound, and a generator over whose films captions are laid."""
    far = Generator(kind="remote", name="far", remote=Remote(url="http://127.0.0.1:9/v1"))
    settings = room.config.model_copy(
        update={"sound": Sound.model_validate(sound), "generators": (far, Generator())}
    )
    return replace(room, config=settings).restarted()


@pytest.mark.parametrize(
    ("sound", "volume"),
    [
        ({}, 0.0),
        ({"films": "narrated"}, 0.0),  # films have it, the screen stays silent
        ({"films": "off", "aloud": True}, 0.0),  # films of before have it still
        ({"films": "narrated", "aloud": True}, 0.8),
        ({"films": "bed", "aloud": True, "volume": 0.3}, 0.3),
    ],
)
def test_a_screen_is_told_how_loud(room: Room, sound: dict[str, object], volume: float) -> None:
    room = sounding(room, **sound)
    room.studio.film(1, FRAMES)
    ear = room.ear().connect()
    assert ear.cue["volume"] == 0.0, "the ambient film is never heard"
    room.studio.moment(1)
    room.screens.update()
    assert ear.cue["volume"] == volume


@pytest.mark.parametrize(
    ("generator", "films", "volume"),
    [
        ("storyboard", "narrated", 0.8),  # what it says stands in its pictures
        ("far", "narrated", 0.0),  # what it says stands nowhere: these are another moment's words
        ("far", "bed", 0.8),
    ],
)
def test_nothing_is_said_that_is_not_written(
    room: Room, monkeypatch: pytest.MonkeyPatch, generator: str, films: str, volume: float
) -> None:
    room = sounding(room, films=films, aloud=True)
    keep = room.store.clips.keep

    def made_elsewhere(draft: Draft, clip: Clip) -> Clip:
        return keep(draft, replace(clip, generator=generator))

    monkeypatch.setattr(room.store.clips, "keep", made_elsewhere)
    room.studio.film(2, FRAMES, topic="topic-1")
    ear = room.ear().connect()
    room.studio.moment(1)
    room.screens.update()
    assert ear.shown == ("topic", key_of(2))
    assert ear.cue["volume"] == volume
