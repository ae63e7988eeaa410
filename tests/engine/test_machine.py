"""Lives drawn at random: whatever happens in whatever order, the state is the fold of the log that is left."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from lives import GENRES, T0, BagOfWords, films
from penchant import Engine, Event
from penchant.errors import InvalidRecord, Refused, UnknownId
from penchant.interest.wishes import Wish

USERS = st.sampled_from([f"u{k}" for k in range(5)])
ITEMS = st.integers(0, 24).map(lambda k: f"f{k}")
KINDS = st.sampled_from(["view", "like", "skip", "dislike"])
WORDS = st.sampled_from(
    ["more comedy please", "no more horror", "I love war films", "tonight something romantic", "别推荐战争片"]
)
LATE = st.sampled_from([0.0, 0.0, 0.0, 3600.0, 86_400.0 * 400])
EXAMPLES = int(os.environ.get("PENCHANT_LIVES", "6"))

Act = Callable[[Engine], object]


class Lives(RuleBasedStateMachine):
    """An engine, and beside it what a catalogue should hold: acts by the user they are about."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.engine = Engine.open(self.folder / "c.db", "movies", {"snapshot_every": 100}, encoder=BagOfWords())
        self.engine.add_items(films(12))
        self.acts: list[tuple[str | None, Act]] = [(None, lambda engine: engine.add_items(films(12)))]
        self.items, self.gone = {f"f{k}" for k in range(12)}, dict[str, str]()
        self.owner: dict[str, str] = {}
        self.known, self.forgotten = set[str](), set[str]()
        self.had: dict[str, set[str]] = {}
        self.steps = 0

    def _of(self, user: str) -> str:
        return self.owner.get(user, user)

    def _next(self, late: float = 0.0) -> tuple[str, float]:
        self.steps += 1
        return f"r{self.steps}", T0 + 600.0 * self.steps - late

    def _do(self, user: str | None, act: Act) -> None:
        """Do it now, and again in the catalogue that is made for comparison."""
        if user is not None and user in self.forgotten:
            with pytest.raises(Refused, match="was forgotten"):
                act(self.engine)
            return
        act(self.engine)
        if user is not None:
            self.known.add(user)
        self.acts.append((user, act))

    @rule(user=USERS, item=ITEMS, kind=KINDS, late=LATE)
    def observe(self, user: str, item: str, kind: str, late: float) -> None:
        id, time = self._next(late)
        event = Event(user=user, item=item, kind=kind, time=time, id=id)
        if user not in self.forgotten and item not in self.items:
            with pytest.raises(UnknownId):
                self.engine.observe(event)
        elif user not in self.forgotten and self.gone.get(item) == "deleted":
            with pytest.raises(Refused, match="was deleted"):
                self.engine.observe(event)
        elif user in self.forgotten or item in self.items:
            self._do(user, lambda engine: engine.observe(event))
            meaning = self.engine.settings.kind(kind)
            if user not in self.forgotten and (meaning.engages or meaning.strength(None) <= -0.5):
                self.had.setdefault(self._of(user), set()).add(item)

    @rule(user=USERS, size=st.integers(1, 40), again=st.integers(0, 3))
    def observe_many(self, user: str, size: int, again: int) -> None:
        live = sorted(self.items - {item for item, what in self.gone.items() if what == "deleted"})
        batch: list[Event] = []
        for k in range(size):
            id, time = self._next()
            batch.append(Event(user=user, item=live[k % len(live)], kind="view", time=time, id=id))
        batch += batch[:again]
        self._do(user, lambda engine: engine.observe_many(batch))
        if user not in self.forgotten:
            assert self.engine.observe_many(batch).accepted == 0
            self.had.setdefault(self._of(user), set()).update(event.item for event in batch)

    @rule(user=USERS, text=WORDS)
    def tell(self, user: str, text: str) -> None:
        id, time = self._next()
        self._do(user, lambda engine: engine.tell(user, text, id=id, time=time))

    @rule(user=USERS, genre=st.sampled_from(GENRES), op=st.sampled_from(["more", "less", "never", "always"]))
    def edit(self, user: str, genre: str, op: str) -> None:
        id, time = self._next()
        self._do(user, lambda engine: engine.edit(user, genre, op, id=id, time=time))  # type: ignore[arg-type]

    def _wishes(self, user: str) -> list[Wish]:
        row = self.engine.model.user(user)
        return [] if row is None else self.engine.model.world.wishes.of.get(row, [])

    @rule(user=USERS)
    def undo(self, user: str) -> None:
        id, time = self._next()
        wishes = self._wishes(user)
        if wishes and user not in self.forgotten:
            undone = wishes[-1].id
            self._do(user, lambda engine: engine.edit(user, op="undo", undoes=undone, id=id, time=time))
            assert undone not in [wish.id for wish in self._wishes(user)]
            assert self.engine.edit(user, op="undo", undoes=undone, id=id, time=time).duplicates == 1
        else:
            with pytest.raises(Refused if user in self.forgotten else UnknownId):
                self.engine.edit(user, op="undo")

    @rule(user=USERS)
    def start_over(self, user: str) -> None:
        id, _ = self._next()
        if user in self.forgotten or user not in self.known | set(self.owner):
            with pytest.raises(Refused if user in self.forgotten else UnknownId):
                self.engine.reset_profile(user)
            return
        self._do(user, lambda engine: engine.reset_profile(user, id=id))
        assert self._wishes(user) == []
        assert self.engine.profile(user).is_new
        assert self.engine.reset_profile(user).accepted == 0

    @rule(guest=USERS, into=USERS)
    def merge(self, guest: str, into: str) -> None:
        if guest in self.forgotten or into in self.forgotten:
            with pytest.raises(Refused, match="was forgotten"):
                self.engine.merge(guest, into)
        elif guest == into:
            with pytest.raises(InvalidRecord, match="two different users"):
                self.engine.merge(guest, into)
        elif guest not in self.known:
            with pytest.raises(UnknownId, match="nothing is known"):
                self.engine.merge(guest, into)
        else:
            self._do(into, lambda engine: engine.merge(guest, into))
            one, other = self._of(guest), self._of(into)
            if one != other:
                self.had.setdefault(other, set()).update(self.had.pop(one, set()))
                for user in [user for user in self.known | {guest} if self._of(user) == one]:
                    self.owner[user] = other

    @rule(first=st.integers(0, 20), words=st.sampled_from(["again", "remade"]))
    def add_items(self, first: int, words: str) -> None:
        batch = [
            item.model_copy(update={"text": f"{item.text} {words}"})
            for item in films(25)[first : first + 5]
            if self.gone.get(item.id) != "deleted"
        ]
        self._do(None, lambda engine: engine.add_items(batch))
        assert self.engine.add_items(batch).accepted == 0
        self.items |= {item.id for item in batch}
        for item in batch:
            self.gone.pop(item.id, None)

    @rule(item=ITEMS, what=st.sampled_from(["retired", "deleted"]))
    def remove(self, item: str, what: str) -> None:
        if item not in self.items:
            with pytest.raises(UnknownId):
                self.engine.retire(item)
        elif self.gone.get(item) == "deleted":
            with pytest.raises(Refused, match="was deleted"):
                self.engine.delete(item)
        elif len(self.gone) < 8:
            self._do(None, lambda engine: engine.retire(item) if what == "retired" else engine.delete(item))
            self.gone[item] = what

    @rule(user=USERS)
    def forget(self, user: str) -> None:
        if user in self.forgotten or self._of(user) != user:
            with pytest.raises(Refused, match=r"was (forgotten|merged into)"):
                self.engine.forget(user)
        elif user not in self.known and user not in self.owner.values():
            with pytest.raises(UnknownId, match="nothing is known"):
                self.engine.forget(user)
        else:
            gone = {user, *(guest for guest, target in self.owner.items() if target == user)}
            receipt = self.engine.forget(user)
            self.forgotten |= gone
            self.acts = [(about, act) for about, act in self.acts if about not in gone]
            assert receipt.wait(60)
            assert receipt.is_clean

    @rule()
    def save(self) -> None:
        self.engine.save()

    @rule(clean=st.booleans())
    def reopen(self, clean: bool) -> None:
        if clean:
            self.engine.close()
        else:  # as a killed process leaves it
            self.engine._journal.flush()
            for worker in self.engine._workers:
                worker.join()
            self.engine.store.close()
        self.engine = Engine.open(self.folder / "c.db", encoder=BagOfWords())
        assert self.engine.verify()

    @precondition(lambda self: self.known - self.forgotten)
    @rule(data=st.data(), request_=st.sampled_from([None, "a funny comedy", "no war"]), n=st.integers(1, 30))
    def ask(self, data: st.DataObject, request_: str | None, n: int) -> None:
        user = data.draw(st.sampled_from(sorted(self.known - self.forgotten)))
        before = self.engine.model.meta()
        answer = self.engine.recommend(user, n, request_)
        assert not {r.item for r in answer} & (set(self.gone) | self.had.get(self._of(user), set()))
        for r in answer:
            assert math.isclose(math.fsum(p.value for p in r.explanation.parts), r.score, abs_tol=1e-9)
        assert self.engine.profile(user).user == user
        assert self.engine.model.meta() == before

    def teardown(self) -> None:
        if not hasattr(self, "engine"):
            return
        assert self.engine.verify()
        with Engine.open(base="movies", settings={"snapshot_every": 100}, encoder=BagOfWords()) as other:
            for _, act in self.acts:
                act(other)
            assert by_id(self.engine) == by_id(other)
        self.engine.close()
        shutil.rmtree(self.folder)


def by_id(engine: Engine) -> dict[str, object]:
    """The state with external ids in the place of the users' rows."""
    model, found = engine.model, dict[str, object]()
    ids = model.world.users.ids
    for name, array in model.states().items():
        if not name.startswith("memory."):
            found[name] = array.tobytes()
            continue
        for row, user in enumerate(ids):
            if model.world.memory.events[row]:
                found[f"{name} {user}"] = array[row].tobytes()
    found["wishes"] = {ids[int(row)]: wishes for row, wishes in model.world.wishes.meta().items()}
    found["alias"] = {guest: ids[user] for guest, user in model.alias.items()}
    kept = ("catalogue", "taxonomy", "now", "fitted", "warmed", "cold", "learned")
    return found | {name: value for name, value in model.meta().items() if name in kept}


def test_whatever_happens_the_state_is_the_fold_of_what_is_left() -> None:
    """`PENCHANT_LIVES=300` draws so many lives."""
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a life takes a second: shrinking one, many minutes
        ),
    )
