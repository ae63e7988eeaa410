"""Which nodes of the taxonomy are meant by some words: by their meaning, and by their very names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from penchant.language import glossary
from penchant.language.clauses import fold
from penchant.language.encoder import Vectors
from penchant.language.lexicon import HAN, LIST

Path = tuple[str, ...]
Encode = Callable[[Sequence[str]], Vectors]
Floats = npt.NDArray[np.float64]

WISH_LEAST = 0.14  # below, no node is wished for
REFUSAL_LEAST = 0.22  # below, no node is refused: a wrong refusal costs more than a missed one
SURE = 0.4  # from here on, a weight of 1
WISH_SHARE = 0.6  # a node is wished for too if it reaches this share of the best one's score
REFUSAL_SHARE = 0.8
LEXICAL = 0.5  # what the very name in the words adds
PART = 0.6  # how much one entry of a list counts beside the whole
ITEMS = 0.45  # how far a node's name leans towards its items
GLOSS = 0.5  # how much a Chinese request's words in English count, for nodes with names in other scripts
PARTS = 6  # entries of a list that are looked at one by one

# A name alone is a poor sentence; several sentences around it average out what is peculiar to each.
PHRASES = ("a {name} {noun}", "{name} {noun}s", "a {noun} about {name}", "a {noun} full of {name}")

# What everybody says when asking: its mean is taken from a request, so that what is left is what is peculiar to it.
REQUESTS = (
    "I want a {noun}", "something good", "show me a {noun}", "what do you recommend?", "a good {noun}", "anything new",
    "I like old {noun}s", "a {noun} that I don't know yet", "one of the best {noun}s ever", "something for tonight",
    "my favourite {noun}", "something about people", "a long one", "a short one", "two friends on a journey",
)  # fmt: skip
REQUESTS_HAN = (
    "我想要{noun}", "好一点的", "给我推荐{noun}", "有什么推荐的吗", "好的{noun}", "最近新出的", "我喜欢老的{noun}",
    "我还不知道的{noun}", "最好的{noun}之一", "今晚来点什么", "我最喜欢的{noun}", "关于人的", "很长的", "很短的",
    "两个朋友的旅程",
)  # fmt: skip


# words for the same kind of thing: "any good movies?" names nothing among films
_ALIKE = (
    ("film", "movie", "flick", "电影", "影片", "片子"), ("song", "track", "tune", "歌曲", "歌"),
    ("product", "item", "thing", "商品", "产品", "东西"), ("game", "videogame", "游戏"),
    ("course", "lesson", "课程", "课"), ("story", "article", "文章"), ("book", "书", "书籍", "图书"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noun:
    """What the catalogue's things are called: phrases and requests are built with it; alone it names no node.

    Attributes:
        english, chinese: the word.
        others: further words for the same, in any language.
    """

    english: str = "item"
    chinese: str = "东西"
    others: tuple[str, ...] = ()

    def all(self) -> frozenset[str]:
        """Every word for it, as `_stem` leaves them; those that mean the same among them."""
        own = {self.english, self.chinese, *self.others}
        alike = {word for group in _ALIKE if own & set(group) for word in group}
        return frozenset(_stem(fold(word)).strip() for word in own | alike)

    def alone(self, topic: str) -> bool:
        """Whether a topic is nothing but a word for it.

        >>> Noun("film", "电影").alone("films"), Noun("film", "电影").alone("war films")
        (True, False)
        """
        return _stem(fold(topic)).strip() in self.all()


@dataclass(frozen=True, slots=True)
class NodeName:
    """A node by name.

    Attributes:
        path: category, or (category, dimension).
        name: what it is called, in any language.
        aliases: other names, in any language; they count like the name itself.
    """

    path: Path
    name: str
    aliases: tuple[str, ...] = ()


class NodeNames:
    """The nodes of a taxonomy, ready to be found in words.

    The score of node j for words with vector t is cos(t - m, v_j), where m is the mean of what people say when asking
    for anything at all (one for Chinese, one for other scripts: an encoder keeps languages a little apart), and v_j is
    the centred mean of some phrases around the node's name, leaning towards the centred mean of its items where given.
    The name itself in the words adds 0.5.

    Args:
        nodes: what to look for.
        encode: texts to unit vectors, e.g. `VectorBook.of`.
        noun: what the catalogue's things are called.
        items: of each path, the mean vector of its items' texts, float32 [dim], and how many they are; may lack some.
        before: these nodes as they were ready before; only what is new since then is encoded.

    >>> from penchant.language.universal import UniversalEncoder
    >>> encode = UniversalEncoder(threads=1).encode
    >>> names = NodeNames([NodeName((n,), n) for n in ("Horror", "Comedy", "War")], encode, noun=Noun("film", "电影"))
    >>> [path for path, weight in names.meant("战争片", encode)]
    [('War',)]
    >>> names.meant("the weather in Lisbon", encode)
    ()
    """

    def __init__(
        self,
        nodes: Sequence[NodeName],
        encode: Encode,
        *,
        noun: Noun | None = None,
        items: Mapping[Path, tuple[Vectors, int]] | None = None,
        before: NodeNames | None = None,
    ) -> None:
        self.nodes = tuple(nodes)
        self.noun = noun or Noun()
        if before is None or before.noun != self.noun:
            latin = [request.format(noun=self.noun.english) for request in REQUESTS]
            han = [request.format(noun=self.noun.chinese) for request in REQUESTS_HAN]
            self._asking = {False: _mean(encode(latin)), True: _mean(encode(han))}
            before = None
        else:
            self._asking = before._asking
        known = {} if before is None else dict(zip(before.nodes, range(len(before.nodes)), strict=True))
        self._said: Floats = self._say(encode, before, known)
        self._vectors = self._place(items or {})
        self._nouns = self.noun.all() | {"a", "an", "the"}
        self._han = np.array([bool(HAN.search(node.name)) for node in self.nodes], dtype=bool)
        self._names: list[tuple[str, ...]] = [
            before._names[known[node]] if before is not None and node in known
            else _needles((node.name, *node.aliases), self.noun)
            for node in self.nodes
        ]  # fmt: skip

    def scores(self, topic: str, encode: Encode) -> Floats:
        """How near the words are to each node, float64 [nodes]; 0 is no nearer than anything else.

        Chinese words count by half in themselves and by half in English, where there is a dictionary (see `glossary`).
        """
        score = self._near(topic, encode)
        glosses = glossary.renderings(topic)
        if glosses:
            glossed = sum((self._near(gloss, encode) for gloss in glosses), np.zeros(len(score))) / len(glosses)
            score += np.where(self._han, 0.0, GLOSS * (glossed - score))
        return score

    def _near(self, topic: str, encode: Encode) -> Floats:
        parts = [part.strip() for part in LIST.split(topic) if part.strip()]
        texts = [topic, *(parts[:PARTS] if len(parts) > 1 else [])]
        rows = encode(texts).astype(np.float64)
        rows -= np.stack([self._asking[bool(HAN.search(text))] for text in texts])
        near: Floats = _unit(rows) @ self._vectors.T
        score: Floats = near[0].copy()
        if len(texts) > 1:
            np.maximum(score, PART * near[1:].max(axis=0), out=score)
        hay = _stem(fold(topic))
        named = np.array([any(needle in hay for needle in needles) for needles in self._names], dtype=bool)
        score[named] = np.maximum(score[named], 0) + LEXICAL
        return score

    def meant(
        self, topic: str, encode: Encode, *, refused: bool = False, most: int = 4
    ) -> tuple[tuple[Path, float], ...]:
        """The nodes that the words mean, most meant first, each with a weight in (0, 1]: how sure that is.

        A node is meant whose score is high enough in itself and beside the best one's; there may be none. What is
        refused must be the surer.
        """
        said = _stem(fold(topic)).split()
        if not self.nodes or not said or all(word in self._nouns for word in said):
            return ()
        scores = self.scores(topic, encode)
        least, share = (REFUSAL_LEAST, REFUSAL_SHARE) if refused else (WISH_LEAST, WISH_SHARE)
        floor = max(least, share * float(scores.max()))
        order = np.argsort(-scores, kind="stable")[:most]
        chosen = [int(j) for j in order if scores[j] >= floor]
        return tuple((self.nodes[j].path, round(min(1.0, float(scores[j]) / SURE), 4)) for j in chosen)

    def _say(self, encode: Encode, before: NodeNames | None, known: Mapping[NodeName, int]) -> Floats:
        """Sums of the vectors of the phrases around each node's names, float64 [nodes, dim]."""
        sums = np.zeros((len(self.nodes), len(self._asking[False])))
        phrases: list[str] = []
        owners: list[int] = []
        for j, node in enumerate(self.nodes):
            if before is not None and node in known:
                sums[j] = before._said[known[node]]
                continue
            for name in (node.name, *node.aliases):
                for phrase in PHRASES:
                    phrases.append(phrase.format(name=name.casefold(), noun=self.noun.english))
                    owners.append(j)
        if phrases:
            np.add.at(sums, owners, encode(phrases).astype(np.float64))
        return sums

    def _place(self, items: Mapping[Path, tuple[Vectors, int]]) -> Floats:
        """Unit vectors of the nodes, float64 [nodes, dim], centred."""
        dim = len(self._asking[False])
        if not self.nodes:
            return np.zeros((0, dim))
        named = _unit(self._said)
        # with few nodes their own mean says too much of each
        n, few = len(named), 4
        named = _unit(named - (n * named.mean(axis=0) + few * self._asking[False]) / (n + few))
        counts = np.array([float(items[node.path][1]) if node.path in items else 0.0 for node in self.nodes])
        if not counts.any():
            return named
        means = np.stack([items[node.path][0] if node.path in items else np.zeros(dim) for node in self.nodes])
        means = means.astype(np.float64)
        centre = (counts[:, None] * means).sum(axis=0) / counts.sum()
        lean = ITEMS * counts / (counts + 10)
        return _unit(named + lean[:, None] * _unit(np.where(counts[:, None] > 0, means - centre, 0)))


