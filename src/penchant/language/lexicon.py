"""The words of asking, liking, refusing, degree and time in English and Chinese; none of what may be asked for.

Each set is a text of regular expressions over case-folded words, apart by semicolons. Latin ones are bounded by words,
Chinese ones are not (its words aren't spaced). Longer entries win over shorter ones that start at the same place.
"""

from __future__ import annotations

import re

HAN = re.compile(r"[\u3400-\u9fff]")


def _entries(text: str) -> list[str]:
    text = re.sub(r"\|\s*\n\s*|\s*\n\s*\|", "|", text)  # a line may break at "|" or between groups
    entries = (" ".join(entry.split()) for entry in re.sub(r"\)\n\s*\(", ")(", text).split(";"))
    return sorted((entry for entry in entries if entry), key=len, reverse=True)


def _one_of(latin: str, chinese: str = "") -> re.Pattern[str]:
    words, signs = _entries(latin), _entries(chinese)
    parts = [rf"(?<!\w)(?:{'|'.join(words)})(?!\w)"] if words else []
    parts += [f"(?:{'|'.join(signs)})"] if signs else []
    return re.compile("|".join(parts))


# Pieces that several entries need: forms of "not", things done with items, small words behind a cue.
_NOT = r"(?:do|did|would|will|wo|ca|could)(?:n'?t| not)|cannot|never|no longer|not"
_CANNOT = r"(?:ca|could)(?:n'?t| not)|cannot"
_TAKE = r"(?:see|watch|hear|read|have|get|buy|play|listen to)"
_GIVE = r"(?:show|give|find|get|bring|recommend|suggest|play|send|offer|tell)"
_GIVING = r"(?:showing|giving|recommending|suggesting|playing|sending)"
_THOSE = r"(?: (?:all|any|the|these|those))*"
_MORE = r"(?: (?:any|more|anything|any more|anymore|another))*"
_NOT_LOVE = r"(?!\s+(?:stor|affair|triangle|song|letter|film|movie|interest|life|lives))"

# What looks like a refusal and isn't one. Found first, and then left alone.
IDIOMS = _one_of(
    """not only; not just; not bad; no matter; no wonder; no doubt; no problem; no idea; no preference; never seen;
    (?:have|has)(?:n'?t| not) seen; doesn'?t matter; not sure; never too; not to mention; the one; no one; noone;
    wouldn'?t mind; would not mind""",
    """不错; 不知道; 不管; 不论; 无论; 不但; 不仅; 不只; 不光; 不禁; 看不够; 没看过; 没听过; 没读过; 不一样; 不同;
    特别;
    区别; 告别; 离别; 别的; 别人; 个别; 级别; 性别; 能不能; 可不可以; 要不要; 好不好; 是不是""",
)

# Refusals of a refusal: "I don't hate it" is a mild liking.
NOT_DISLIKED = _one_of(
    r"(?:do|did)(?:n'?t| not) (?:hate|dislike|mind); (?:no|not) (?:objection|aversion) to",
    "不讨厌; 不反感; 不排斥; 不介意",
)

DISLIKE = _one_of(
    rf"""(?:{_NOT}) (?:ever |really |even |particularly |exactly )*(?:want|wanna|like|love|enjoy|need|care for|
    care about|fancy|feel like|wish|be in the mood for)(?: (?:to )?{_TAKE})?{_MORE};
    (?:{_NOT}) (?:ever )?{_GIVE}(?: me| us)?{_MORE};
    (?:{_CANNOT}) (?:stand|bear|stomach|take|handle|abide)(?: any| more| the sight of)*;
    (?:not|never)(?: really| been)? (?:in the mood for|into|a (?:big )?fan of|interested in|keen on|fond of|up for);
    (?:no|not a) (?:fan|lover) of;
    (?:no|not any|not)(?: more| longer)?(?: of)?(?: (?:those|these|another|any|too|very|so|that|the|an?))*;
    nothing(?: too| very| so| that'?s| with| about| like)*;
    (?:any|every)(?:thing|body|one)? (?:but|except(?: for)?|other than|apart from|besides|save); all (?:but|except);
    hates?; hated; detest; loathe; despise; dislikes?; disliked; avoid; skip; hold;
    (?:(?:am|'m|are|got|getting|so) )?(?:sick|tired|bored|fed up|done)(?: and tired)? (?:of|with|by){_THOSE};
    (?:had )?enough (?:of|with){_THOSE}; too (?:much|many);
    stop(?: with| {_GIVING})*(?: me| us)?{_THOSE};
    (?:with no|without|except(?: for)?|other than|apart from|rather than|instead of|leave out|minus|less|fewer){_THOSE};
    never(?: again)?(?: any)?; (?:turned|put) off by; allergic to; (?:please )?spare me{_THOSE}""",
    """(?:真的|绝对|一点也|一点都|完全|实在|再也|都|已经|我)*(?:不要再?|不想再?|不愿意?|不喜欢|不爱|不需要|不感兴趣|不用再?|不看|不听
    |不买|不读)(?:给我|推荐|推|放|看到?|听|买|读|有|任何|那些|这些|什么|太|那么|再)*;
    别(?:再|总|老|光|又)?(?:给我|跟我)?(?:推荐|推送|推|放|看|来|提|要|整|搞|发|是)*(?:那么|这么|太|什么|任何|那些|这些)*;
    (?:真的|最|很|特别|非常|十分)*(?:讨厌|厌恶|反感|受不了|受够了?|忍不了|恨|嫌弃|烦透了?|腻了|排斥)(?:看|听|那些|这些|任何|所有)*;
    (?:看|听|读|吃|玩|刷|买)?(?:腻|烦|够|厌|吐)了(?:那些|这些|各种)*; (?<!有)没有(?:任何|那么|太|什么)*;
    (?:千万|请|最好)不要;
    拒绝; 避开; 远离; 免了; 不太(?:喜欢|想看|爱看|想)?; 不那么; 不怎么(?:喜欢|想看|爱看)?;
    少(?:来|推|放|给我)(?:点|些|一点)?;
    无需; 而不是; 而非; 不是; 除了; 除开; 不行""",
)

