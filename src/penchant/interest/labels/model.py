"""Telling the node of a text after a few labelled ones, or none: the heads on its meaning and its spelling.

    x = [unit(f(text) − mean), s · spelling(text)] / √(1 + s²)     P(node | x) by the heads, one softmax over the tree

Every node's name, or its description, is an example of itself: with no labels at all these are all the heads learn
from (zero-shot), with a few they keep each node where its name says it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from penchant.errors import EncoderMismatch, InvalidRecord
from penchant.interest.arrays import F32, F64, I32, Arrays, draws, key_of, unit
from penchant.interest.heads import Heads
from penchant.interest.labels.settings import LabelSettings
from penchant.interest.labels.spelling import Spelling
from penchant.interest.taxonomy import Taxonomy
from penchant.language.encoder import Encoder
from penchant.language.tuning.examples import Example

SCHEMA = 1
Leaf = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Node:
    """A node that texts may have.

    Attributes:
        category, dimension: its names; dimension None: the category has no dimensions.
        description: what stands for it in the space; "": its names.

    >>> Node("banking", "freeze_account").words
    'freeze account'
    """

    category: str
    dimension: str | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if not self.category.strip():
            raise InvalidRecord("node.category", self.category, "give its name")

    @property
    def words(self) -> str:
        """What stands for it."""
        return self.description or (self.dimension or self.category).replace("_", " ")


@dataclass(frozen=True, slots=True)
class Told:
    """What a text was told to be.

    Attributes:
        category, dimension: the likeliest node.
        certainty: its probability, in [0, 1].
        energy: log Σ exp of all logits: how much the text is like anything that was learned (Liu et al. 2020).
        outside: whether it is none of the nodes; always False until `fit_outside`.
    """

    category: str
    dimension: str | None
    certainty: float
    energy: float
    outside: bool = False


class LabelModel:
    """Heads over a fixed list of nodes, learned from few labelled texts.

    Args:
        encoder: texts to unit vectors.
        nodes: all that can be told, at least two; a category has either dimensions or none.
        settings: how it learns.

    Attributes:
        leaves: (category, dimension) in the order of probabilities.
        floor: least energy of a text that is one of the nodes (see `penchant.interest.labels.outside`).

    Raises:
        InvalidRecord: fewer than two nodes, a node given twice, or a category both with dimensions and as a leaf.

    >>> from penchant.language import open_encoder
    >>> nodes = [Node("banking", "freeze account"), Node("banking", "pay bill"), Node("music", "play a song")]
    >>> model = LabelModel(open_encoder(), nodes)
    >>> model.tell(["please block my account", "put on some jazz"])[1].dimension
    'play a song'
    >>> model.learn([Example("settle the phone bill", "banking", "pay bill")])
    >>> model.tell(["settle my electricity bill"])[0].dimension
    'pay bill'
    """

    def __init__(self, encoder: Encoder, nodes: Sequence[Node], settings: LabelSettings | None = None) -> None:
        self.encoder, self.nodes, self.settings = encoder, list(nodes), settings or LabelSettings()
        self.leaves: list[Leaf] = [(node.category, node.dimension) for node in nodes]
        if len(self.leaves) < 2:
            raise InvalidRecord("nodes", len(self.leaves), "give at least two")
        self._row = {leaf: row for row, leaf in enumerate(self.leaves)}
        if len(self._row) < len(self.leaves):
            twice = next(leaf for k, leaf in enumerate(self.leaves) if leaf in self.leaves[:k])
            raise InvalidRecord("nodes", twice, "give every node once")
        whole = {category for category, dimension in self.leaves if dimension is None}
        for category, dimension in self.leaves:
            if dimension is not None and category in whole:
                raise InvalidRecord("nodes", category, "give its dimensions, or the category alone")
        self.taxonomy = Taxonomy()
        self._c: I32 = np.array([self.taxonomy.category(category) for category, _ in self.leaves], np.int32)
        self._d: I32 = np.array(
            [-1 if d is None else self.taxonomy.dimension(category, d) for category, d in self.leaves], np.int32
        )
        self.spelling = Spelling(self.settings.grams)
        self.mean: F32 = np.zeros(encoder.dim, np.float32)
        self.floor = -np.inf
        self.outer: F32 | None = None
        self.heads = self._fresh()
        self.learn([])

    # -- reading -----------------------------------------------------------------------------------------------------

    @property
    def dim(self) -> int:
        """Numbers in a text's row."""
        return self.encoder.dim + (self.settings.grams if self.settings.spelling > 0 else 0)

    def fit(self, texts: Sequence[str]) -> F32:
        """Take the mean and the rarity of pieces from the texts; returns their rows [n, dim].

        Rows read before are of another space: read those texts again.
        """
        self.spelling.fit(texts)
        vectors = self._vectors(texts)
        # with few texts the mean is mostly their own content: shrink it towards zero
        self.mean = (vectors.astype(np.float64).sum(0) / (len(texts) + 20)).astype(np.float32)
        return self._rows(texts, vectors)

    def read(self, texts: Sequence[str]) -> F32:
        """Rows [n, dim] of texts."""
        return self._rows(texts, self._vectors(texts))

    def _vectors(self, texts: Sequence[str]) -> F32:
        return np.asarray(self.encoder.encode(texts), np.float32)

    def _rows(self, texts: Sequence[str], vectors: F32) -> F32:
        meaning, s = unit(vectors - self.mean), self.settings.spelling
        if s == 0:
            return meaning
        return (np.hstack([meaning, s * self.spelling.encode(texts)]) / np.sqrt(1 + s * s)).astype(np.float32)

    def rows_of(self, examples: Sequence[Example]) -> I32:
        """Rows of the examples' leaves.

        Raises:
            InvalidRecord: a node that isn't among them.
        """
        for example in examples:
            if (example.category, example.dimension) not in self._row:
                name = example.category if example.dimension is None else f"{example.category} › {example.dimension}"
                raise InvalidRecord("example.node", name, "give one of the model's nodes")
        return np.array([self._row[e.category, e.dimension] for e in examples], np.int32)

    # -- learning ----------------------------------------------------------------------------------------------------

    def learn(
        self, examples: Sequence[Example], *, weights: Sequence[float] | None = None, unlabelled: Sequence[str] = ()
    ) -> None:
        """Learn anew from these examples, and the nodes' names. The same call gives the same bits.

        Args:
            examples: labelled texts.
            weights: what each counts, positive; None: 1 each.
            unlabelled: more texts of the kind, for the mean and the rarity of spellings alone.

        Raises:
            InvalidRecord: a node that isn't among the model's, or a weight that isn't positive.
        """
        leaves, names = self.rows_of(examples), [node.words for node in self.nodes]
        texts = [example.text for example in examples]
        x = self.fit([*names, *texts, *unlabelled])[: len(names) + len(texts)]
        self.learn_rows(x[len(names) :], leaves, weights, names=x[: len(names)])

    def learn_rows(
        self, x: F32, leaves: I32, weights: Sequence[float] | F64 | None = None, *, names: F32 | None = None
    ) -> None:
        """As `learn`, of rows [n, dim] as `read` gives them and their leaves [n]; `fit` is left as it is."""
        given = np.ones(len(x)) if weights is None else np.asarray(weights, np.float64)
        if len(given) != len(x) or not (given > 0).all():
            raise InvalidRecord("weights", len(given), "give a positive number for each example")
        if self.settings.name_weight > 0:
            named = self.read([node.words for node in self.nodes]) if names is None else names
            x = np.vstack([named, x])
            leaves = np.concatenate([np.arange(len(self.nodes), dtype=np.int32), leaves])
            given = np.concatenate([np.full(len(self.nodes), self.settings.name_weight), given])
        self.heads = self._fresh()
        settings, self.floor, self.outer = self.settings, -np.inf, None
        passes = min(max(settings.steps // max(len(x), 1), settings.least), settings.most)
        for epoch in range(passes):
            key = key_of(settings.seed, "labels", epoch)
            for k in np.argsort(draws(np.uint64(key), len(x), 1 << 30), kind="stable").tolist():
                leaf = int(leaves[k])
                self.heads.learn(
                    self.taxonomy, x[k], self._c[leaf : leaf + 1], self._d[leaf : leaf + 1], float(given[k]),
                    settings.eta_c, settings.eta_d, key + k,
                )  # fmt: skip

    def _fresh(self) -> Heads:
        heads = Heads(self.dim, joint=True)
        heads.grow(self.taxonomy)
        return heads

    # -- telling -----------------------------------------------------------------------------------------------------

    def logits(self, x: F32) -> F64:
        """z [n, leaves] of rows [n, dim]."""
        heads, inner = self.heads, self._d >= 0
        W, b = heads.W_C[self._c].copy(), heads.b_C[self._c].copy()
        W[inner] += heads.W_D[self._d[inner]]
        b[inner] += heads.b_D[self._d[inner]]
        return (x @ W.T + b).astype(np.float64)

    def probabilities(self, x: F32) -> F64:
        """P(leaf) [n, leaves] of rows [n, dim]; each row sums to 1."""
        z = self.logits(x)
        p = np.exp(z - z.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

    def energy(self, x: F32) -> F64:
        """log Σ exp z [n], higher where a row is like what was learned; with `outer`, less what speaks for outside."""
        z = self.logits(x)
        top = z.max(1)
        found = top + np.log(np.exp(z - top[:, None]).sum(1))
        return found if self.outer is None else found + (x @ self.outer[:-1] + self.outer[-1])

    def tell(self, texts: Sequence[str]) -> list[Told]:
        """The likeliest node of each text."""
        if not texts:
            return []
        x = self.read(texts)
        p, energy = self.probabilities(x), self.energy(x)
        found: list[Told] = []
        for k, leaf in enumerate(map(int, p.argmax(1))):
            category, dimension = self.leaves[leaf]
            said = float(energy[k])
            found.append(Told(category, dimension, float(p[k, leaf]), said, said < self.floor))
        return found

    # -- state -------------------------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write labels.npz and labels.json into the folder; the encoder stays where it is, named by its id."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        arrays: Arrays = {"mean": self.mean, "idf": self.spelling.idf, **self.heads.states(self.taxonomy)}
        if self.outer is not None:
            arrays["outer"] = self.outer
        told: dict[str, Any] = {
            "schema": SCHEMA,
            "encoder": self.encoder.id,
            "nodes": [[node.category, node.dimension, node.description] for node in self.nodes],
            "settings": self.settings.model_dump(mode="json"),
            "floor": self.floor if np.isfinite(self.floor) else None,
        }
        np.savez(target / "labels.npz", **arrays)  # pyright: ignore[reportArgumentType]
        (target / "labels.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        return target

    @classmethod
    def load(cls, folder: str | Path, encoder: Encoder) -> LabelModel:
        """What `save` wrote.

        Raises:
            InvalidRecord: no such folder, or of a schema that this version can't read.
            EncoderMismatch: it was learned with another encoder.
        """
        source = Path(folder)
        if not (source / "labels.json").exists():
            raise InvalidRecord("labels", str(source), "give a folder that LabelModel.save wrote")
        told = json.loads((source / "labels.json").read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise InvalidRecord("labels.schema", told["schema"], f"this version reads {SCHEMA}; learn it again")
        if told["encoder"] != encoder.id:
            raise EncoderMismatch(
                f"labels: learned with encoder {told['encoder']}, not {encoder.id}", fix="open it with that encoder"
            )
        model = cls(encoder, [Node(*node) for node in told["nodes"]], LabelSettings(**told["settings"]))
        with np.load(source / "labels.npz", allow_pickle=False) as arrays:
            states = {name: arrays[name] for name in arrays.files}
        model.mean, model.spelling.idf = states.pop("mean"), states.pop("idf")
        model.outer = states.pop("outer", None)
        model.heads.load(states)
        model.floor = -np.inf if told["floor"] is None else float(told["floor"])
        return model
