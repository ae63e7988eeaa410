"""The way of an answer: candidates → exact scores → request → policy → diversity → exploration → explanations.

Asking reads the model and never changes it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from penchant.interest.arrays import F32, I32, Flags
from penchant.interest.asker import Asker
from penchant.interest.model import Model
from penchant.interest.reason import Reason
from penchant.recommend.answer import Answer
from penchant.recommend.board import Board
from penchant.recommend.candidates import Candidates
from penchant.recommend.caps import fill
from penchant.recommend.caps import probabilities as under_caps
from penchant.recommend.diversity import Diversity
from penchant.recommend.explanation import Explanation
from penchant.recommend.exploration import draw_key, plackett_luce
from penchant.recommend.matching import Matching
from penchant.recommend.policy import Facts, Policy, Verdict
from penchant.recommend.request import Asked, request_parts, spread_of

FACTS = 50_000  # items whose facts are kept for rules; the oldest leaves first
BEST = 50  # candidates of an answer that the log holds with their scores
POOL = 100  # candidates that diversity and exploration choose from
ALWAYS = 1.5  # what an `always` node adds, in standard deviations of the base scores
MORE = 0.3  # what a `more` adds for every factor e by which its pseudo-counts lift the node over the population
LESS = 0.8  # what a plain `less` takes; words count by their strength, and fade


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        user: external id, "" for nobody in particular.
        request_id: names the answer.
        n: how many.
        asked: the request in words, read; None without one.
        had: item rows not to show again.
        policy: rules that hold for this question.
        exploration: temperature in standard deviations of the scores; 0 shows the best.
        diversity: method and trade.
    """

    user: str
    request_id: str
    n: int
    asked: Asked | None
    had: Collection[int]
    policy: Policy
    exploration: float
    diversity: Diversity


@dataclass(slots=True)
class Ranked:
    """An answer and what is logged of how it came about."""

    answer: Answer
    candidates: int
    shown: list[int]
    best: list[tuple[str, float]]


