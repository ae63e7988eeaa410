"""The patterns of constraints, English and Chinese, over a text whose numbers have become signs of their own.

`N` is such a sign. A pattern's groups are numbers (n, n2), units (u, u2), signs of currency (c, c2) and words.
"""

from __future__ import annotations

import re

FIRST, FILL, TITLE = 0xE000, "\ue7ff", "\uf8ff"
N = "[\ue000-\ue6ff]\ue7ff*"

MONEY = (
    r"dollars?|bucks|usd|us\$|euros?|eur|pounds?|quid|gbp|yuan|rmb|cny|yen|jpy|cents|\$|€|£|¥|元钱?|块钱?|人民币|美元|美金|欧元"
    "|英镑|日元|港币|刀"
)
HOURS = r"hours?(?: and a half)?|hrs?|h(?![a-z])|个?小时|个?钟头|个?钟(?!头)"
MINUTES = r"minutes?|mins?|分钟"
SECONDS = r"seconds?|secs?|秒钟?"
DAYS = r"days?|天"
WEEKS = r"weeks?|周|个?星期|个?礼拜"
TIME = "|".join((HOURS, MINUTES, SECONDS, DAYS, WEEKS))
UNIT = rf"(?:{MONEY}|{TIME})"
NO_UNIT = rf"(?!\ue7ff)(?!\s?-?{UNIT}(?![a-z]))"  # behind a number: it stands alone
# what a quantity is of; it goes with it
OF = re.compile(
    r"(?:(?<![a-z])(?:priced?(?: at)?|costs?|costing|runtime|running time|length|duration|lasting|lasts"
    r"|runs)(?: is| of)? "
    "|(?:价格|价钱|售价|时长|片长|长度|年份)(?:在|是|为)?)$"
)

_B, _E = r"(?<![a-z])", r"(?![a-z])"
# what may stand between a refusal and the bound that is refused: "I don't like films (that are) over two hours"
_NOUN = (
    r"(?:anything|films?|movies?|shows?|series|episodes?|songs?|tracks?|albums?|books?|games?|courses?|lessons?|articles?"
    r"|videos?|items?|products?|things?|stuff|ones?|titles?)"
)
_BETWEEN = (
    rf"(?: (?:to|watch(?:ing)?|see(?:ing)?|spend(?:ing)?|pay(?:ing)?|buy(?:ing)?|read(?:ing)?|go(?:ing)?|listen(?:ing)?"
    r"|hear(?:ing)?|play(?:ing)?|show|give|recommend|suggest|me|us|any|the|those|that|which|is|are|was|were|be|much|costs?"
    rf"|lasts?|runs?|takes?|made|released|from|in|of|with|priced|at|it'?s|{_NOUN}))*"
)
_NOT = rf"{_B}(?:nothing|none|never|not|no(?= {_NOUN})){_BETWEEN} "
_CANNOT = (
    r"(?:can'?t|cannot|can not|could ?n'?t|don'?t have|won'?t|will not|do ?n'?t want to) (?:afford|spend|pay|go|do)?"
)
NOT_BEFORE = re.compile(
    rf"{_NOT}$|{_B}{_CANNOT}{_BETWEEN} ?$"
    rf"|{_B}(?:are|is|was|were|do|does|should|must|can)n'?t (?:cost |last |be |run |take )?(?:any |much )?$"
    "|(?:不要|别要?|不想要?|不愿意?|不会|不能|不打算|不准备|不肯|不看|不听|不买|拒绝)再?(?:看|听|买|花|付|出|掏|支付|钱|任何|那些)*$"
)
AFTER_REFUSAL = re.compile(rf"{_BETWEEN} ?|(?:看|听|买|读|有|花|付|出|掏|支付|钱|任何|那些|所有|的)*")

