"""The words of limits in six languages, and the English that stands for them: bounds, numbers, units, years.

The rows of each are "English = pattern", apart by semicolons; a line may break at a space and behind "|". Of a pattern,
NUM is a number in words or digits, TENS a decade, TEN_WORD one in words, and YEAR says that a year follows; what its
groups held goes into the English in place of {}. Earlier rows come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """One language.

    Attributes:
        numbers: words, and their digits: "deux 2, trois 3".
        decades: the same of decades.
        things: pattern of what may stand between a refusal and the bound that it refuses.
        units: pattern of the words that are counted; a number in words is only read before one of them.
        rows: see above.
    """

    numbers: str
    decades: str
    things: str
    units: str
    rows: str

    def entries(self) -> list[tuple[str, str]]:
        """(pattern, English) of each row.

        >>> BOUNDS["de"].entries()[0]
        ('(?:eineinhalb|anderthalb|1,5) stunden', 'one and a half hours')
        """
        rows = (" ".join(row.split()) for row in re.sub(r"\|\s*\n\s*", "|", self.rows).split(";"))
        return [(pattern, english) for english, _, pattern in (row.partition(" = ") for row in rows if row)]


def words(text: str) -> dict[str, str]:
    """What stands for each word.

    >>> words("deux 2, quatre-vingts 80, deux cents 200")
    {'deux': '2', 'quatre-vingts': '80', 'deux cents': '200'}
    """
    pairs = (part.rsplit(maxsplit=1) for part in text.split(","))
    return {" ".join(said.split()): digits for said, digits in pairs}


_FRENCH = Bounds(
    numbers="""un 1, une 1, deux 2, trois 3, quatre 4, cinq 5, six 6, sept 7, huit 8, neuf 9, dix 10, douze 12, quinze
    15, vingt 20, trente 30, quarante 40, cinquante 50, soixante 60, quatre-vingt-dix 90, quatre-vingts 80,
    cent 100, deux cents 200, trois cents 300, cinq cents 500, mille 1000, cent vingt 120""",
    decades="""vingt 20, trente 30, quarante 40, cinquante 50, soixante 60, soixante-dix 70, quatre-vingt 80,
    quatre-vingts 80, quatre-vingt-dix 90""",
    things="films?|séries?|livres?|chansons?|articles?|produits?|choses?|de|d'|des|les|la|qui|durent|"
    "dure|coûtent|coûte|trop|quoi que ce soit",
    units="heures?|minutes?|euros?|dollars?|livres?|secondes?|ans|années",
    rows=r"""
    {} and a half hours = (NUM) heures? et demie;
    half an hour = une demi-heure|une demie heure;
    from the {}s = (?:des |les |dans les )?années (TENS);
    of the last {} years = (?:des |ces |les )(NUM) dernières années;
    from this year = (?:de )?cette année;
    from last year = (?:de )?l'année dernière;
    no more than = (?:qui )?ne (?:dure|dépasse|coûte)(?:nt)? pas(?: plus(?: de| que)?| les)?|pas plus (?:de|d'|que)|
        pas plus (?:longs?|longues?|chers?|chères?|vieux) (?:que|de)|ne dépassant pas;
    after = (?:sorti\w* |tourné\w* )?(?:d'|datant d')?après (?:l'an )?YEAR|postérieure?s? à YEAR|plus récente?s? que
        YEAR;
    before = (?:sorti\w* |tourné\w* )?(?:d'|datant d')?avant (?:l'an )?YEAR|antérieure?s? à YEAR|plus ancien(?:ne)?s?
        que YEAR|plus vieux que YEAR;
    since = (?:depuis|à partir de|dès) YEAR;
    until = jusqu'(?:en|à) YEAR;
    between {} and {} = entre YEAR(\d{4}) et (\d{4});
    from {} to {} = de (\d{4}) à (\d{4});
    in = (?:sorti\w* en|tourné\w* en|de l'année|datant de|en|de) YEAR;
    less than = (?:à |de |pour |d'une durée de )?(?:moins de|moins d')|(?:plus courte?s?|moins longue?s?|moins longs?)
        qu(?:e |')|moins ch(?:er|ère)s? qu(?:e |')|en[- ]dessous de|sous (?:les )?(?=\d|NUM )|inférieure?s? à;
    more than = (?:de |d'une durée de )?(?:plus de|plus d')|plus longue?s? qu(?:e |')|plus longs? qu(?:e |')|plus
        ch(?:er|ère)s? qu(?:e |')|au[- ]dessus de|supérieure?s? à|dépassant;
    at most = (?:au |un )?(?:maximum|max) de|jusqu'à|au plus|au maximum(?= \d| NUM)|maximum(?= \d| NUM)|max(?=
        \d| NUM);
    at least = au moins|au minimum(?: de)?|minimum(?: de)?|à partir de;
    at most = (?:au |)(?:maximum|max)|au plus;
    or less = ou moins;
    or more = ou plus;
    and = et(?= (?:NUM) (?:heure|minute|euro));
    about = environ|autour de|dans les;
    between = entre;
    hours = heures?|h;
    pounds = livres sterling;
    only = seulement|uniquement|ne (?:regarde|veux|lis|écoute|achète) que;
    i like = j'aime|j'adore|je préfère
    """,
)

_GERMAN = Bounds(
    numbers="""ein 1, eine 1, einer 1, einem 1, einen 1, zwei 2, drei 3, vier 4, fünf 5, sechs 6, sieben 7, acht 8, neun
    9, zehn 10, zwölf 12, fünfzehn 15, zwanzig 20, dreissig 30, vierzig 40, fünfzig 50, sechzig 60, siebzig
    70, achtzig 80, neunzig 90, hundert 100, einhundert 100, zweihundert 200, fünfhundert 500, tausend 1000""",
    decades="""zwanziger 20, dreissiger 30, vierziger 40, fünfziger 50, sechziger 60, siebziger 70, achtziger 80,
    neunziger 90, zwanzigern 20, dreissigern 30, vierzigern 40, fünfzigern 50, sechzigern 60, siebzigern 70,
    achtzigern 80, neunzigern 90, 50er 50, 60er 60, 70er 70, 80er 80, 90er 90, 2000er 2000, 2010er 2010, 50ern
    50, 60ern 60, 70ern 70, 80ern 80, 90ern 90, 2000ern 2000, 2010ern 2010""",
    things="filmen?|filme|serien?|bücher|lieder|artikel|produkte|sachen|etwas|die|der|das|mit|von|was|für",
    units="stunden?|minuten?|euro|euros|dollar|pfund|sekunden?|jahren?",
    rows=r"""
    one and a half hours = (?:eineinhalb|anderthalb|1,5) stunden;
    two and a half hours = zweieinhalb stunden;
    half an hour = (?:eine |einer )?halben? stunde;
    from the {}s = (?:aus |in )?(?:den |der )?(?:(TEN_WORD)(?:[- ]?jahren?)?|(TENS)[- ]?jahren?);
    of the last {} years = (?:der |aus den )?letzten (NUM) jahren?;
    from this year = (?:aus )?diesem jahr;
    from last year = (?:aus dem )?letzten jahr;
    no more than = nicht (?:mehr|länger|teurer|älter) als|nicht über|nicht länger dauert als|nicht mehr kosten als;
    after = (?:aus der zeit |von )?nach (?:dem jahr )?YEAR|neuer als YEAR|jünger als YEAR;
    before = (?:aus der zeit |von )?vor (?:dem jahr )?YEAR|älter als YEAR;
    since = (?:seit|ab) (?:dem jahr )?YEAR;
    until = bis YEAR;
    between {} and {} = zwischen YEAR(\d{4}) und (\d{4});
    from {} to {} = von (\d{4}) bis (\d{4});
    in = (?:aus dem jahr|aus|von|im jahr) YEAR;
    less than = (?:für |mit )?(?:weniger|kürzer|billiger|günstiger) als|unter|unterhalb von;
    more than = (?:für |mit )?(?:mehr|länger|teurer) als|über|oberhalb von;
    at most = (?:für )?(?:höchstens|maximal|max\.?)|bis(?: zu)?|nicht mehr als;
    at least = mindestens|wenigstens|minimum|ab;
    or less = oder weniger|oder kürzer|oder billiger;
    or more = oder mehr|oder länger|aufwärts;
    about = etwa|ungefähr|rund|circa|ca\.?;
    between = zwischen;
    and = und(?= (?:NUM) (?:stunde|minute|euro));
    hours = stunden?|std\.?;
    minutes = minuten?|min\.?;
    pounds = pfund;
    dollars = dollar;
    only = nur|ausschliesslich;
    i like = ich mag|ich liebe|mag ich|liebe ich
    """,
)

_SPANISH = Bounds(
    numbers="""un 1, una 1, dos 2, tres 3, cuatro 4, cinco 5, seis 6, siete 7, ocho 8, nueve 9, diez 10, doce 12, quince
    15, veinte 20, treinta 30, cuarenta 40, cincuenta 50, sesenta 60, setenta 70, ochenta 80, noventa 90, cien
    100, doscientos 200, quinientos 500, mil 1000""",
    decades="veinte 20, treinta 30, cuarenta 40, cincuenta 50, sesenta 60, setenta 70, ochenta 80, noventa 90",
    things="películas?|peliculas?|series?|libros?|canciones|artículos|productos?|cosas|nada|de|las|los|"
    "que|duren|dure|cuesten|cueste",
    units="horas?|minutos?|euros?|dólares|dolares|libras|pesos|segundos?|años",
    rows=r"""
    {} and a half hours = (NUM) horas? y media;
    one and a half hours = hora y media;
    half an hour = media hora;
    from the {}s = (?:de )?los (?:años )?(TENS)(?! (?:minuto|euro|hora))|(?:de los )?años (TENS);
    of the last {} years = (?:de )?los últimos (NUM) años;
    from this year = (?:de )?este año;
    from last year = (?:de )?el año pasado|del año pasado;
    no more than = (?:que )?no (?:dure|cueste|pase|supere|exceda)n?(?: de| los| las)?(?: más (?:de|que))?|no más
        (?:de|largas? (?:de|que)|caros? (?:de|que))|(?:nada )?(?:de )?no más de;
    after = (?:de )?después de(?:l año| l)? YEAR|posterior(?:es)? a(?:l año)? YEAR|más (?:nuev|modern)[oa]s? (?:que|
        de) YEAR|más recientes? (?:que|de) YEAR;
    before = (?:de )?antes de(?:l año)? YEAR|anterior(?:es)? a(?:l año)? YEAR|más (?:viej|antigu)[oa]s? (?:que|de)
        YEAR;
    since = (?:desde|a partir de)(?: el año|l año)? YEAR;
    until = hasta(?: el año)? YEAR;
    between {} and {} = entre YEAR(\d{4}) y (\d{4});
    from {} to {} = (?:de|desde) (\d{4}) (?:a|hasta) (\d{4});
    in = (?:del año|de|en|del) YEAR;
    less than = (?:por |de )?(?:menos de|menos que)|más cort[oa]s? (?:que|de)|más barat[oa]s? (?:que|de)|(?:por
        )?debajo de|inferior(?:es)? a;
    more than = (?:por |de )?(?:más de|mas de|más que)|más larg[oa]s? (?:que|de)|más car[oa]s? (?:que|de)|(?:por
        )?encima de|superior(?:es)? a;
    at most = como (?:mucho|máximo)|no máximo|máximo(?: de)?|(?:un )?máximo de|hasta|a lo sumo;
    at least = al menos|por lo menos|como mínimo|mínimo(?: de)?|desde|a partir de;
    or less = o menos;
    or more = o más;
    about = unos|unas|alrededor de|aproximadamente|cerca de;
    between = entre;
    and = y(?= (?:NUM) (?:hora|minuto|euro));
    hours = horas?;
    minutes = minutos?;
    dollars = dólares|dolares;
    pounds = libras;
    budget of = presupuesto(?: es)?(?: de)?;
    only = sólo|solo|solamente|únicamente;
    i like = me (?:gustan?|encantan?)|prefiero|amo|adoro
    """,
)

_ITALIAN = Bounds(
    numbers="""un 1, uno 1, una 1, due 2, tre 3, quattro 4, cinque 5, sei 6, sette 7, otto 8, nove 9, dieci 10, dodici
    12, quindici 15, venti 20, trenta 30, quaranta 40, cinquanta 50, sessanta 60, settanta 70, ottanta 80,
    novanta 90, cento 100, duecento 200, cinquecento 500, mille 1000""",
    decades="venti 20, trenta 30, quaranta 40, cinquanta 50, sessanta 60, settanta 70, ottanta 80, novanta 90",
    things="film|serie|libri|canzoni|prodotti|cose|di|i|le|che|durano|duri|durino|costano|costi|da",
    units="or[ae]|minut[oi]|euro|dollari|sterline|second[oi]|anni",
    rows=r"""
    {} and a half hours = (NUM) or[ae] e mezz[ao];
    one and a half hours = un'ora e mezz[ao];
    half an hour = mezz'ora|mezza ora;
    one hour = un'ora;
    from the {}s = (?:degli|gli|dagli|negli) anni (TENS)|anni (TENS);
    of the last {} years = (?:degli|negli) ultimi (NUM) anni;
    from this year = (?:di )?quest'anno;
    from last year = (?:dell'|l')anno scorso;
    no more than = (?:che )?non (?:duri|costi|superi|dura|costa|supera)(?:no)?(?: i| gli| le)?(?: più (?:di|dei|
        delle))?|non più (?:di|lung[oahie]+ di|car[oaie]+ di)|non oltre(?: i| le)?;
    after = (?:di )?dopo (?:il |l'anno )?YEAR|successiv[oaie] al YEAR|più (?:nuov|recent)[oaie] del YEAR;
    before = (?:di )?prima (?:del|di|dell'anno) YEAR|precedent[ei] al YEAR|più vecchi[oae]? del YEAR;
    since = (?:dal|a partire dal) YEAR;
    until = fino al YEAR;
    between {} and {} = tra (?:il )?YEAR(\d{4}) e (?:il )?(\d{4});
    from {} to {} = dal (\d{4}) al (\d{4});
    in = (?:dell'anno|del|nel) YEAR;
    less than = (?:a |per )?meno di|(?:al di )?sotto (?:i |gli |le |ai |agli |alle |l')?(?=\d|NUM )|più (?:cort[oaie]|
        brev[ei]|economic[oaie]\w*) (?:di|dei|delle)|inferior[ei] a(?:i|lle)?|meno car[oaie] di;
    more than = più di|oltre (?:i |gli |le |l')?|(?:al di )?sopra (?:i |gli |le |ai |alle )|più (?:lung[oahie]+|
        car[oaie]) (?:di|dei|delle)|superior[ei] a(?:i|lle)?;
    at most = (?:di |un )?(?:massimo|max)(?: di)?|al massimo|fino a(?:i|lle)?|entro (?:i |le |gli |l')?|non più di;
    at least = almeno|come minimo|minimo(?: di)?|a partire da(?:i|lle)?;
    or less = o meno;
    or more = o più|in su;
    about = circa|intorno a(?:i|lle)?|più o meno;
    between = tra(?: i| le)?|fra(?: i| le)?;
    and = e(?= (?:i |le )?(?:\d|NUM ));
    hours = or[ae];
    minutes = minut[oi]|min;
    dollars = dollari;
    pounds = sterline;
    only = solo|soltanto|solamente;
    i like = mi (?:piace|piacciono)|adoro|amo|preferisco
    """,
)

_PORTUGUESE = Bounds(
    numbers="""um 1, uma 1, dois 2, duas 2, três 3, tres 3, quatro 4, cinco 5, seis 6, sete 7, oito 8, nove 9, dez 10,
    doze 12, quinze 15, vinte 20, trinta 30, quarenta 40, cinquenta 50, sessenta 60, setenta 70, oitenta 80,
    noventa 90, cem 100, duzentos 200, quinhentos 500, mil 1000""",
    decades="vinte 20, trinta 30, quarenta 40, cinquenta 50, sessenta 60, setenta 70, oitenta 80, noventa 90",
    things="filmes?|séries?|livros?|músicas?|produtos?|coisas|nada|de|os|as|que|durem|dure|custem|custe|com",
    units="horas?|minutos?|euros?|dólares|dolares|libras|reais|segundos?|anos",
    rows=r"""
    {} and a half hours = (NUM) horas? e meia;
    one and a half hours = hora e meia;
    half an hour = meia hora;
    from the {}s = (?:dos |os |nos )?anos (TENS)|(?:da )?década de (TENS);
    of the last {} years = (?:dos|nos) últimos (NUM) anos;
    from this year = (?:deste|este) ano;
    from last year = (?:do )?ano passado;
    no more than = (?:que )?n[aã]o (?:dure|custe|passe|supere|exceda)m?(?: de| os| as)?(?: mais (?:de|do que|que))?|
        n[aã]o mais (?:de|do que|que|long[oa]s? (?:do )?que);
    after = (?:de )?(?:depois de|após|posterior(?:es)? a|mais (?:nov[oa]s?|recentes?) (?:do )?que) YEAR;
    before = (?:de )?(?:antes de|anterior(?:es)? a|mais (?:velh|antig)[oa]s? (?:do )?que) YEAR;
    since = (?:desde|a partir de) YEAR;
    until = até YEAR;
    between {} and {} = entre YEAR(\d{4}) e (\d{4});
    from {} to {} = de (\d{4}) a (\d{4});
    in = (?:do ano de|do ano|de|em) YEAR;
    less than = (?:por |de |com )?menos (?:de|do que|que)|mais (?:curt|barat)[oa]s? (?:do )?que|abaixo d[eo]s?|
        inferior(?:es)? a;
    more than = (?:por |de |com )?mais (?:de|do que|que)|mais (?:long|car)[oa]s? (?:do )?que|acima d[eo]s?|
        superior(?:es)? a;
    at most = (?:no |um )?máximo(?: de)?|até|no max(?:imo)?;
    at least = pelo menos|no mínimo|mínimo(?: de)?|a partir de;
    or less = ou menos;
    or more = ou mais;
    about = cerca de|aproximadamente|por volta de|uns|umas;
    between = entre;
    and = e(?= (?:\d|NUM (?:hora|minuto|euro)));
    hours = horas?;
    minutes = minutos?;
    dollars = dólares|dolares;
    pounds = libras;
    budget of = orçamento(?: é)?(?: de)?;
    only = só|apenas|somente;
    i like = gosto(?: de)?|adoro|amo|prefiro
    """,
)

_DUTCH = Bounds(
    numbers="""een 1, één 1, twee 2, drie 3, vier 4, vijf 5, zes 6, zeven 7, acht 8, negen 9, tien 10, twaalf 12,
    vijftien 15, twintig 20, dertig 30, veertig 40, vijftig 50, zestig 60, zeventig 70, tachtig 80, negentig
    90, honderd 100, tweehonderd 200, vijfhonderd 500, duizend 1000""",
    decades="twintig 20, dertig 30, veertig 40, vijftig 50, zestig 60, zeventig 70, tachtig 80, negentig 90",
    things="films?|series?|boeken|liedjes|producten|dingen|van|met|die|de|het|voor|duren|kosten",
    units="uur|uren|minuut|minuten|euro|euro's|dollar|pond|seconden?|jaar",
    rows=r"""
    one and a half hours = anderhalf uur;
    two and a half hours = tweeënhalf uur;
    half an hour = (?:een )?half uur;
    from the {}s = (?:uit |in )?(?:de )?jaren (TENS);
    of the last {} years = (?:van |uit )?de (?:laatste|afgelopen) (NUM) jaar;
    from this year = (?:van |uit )?dit jaar;
    from last year = (?:van |uit )?vorig jaar;
    no more than = niet (?:meer|langer|duurder|ouder) dan|niet (?:meer|langer) (?:duurt|kost) dan|niet boven(?: de)?;
    after = (?:van )?na YEAR|nieuwer dan YEAR|recenter dan YEAR;
    before = (?:van )?(?:voor|vóór) YEAR|ouder dan YEAR;
    since = (?:sinds|vanaf) YEAR;
    until = tot(?: en met)? YEAR;
    between {} and {} = tussen YEAR(\d{4}) en (\d{4});
    from {} to {} = van (\d{4}) tot (\d{4});
    in = (?:uit het jaar|uit|van|in) YEAR;
    less than = (?:voor |van )?(?:minder|korter|goedkoper) dan|onder(?: de)?|beneden(?: de)?;
    more than = (?:voor |van )?(?:meer|langer|duurder) dan|boven(?: de)?;
    at most = (?:van )?(?:maximaal|hoogstens|hooguit|ten hoogste|max\.?)|tot(?: en met| maximaal)?;
    at least = minstens|minimaal|ten minste|tenminste|vanaf;
    or less = of (?:minder|korter|goedkoper);
    or more = of (?:meer|langer);
    about = ongeveer|rond(?: de)?|circa;
    between = tussen;
    and = en(?= (?:\d|NUM (?:uur|euro|min)));
    hours = uur|uren;
    minutes = minuut|minuten|min\.?;
    euros = euro's;
    dollars = dollar;
    pounds = pond;
    only = alleen|enkel|slechts;
    i like = ik (?:hou|houd) van|hou ik van
    """,
)

BOUNDS: dict[str, Bounds] = {
    "fr": _FRENCH, "de": _GERMAN, "es": _SPANISH, "it": _ITALIAN, "pt": _PORTUGUESE, "nl": _DUTCH,
}  # fmt: skip