class Ranker:
    """Ranks for one model; keeps the vector index and the items' facts for rules, both caches."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.candidates = Candidates(exact_below=model.settings.exact_below, most=model.settings.candidates)
        self._facts: dict[int, Facts] = {}
        self._matching = Matching(self._facts_of)

    def changed(self, row: int) -> None:
        """An item was added or changed."""
        self._facts.pop(row, None)
        self._matching.changed(row)
        self.candidates.update(self.model, row)

    def engaged(self, row: int) -> None:
        """Somebody engaged with an item."""
        self.candidates.engaged(row)

    def refitted(self) -> None:
        """The space or the tree changed as a whole."""
        self._facts.clear()
        self._matching.clear()
        self.candidates.reset()

    def prepare(self) -> threading.Thread | None:
        """Begin what large catalogues need for quick answers; returns what works at it, None if nothing does."""
        return self.candidates.nearest.begin(self.model)

    def close(self) -> None:
        """Nothing is made in the background any more."""
        self.candidates.nearest.close()

    def answer(self, asker: Asker, question: Question) -> Ranked:
        """Rank for the asker."""
        started = time.perf_counter()
        model, asked = self.model, question.asked
        vectors: list[F32] = [asked.vector] if asked else []
        live = model.world.catalogue.live()
        rows = self.candidates.gather(model, asker, vectors, asked.wished if asked else ())
        board = self._board(asker, rows, question)
        picked, probabilities, moves, blocked = self._choose(board, question)
        if len(picked) < question.n and len(rows) < len(live):
            # what was gathered is not enough (a narrow filter, a long list): look at all that the filters let through
            rows, kept_out = self._matching.permitted(model, question.policy.rules, live)
            board = self._board(asker, rows, question)
            picked, probabilities, moves, blocked = self._choose(board, question)
            blocked = {name: blocked.get(name, 0) + kept_out.get(name, 0) for name in kept_out | blocked}
        items = [
            board.recommendation(model, k, position, probability, moves.get(k, ()))
            for position, (k, probability) in enumerate(zip(picked, probabilities, strict=True), 1)
        ]
        asker.release()
        took = (time.perf_counter() - started) * 1000
        answer = Answer(
            question.request_id,
            question.user,
            model.version,
            took,
            tuple(items),
            blocked=blocked,
        )
        first, ids = board.order[:BEST], model.world.catalogue.rows.ids
        best_rows: list[int] = board.base.rows[first].tolist()
        scores: list[float] = board.score[first].round(6).tolist()
        best = [(ids[row], score) for row, score in zip(best_rows, scores, strict=True)]
        return Ranked(answer, len(rows), board.base.rows[picked].tolist(), best)

    def explain(self, asker: Asker, row: int, asked: Asked | None = None) -> Explanation:
        """Why an item has the score that it has for the asker, shown or not."""
        board = self._score(asker, np.array([row], np.int32), asked)
        self._personal(board)
        return board.explanation(self.model, 0)

    def _board(self, asker: Asker, rows: I32, question: Question) -> Board:
        """What may be shown of these rows, scored."""
        board = self._score(asker, rows[self._permitted(asker, rows, question.had)], question.asked)
        self._personal(board)
        return board

    # -- steps -------------------------------------------------------------------------------------------------------

    def _permitted(self, asker: Asker, rows: I32, had: Collection[int]) -> Flags:
        """bool [n]: not had, and not under a node that the user never wants."""
        keep = np.ones(len(rows), np.bool_)
        if had:
            seen = np.zeros(len(self.model.world.catalogue), np.bool_)
            seen[np.fromiter(had, np.int64, len(had))] = True
            keep &= ~seen[rows]
        for category, dimension in asker.stand.never if asker.stand else ():
            keep &= ~self._at(rows, category, dimension)
        return keep

    def _at(self, rows: I32, category: int, dimension: int) -> Flags:
        catalogue = self.model.world.catalogue
        if dimension >= 0:
            return (catalogue.dimensions[rows] == dimension).any(1)
        return (catalogue.categories[rows] == category).any(1)

    def _score(self, asker: Asker, rows: I32, asked: Asked | None) -> Board:
        base = self.model.score(asker, rows)
        board = Board(asker, base, base.score.copy())
        if asked is not None:
            board.request = request_parts(self.model, asked, rows, base.score)
            board.score += board.request.values.sum(0)
        return board

    def _personal(self, board: Board) -> None:
        """What the user stated raises or lowers what stands under its nodes: always, more, less.

        Of several nodes of a level the one stated most counts alone: who likes dramas and westerns likes either.
        """
        stand = board.asker.stand
        if not stand or not len(board.score):
            return
        spread = spread_of(board.base.score)
        stated = [("always", node, ALWAYS) for node in stand.always]
        stated += [("more", node, MORE * self._lift(board.asker, node, count)) for node, count in stand.pro.items()]
        stated += [("less", node, -LESS * count / 8.0) for node, count in stand.con.items()]
        taxonomy = self.model.world.taxonomy
        moved = {(op, dimension >= 0): np.zeros(len(board.score), np.bool_) for op, (_, dimension), _ in stated}
        for op, (category, dimension), amount in sorted(stated, key=lambda one: -abs(one[2])):
            path = taxonomy.path_of_dimension(dimension) if dimension >= 0 else (taxonomy.categories.ids[category],)
            already = moved[op, dimension >= 0]
            under = self._at(board.base.rows, category, dimension) & ~already
            already |= under
            for k in np.flatnonzero(under).tolist():
                board.boost(k, f"{op} {' / '.join(path)}", amount * spread)

    def _lift(self, asker: Asker, node: tuple[int, int], count: float) -> float:
        """Log-lift of a node's share over the population's by so many pseudo-counts alone: large where few go."""
        (category, dimension), kappa = node, self.model.settings.model.kappa_c
        of_c, of_d = asker.population
        p = max(float(of_c[category] * (of_d[dimension] if dimension >= 0 else 1.0)), 1e-4)
        return float(np.log((count / p + kappa) / (count + kappa)))

    def _choose(
        self, board: Board, question: Question
    ) -> tuple[list[int], list[float], dict[int, tuple[Reason, ...]], dict[str, int]]:
        """Indices of the candidates to show, their probabilities, why they moved, and how many each rule kept out."""
        order = board.order
        blocked: dict[str, int] = {}
        verdict: Verdict | None = None
        pool = order[: max(POOL, 4 * question.n)]
        if question.policy.rules:
            pool, verdict = self._judge(board, question, order, blocked)
        if not len(pool) or question.n < 1:
            return [], [], {}, blocked
        local = self._diversified(board, question, pool)
        ranked = pool[local]
        probabilities, logits = np.ones(len(ranked)), np.zeros(len(ranked))
        if question.exploration > 0:
            temperature = question.exploration * (float(board.score[pool].std()) or 1.0)
            # what diversity put first has the best place to be drawn from: its scores, in its order
            scores = np.sort(board.score[ranked])[::-1]
            key = draw_key(self.model.settings.seed, question.request_id)
            drawn, probabilities = plackett_luce(scores, len(ranked), temperature, key)
            ranked, logits = ranked[drawn], scores[drawn] / temperature
        by_index = dict(zip(ranked.tolist(), probabilities.tolist(), strict=True))
        if verdict is None:
            picked = ranked[: question.n].tolist()
        else:
            spot = {k: v for v, k in enumerate(pool.tolist())}
            spots = [spot[k] for k in ranked.tolist()]
            taken = verdict.take(spots, question.n)
            picked = [int(pool[v]) for v in taken]
            if question.exploration > 0 and verdict.limits:
                told = under_caps(verdict, taken, dict(zip(spots, logits.tolist(), strict=True)))
                by_index.update(zip(picked, told, strict=True))
        moves = self._moves(order, picked, by_index, question)
        return picked, [by_index[k] for k in picked], moves, blocked

    def _judge(
        self, board: Board, question: Question, order: npt.NDArray[np.intp], blocked: dict[str, int]
    ) -> tuple[npt.NDArray[np.intp], Verdict]:
        """The best candidates that the policy allows, in order, and what it says of them."""
        policy, need = question.policy, max(POOL, 4 * question.n)
        boosting = any(rule.action == "boost" for rule in policy.rules)
        size = len(order) if boosting else max(2 * need, 200)
        kept: list[int] = []
        caps: dict[int, tuple[int, ...]] = {}
        pool: list[int] = []
        first, enough = 0, False
        while first < len(order) and not enough:
            part = order[first : first + size]
            verdict = policy.judge([self._facts_of(int(board.base.rows[k])) for k in part])
            for v, k in enumerate(part.tolist()):
                why = verdict.why[v]
                if why is not None:
                    blocked[why] = blocked.get(why, 0) + 1
                    continue
                kept.append(k)
                caps[k] = verdict.caps[v]
                for name, amount in verdict.boosts[v]:
                    board.boost(k, name, amount)
            if boosting:
                kept.sort(key=lambda k: (-board.score[k], k))
            pool, enough = fill(kept, caps, verdict.limits, need, question.n)
            first, size = first + size, 4 * size
        return np.array(pool, np.intp), policy.judge([self._facts_of(int(board.base.rows[k])) for k in pool])

    def _facts_of(self, row: int) -> Facts:
        facts = self._facts.get(row)
        if facts is None:
            catalogue, taxonomy = self.model.world.catalogue, self.model.world.taxonomy
            card, place = catalogue.cards[row], catalogue.place(row)
            paths = [(taxonomy.categories.ids[c],) for c in place.categories]
            paths += [taxonomy.path_of_dimension(d) for d in place.dimensions]
            facts = Facts(catalogue.rows.ids[row], card.fields, paths, card.available)
            if len(self._facts) >= FACTS:
                self._facts.pop(next(iter(self._facts)))
            self._facts[row] = facts
        return facts

    def _diversified(self, board: Board, question: Question, pool: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Order of the pool; the first 2 n by the method, what remains by score."""
        method = question.diversity
        if method.method == "none" or method.trade == 0:
            return np.arange(len(pool), dtype=np.intp)
        rows, k = board.base.rows[pool], min(len(pool), 2 * question.n)
        vectors = self.model.world.catalogue.vectors[rows] if method.method == "mmr" else None
        membership = target = None
        if method.method == "calibrated":
            places = self.model.world.catalogue.categories[rows]
            target = board.asker.share_c
            membership = np.zeros((len(rows), len(target) + 1))
            for column in range(places.shape[1]):
                membership[np.arange(len(rows)), places[:, column]] += 1.0
            membership = membership[:, :-1]
            membership /= np.maximum(membership.sum(1, keepdims=True), 1.0)
        first = method.order(board.score[pool], k, vectors=vectors, membership=membership, target=target)
        rest = np.ones(len(pool), np.bool_)
        rest[first] = False
        return np.concatenate([first, np.flatnonzero(rest)]).astype(np.intp)

    @staticmethod
    def _moves(
        order: npt.NDArray[np.intp], picked: list[int], probability: Mapping[int, float], question: Question
    ) -> dict[int, tuple[Reason, ...]]:
        """Why a shown item stands elsewhere than among the shown ones by score alone."""
        moved: dict[int, tuple[Reason, ...]] = {}
        if question.exploration > 0:
            return {k: (Reason("exploration", {"probability": round(probability[k], 3)}),) for k in picked}
        if question.diversity.method == "none" or question.diversity.trade == 0:
            return moved
        by_score = np.empty(len(order), np.intp)
        by_score[order] = np.arange(1, len(order) + 1)
        for after, (k, before) in enumerate(zip(picked, by_score[picked].tolist(), strict=True), 1):
            if before > after:
                moved[k] = (Reason("diversity", {"before": before, "after": after}),)
        return moved