# what may stand behind a bound and refuses it: "over 20 dollars is too much", "20块以上的不要"
_ENDS = r"(?= ?(?:$|[.,;!?，。；！？]))"
_IS = r"(?: is| are|'s| would be)"
REFUSED_AFTER = re.compile(
    rf"(?: {_NOUN})?(?:{_IS}(?: just| simply| way| far| much)* (?:too [a-z]+|out(?: of the question)?|not for me"
    r"|a no(?:-go)?|no good|not ok(?:ay)?|unacceptable|off the table)(?: for me)?"
    rf"|[?!,:]? ?(?:no,? thanks|no thank you|forget it)){_ENDS}"
    "|的?(?:东西|商品|产品|老?电影|影片|老?片子?|剧集?|歌曲?|书籍?|课程?|视频|游戏)?"
    rf"(?:我|就|都|也|统统|通通|{N}律|全部?|请|再|绝对|坚决)*"
    "(?:不(?:要|买|看|听|读|考虑|想要|想看|想买|想听|喜欢|行|可以|能接受|接受)"
    "|别再?(?:给我)?(?:推荐|推送|推|看|买|放|来|提)?(?:给我)?看?|不(?:要|用)再?(?:给我)?(?:推荐|推送|推)(?:给我)?"
    rf"|免了|免谈|算了|太(?:贵|长|久|老|旧|便宜|短)|拒绝|排除|屏蔽)[了吧啊呢哦]*{_ENDS}"
)
# what may stand before or behind a bound and says that it need not be kept to: "I don't mind paying over 20 dollars"
PERMITTED_BEFORE = re.compile(
    rf"{_B}(?:(?:do|does|did|would)(?:n'?t| not) (?:mind|hate|dislike)|no (?:problem|objections?) (?:with|to)"
    rf"|(?:fine|okay|ok) with){_BETWEEN} ?$|{_B}not (?:just|only|necessarily|limited to)(?: [a-z'-]+){{0,3}} ?$"
    "|(?:不介意|不讨厌|不反感|不反对|不排斥|不在乎|无所谓|(?:可以|能)接受|不只|不仅仅?|不单|不光|不限于|不一定)"
    "(?:要|看|买|花|付|出|是|听|读|任何|那些)*$"
)
PERMITTED_AFTER = re.compile(
    rf"(?: {_NOUN})?{_IS} (?:also )?(?:ok|okay|fine|all ?right|acceptable|no problem)(?: too| as well)?"
    rf"(?: (?:with|by|for) me)?{_ENDS}"
    rf"|的?(?:也|都)?(?:可以|行|没关系|没问题|无所谓|能接受|可以接受)[的了吧啊呢哦]*{_ENDS}"
)

LIKED = re.compile(
    rf"{_B}(?<!'d )(?<!would )(?:like|love|enjoy|adore|prefer|fond of|fan of|into|favou?rites?|interested in){_E}"
    "|喜欢|爱看|爱听|爱读|热爱|偏爱|偏好|感兴趣|最爱"
)
OF_MONEY = re.compile(
    rf"{MONEY}|budget|pric(?:e|y|ier)|cost|spen[dt]|pay|paid|afford|cheap|expensive|free{_E}|价|预算|便宜|贵|花费|花钱|免费"
)
ONLY = re.compile(rf"{_B}(?:only|just|nothing but|exclusively){_E}|只|仅")

# (words, sign); sign as it stands before the number
LESS = (
    r"(?:(?:for )?(?:less|fewer|cheaper|shorter|lower|smaller|younger) than|under(?:neath)?|below|beneath|inside)",
    "低于|少于|小于|不到|短于|便宜过|不足",
)
MOST = (
    r"(?:(?:no|not) (?:more|longer|higher|later|pricier|over|above|greater)(?: than)?|not exceeding"
    r"|(?:does ?n'?t|must ?n'?t"
    r"|can'?t) (?:exceed|cost more than|last more than)|within|up to|at (?:the )?most|at max"
    r"|(?:my |the |a )?max(?:imum)?(?: price| spend)?(?: of| is)?"
    r"|(?:my |the |price |spending )*limit is"
    r"|(?:a |my |with a )?budget(?: is| of)?|capped at)",
    "不超过|不多于|不高于|不大于|不长于|不贵于|别超过|不要超过|不能超过|最多(?:花|付|出)?|至多|最长|最贵|顶多|控制在|预算(?:是|在|为)?",
)
MORE = (
    r"(?:(?:more|longer|greater|higher|bigger|pricier|better|older) than|over|above|upwards of|exceeding)",
    "高于|多于|大于|超过|长于|贵过|超出",
)
LEAST = (
    r"(?:at (?:the )?least|no (?:less|fewer|shorter|lower) than|not (?:less|under|below|shorter than)"
    r"|min(?:imum)?(?: of)?"
    r"|starting (?:at|from)|a minimum of)",
    "至少|起码|最少|最低|不少于|不低于|不短于|不小于",
)
AFTER_MOST = (
    r"(?: or (?:less|under|below|cheaper|shorter|fewer|lower)| tops|(?: at)? (?:the )?max(?:imum)?| at (?:the )?most)"
)
AFTER_MOST_HAN = "(?:钱)?(?:以内|以下|之内|之下|以里|封顶|内(?!容|地|心|在|部)|及以下)"
AFTER_LEAST = r"(?: ?\+| or (?:more|longer|over|above|higher|better|up)| and (?:up|above|over)| plus(?! \w))"
AFTER_LEAST_HAN = "(?:以上|之上|往上|开外|起(?!来|初|点|码)|及以上)"