def share_named(topic: str, names: Sequence[str], noun: Noun) -> float:
    """Share of the words of a topic that name nodes, in [0, 1]; the catalogue's noun and what joins a list don't count.

    >>> share_named("dramas and action films", ["Drama", "Action"], Noun("film", "电影"))
    1.0
    >>> share_named("waterproof walking boots", ["Boots"], Noun("product", "商品"))
    0.3333333333333333
    """
    words = [word for word in _stem(LIST.sub(" ", fold(topic))).split() if word not in noun.all()]
    named = {word for name in names for needle in _needles((name,), noun) for word in needle.split()}
    return sum(word in named for word in words) / len(words) if words else 0.0


def _mean(vectors: Vectors) -> Floats:
    return np.asarray(vectors.astype(np.float64).mean(axis=0), dtype=np.float64)


def _unit(rows: Floats) -> Floats:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def _stem(text: str) -> str:
    """Words without plural endings and hyphens, between single spaces.

    >>> _stem("sci-fi stories, mysteries & classes"), _stem("movies")
    (' sci fi story mystery class ', ' movie ')
    """
    words = re.findall(r"[^\W_]+", text)
    return f" {' '.join(_singular(word) for word in words)} "


_IE = frozenset(("movies", "cookies", "zombies", "hippies", "indies", "rookies", "calories", "brownies", "hoodies"))


def _singular(word: str) -> str:
    if word in _IE:
        return word[:-1]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _needles(names: Sequence[str], noun: Noun) -> tuple[str, ...]:
    """The names as they are looked for; the catalogue's noun is left out of them ("Film-Noir" is found as "noir")."""
    needles: list[str] = []
    for name in names:
        folded = fold(name)
        if HAN.search(folded):
            needles.append(folded)
            continue
        words = [word for word in _stem(folded).split() if word not in noun.all()] or _stem(folded).split()
        if words:
            needles.append(f" {' '.join(words)} ")
    return tuple(needle for needle in needles if len(needle.strip()) > 1)