# Everything but X; nothing but X. The group is X.
_BUT_X = (
    r"除(?:了|开)(?P<topic>[^。！？;；!?]{1,40}?)(?:之外|以外|外)?[,，\s]*"
    r"(?:我|其他|其它|其余|别的|什么|哪种|哪个|啥|随便)*(?:的|都|也|就|还)*"
)
ALL_BUT = re.compile(_BUT_X + r"(?:行|可以|好|成|能看|想看|喜欢|爱看|没问题|无所谓|随便|看)")
ONLY = re.compile(_BUT_X + r"(?:不想|不|没)(?:看|要|听|买|读|喜欢|爱|感兴趣|兴趣)(?:看|别的|其他的?)?")

WISH = _one_of(
    rf"""(?:i(?:'m| am)? )?(?:really |just |also |still |only |do |would |'d |dying to )*(?:want|wanna|need|prefer|
    enjoy|crave|fancy|wish|like|looking for|look for|searching for|feel like|interested in|into)
    (?: some(?:thing)?| to (?:find|be|{_TAKE})| an?| the)*;
    (?:(?:i|i'd|i would|we|really|just|would|absolutely|totally|also|still) )?love{_NOT_LOVE}(?: to {_TAKE})?;
    adore; dying to {_TAKE}; dying for; (?:i'?d |i would |would )?rather(?: {_TAKE})?;
    (?:i'm |i am )?in the mood for; fond of; keen on; (?:a )?(?:big |huge )?(?:fan|lover) of; crazy about;
    obsessed with;
    up for; (?:please )?{_GIVE}(?: me| us)(?: some(?:thing)?| an?| the| about)*; why not; nothing but; none but;
    (?:{_CANNOT}) wait (?:for|to {_TAKE}); never get (?:tired|enough) of; (?:{_CANNOT}) get enough(?: of)?;
    recommend; suggest; let'?s (?:see|watch|have|try|go (?:for|with)); how about; what about;
    any (?:good|nice|great|new);
    anything(?: good| new| nice)?; something; more(?= \w); only; got any; have you got; do you have; is there;
    are there;
    switch to; make it; maybe; perhaps; ideally""",
    """(?:我|还|更|就|很|特别|超级|超|非常|真的|其实|一直|比较|最|也|只|又|都|好)*(?:想要?|要|喜欢|爱|热爱|偏爱|钟爱|想找|需要|希望|期待
    |渴望)(?:看|听|读|买|玩|找|来|试试?|学|知道|有)+(?:一?(?:部|点|些|个|本|首|款|下|场|集)|到)*;
    (?:我|还|更|就|很|特别|超级|超|非常|真的|其实|一直|比较|最|也|只)*(?:喜欢|热爱|偏爱|钟爱|想要|需要|希望|期待|渴望|迷上了?|沉迷);
    (?:换|来|找|求|整|上|选|挑|放)(?:一?(?:部|点儿?|些|个|本|首|款|下|场))+;
    (?:请|麻烦)?(?:给|帮|跟|向)我?(?:推荐|找|来|放|换|挑|选|推)(?:一?(?:部|点|些|个|本|首|款|下|几部|几个))*;
    (?:请)?推荐(?:一?(?:部|点|些|个|本|首|款|下|几部))*; 有没有(?:什么)?(?:好看的?|好听的?)?;
    有什么(?:好看的?|好听的?|推荐)?;
    就想; 想看; 想听; 想读; 要看; 多来点; 多推; 不如; 还是; 只看; 只要; 只想; 也许; 或许; 最好是""",
)

# Words of wishing that stand behind what is wished for.
WISH_AFTER = _one_of(
    "please; (?:would|will|could) be (?:nice|great|good|lovely|perfect|fine); instead(?! of)", "也行; 更好"
)