def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, each group's name made unique by its place: "n" as n_0, n_3, ...; see `said`."""
    count = iter(range(1000))
    return re.compile(re.sub(r"\(\?P<(\w+)>", lambda match: f"(?P<{match[1]}__{next(count)}>", pattern))


def said(match: re.Match[str]) -> list[tuple[str, str]]:
    """(name, text) of the groups that took part in a match, in the pattern's order."""
    return [(name.split("__")[0], text) for name, text in match.groupdict().items() if text]


def _either(pair: tuple[str, str]) -> str:
    return rf"(?:{_B}{pair[0]}{_E}|(?:{pair[1]}))"


_ABOUT = rf"(?:{_B}(?:around|about|roughly|approximately|some){_E}|大概|大约|差不多|约)"
_C = r"(?P<c>[$€£¥]|us\$|usd |rmb )?"
_Q = rf"{_C}\s?(?P<n>{N})(?:[ -]?(?P<u>{UNIT}){_E})?"  # a quantity; its unit may be missing
_QU = rf"(?:[$€£¥]\s?(?P<n>{N})|(?P<n>{N})[ -]?(?P<u>{UNIT}){_E})"  # with its unit

SIGNS = {"lt": LESS, "le": MOST, "gt": MORE, "ge": LEAST}

# Tried in this order; what one has taken the next ones don't see.
QUANTITY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("between", compiled(
        rf"(?:{_B}between {_Q} and {_Q}|{_B}from {_Q} (?:to|up to) {_Q}|(?:在|从)?{_Q}\s?(?:-|~|到|至|—|–|to)\s?{_Q}"
        "(?:之间|的价位)?)")),
    ("ge_le", compiled(
        rf"(?:{_either(MORE)}|{_either(LEAST)})\s?{_Q}(?: and|,| but|，|且|但)*\s?(?:{_either(LESS)}|{_either(MOST)})"
        rf"\s?{_Q}")),
    *((sign, compiled(rf"{_either(words)}\s?{_Q}")) for sign, words in (("le", MOST), ("ge", LEAST))),
    *((sign, compiled(rf"{_either(words)}\s?{_Q}")) for sign, words in (("lt", LESS), ("gt", MORE))),
    ("le", compiled(rf"{_Q}(?:{AFTER_MOST}{_E}|{AFTER_MOST_HAN})")),
    ("ge", compiled(rf"{_Q}(?:{AFTER_LEAST}(?![a-z])|{AFTER_LEAST_HAN})")),
    ("about", compiled(rf"{_ABOUT}\s?{_QU}(?:左右|上下)?|{_QU}(?:左右|上下| or so{_E})")),
    ("le", compiled(rf"{_B}(?:i(?:'ve| have| only have)(?: only)?(?: got)?|for|spend) {_QU}")),
    ("about", compiled(rf"{_QU}")),
)  # fmt: skip

