"""Words that tell groups of texts apart: tokens in any spaced script and in Chinese, weighed group against group.

Chinese (and Japanese) is written without spaces; words are found in the texts themselves, without a dictionary, as runs
of 2 to 4 characters that occur often, hold together (pointwise mutual information) and stand in varied surroundings
(branching entropy; Jin and Tanaka-Ishii, 2006). Weights are class-based TF-IDF (Grootendorst, BERTopic, 2022) on
documents: one text counts once, however often it repeats a word.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = rf"[^\W_{_CJK}]+"
_TOKEN = re.compile(rf"[{_CJK}]+|{_LETTERS}(?:[-'’]{_LETTERS})*")
_IS_CJK = re.compile(rf"[{_CJK}]")
_NOISE = re.compile(r"https?://\S+|www\.\S+|<[^<>]{1,200}>|@\S+|&[a-z]{2,8};")

_STOP = frozenset(
    """
    a about above after again against all also am an and another any anyone anything are aren't as ask at away
    back be became because been before being below best better between both but by call can can't cannot come
    could did didn't do does doesn't doing don't done down during each either else enough etc even ever every
    everyone everything few find first for free from full get gets give go goes going good got great had has
    hasn't have having he he's help her here hers herself him himself his how however i i'd i'll i'm i've if ii
    iii in into is isn't it it's its itself iv just keep know known last less let let's like little long look
    made make makes making man many may me might mine more most much must my myself need never new next no none
    nor not nothing now of off often oh ok old on once one ones only onto or other others our ours out over own
    part people per please put quite rather really said same say see set several shall she should since so some
    someone something soon still such take tell than that that's the their theirs them then there these they
    thing things this those though three through thus time to together too toward try turn two under until up
    upon us use used using very vi vii via want was wasn't way we we'll we're we've well went were weren't what
    what's when where whether which while who whom whose why will with within without won't would year years yes
    yet you you'd you'll you're you've your yours yourself de la le les el los las des du der die das und den
    von il un une y et en et al
    """.split()  # noqa: SIM905
)
_ZH_STOP = frozenset(
    """
    什么 怎么 怎样 为什么 一个 一下 一样 一次 一起 一直 一定 一天 一点 我们 你们 他们 她们 咱们 自己 这个 那个
    这样 那样 这么 那么 这些 那些 这里 那里 就是 没有 可以 不是 不会 不要 不能 不到 大家 今天 明天 昨天 现在
    时候 真的 还是 还有 但是 因为 所以 如果 只是 只有 有人 有没 已经 知道 觉得 看看 起来 出来 下来 不了 最后
    最近 第一 第二 多少 哪个 哪里 谁的 有点 有个 来了 好的 好了 是不 原来 竟然 终于 到底 应该 可能 必须 需要
    然后 其实 非常 特别 所有 每天 关注 点赞 评论 作品 视频 分享 记录 推广 集锦 热门 快来 期待 支持 谢谢 如何
    记得 开始 告诉 东西 不知 感谢 热门 官方 平台 申请
    """.split()  # noqa: SIM905
)
# characters that begin or end no word worth showing: particles, pronouns, numerals, measure words
_ZH_EDGE = frozenset(
    "的了着过是在我你您他她它们这那就也都和与及或吗呢吧啊哦呀嘛么啦哈嗯哎喔把被让给跟比从对向为以而但又还再才只很太更最不没有"
    "一二三四五六七八九十两几个些此其之于由则却所谁哪怎什能会要想去来到说看做叫个位件只次条张种句请别当如请"
)
FLOORS = (0.0, 0.3, 0.75)  # a second and third term of a name score at least this much of the first's
WEAK = 0.06  # a group whose best term scores less is what the other groups leave over
OTHER = {"en": "other", "zh": "其他"}
MIN_COUNT = 3  # a Chinese word or a phrase has been seen in at least this many places


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light English stem: case, possessive and plural endings only, for matching; other scripts pass.

    >>> [stem(w) for w in ("Comedies", "movie", "Movies", "dress", "dresses", "children's", "爱情")]
    ['comedy', 'movy', 'movy', 'dress', 'dress', 'children', '爱情']
    """
    word = word.casefold().replace("’", "'")
    word = word.removesuffix("'s")
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
    return word[:-2] + "y" if len(word) > 3 and word.endswith("ie") else word