STRONG = _one_of(
    rf"""really; very; so; super; extremely; absolutely; totally; completely; definitely; desperately; dying to;
    dying for;
    crave; craving; adore; obsessed; crazy about; huge fan; big fan; favou?rite; never; hates?; detest; loathe;
    despise;
    (?:{_CANNOT}) (?:stand|bear|wait); (?<!in )love{_NOT_LOVE}; ever again; at all; sick of; allergic to;
    whatever you do""",
    """特别; 超级; 超(?=想|爱|喜欢|好); 非常; 极其; 极度; 最(?=爱|喜欢|讨厌); 爱死; 真的; 迫不及待; 绝对; 千万; 恨;
    再也;
    受不了; 受够; 太(?=喜欢|爱|想); 十分; 厌恶; 做梦都; 一点都; 一点也""",
)
WEAK = _one_of(
    """maybe; perhaps; a bit; a little; kind of; kinda; sort of(?! thing); somewhat; slightly; might; possibly;
    not too;
    nothing too; not very; not so; not that; mildly; i guess; if possible; or so; wouldn'?t mind; don'?t mind;
    ideally;
    not really; less; fewer; not a (?:big|huge) fan""",
    """有点儿?; 有些; 稍微; 稍; 也许; 可能; 或许; 不太; 略微; 不那么; 不怎么; 最好; 一般般; 别太; 别那么; 不介意;
    不要太;
    (?<=[\u3400-\u9fff])一点(?!都|也|点)""",
)

STANDING = _one_of(
    rf"""from now on; never again; ever again; never ever; any ?more; no more; always; in general; in (?:the )?future;
    for ?ever; no longer; never; stop {_GIVING}""",
    "以后; 今后; 从此; 从今; 往后; 永远; 再也不?; 一直; 别再; 不要再; 不想再; 一向; 从来",
)
HOURS: tuple[tuple[re.Pattern[str], float], ...] = (
    (_one_of("tonight; this evening", "今晚; 今夜; 今天晚上"), 12.0),
    (_one_of("right now; at the moment; just now; for now", "现在; 此刻; 眼下; 暂时"), 12.0),
    (_one_of("today; this (?:morning|afternoon)", "今天; 今日"), 24.0),
    (_one_of("(?:this|the|at the|for the) weekend", "这?个?周末; 这?个?星期六"), 72.0),
    (_one_of("this week; these days; (?:the )?next few days", "这周; 本周; 这星期; 这几天; 最近"), 168.0),
    (_one_of("tomorrow", "明天"), 48.0),
    (_one_of("this month", "这个月; 本月"), 720.0),
)

# Words that say nothing about the topic, taken from its ends. Single Chinese signs begin too many words ("有趣",
# "好笑") to go from the front.
_FILLERS = _one_of(
    """i; i'm; i am; i'd; i'll; i've; me; we; us; you; you've; it; it's; that'?s; that; there; am; is; are; be; do;
    does;
    can; could; would; will; to; of; for; a; an; the; and; or; but; so; then; also; too; just; really; very; some;
    any; all;
    with; in; on; as; about; at; please; thanks; thank you; hi; hello; hey; ok; okay; well; though; although; however;
    instead; what; which; got; get; have; had; see; watch; watching; hear; read; more; reading; listen; listening;
    buy;
    find; put on; recommend; kinds? of; sort of; type of; that sort of thing; that kind of thing; something; anything;
    what's; who's; where's; how's; just (?:browsing|looking)(?: around)?; no preference; surprise me;
    things?; stuff; ones?; those; these; maybe; perhaps; again; now; like; nice; good; great; proper; bit; a bit;
    a little;
    lots? of; whatever; you know; i guess; if possible; would be; only; my favou?rite; one of; been; was; seen; yet;
    still;
    ever; at all; who; where; when; while; because; since"""
).pattern
FILLERS_FIRST = re.compile(
    rf"(?:{_FILLERS}|我们?(?!的)|你们?|您|请|谢谢|麻烦|帮忙|那种|这种|什么样的?|一(?:部|首|本|款|个|些|场)|一?点儿?|有点儿?|特别|超级|非常"
    r"|真的|其实|推荐|给我|随便(?:看看|听听|逛逛|来点)|随便|但是|不过|可是|而且|然后|所以|因为|就是|也许|可能|最好|的(?!士)|了(?!不起)|就|也|都(?!市)|[,，、]|\s|[好行嗯对]$)"
)
LONGEST_FILLER = 24  # letters; an end is looked for in so many, not in the whole text
FILLERS_LAST = re.compile(
    rf"(?:{_FILLERS}|[吧吗呢啊呀哦嘛啦哈的了看听]|的话|之类的?|什么的|那种|这种|谢谢|也行|都行|就行|就好|可以|推荐|也好|都好|[,，、]|\s)$"
)

SENTENCE_END = re.compile(r"[!?;。！？；\n…]+|\.(?!\w)")
CONTRAST = _one_of(
    "but; however; although; though; yet; on the other hand",
    "但是; 但; 不过(?!气|来|去|瘾|如此); 可是; 然而; 反而; 只是; 而是",
)
LIST = re.compile(
    r"[,，、:：—]+|\s-+\s|(?<!\w)(?:and|or|plus|as well as|nor)(?!\w)"
    r"|而且|并且|以及|还有|或者|或是|或|和(?=[\u3400-\u9fff])"
)