_CENTURY = r"(?:(?:19|20)(?=\d0))?"
_DECADES = "twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties|noughties|two-?thousands|aughts"
_DECADE = rf"(?P<part>early|mid|late)?[ -]?(?P<decade>{N}'?s(?![a-z])|(?:nineteen[ -])?(?:{_DECADES}))"
_DECADE_HAN = (
    rf"(?P<century_zh>上世纪|上个世纪|二十世纪|20世纪|本世纪)?(?P<decade_zh>{N})年代(?P<part>初|中期|末|后期)?"
)
_Y = rf"(?P<y>{N})"
_FROM = "(?:(?:films?|movies?|songs?|ones?|released|made|published|filmed|recorded|shot|anything|something) )?"
# behind a number that might be a year: it is none
COUNTED = re.compile(
    rf"(?:\s?(?:to|until|-|–|and|到|至)\s?{N})?[ -]?(?:{UNIT}|pages?|words?|calories|kcal|points?|grams?|g|kg|mah"
    r"|watts?|pieces?|people|players?|页|字|克|卡|人|件)(?![a-z])"
)
YEAR: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("between", compiled(
        rf"(?:{_B}between {_Y} and (?P<y>{N})|{_B}from {_Y} (?:to|until|till|through) (?P<y>{N})"
        rf"|(?:在|从)?(?P<y>{N})年?\s?(?:-|~|到|至|—|–|to)\s?(?P<y>{N})年?(?:之间|期间)?)(?![a-z年代'])")),
    ("decade", compiled(
        rf"(?P<rel>{_B}(?:before|after|since|from|in|of|not from|older than|newer than|pre|post)[ -])?"
        rf"(?:{_B}the )?{_DECADE}(?P<on> (?:onwards?|and later|or later))?|{_DECADE_HAN}(?P<rel>以前|之前|以后"
        rf"|之后|以来)?")),
    ("last", compiled(
        rf"{_B}(?:from |in |within |of |during )?(?:the )?(?:last|past"
        rf"|previous) (?:(?P<many>{N}) )?(?P<span>years?|decades?)"
        rf"{_E}|(?:最?近|过去|这)(?P<many>{N})年(?:内|里|来|以来)?")),
    ("this", compiled(
        rf"{_B}(?:from |in |of )?this year(?:'s)?{_E}|今年|{_B}(?:from |in )last year(?:'s)?{_E}|去年|前年")),
    ("after", compiled(
        rf"(?:{_B}(?:(?:from )?after|later than|newer than|more recent than|post)[ -](?:the year )?{_Y}(?![a-z'])"
        rf"|晚于(?P<y>{N})年?)")),
    ("since", compiled(
        rf"(?:{_B}(?:since|starting in|no earlier than|not (?:before|older than|earlier than)|from) {_Y}"
        rf"(?P<on> (?:on(?:wards?)?|and (?:later|newer|after)|or (?:later|newer)))?(?![a-z'])"
        rf"|{_B}{_Y} (?:or|and) (?:later|newer|after)|{_B}{_Y} onwards?"
        rf"|(?:自|从)?(?P<y>{N})年?(?:以后|之后|后|以来|起|开始|往后|及以后))")),
    ("before", compiled(
        rf"(?:{_B}(?:(?:from )?before|earlier than|older than|prior to|pre)[ -](?:the year )?{_Y}(?![a-z'])"
        rf"|(?:早于|在)?(?P<y>{N})年?(?:以前|之前|前(?!后|几)))")),
    ("until", compiled(rf"{_B}(?:until|up to|no later than|not (?:after|newer than|later than)|by) {_Y}(?![a-z'])")),
    ("in", compiled(
        rf"(?:{_B}{_FROM}(?:in|from|of) (?:the year )?{_Y}(?![a-z'])|(?P<y>{N})年(?:的|出的|上映|发行|出版|拍的"
        rf"|左右)?)")),
)  # fmt: skip

AVAILABLE = compiled(
    rf"{_B}(?:(?:that(?:'s| is| are)|which (?:is|are)|must be|only|currently) )?(?:in[ -]stock|on hand|ready to ship"
    rf"|available(?: (?:now|today|right now|immediately))?){_E}|有(?:现)?货的?|现货|有库存的?|能(?:马上)?买到的?"
    rf"|马上能发货的?"
)
UNAVAILABLE = compiled(r"(?:not|n'?t|un|out of|没)\s?$")
FREE = compiled(rf"{_B}(?:for free|free of charge|(?:that|which) (?:is|are) free|costs? nothing){_E}|免费的?|不要钱的?")