def tokens(text: str) -> list[list[str]]:
    """The text's runs of neighbouring words, a Chinese run standing alone; links and mentions are passed over.

    >>> tokens("Star Trek (1996), sci-fi; 我爱火锅")
    [['Star', 'Trek'], ['1996'], ['sci-fi'], ['我爱火锅']]
    """
    runs: list[list[str]] = []
    text, end = _NOISE.sub(" / ", text), -1
    for match in _TOKEN.finditer(text):
        word = match.group()
        joined = runs and match.start() == end + 1 and text[end].isspace() and not _IS_CJK.match(word)
        if joined and not _IS_CJK.match(runs[-1][0]):
            runs[-1].append(word)
        else:
            runs.append([word])
        end = match.end()
    return runs


def words_without_spaces(runs: Iterable[str], *, min_count: int = MIN_COUNT) -> set[str]:
    """Words of 2 to 4 characters found in unspaced text by frequency, cohesion and freedom of surroundings.

    >>> runs = ["吃火锅吧", "火锅真香", "麻辣火锅", "我爱火锅店", "海底捞", "火烧云", "锅里", "电影好看"]
    >>> sorted(words_without_spaces(runs))
    ['火锅']
    """
    runs = [run for run in runs if len(run) > 1]
    counts = Counter(run[i : i + n] for run in runs for n in (1, 2, 3, 4) for i in range(len(run) - n + 1))
    total = sum(len(run) for run in runs)
    kept = {
        gram
        for gram, count in counts.items()
        if len(gram) > 1 and count >= min_count and _may_be_word(gram) and _cohesion(gram, counts, total) >= 1.5
    }
    left: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for number, run in enumerate(runs):
        edge = f"edge {number}"  # the end of a run is a boundary, each one as good as a new neighbour
        for n in (2, 3, 4):
            for i in range(len(run) - n + 1):
                if (gram := run[i : i + n]) in kept:
                    left[gram][run[i - 1] if i else edge] += 1
                    right[gram][run[i + n] if i + n < len(run) else edge] += 1
    return {gram for gram in kept if min(_entropy(left[gram]), _entropy(right[gram])) >= 0.8}


def _may_be_word(gram: str) -> bool:
    if gram[0] in _ZH_EDGE or gram[-1] in _ZH_EDGE or len(set(gram)) == 1:
        return False
    return gram[:2] not in _ZH_STOP and gram[-2:] not in _ZH_STOP and gram[:3] not in _ZH_STOP


def _cohesion(gram: str, counts: Counter[str], total: int) -> float:
    """Smallest pointwise mutual information over the ways to cut the run in two, in nats."""
    whole = counts[gram] * total
    return min(math.log(whole / (counts[gram[:i]] * counts[gram[i:]])) for i in range(1, len(gram)))


def _entropy(counts: Counter[str]) -> float:
    total = sum(counts.values())
    return -sum(c / total * math.log(c / total) for c in counts.values())


def _cut(run: str, words: set[str]) -> Iterable[str]:
    """Words of an unspaced run, the longest at each place and the words inside it."""
    i = 0
    while i < len(run) - 1:
        size = next((n for n in (4, 3, 2) if run[i : i + n] in words and i + n <= len(run)), 1)
        whole = run[i : i + size]
        yield from (whole[a:b] for a in range(size) for b in range(a + 2, size + 1) if whole[a:b] in words)
        i += size


def _usable(word: str) -> bool:
    if len(word) < 3 and not (len(word) == 2 and word.isupper()):
        return False
    return not word[0].isdigit() and word.casefold().replace("’", "'") not in _STOP


def _phrases(docs: Sequence[list[list[str]]]) -> set[tuple[str, str]]:
    """Pairs of neighbouring words that mostly occur together ("star trek"), as stems."""
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for doc in docs:
        for run in doc:
            stems = [stem(word) if _usable(word) else "" for word in run]
            singles.update(s for s in stems if s)
            pairs.update((a, b) for a, b in pairwise(stems) if a and b and a != b)
    return {
        (a, b) for (a, b), count in pairs.items() if count >= MIN_COUNT and count >= 0.6 * min(singles[a], singles[b])
    }


