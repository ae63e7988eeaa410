"""Whether a request asks for what the catalogue has at all: "what's the weather" to a film catalogue does not.

Everything else that people ask an assistant for is told apart by nearness: the request is out of scope where it is
clearly nearer to one of these tasks than to the catalogue's nodes, its items and what people say when asking for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from penchant.language.encoder import Vectors

Encode = Callable[[Sequence[str]], Vectors]

# Tasks that are no wish for a thing of a catalogue. One that is about such a task has nodes and items nearer to it.
TASKS = (
    "what's the weather like today", "will it rain tomorrow", "book me a flight to Paris", "book a hotel room",
    "book a table", "order me a pizza", "call me a taxi", "set an alarm for seven",
    "remind me to call my mother", "set a timer", "what time is it", "what's the date today",
    "send a message to Tom", "call my sister", "turn off the lights", "translate hello into Spanish",
    "what is the capital of Australia", "how tall is Mount Everest", "who is the president",
    "what is twelve times nine", "convert ten miles to kilometers", "what is my bank balance",
    "transfer money to my account", "pay my electricity bill", "what's the exchange rate",
    "stock price of the company", "how do I get to the airport", "how is the traffic",
    "where is the nearest gas station", "find me a job", "what are your opening hours", "I forgot my password",
    "cancel my subscription", "where is my package", "I want a refund", "speak to a human",
    "write an email for me", "write code that sorts a list", "how do I cook rice",
    "I have a headache, what should I do", "what is the meaning of life", "tell me a joke", "who are you",
    "how are you", "schedule a meeting", "fix my computer", "what does this word mean",
    "who won the game last night", "my phone is broken", "I need a visa",
)  # fmt: skip
TASKS_HAN = (
    "今天天气怎么样", "明天会下雨吗", "帮我订一张去北京的机票", "订一间酒店", "帮我订个餐位", "点个外卖",
    "帮我叫一辆出租车", "定一个七点的闹钟", "提醒我给妈妈打电话", "设个倒计时", "现在几点了", "今天几号",
    "给小王发条短信", "打电话给我姐姐", "把灯关掉", "把你好翻译成英语", "澳大利亚的首都是哪里",
    "珠穆朗玛峰有多高", "总统是谁", "十二乘以九等于多少", "十英里等于多少公里", "我的银行余额是多少",
    "转账给我的账户", "帮我交电费", "今天汇率是多少", "这家公司的股价", "去机场怎么走", "路上堵车吗",
    "最近的加油站在哪里", "帮我找份工作", "你们几点开门", "我忘记密码了", "取消我的订阅", "我的快递到哪了",
    "我要退款", "转人工客服", "帮我写一封邮件", "写一段排序的代码", "米饭怎么煮", "我头疼怎么办",
    "人生的意义是什么", "讲个笑话", "你是谁", "你好吗", "安排一个会议", "我的电脑坏了", "这个词是什么意思",
    "昨晚比赛谁赢了", "我的手机坏了", "我要办签证",
)  # fmt: skip

OUTSIDE = 0.02  # contrast from which a request is out of scope; chosen on the first half of tests/language/said
NAMED = 0.25  # a node that is meant so much is asked for, whatever else the words are near to
OWN, VERY = 0.5, 0.1  # see Scope; chosen on CLINC150's validation utterances put to films, to a bank and to all intents
EACH, ENOUGH = 0.03, 10  # OUTSIDE is raised by so much for each item short of so many; chosen in the same way
NODES = 300
NEAREST, NEAREST_ITEMS = 3, 5


class Scope:
    """What is inside a catalogue's scope, by nearness.

    The contrast of a request q is t₃(q) - max((n₃(q) + i₅(q)) / 2, i₁(q) - 0.1): the mean cosine to the 3 nearest
    tasks, less the means to the 3 nearest phrases about nodes and to the 5 nearest items, or less the cosine to the
    very nearest item. A task that an item is near to (0.5) is the catalogue's own and doesn't count.

    Args:
        phrases: at least one; what people say when asking for the catalogue's things, and phrases about its nodes.
        items: vectors of some items, float32 [n, dim]; may be empty.
        encode: texts to unit vectors.

    >>> from penchant.language.universal import UniversalEncoder
    >>> encode = UniversalEncoder(threads=1).encode
    >>> films = encode(["Alien", "Heat", "Airplane"])
    >>> scope = Scope(["a horror film", "a funny film", "show me a film"], films, encode)
    >>> texts = ("will it rain in Rome?", "a very scary film", "明天会下雨吗")
    >>> [outside(scope.contrast(text, encode), 40) for text in texts]
    [True, False, True]
    """

    def __init__(self, phrases: Sequence[str], items: Vectors, encode: Encode) -> None:
        tasks = encode([*TASKS, *TASKS_HAN])
        own = (tasks @ items.T).max(axis=1) >= OWN if len(items) else np.zeros(len(tasks), np.bool_)
        self._tasks = tasks[~own]
        self._phrases = encode(list(phrases))
        self._items = items

    def contrast(self, text: str, encode: Encode) -> float:
        """How much nearer the text is to other tasks than to the catalogue, in [-2, 2]; see `outside`."""
        vector = encode([text])[0]
        if not len(self._tasks):
            return -2.0
        inside = _nearest(self._phrases @ vector, NEAREST)
        if len(self._items):
            items = self._items @ vector
            inside = max((inside + _nearest(items, NEAREST_ITEMS)) / 2, float(items.max()) - VERY)
        return _nearest(self._tasks @ vector, NEAREST) - inside


def outside(contrast: float, items: int) -> bool:
    """Whether a request of that contrast is out of a catalogue of so many items; the fewer, the less is known of it.

    >>> outside(0.1, 500), outside(0.1, 3)
    (True, False)
    """
    return contrast > OUTSIDE + EACH * max(0, ENOUGH - items)


def question(language: str, noun: str, nearest: str) -> str:
    """What to ask back: the nearest thing, and what they meant.

    >>> question("en", "film", "Rain Man")
    'I only know films. The nearest I have is “Rain Man”. What kind of film would you like?'
    >>> question("zh", "电影", "")
    '我只了解电影。您想要什么样的电影？'
    """
    if language == "zh":
        return f"我只了解{noun}。" + (f"最接近的是《{nearest}》。" if nearest else "") + f"您想要什么样的{noun}？"
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    found = f" The nearest I have is “{nearest}”." if nearest else ""
    return f"I only know {plural}.{found} What kind of {noun} would you like?"


def _nearest(cosines: Vectors, k: int) -> float:
    return float(np.sort(cosines)[-k:].mean())