def terms(texts: Sequence[str]) -> tuple[list[list[str]], dict[str, str]]:
    """Distinct terms of each text as stems, sorted, and how each stem is best shown.

    >>> docs, shown = terms(["Two comedies", "Dark comedies", "A comedy of war"])
    >>> docs, shown["comedy"]
    ([['comedy'], ['comedy', 'dark'], ['comedy', 'war']], 'comedies')
    """
    runs = [tokens(text) for text in texts]
    unspaced = [run[0] for doc in runs for run in doc if _IS_CJK.match(run[0])]
    words = words_without_spaces(unspaced)
    phrases = _phrases(runs)
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    docs: list[list[str]] = []
    for doc in runs:
        found: set[str] = set()
        for run in doc:
            pairs = ((w, w) for w in _cut(run[0], words)) if _IS_CJK.match(run[0]) else _spaced(run, phrases)
            for key, surface in pairs:
                found.add(key)
                surfaces[key][surface] += 1
        docs.append(sorted(found))
    shown = {key: min(seen, key=lambda s: (-seen[s], len(s), s)) for key, seen in surfaces.items()}
    return docs, shown


def _spaced(run: list[str], phrases: set[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    i = 0
    while i < len(run):
        word = run[i]
        pair = (stem(word), stem(run[i + 1])) if i + 1 < len(run) else ("", "")
        if pair in phrases:
            yield " ".join(pair), f"{word} {run[i + 1]}".casefold()
            i += 2
            continue
        if _usable(word):
            yield stem(word), word.casefold()
        i += 1


class Namer:
    """Names groups of the same texts, however they are grouped; the texts are cut into terms once.

    Args:
        texts: one for each item.
        avoid: words that say nothing here, such as the category's own name; their inflections are left out too.

    >>> namer = Namer(["war film"] * 2 + ["war story", "love film", "love story", "first love"])
    >>> namer.names(np.array([0, 0, 0, 1, 1, 1], dtype=np.int32), 2)
    ['war', 'love']
    """

    def __init__(self, texts: Sequence[str], *, avoid: Collection[str] = ()) -> None:
        docs, self._shown = terms(texts)
        cjk = sum(1 for text in texts if _IS_CJK.search(text))
        self.other = OTHER["zh" if 2 * cjk > len(texts) else "en"]
        avoided = {stem(part) for word in avoid for part in (word, *_TOKEN.findall(word))}
        known = sorted({term for doc in docs for term in doc}, key=lambda term: (-len(term), term))
        known = [term for term in known if not _is_avoided(term, avoided)]
        counts = Counter(term for doc in docs for term in doc)
        self.vocabulary = [term for term in known if counts[term] >= 2]
        column = {term: j for j, term in enumerate(self.vocabulary)}
        seen: dict[str, int] = {}
        pairs: list[tuple[int, int]] = []
        for i, (text, doc) in enumerate(zip(texts, docs, strict=True)):
            if seen.setdefault(text, i) == i:  # a text given many times counts once
                pairs.extend((i, column[term]) for term in doc if term in column)
        array = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        self.rows, self.columns = array[:, 0], array[:, 1]
        self._once = np.array([seen[text] == i for i, text in enumerate(texts)], dtype=bool)

    def scores(self, labels: npt.NDArray[np.int32], k: int) -> npt.NDArray[np.float64]:
        """How telling each term is of each group, [k, terms]: its share of the group's texts, times its log-lift.

        A term that the group has no more often than all texts scores 0; half a text is taken off every count, since a
        term that was seen twice proves little.
        """
        sizes = np.bincount(labels[self._once], minlength=k).astype(np.float64)[:, None]
        width = len(self.vocabulary)
        flat = labels[self.rows].astype(np.int64) * width + self.columns
        inside = np.bincount(flat, minlength=k * width).reshape(k, width).astype(np.float64)
        share = inside / np.maximum(sizes, 1.0)
        overall = inside.sum(axis=0) / max(float(sizes.sum()), 1.0)
        lift = np.ones_like(share) * math.e if k == 1 else share / np.maximum(overall, 1e-12)
        good = (inside >= 2) & (lift > 1.2)
        worth = (share - 0.5 / np.maximum(sizes, 1.0)) * np.log(np.where(good, lift, 1.0))
        return np.where(good, worth, 0.0)

    def fit(self, labels: npt.NDArray[np.int32], k: int) -> float:
        """How well one term each can tell the groups: its score, mean over the texts."""
        if not self.vocabulary:
            return 0.0
        sizes = np.bincount(labels, minlength=k)
        return float((self.scores(labels, k).max(axis=1) * sizes).sum() / max(len(labels), 1))

    def names(self, labels: npt.NDArray[np.int32], k: int, *, taken: Collection[str] = ()) -> list[str]:
        """A name for each of k groups: one to three telling terms joined by " & ", never empty.

        Unique but for groups of which no term tells anything: these are all the `other` of the rest.

        Args:
            labels: group of each text, 0 to k - 1.
            k: number of groups, at least 1.
            taken: names that are in use already.
        """
        scores = self.scores(labels, k)
        # a term names the group where it tells most
        own = scores == scores.max(axis=0, keepdims=True) if self.vocabulary else scores > 0
        names: list[str] = []
        used = set(taken)
        remainder = self._remainder(np.where(own, scores, 0.0))
        for group in range(k):
            ranking: list[int] = np.argsort(-scores[group], kind="stable").tolist()
            order = [j for j in ranking if scores[group, j] > 0]
            mine = [(self.vocabulary[j], float(scores[group, j])) for j in order if own[group, j]]
            rest = [(self.vocabulary[j], float(scores[group, j])) for j in order if not own[group, j]]
            names.append(self.other if group in remainder else self._free_name(mine, rest, used, group))
            used.add(names[-1])
        return names

    def telling(self, labels: npt.NDArray[np.int32], k: int, most: int = 8) -> list[tuple[str, ...]]:
        """The terms that tell each of k groups best, as they are shown, best first; each names one group only."""
        scores = self.scores(labels, k)
        own = np.where(scores == scores.max(axis=0, keepdims=True), scores, 0.0) if self.vocabulary else scores
        order = np.argsort(-own, axis=1, kind="stable")[:, :most]
        return [
            tuple(self._shown[self.vocabulary[j]] for j in row.tolist() if own[group, j] >= WEAK)
            for group, row in enumerate(order)
        ]

    def _remainder(self, scores: npt.NDArray[np.float64]) -> set[int]:
        """Groups that no term of their own tells anything of: what the others leave over; none if that is all."""
        weak = set(np.flatnonzero(scores.max(axis=1, initial=0.0) < WEAK).tolist())
        return weak if len(weak) < len(scores) else set()

    def _free_name(
        self, mine: list[tuple[str, float]], rest: list[tuple[str, float]], used: set[str], group: int
    ) -> str:
        """The group's own best terms; if that name is taken, one with more terms; a number as the last resort."""
        chosen: list[str] = []
        for term, score in mine or rest[:1]:
            if score < FLOORS[len(chosen)] * (mine or rest)[0][1] or (chosen and score < WEAK):
                break
            parts = set(term.split())
            if not any(parts & set(c.split()) or c in term or term in c for c in chosen):
                chosen.append(term)
            if len(chosen) == len(FLOORS):
                break
        name = " & ".join(self._shown[term] for term in chosen)
        for term, _ in mine + rest:
            if name and name not in used:
                return name
            if term not in chosen:
                name = f"{name} & {self._shown[term]}" if name else self._shown[term]
        number = group + 1
        while not name or name in used:
            name, number = f"group {number}", number + 1
        return name


def _is_avoided(term: str, avoided: set[str]) -> bool:
    for word in avoided:
        short, long = sorted((term, word), key=len)
        if term == word or (len(short) >= (2 if _IS_CJK.match(short) else 5) and long.startswith(short)):
            return True
    return False
