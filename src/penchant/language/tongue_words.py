"""The few words by which other languages refuse, wish, contrast and say how long; a small table for each.

Entries are regular expressions over case-folded words ("ß" has become "ss"), apart by semicolons, as in `lexicon`; a
line may break at a space and behind "|". One that begins with "-" ends a word.

    marks: words that hardly occur in English: with one of them a text may be in this language
    hints: what counts as a mark, too, where no word does
    small: words that English or another language shares: they only add to a mark
    idioms: look like refusals and are none
    mild: refusals of a refusal
    against, wish: what follows is refused, wished for
    bare: a refusal only where nothing of a topic stands before it in its clause
    behind, wish_behind: what stands before is refused, wished for
    contrast, joint: close a clause; join the parts of a list
    prefer, than: behind a wish with a word of prefer, what follows is refused ("rather comedy than horror")
    standing, tonight, today, week: how long it holds
    strong, weak: how strongly
    first, last: say nothing of the topic, at its beginning and at its end
"""

from __future__ import annotations

Words = dict[str, str]

FRENCH: Words = {
    "marks": """voir regarder écouter lire je j ne pas une des aux est et qui avec dans mais aucun aucune
    jamais rien quelque quelques chose voudrais veux aime aimerais cherche plutôt sauf sans très trop moins après
    avant années heures pourquoi ça suis déteste tout toute tous donne montre soir ce cette ces mon ma mes marche
    puis peux merci à entre deux trois dix vingt environ jusqu sinon depuis sorti sortie comédie comédies horreur
    guerre musique livres chansons ennuie ennuient""",
    "small": "me de d la le l les un du au en plus pour que à n c m s et ou on ai",
    "idioms": r"""pas seulement; pas (?:encore )?(?:vue?s?|lue?s?|entendue?s?); pas mal; pas grave;
    pas de (?:problème|souci)s?; pourquoi pas; n'importe;
    sans (?:fil|doute|problème|hésit\w+|faute|plus|blague|prise de tête); rien de (?:mieux|tel)(?: qu[e'])?;
    rien que; rien d'autre qu[e'];
    (?:n'ai |jamais |pas |encore )+(?:vue?s?|lue?s?|entendue?s?)(?: aucune?| de| d')?; pas encore; moins de \d+;
    n'y a pas""",
    "mild": "(?:je |j')?(?:ne |n')?(?:déteste|hais) pas; ça ne me dérange pas; n'ai rien contre",
    "against": r"""qui (?:ne |n')\w+ (?:surtout )?pas(?: de| d')?; (?:je suis )?lassée? d[e'];
    (?:je )?(?:n'ai|ai) pas (?:du tout |trop |vraiment )?aimé; m'(?:a|ont) pas plu;
    pas (?:de|d'|trop|du tout de|du tout d'); plus (?:du tout|jamais|aucune?) ?(?:de|d')?;
    jamais (?:plus )?(?:de|d');
    (?:je |j'|on )?(?:ne |n')?(?:veux|voudrais|aime|aimerais|supporte|souhaite|cherche|apprécie|adore|regarde|lis|
    écoute) (?:vraiment |surtout )*(?:pas|plus|jamais|guère|aucune?)(?: (?:trop|du tout|beaucoup|vraiment|tellement|
    jamais|voir|regarder|lire|écouter))*;
    (?:je |j')?(?:ne |n')?(?:suis pas (?:trop |très )?(?:fan|amateur|friand)|ai (?:pas|plus|aucune) envie);
    (?:ça |cela )?(?:ne )?(?:me |m')?(?:pla[iî]t|plaisent|intéresse|intéressent|disent|dit) (?:pas|plus|rien)(?: du
    tout)?; (?:je |j')?(?:déteste|hais|exècre|évite|refuse|ai horreur);
    (?:(?:j'en ai |y en a )?(?:marre|assez|ras[- ]le[- ]bol))(?: de| d'| des); aucune?s?(?: envie)?;
    sans(?: trop| aucune?)?; rien (?:de|d'|qui|sur|avec)(?: trop)?; ni; (?:tout |tous |n'importe quoi )?sauf;
    (?:tout )?hormis; excepté; à part; à l'exception d[eu']; plutôt que; au lieu d[e']; évite[rz]?;
    arrête[rz]?(?: de)?(?: me)?(?: (?:proposer|montrer|recommander|donner))*;
    ne (?:me |m')?(?:montre|propose|recommande|donne|suggère|mets?)[sz]?(?: pas| plus| jamais)+; trop d[e'];
    moins d[e']; fini les; (?:je (?:ne )?suis )?pas (?:trop |très |vraiment )?(?:fan|amateur|client) d[e'];
    (?:j'en|je n'en) peux plus d[e']""",
    "bare": "pas; plus jamais; jamais; surtout pas; non; non aux?; bof",
    "behind": r"""(?<=\w )non(?= *(?:[,.!]|$)); non merci; très peu pour moi; c'est non; j'aime pas;
    (?:(?:ce |c')?(?:n'est|est|sont|ne sont) )?(?:vraiment |trop )*pas (?:trop |vraiment )*(?:mon truc|mon genre|mon
    style|ma tasse de thé|pour moi);
    (?:ça )?(?:m'|me )(?:ennuie(?:nt)?|saoule(?:nt)?|gonfle(?:nt)?|fatigue(?:nt)?|lasse(?:nt)?|barbe(?:nt)?|
    énerve(?:nt)?|dégoûte(?:nt)?|fait peur|font peur)""",
    "wish": """(?:est-ce que )?(?:tu |vous )?n'(?:as|avez|aurais|auriez)(?:-(?:vous|tu))? pas (?:de|d'|une?);
    (?:je |j')?(?:veux|voudrais|aime|aimerais|adore|cherche|préfère|souhaite)(?:
    bien| plutôt| voir| regarder| écouter| lire)*; plutôt; donne[sz]?(?:-moi)?; montre[sz]?(?:-moi)?;
    propose[sz]?(?:-moi)?; (?:j'ai )?envie (?:de|d'); pourquoi pas; quelque chose (?:de|d'); mieux vaut; rien que;
    rien d'autre qu[e']; (?<=, )(?:une?|du)""",
    "wish_behind": "s'il (?:te|vous) pla[iî]t; ça me va",
    "contrast": "mais; cependant; par contre; en revanche; pourtant; toutefois",
    "joint": "et; ou; ou bien",
    "standing": r"""plus jamais; jamais plus; plus aucune?; (?:ne|n')\b.{0,30}\bplus;
    (?:veux|aime|supporte) plus; désormais; à l'avenir; dorénavant; (?<!\w )jamais de; toujours;
    (?:montre|propose|recommande|donne)[sz]?(?:-moi)? (?:plus|jamais)""",
    "tonight": "ce soir; cette nuit",
    "today": "aujourd'hui",
    "week": "cette semaine; ces jours-ci",
    "strong": "déteste; hais; adore; vraiment; horreur; ne supporte; très envie; absolument; du tout; exècre",
    "weak": "peut-être; un peu; pas trop; moins d[e']; éventuellement",
    "first": """je; j'; j'ai; me; m'; moi; de; d'; des; du; la; le; l'; les; un; une; au; aux; à; pour;
    en; et; ou; qui; que; qu'; ce; cette; ces; trop; très; bien; voir; est; soit; un peu; peut-être; s'il; te;
    vous; pla[iî]t; merci; svp; alors; quelque chose; plus; bonjour; aussi; dans; avec; il; elle; y; a; sont; ne;
    n'; surtout; jamais; peu""",
    "last": """s'il (?:te|vous) pla[iî]t; svp; merci; alors; plus; du tout; trop; je; j'; de; d'; qui;
    un; une; ne; n'; et; ou; moi; à voir; soit; est; il; elle""",
    "prefer": "plutôt; préfère",
    "than": "qu[e']; plutôt qu[e']",
}  # fmt: skip

GERMAN: Words = {
    "marks": """sehen schauen hören lesen gesehen ich kein keine keinen keinem keiner keinerlei nicht
    nichts ohne für über unter und oder aber sondern nie niemals wieder bitte etwas mehr als von vom zum zur im auf
    aus bei nach vor mag möchte hasse suche gib zeig zeige mir mich ist sind lieber heute abend ausser gern gerne
    warum statt stunden jahren höchstens mindestens weniger länger einen einem einer eine ein der dem meine mein
    meiner bloss nur genug satt dass filme wie wird bis zwei drei zehn zwischen zwanzig maximal etwa stunde minuten
    krimi krimis komödie komödien horrorfilm horrorfilme musik bücher langweilen langweilt""",
    "small": "die das den des mit zu am will war es in an alles was so auch wir man hat du er sie um ab",
    "idioms": r"""nicht nur; nicht schlecht; kein problem; keine ahnung;
    ohne (?:frage|zweifel|weiteres|kabel); warum nicht(?: mal)?;
    nichts (?:ist )?(?:besser|schöner|geht über)(?:es)?(?: als)?; nichts als;
    noch nicht (?:kenne|gesehen|gehört|gelesen); nicht (?:kenne|gesehen);
    (?:noch )?nie (?:\w+ ){0,3}(?:gesehen|gehört|gelesen); nicht wahr; (?:kann|konnte) nicht""",
    "mild": """(?:ich )?(?:habe|hab) nichts gegen; (?:hasse|stört) (?:mich )?nicht;
    nichts (?:dagegen|einzuwenden gegen)""",
    "against": r"""kein(?:e[nmrs]?|erlei)?(?: (?:lust|bock) (?:mehr )?(?:auf|zu)| fan von)?;
    (?:ich )?stehe? nicht (?:so )?auf; nichts(?: mit| über| von| zu)?(?: allzu| zu)?;
    nicht (?:zu|so|allzu|gerade|unbedingt)(?: sehr)?; nie wieder; nie mehr; niemals(?: wieder| mehr)?;
    nicht (?:schon )?wieder; nicht mehr; ohne(?: viel| jede[nrs]?)?; (?:alles )?ausser;
    verschone?n? (?:sie )?mich mit; bis auf; statt; anstatt; anstelle von;
    (?:ich )?(?:hasse|verabscheue|vermeide|meide); (?:genug|die nase voll) von;
    (?:ich )?(?:mag|will|möchte|brauche|schaue|sehe|lese|höre) (?:\w+ )?(?:kein(?:e[nmrs]?)?|nichts(?!
    ausser| als))(?: mehr)?(?: mit| von)?; vermeide; bloss kein(?:e[nmrs]?)?; (?:hör|hören sie) auf,?(?: mir)?;
    weniger;
    (?:kann|ertrage|mag|will|möchte) (?:ich )?(?:\w+ )?nicht(?: mehr)?(?: ertragen| ausstehen| leiden| sehen)?;
    zu viel; weder; noch mehr (?:nicht)""",
    "bare": "nicht; bloss nicht; bitte nicht; nein; nie",
    "behind": r"""(?:habe?|hätte) ich (?:\w+ )?(?:\w+ )?keine? (?:lust|bock)(?: mehr)?;
    würde? ich (?:lieber )?nicht(?: sehen| schauen| wollen)?; (?:hat|haben) mir nicht gefallen;
    fand ich (?:doof|blöd|langweilig|schlecht|nicht gut); (?:hat|haben) mich gelangweilt;
    (?:ist|sind) (?:gar |so |wirklich |echt )*(?:nicht|nichts) (?:so )?(?:mein (?:ding|fall|geschmack)|für mich|
    meins); langweil(?:t|en) mich;
    (?:ist|sind) (?:mir )?(?:viel |einfach )?(?:zu )?(?:langweilig|brutal|gruselig|kitschig|blöd);
    nerv(?:t|en)(?: mich)?; (?:kann|konnte) (?:ich )?(?:echt |wirklich |gar )?nichts (?:mehr )?anfangen;
    (?:hatte|habe|hab) ich (?:schon |langsam |jetzt |echt )*(?:genug|satt);
    geh(?:t|en) (?:mir )?(?:auf die nerven|gar nicht); muss nicht sein;
    finde ich (?:doof|blöd|langweilig|schrecklich|furchtbar|öde|nicht (?:gut|lustig|interessant)); macht mir angst;
    ist nichts für mich;
    (?:bitte|lieber|eher|besser|bloss|auf keinen fall|(?:mag|will|möchte|brauche|gefällt|gefallen|interessiert|
    interessieren|interessieren) (?:\w+ )?(?:mich |mir )?(?:wirklich |gar |überhaupt |so )?)nicht(?: mehr)?(?:
    sehen| haben| leiden| ausstehen| hören| gerne?)?; nicht (?:ausstehen|leiden|ertragen|sehen|mögen); nein danke;
    kann ich nicht (?:ausstehen|leiden|ertragen|mehr sehen|sehen); hängt mir zum hals(?:e)? raus; habe ich satt;
    bin ich leid""",
    "wish": r"""(?:(?:ich )?(?:will|mag|möchte|schaue|sehe) )?nichts ausser;
    (?:habt ihr|hast du|haben sie|gibt es|gibt's) (?:nicht|keine?[nrs]?);
    (?:ich )?(?:will|möchte|mag|liebe|suche|brauche|hätte gern|wünsche mir|bevorzuge)(?: gerne?| lieber)*;
    lieber; stattdessen; (?:bitte )?(?:gib|zeig|zeige|empfiehl) mir; (?:ich )?(?:habe |hätte )?lust auf;
    warum nicht(?: mal)?; nichts als; nur; etwas; was (?=\w+es(?!\w)); eher; mehr; (?<=, )(?:eine?n?)""",
    "wish_behind": "bitte; wäre (?:schön|gut|toll|super)",
    "contrast": "aber; sondern; jedoch; allerdings; dagegen; doch",
    "joint": "und; oder; sowie",
    "standing": r"""nie wieder; nie mehr; niemals; (?:keine?[nmrs]?|nicht|nichts)\b.{0,40}\bmehr(?! als);
    ab jetzt; von nun an; in zukunft; künftig; nicht mehr; immer""",
    "tonight": "heute abend; heute nacht",
    "today": "heute",
    "week": "diese woche; dieser tage",
    "strong": """hasse; liebe; wirklich; sehr; unbedingt; auf keinen fall; überhaupt; verabscheue;
    nicht ausstehen; bloss""",
    "weak": "vielleicht; ein bisschen; ein wenig; etwas weniger; weniger; nicht (?:zu|so|allzu); eventuell",
    "first": """ich; mir; mich; es; der; die; das; den; dem; des; ein; eine[nmrs]?; von; vom; mit; über;
    für; zu; zum; zur; und; oder; bitte; sehr; so; zu viel; viel; etwas; vielleicht; mal; auch; an; am; im; in;
    auf; ist; sind; dass; danke; hallo; wir; sie; bin; habe; hab; mehr; mehr von; noch; gar; ja; nur; lieber""",
    "last": """bitte; mehr; sehen; schauen; haben; hören; lesen; danke; gerne?; mal; an; von; mit; ein;
    eine[nmrs]?; der; die; das; den; ich; ist; sind; und; oder; zu; es; mir; auf; will; möchte; mag; ja; sein""",
    "prefer": "lieber; eher; bevorzuge",
    "than": "als",
}  # fmt: skip

SPANISH: Words = {
    "marks": """mirar escuchar visto una unas unos que pero nada nunca ningún ningun ninguna ninguno más
    quiero quisiera gusta gustan gustaría odio prefiero algo para por muy esta este sino salvo excepto menos
    película películas peliculas pelicula dame busco tampoco jamás jamas sé qué tengo años horas hoy noche también
    ganas detesto soporto aguanto cosas recomiéndame muéstrame ponme quítame mejor basta puedo violencia antes
    después desde hasta entre tres minutos soy aburre aburren cansan encanta encantan comedia comedias guerra miedo
    canciones libros""",
    "small": "he el la los las un y de del al es me no con lo se en sin o te hay mi a",
    "hints": r"[¿¡].{0,200}|sin (?:\w+ )?\w*(?:ción|ciones|ncia|ncias|\w{3}dad|ía|ías|[áíóúñ]\w*)",
    "idioms": r"""no sólo; no solo;
    (?:no|nunca) (?:la |lo )?he (?:visto|leído|oído)(?: aún| todavía| nunca| ning[uú]n\w*)*; no sé; no se qué;
    sin (?:duda|problema|cables?|embargo|falta); nada mejor(?: que)?; nada más que; por qué no; no importa;
    no está mal; no hay nada (?:mejor|como); no (?:funciona|puedo|tengo(?! ganas))""",
    "mild": "no (?:me )?(?:molestan?|disgustan?|importan?|odio)",
    "against": r"""que no (?:me |te |se )?(?!he |haya |conozc)\w+;
    no (?:tengo|me dan) (?:muchas )?ganas de(?: ver)?; me (?:cansé|he cansado) de(?: ver)?;
    no me (?:gustó|gustaron|ha gustado|han gustado|gustaba|gustaban)(?: nada)?;
    no(?: me)? (?:quiero|quisiera|gustan?|gustaría|apetecen?|interesan?|soporto|aguanto|busco|necesito|veo|escucho|
    leo|deseo|van)(?: nada| más| mucho| ver| volver a ver| oír| leer| escuchar| nada de)*;
    nada (?:de|con|sobre|que|demasiado|muy)(?: sea| tenga)?; ning[uú]n(?:a|o)?;
    sin(?: nada de| tanta?| mucha?| demasiada?)?; nunca(?: más)?; jam[aá]s; no más; nunca (?:quiero|quiero ver);
    odio; detesto; aborrezco; evit[ao]r?; quítame; (?:ya )?basta de;
    (?:estoy )?(?:harto|harta|cansado|cansada) de(?: ver)?; menos(?! de \d); excepto; salvo; a excepción de;
    paso de; en (?:vez|lugar) de; (?:todo|cualquier cosa) menos; quita; demasiad[oa]s?;
    no (?:me )?(?:muestres|recomiendes|pongas|des|enseñes|sugieras|ofrezcas)(?: más| nunca| nada de)*;
    deja de (?:recomendarme|mostrarme|ponerme); ni; no (?:demasiado|muy|tan); no soy (?:muy )?fan de;
    que no (?:sea|sean|tenga|tengan)(?: muy| demasiado)?""",
    "bare": "no; nunca; tampoco",
    "behind": r"""(?:no )?me (?:aburrió|aburrieron); no me (?:gustó|gustaron)(?: nada)?;
    (?<=\w )no(?= *(?:[,.!]|$)); (?:me|nos) (?:aburren?|cansan?|dan? (?:asco|miedo|pereza)|agobian?);
    no (?:es|son) (?:lo mío|para mí|mi estilo|mi género|de mi agrado);
    (?:no|ya no) (?:me |nos )?(?:gustan?|interesan?|apetecen?|van|las? quiero|los? quiero)(?: nada)?; no,? gracias;
    ni hablar; no por favor""",
    "wish": r"""no (?:\w+ )?(?:más|otra cosa) que; no veo sino;
    (?:yo )?(?:quiero|quisiera|busco|necesito|prefiero|me gustan?|me gustaría|me encantan?|me apetecen?|amo|
    adoro)(?: ver| más| mucho| una| un| algo)*; mejor; dame; ponme; muéstrame; recomiéndame;
    tengo ganas de(?: ver)?; (?<!no )sólo; (?<!no )solo; nada mejor(?: que)?; nada más que; por qué no;
    algo(?: de)?; más bien; (?<=, )una?""",
    "wish_behind": "por favor; sí; estaría bien",
    "contrast": "pero; sino; sin embargo; aunque; mas",
    "joint": "y; e; o; u",
    "standing": r"""nunca más; nunca; jam[aá]s; no más; (?:ya )?no quiero (?:ver )?más; ya no;
    a partir de ahora; de ahora en adelante; en el futuro;
    no (?:me )?(?:muestres|recomiendes|pongas)\b.{0,8}\b(?:más|nunca); siempre; deja de""",
    "tonight": "esta noche; hoy por la noche",
    "today": "hoy",
    "week": "esta semana; estos días",
    "strong": """odio; detesto; aborrezco; no soporto; no aguanto; me encantan?; muchísimo; realmente;
    de verdad; en absoluto; jam[aá]s; adoro""",
    "weak": "quizás?; tal vez; un poco; no (?:demasiado|muy|tan); a lo mejor",
    "first": """yo; me; el; la; los; las; lo; un; una; unos; unas; de; del; al; a; y; o; con; en; que;
    sea; sean; muy; algo; más; por favor; gracias; hola; es; son; para; ver; quizás?; tal vez; un poco; demasiado;
    sobre; por; tan; mucho; mucha; se; le; te; ya""",
    "last": "por favor; gracias; más; nada; un; una; el; la; los; las; de; y; o; que; con; a; en; hoy; ya; yo",
}  # fmt: skip

ITALIAN: Words = {
    "marks": """vedo vedere guardare ascoltare visto gli uno una che della dei delle degli dell nel niente
    nessun nessuna nessuno mai più voglio vorrei piace piacciono odio senza qualcosa cerco meglio tranne basta
    stasera oggi sotto meno sopra anche prima dopo anni almeno massimo tutto preferisco storie perché sono eccetto
    detesto sopporto circa fino tra tre minuti commedia commedie guerra orrore canzoni libri annoia annoiano dammi
    fammi consigliami invece neanche""",
    "small": "no me so va il lo la i le l di del un con ma due non per e o a da in mi ho è d si ore solo se de",
    "idioms": r"""non solo;
    non (?:l'|li |le )?ho (?:ancora |mai )*(?:visto|letto|sentito)(?: ancora| nessun\w*)*; non male;
    senza (?:dubbio|problemi|fili); niente di meglio(?: di| che)?; nient'altro che; perch[ée] no(?:n)?;
    non vedo l'ora di(?: vedere)?; non importa; non lo so; non so; per niente; non (?:funziona|posso|riesco)""",
    "mild": r"non (?:mi )?(?:dispiac\w+|odio|disturba\w*)",
    "against": r"""che non (?:mi |ci )?(?!ho |abbia |conosc)\w+; non ho (?:nessuna )?voglia di(?: vedere)?;
    mi sono stancat[oa] d\w+; non mi (?:è|sono) piaciut[oaie]; non mi piacev\w+;
    non (?:mi |ci )?(?:piace|piacciono|interessa|interessano|va|vanno|voglio|vorrei|sopporto|cerco|guardo|ascolto|
    leggo|amo|reggo)(?: più| per niente| proprio| molto| mai| vedere| guardare| nessuna?| niente di)*;
    niente(?: di| che| con)?(?: troppo)?; nessun[ao]?; senza(?: troppa| troppo| alcun[ao]?| tanta)?; mai(?: più)?;
    odio; detesto; evit[aoi](?:re)?; basta(?: con)?;
    (?:sono )?(?:stufo|stufa|stanco|stanca) d(?:i|ei|elle|el|ella|egli);
    (?:tutto |tutti |qualsiasi cosa )?(?:tranne|eccetto); a parte; salvo; non ne posso più d\w+;
    invece d(?:i|el|ella|ei|elle)|al posto d(?:i|el|ella|ei|elle); né; meno(?! di \d); troppo; troppa;
    non (?:mi )?(?:mostrare|mostrarmi|consigliare|consigliarmi|proporre|propormi|farmi vedere|darmi)(?: più| mai)*;
    smett[ie](?:la)? (?:di|con)(?: consigliarmi| mostrarmi| propormi)?; non (?:troppo|tanto|così|molto);
    non sono (?:un |una )?(?:grande )?(?:fan|amante) d\w+; non (?:di|dei|delle|sia|siano)""",
    "bare": "non; no; mai",
    "behind": r"""non mi (?:è|sono) piaciut[oaie]; mi (?:ha|hanno) annoiato; (?<=\w )no(?= *(?:[,.!]|$));
    mi (?:annoia(?:no)?|stufa(?:no)?|fanno paura|fa paura|stanca(?:no)?); non (?:fa|fanno) per me;
    non (?:è|sono) (?:il mio genere|roba per me|nelle mie corde);
    (?:proprio )?non (?:mi |ci )?(?:piace|piacciono|interessa|interessano|va|vanno|la voglio|li voglio|le voglio)(?:
    più| per niente| proprio)*; no,? grazie; anche no""",
    "wish": r"""non (?:\w+ )?altro che; non (?:hai|avete|c'è|ci sono) (?:una?|qualche|dei|delle);
    (?:io )?(?:voglio|vorrei|cerco|preferisco|amo|adoro|mi piace|mi piacciono|mi piacerebbe|ho voglia di)(?:
    vedere| guardare| molto| qualcosa di)*; meglio; piuttosto; dammi; fammi vedere; consigliami; mostrami;
    non vedo l'ora di(?: vedere)?; niente di meglio(?: di| che)?; nient'altro che; perch[ée] no(?:n)?;
    qualcosa(?: di)?; (?<!non )solo; (?<=, )un[ao']?""",
    "wish_behind": "per favore; sì; per piacere; andrebbe bene",
    "contrast": "ma; però; tuttavia; bensì; invece(?! d)",
    "joint": "e; ed; o; oppure",
    "standing": r"mai più; non .{0,30}\bpiù; d'ora in poi; in futuro; mai; smett\w+ (?:di|con); sempre",
    "tonight": "stasera; questa sera; stanotte",
    "today": "oggi",
    "week": "questa settimana; in questi giorni",
    "strong": "odio; detesto; adoro; davvero; proprio; non sopporto; assolutamente; per niente",
    "weak": "forse; magari; un po'?; non (?:troppo|tanto|molto); meno",
    "first": """io; mi; il; lo; la; i; gli; le; l'; un; uno; una; un'; di; del; della; dei; delle; degli;
    dell'; d'; a; e; o; con; che; sia; siano; molto; qualcosa; più; per favore; grazie; ciao; è; sono; vedere;
    forse; un po'?; troppo; su; per; in; ho; si; nessun; da""",
    "last": "per favore; grazie; più; per niente; un; una; il; la; i; di; e; o; che; con; a; in; è; sia",
}  # fmt: skip

PORTUGUESE: Words = {
    "marks": """assistir ouvir não nao uma que sem mas nada nunca quero queria gosto odeio detesto prefiro
    algo para muito hoje noite mais menos filme filmes nenhum nenhuma jamais ver até depois antes anos exceto estou
    meu minha você chega gostaria suporto aguento mostre mostra recomende melhor tudo outra nem duas dois horas
    máximo mínimo entre após desde minutos comédia comédias guerra livros sou""",
    "small": "um o a os as com em de do da dos das no na e ou é me por se eu só",
    "idioms": r"""não só; não apenas; (?:não|nunca) (?:vi|li|ouvi)(?: ainda| nenhum\w*)*; não sei;
    sem (?:dúvida|problemas?|fios?); nada melhor(?: que| do que)?; por que não; porque não; não importa; nada mal;
    não (?:funciona|consigo|posso)""",
    "mild": r"n[aã]o (?:me )?(?:importo|incomoda\w*|odeio|desgosto)(?: com| de)?",
    "against": r"""que n[aã]o (?:me )?(?!vi |tenha |conhe)\w+;
    n[aã]o (?:estou com|tenho|tô com) (?:nenhuma )?vontade de(?: ver)?; (?:cansei|enjoei) d[eao]s?; sem ser;
    n[aã]o gostei(?: muito| nada)?;
    n[aã]o (?:quero|queria|gosto|gostaria|suporto|aguento|curto|procuro|preciso|vejo|assisto|ouço|leio|me
    interessa\w*|desejo)(?: muito| mais| nada| nem um pouco| nunca| ver| assistir| ouvir| ler| de)*;
    nada (?:de|com|sobre|que|muito)(?: seja| tenha)?; nenhum[a]?; sem(?: muita| muito| nenhuma?| tanta)?;
    nunca(?: mais)?; jamais; odeio; detesto; evit[aeo]r?; chega de; basta de;
    (?:estou )?(?:farto|farta|cansado|cansada) d[eao]s?; exceto; menos(?! de \d); a não ser; fora; salvo;
    em vez d[eoa]s?; ao invés d[eoa]s?; (?:tudo|qualquer coisa) menos; nem; demais; não mais(?! (?:de|do que) \d);
    n[aã]o (?:me )?(?:mostre|mostra|recomende|recomenda|sugira|indique|dê)s?(?: mais| nunca)*;
    par[ea] de (?:me )?(?:recomendar|mostrar|sugerir)(?:-me)?; n[aã]o (?:muito|tão|demasiado);
    n[aã]o sou (?:muito )?fã d[eoa]s?; que n[aã]o (?:seja|sejam|tenha|tenham)(?: muito)?""",
    "bare": "n[aã]o; nunca",
    "behind": r"""n[aã]o gostei; me (?:entediou|entediaram); (?<=\w )n[aã]o(?= *(?:[,.!]|$));
    me (?:entedia(?:m)?|cansam?|d[aã]o? (?:sono|medo)|irritam?); n[aã]o (?:é|são) (?:para|pra) mim;
    n[aã]o (?:é|são) (?:a |o )?(?:minha praia|meu estilo|meu gênero|meu forte);
    (?:já )?n[aã]o (?:me )?(?:gosto|interessam?|agradam?|curto|os quero|as quero)(?: nada)?; não,? obrigad[oa];
    nem pensar""",
    "wish": r"""n[aã]o (?:\w+ )?outra coisa (?:a não ser|senão);
    (?:eu )?(?:quero|queria|gostaria de|gosto|prefiro|procuro|preciso|adoro|amo|curto)(?:
    ver| assistir| muito| de| mais| algo| uma?)*; melhor; mostr[ea](?:-me)?; recomend[ea](?:-me)?;
    estou com vontade de(?: ver)?; nada melhor(?: que| do que)?; por que não; porque não; algo(?: de)?;
    (?<!não )só; apenas; de preferência; (?<=, )uma?""",
    "wish_behind": "por favor; sim; seria (?:bom|ótimo)",
    "contrast": "mas; porém; contudo; e sim; no entanto",
    "joint": "e; ou",
    "standing": r"""nunca mais; nunca; jamais; n[aã]o (?:quero|aguento|suporto|gosto)(?: \w+)? mais;
    não mais; de agora em diante; a partir de agora; no futuro; para de; pare de;
    n[aã]o (?:me )?(?:mostr|recomend)\w+ mais; sempre""",
    "tonight": "hoje à noite; hoje a noite; esta noite",
    "today": "hoje",
    "week": "esta semana; nestes dias",
    "strong": """odeio; detesto; adoro; realmente; não suporto; não aguento; de jeito nenhum; muito mesmo;
    nem um pouco""",
    "weak": "talvez; um pouco; n[aã]o (?:muito|tão|demasiado); menos",
    "first": """eu; me; o; a; os; as; um; uma; uns; umas; de; do; da; dos; das; d'; em; no; na; e; ou;
    com; que; seja; sejam; muito; algo; mais; por favor; obrigad[oa]; olá; é; são; para; ver; assistir; talvez;
    um pouco; sobre; por; tão; se; já""",
    "last": "por favor; obrigad[oa]; mais; nada; um; uma; o; a; os; as; de; e; ou; que; com; em; demais; já",
}  # fmt: skip

DUTCH: Words = {
    "marks": """zien kijken luisteren gezien ik geen niet een het maar zonder nooit meer iets graag wil
    hou houd liever vanavond ook zijn deze dit heb niets behalve minder onder langer korter jaren haat zoek mij toch
    nog alles met voor uit naar mijn wordt waarom genoeg vandaag zoals laat maximaal tussen hoogstens minstens sinds
    twee drie uur minuten spaar sla komedie komedies oorlog muziek boeken niks""",
    "small": "me dan van de en te wat in of op aan bij der er is die dat over was door",
    "idioms": r"""(?:nog )?(?:nooit|geen) (?:\w+ ){0,3}(?:gezien|gehoord|gelezen); niet alleen;
    niet slecht; geen (?:probleem|idee); zonder (?:twijfel|meer); waarom niet;
    niets (?:is )?(?:beter|leuker)s?(?: dan)?; niets dan; (?:nog )?niet (?:gezien|gelezen|ken); draadloos;
    werkt niet; kan niet (?:betalen|inloggen)""",
    "mild": "(?:ik )?heb niets tegen; niet erg vinden; vind (?:het )?niet erg",
    "against": r"""geen(?: enkele?)?(?: zin (?:meer )?in| fan van)?; niets? (?:met|over|van|te|dat)(?: te)?;
    niks (?:met|over|te|engs)?; niet (?:te|zo|al te|echt)(?: veel)?; nooit(?: meer| weer)?;
    niet (?:weer|meer|nog een); zonder(?: al te veel| veel)?; (?:ik )?(?:haat|verafschuw|vermijd);
    (?:ik )?(?:hou|houd) (?:echt |helemaal )?niet van; (?:alles )?behalve; op .{1,20} na; in plaats van;
    (?:genoeg|zat|beu) van; (?:ik )?(?:wil|hoef|zoek|kijk) (?:\w+ )?(?:geen|niets|niet)(?: meer)?(?: zien)?;
    minder(?! dan); te veel; stop met(?: het)?(?: tonen van| aanraden van)?; kan niet tegen; (?:ben )?niet dol op;
    noch; spaar (?:me|mij)(?: met)?; als het maar geen; laat (?:me )?(?:geen|nooit)(?: meer)?""",
    "bare": "niet; nooit; liever niet; liever geen; niks; nee",
    "behind": r"""(?:daar )?heb ik (?:vandaag |vanavond |echt )*geen zin in; ben ik niet (?:van|voor);
    vond ik (?:niet (?:leuk|goed|mooi)|niks|stom|saai|vreselijk);
    (?:is|zijn) (?:niks|niets|niet) (?:echt )?voor mij;
    (?:is|zijn) niet (?:echt |zo )?mijn (?:ding|smaak|genre|stijl); vervel(?:t|en) (?:me|mij);
    sla (?:ik )?(?:\w+ )?over; maa?k(?:t|en) (?:me|mij) bang;
    vind ik (?:niks|verschrikkelijk|vervelend|niet (?:fijn|grappig));
    (?:liever|alsjeblieft|alstublieft|(?:hou|wil|vind|hoef) ik|(?:bevalt|interesseert|interesseren|bevallen) (?:me|
    mij)) (?:echt |helemaal |maar |ze |er )?niet(?: van| leuk| zien| hebben| meer| mooi| te zien)*;
    vind ik (?:stom|vreselijk|saai); nee,? (?:bedankt|dank je); niet uitstaan; ben ik (?:zat|beu)""",
    "wish": """niets? anders dan; niks anders dan; (?:heb je|hebben jullie|heeft u|is er|zijn er) geen;
    (?:ik )?(?:wil|zoek|hou van|houd van|zou graag|heb zin in|geef de voorkeur aan)(?:
    graag| liever| zien| iets)*;
    liever; graag; geef me; laat me; toon me; waarom niet; niets dan; iets; alleen(?! maar)?; (?<=, )een""",
    "wish_behind": "alsjeblieft; alstublieft; graag",
    "contrast": "maar; echter; toch",
    "joint": "en; of",
    "standing": r"""nooit meer; nooit; (?:geen|niet|niets)\b.{0,40}\bmeer(?! dan); vanaf nu; voortaan;
    in de toekomst; stop met; altijd""",
    "tonight": "vanavond; vannacht",
    "today": "vandaag",
    "week": "deze week; dezer dagen",
    "strong": "haat; verafschuw; dol op; echt; heel graag; absoluut; helemaal; niet uitstaan",
    "weak": "misschien; een beetje; niet (?:te|zo|al te); minder",
    "first": """ik; me; mij; de; het; een; van; met; over; in; op; en; of; te; zo; heel; erg; iets; die;
    dat; is; zijn; aan; voor; alsjeblieft; bedankt; hallo; misschien; een beetje; zien; kijken; meer; nog; ook; er;
    te veel; wat; graag""",
    "last": """alsjeblieft; alstublieft; graag; meer; zien; kijken; hebben; horen; bedankt; een; de;
    het; van; met; en; of; ik; is; zijn; te; aan; er""",
    "prefer": "liever; eerder",
    "than": "dan",
}  # fmt: skip

POLISH: Words = {
    "marks": """obejrzeć oglądać zobaczyć nie bez coś lubię lubie chcę chce chciałbym chciałabym żadnych
    żaden żadnego żadnej żadne nigdy więcej wiecej się sie dla jest wolę wole proszę prosze tylko oprócz nienawidzę
    nienawidze dzisiaj dziś wieczorem jakiś jakieś jakiejś lub albo szukam filmów filmu filmy że który która które
    mniej poza zamiast dość nic niczego znoszę pokaż poleć dlaczego czemu byle jestem widziałem widziałam jeszcze""",
    "small": "to on by ale i z na o do mi w ze co a",
    "idioms": r"""nie tylko;
    nie (?:widział[ea]m|oglądał[ea]m|czytał[ea]m|słyszał[ea]m)(?: jeszcze)?(?: żadn\w+)?;
    bez (?:wątpienia|problemu|przewodów); nic lepszego(?: niż)?; nie ma nic lepszego(?: niż)?; dlaczego nie;
    czemu nie; nieźle; nie szkodzi; nie wiem; nie mogę się doczekać; nie (?:działa|mogę)""",
    "mild": r"nie mam nic przeciwko; nie przeszkadza\w*( mi)?",
    "against": r"""żeby (?:to )?nie był[oay]?;
    (?:ja )?nie (?:lubię|lubie|chcę|chce|chciałbym|chciałabym|znoszę|cierpię|szukam|oglądam|słucham|czytam|
    potrzebuję|przepadam za|mam ochoty na|interesuj\w+ mnie|podobaj?ą? mi się|podoba mi się)(?:
    już| więcej| oglądać| widzieć| słuchać| żadn\w+)*; bez(?: żadn\w+| zbyt\w*)?; żadn(?:ych|ego|ej|e|a|ym)|żaden;
    nigdy (?:więcej|już)?; nic (?:z|o|zbyt|co); nienawidzę|nienawidze; dość|dosyć; mam dość; oprócz; poza; zamiast;
    unikaj\w*; wszystko (?:oprócz|poza|tylko nie); (?:tylko|byle|byleby) nie;
    nie jestem (?:fanem|fanką|wielbicielem); ani; nie (?:zbyt|za|tak|bardzo);
    nie (?:pokazuj|polecaj|proponuj|dawaj)(?:cie)?(?: mi)?(?: więcej| już| nigdy)*;
    przestań(?: mi)? (?:pokazywać|polecać|proponować); mniej(?! niż)""",
    "bare": "nie; nigdy; nigdy więcej",
    "behind": r"""znudził\w* mi się; mi się znudził\w*;
    nie (?:podobał\w*|spodobał\w*)(?: mi)?(?: się)?(?: mi)?;
    nie (?:lubię|lubie|chcę|chce|znoszę|podoba(?:ją)? mi się|interesuj\w+ mnie)(?: oglądać)?; nie,? dziękuję;
    odpada(?:ją)?; (?:mnie )?nudz[ią]\w*(?: mnie)?; nie (?:jest |są )?(?:dla mnie|w moim (?:stylu|guście|typie));
    mnie nie interesuj\w+; mi się nie podoba(?:ją)?""",
    "wish": r"""nic (?:innego )?(?:poza|oprócz); nic innego(?: tylko| niż);
    nie (?:macie|masz) (?:może )?(?:jakieg\w+|czegoś)?;
    (?:ja )?(?:chcę|chce|chciałbym|chciałabym|lubię|lubie|uwielbiam|szukam|wolę|wole|poproszę|kocham)(?:
    obejrzeć| zobaczyć| jakiś| jakąś| coś)*; lepiej; raczej; pokaż mi; poleć(?: mi)?; mam ochotę na;
    nie mogę się doczekać; nic lepszego niż; dlaczego nie; czemu nie; coś; może być; ale (?=\w+ tak)""",
    "wish_behind": "proszę; prosze",
    "contrast": "ale; lecz; jednak; za to; (?<=, )tylko(?! nie); (?<=, )a",
    "joint": "i; oraz; lub; albo",
    "standing": r"""nigdy więcej; nigdy; (?:nie|żadn\w+)\b.{0,20}\bwięcej; (?<=nie )\w+ już; już nie;
    od teraz; w przyszłości; przestań; zawsze""",
    "tonight": "dziś wieczorem; dzisiaj wieczorem; dziś w nocy",
    "today": "dzisiaj; dziś",
    "week": "w tym tygodniu",
    "strong": "nienawidzę; nienawidze; nie znoszę; nie cierpię; uwielbiam; kocham; naprawdę; bardzo; absolutnie",
    "weak": "może; trochę; nie (?:zbyt|za|tak|bardzo); mniej",
    "first": """ja; mi; mnie; i; o; z; ze; na; w; do; dla; jakiś; jakieś; jakąś; jakichś; coś; bardzo;
    zbyt; trochę; może; proszę; dziękuję; cześć; to; jest; są; tak; już; się; jakiegoś; jakiejś""",
    "last": "proszę; dziękuję; już; więcej; i; o; z; na; w; się; mi; jest; to; tak",
    "prefer": "wolę; raczej; lepiej",
    "than": "niż; od",
}  # fmt: skip

TURKISH: Words = {
    "marks": """bir ve ama fakat için değil degil olmayan istemiyorum istiyorum sevmiyorum seviyorum olsun
    olmasın çok daha bana var yok hiç asla gibi filmi filmleri filmler filmlerini lütfen şey bugün önerme öner
    önerir hoşlanmıyorum nefret dışında hariç olan bu gece gösterme izlemek izlemiyorum sıkıldım bıktım yeter
    istemem sevmem olmadan filmlerden filminden yerine artık tercih""",
    "small": "ben da de mi ne ile o ki",
    "hints": r"\w*[ğı]\w*|\w+(?:iyorum|uyorum)|\w+(?:lerinden|larından|lerden|lardan)",
    "idioms": """(?:kablo|ücret|son|sınır|ses|şeker|kusur|eş)s[ıiuü]z; sadece .{1,20} değil; fena değil;
    önemli değil; sorun değil; (?:izlemediğim|görmediğim|bilmediğim); neden olmasın; değil mi; çalışmıyor""",
    "mild": "nefret etmiyorum; fark etmez; sakıncası yok",
    "against": r"sakın; artık (?=\w+ \w+ (?:istemiyorum|yok))",
    "bare": "hayır",
    "behind": """(?:pek |hiç )?beğenm(?:edim|iyorum|em); hoşuma gitmedi; sevmedim;
    (?:görmek |izlemek |dinlemek |okumak )?(?:istem(?:iyorum|em|iyoruz)|sevm(?:iyorum|em)|hoşlanm(?:ıyorum|am)|
    izlem(?:iyorum|em)|dinlem(?:iyorum|em)|önerme(?:yin|yiniz)?|gösterme(?:yin|yiniz)?|tavsiye etme(?:yin)?|verme|
    çıkarma); (?:den|dan)? ?nefret (?:ediyorum|ederim); (?:hayranı )?değilim; değil(?! mi)(?: de)?|degil;
    -s[ıiuü]z; (?:beni )?sık(?:ıyor|ar|ıcı); bana göre değil; olma(?:yan|sın|dan|masın); dışında(?:ki)?; haricinde;
    hariç; yerine; (?:ilgimi|hoşuma) (?:çekmiyor|gitmiyor); (?:çok )?(?:sıkıldım|bıktım|usandım); yok(?! mu);
    yeter; (?:filmi )?istenmiyor; sevmiyoruz; içermeyen""",
    "wish": "daha çok; lütfen; öner(?:ir misin)?; bana; tercihen; belki",
    "wish_behind": """(?:görmek |izlemek |dinlemek )?(?:istiyorum|isterim|seviyorum|severim|olsun|arıyorum|
    önerir misin(?:iz)?|öner|lazım|tercih ederim|olabilir|izleyelim|göster)""",
    "contrast": "ama; fakat; ancak; lakin; oysa",
    "joint": "ve; veya; ya da",
    "standing": "bir daha(?: asla| hiç)?; asla; artık; hiçbir zaman; bundan (?:sonra|böyle); her zaman",
    "tonight": "bu gece; bu akşam",
    "today": "bugün",
    "week": "bu hafta",
    "strong": "nefret; asla; gerçekten; kesinlikle; bayılırım; çok (?:isti|sevi)yorum; hiç",
    "weak": "belki; biraz; pek",
    "first": """her şey; her; ben; bana; bir; bu; ve; ya da; çok; daha; bir daha; asla; hiç; hiçbir;
    artık; biraz; belki; lütfen; merhaba; şöyle; pek; için; ile; sadece; o; bir şey; şey""",
    "last": "her şey; lütfen; bir; ve; çok; pek; hiç; artık; bir şey; şey; için; ile; da; de; olan; asla; biraz",
}  # fmt: skip

RUSSIAN: Words = {
    "idioms": r"""не только; не видел\w*; не (?:смотрел|видел|читал|слышал)\w*(?: ещ[её])?(?: ни одн\w+)?;
    неплох\w*; без (?:сомнения|проблем|проводов); почему бы(?: и)? не(?:т)?(?: посмотреть)?;
    нет ничего лучше(?: чем)?; ничего лучше; не могу дождаться; жду не дождусь; не важно; неважно; не знаю;
    не работает; не могу (?:войти|оплатить|найти)""",
    "mild": "не против; ничего не имею против; не ненавижу; не возражаю",
    "against": r"""лишь бы не; чтобы не было; чтоб не было; чтобы без;
    (?:мне )?не (?:по)?нравил\w+(?: мне)?;
    (?:я )?(?:больше |уже |совсем |очень |вообще )*не (?:очень |особо |сильно )?(?:люблю|хочу|хотел бы|хотела бы|
    нравится|нравятся|смотрю|слушаю|читаю|интересуют?|интересно|нуж(?:ен|на|но|ны)|надо|хочется|переношу|выношу|
    показывай(?:те)?|предлагай(?:те)?|советуй(?:те)?|рекомендуй(?:те)?|ищу)(?: мне)?(?:
    больше| смотреть| видеть| слушать| читать| никаких)*; (?:больше )?никак(?:их|ого|ой|ие|ая)(?: больше)?;
    без(?: всяк\w+| лишн\w+)?; ненавижу; терпеть не могу; не выношу; только не; (?:вс[её] |что угодно )?кроме;
    за исключением; вместо; хватит(?: с меня)?; надоел[аио]?; устал[а]? от; избега\w+;
    никогда (?:больше )?(?:не )?(?:показывай(?:те)?|предлагай(?:те)?|советуй(?:те)?)?(?: мне)?;
    ничего (?:о|про|с|слишком|связанного с); не (?:слишком|очень|такой|такое|такую|надо|нужно); не про; не о; ни;
    поменьше; слишком много; больше не (?:надо|нужно|хочу)(?: смотреть| видеть)?;
    (?:я )?не (?:фанат|поклонник|поклонница|любитель); против; нет""",
    "bare": "не; нет; никогда",
    "behind": r"""(?:мне )?не (?:по)?нравил\w+(?: мне)?;
    (?:мне )?не (?:по душе|для меня|мо[её]|мой жанр|заход[яи]т|близк[оиа])(?: мне)?; (?:мне )?скучн\w+;
    (?:меня )?(?:пугают|утомля\w+|раздража\w+);
    (?:мне )?(?:больше |совсем |вообще )*не (?:люблю|хочу|нравится|нравятся|интересно|интересуют?|нужно|надо|нужны|
    перевариваю|переношу|выношу|смотрю)(?: больше)?; терпеть не могу; ненавижу; надоел[аио]?; не предлагать;
    достал[аио]?""",
    "wish": """ничего,? кроме; нет ли(?: у вас)?; (?:у вас )?не найд[её]тся(?: ли)?;
    (?:я )?(?:хочу|хочется|хотел бы|хотела бы|люблю|обожаю|ищу|предпочитаю|мне нравится|мне нравятся)(?:
    посмотреть| послушать| что-нибудь| увидеть)*; лучше; покажи(?:те)?(?: мне)?; посоветуй(?:те)?(?: мне)?;
    порекомендуй(?:те)?; дай(?:те)?(?: мне)?; давай(?:те)?; что-нибудь; что-то; (?<!не )только(?! не);
    почему бы(?: и)? не(?:т)?(?: посмотреть)?; ничего лучше; жду не дождусь; не могу дождаться; скорее""",
    "wish_behind": "пожалуйста; подойд[её]т",
    "contrast": "лишь бы(?! не); но; а; однако; зато; хотя",
    "joint": "и; или; либо",
    "standing": r"""больше (?:не|никак\w+|никогда); никогда; отныне; впредь; в будущем;
    не\b.{0,30}\bбольше(?! \d); всегда; перестань\w*""",
    "tonight": "сегодня вечером; сегодня ночью",
    "today": "сегодня",
    "week": "на этой неделе; в ближайшие дни",
    "strong": """ненавижу; терпеть не могу; обожаю; очень (?:хочу|люблю|хочется); действительно;
    категорически; совсем; вообще""",
    "weak": "может быть; возможно; немного; чуть-чуть; не (?:слишком|очень|особо); поменьше",
    "first": """я; мне; меня; и; или; о; об; про; с; со; в; на; от; для; что-нибудь; что-то;
    какой-нибудь; какую-нибудь; очень; слишком; смотреть; посмотреть; пожалуйста; спасибо; привет; это; бы;
    может быть; немного; больше; ещё; еще; у; за; этих; эти; такой""",
    "last": "пожалуйста; спасибо; больше; и; или; о; с; в; на; мне; я; смотреть; посмотреть; видеть; бы; это",
    "prefer": "лучше; скорее; предпочитаю",
    "than": "чем",
}  # fmt: skip

ARABIC: Words = {
    "idioms": r"""ليس فقط; لا بأس(?: ب\w*)?; لا مشكلة; بدون شك; بلا شك; لم (?:أشاهد\w*|أر\w*); لم لا;
    لما لا; لا أعرف; لا يعمل; لا أستطيع (?:الانتظار|الدخول)""",
    "mild": "لا أمانع; لا مانع; لا أكره",
    "against": """لم (?:يعجبني|تعجبني);
    (?:أنا )?لا (?:أحب|أريد|أرغب(?: في)?|أفضل|أود|أطيق|أحتمل|تعجبني|يعجبني|تهمني|يهمني|أشاهد|أحبذ)(?: أبدا)?(?:
    مشاهدة| رؤية| سماع| أن أشاهد| أن أرى)?; ما (?:أحب|أبي|بحب|بدي|أبغى)|مش عايز|مش عاوز|ما أريد;
    لا (?:مزيد|المزيد) من; لا (?:تعرض|تقترح|تظهر|ترشح|توصي)(?:ي|وا)?(?: علي| لي| ب)?; بدون; من دون; بلا; دون;
    خال(?:ي)?[ةه]? من; من غير; أكره; أبغض; كفى(?: من)?; سئمت(?: من)?; مللت(?: من)?; تجنب; ما عدا; عدا; باستثناء;
    إلا; سوى; بدلا من; ليس(?:ت)?; ليس(?:ت)? (?:جدا|كثيرا); أي شيء (?:إلا|عدا|ما عدا); لست من محبي; غير; كثير من""",
    "bare": "لا",
    "behind": """لم (?:يعجبني|تعجبني|تعجبن); (?:لا|ليست?|ليس) (?:تناسبني|يناسبني|من ذوقي); تخيفني; مملة؟?;
    لا (?:أحبها|أحبه|أريدها|أريده|تعجبني|يعجبني|تهمني|يهمني|أطيقها|شكرا); لا شكرا; أكرهها; أكرهه""",
    "wish": """لا أريد (?:إلا|سوى); لا شيء (?:إلا|سوى); لا أحب (?:إلا|سوى);
    (?:أنا )?(?:أريد|أحب|أفضل|أبحث عن|أرغب في|أود|أعشق)(?: مشاهدة| رؤية| أن أشاهد| شيئا)*;
    (?:اعرض|اقترح|أعطني|رشح)(?: لي| علي)?; شيء; شيئا; فقط; لم لا; لما لا""",
    "wish_behind": "من فضلك; لو سمحت; رجاء",
    "contrast": "لكن; ولكن; بل; إنما; غير أن",
    "joint": "أو",
    "standing": "أبدا; بعد الآن; بعد اليوم; (?:لا|أي) (?:مزيد|المزيد) من; من الآن فصاعدا; مجددا; مرة أخرى; دائما",
    "tonight": "الليلة; هذا المساء",
    "today": "اليوم",
    "week": "هذا الأسبوع",
    "strong": "أكره; أعشق; جدا جدا; أبدا; حقا; أبغض; لا أطيق; كثيرا",
    "weak": "ربما; قليلا; بعض الشيء",
    "first": """أرجوك; رجاء; أنا; أن; من; في; عن; مع; هذا; هذه; أي; كل; ربما; قليلا; مرحبا; شكرا; يكون;
    تكون; لي; علي; و; جدا; مشاهدة; التي; الذي""",
    "last": "من فضلك; لو سمحت; شكرا; أبدا; بعد الآن; بعد اليوم; جدا; مرة أخرى; مجددا; رجاء; و; كثيرا; قليلا",
}  # fmt: skip

JAPANESE: Words = {
    "idioms": """しか(?:見|観|読|聴|聞|興味が|好きじゃ|好きでは)?(?:たく)?(?:ない|ません|ありません);
    (?:見|観|み|聴|聞|読)た(?:こと|事)(?:の|が)(?:ない|無い); まだ(?:見|観|読|聴)て(?:い)?ない;
    だけ(?:で|じゃ)(?:は)?なく(?:て)?; 知らない; 間違いない; 悪くない; 仕方(?:が)?ない; かもしれない; 問題ない;
    比類(?:の)?ない; (?:で|使え|でき|分から|わから|届か|開か|動か)ない; じゃない[?？か]; ではないか; なくてもいい;
    なくていい; たまらない""",
    "mild": "嫌いじゃない; 嫌いでは(?:ない|ありません); 悪くない; 苦手じゃない",
    "against": "no more|not|without|no(?= )",
    "bare": "",
    "behind": r"""(?:は|が)?(?:気に入ら|好きじゃ|好きでは|面白く|おもしろく|楽しく)な(?:い|かった)(?:です)?;
    (?:は|が)?つまらなかった(?:です)?; (?:は|が)?(?:合わ)な(?:い|かった)(?:です)?;
    (?:は|が|も|を|って)?(?:もう|二度と|絶対に?|あまり|そんなに|全然|特に)*(?:見|観|み|聴き|聞き|読み|
    買い)たく(?:は)?(?:ない(?:です)?|ありません);
    (?:は|が|も)?(?:大|だい)?(?:嫌い|きらい|キライ)(?:です|だ|な(?:ので|の)?|で)?;
    (?:は|が|も)?(?:ちょっと|もう|絶対)*(?:嫌|いや|イヤ|ヤダ|やだ)(?:です|だ|な)?(?=[。、,.!]|$|けど|が|から|ので);
    (?:は|が|も)?(?:ちょっと|少し)*苦手(?:です|だ|な(?:ので|の)?|で)?; 以外(?:の|で(?:は)?|なら|が|を|は)?;
    (?:は)?(?:抜き|ぬき)(?:で|の)?; (?:は|も)?(?:なし|ナシ|無し)(?:で|の)?;
    (?:は|が|も)?(?:いらない|要らない|いりません|要りません|不要)(?:です)?;
    じゃ(?:ない|なくて?|ありません)(?:です)?; では(?:ない|なくて?|ありません);
    (?:は|が)?(?:あまり|そんなに|全然)*(?:好き|すき)(?:じゃ|では)(?:ない|ありません)(?:です)?;
    (?:は)?(?:あまり|そんなに)?好まない; く(?:は)?(?:ない|なく)(?:て|の)?(?=[^。、]|$); すぎない;
    (?:は|も|を)?(?:やめて|止めて)(?:ください|下さい|ほしい)?;
    (?:は)?(?:もう)?(?:勘弁|結構|十分|たくさん)(?:して|です|だ)?(?:ください)?;
    (?:は)?(?:ng|無理|だめ|ダメ|駄目)(?:です|だ|で)?;
    (?:は|に(?:は)?)?(?:もう)?(?:飽きた|飽きました|うんざり)(?:です|だ)?;
    (?:には?|は)?(?:全然|あまり)?興味(?:が|は)?(?:ない|ありません)(?:です)?;
    (?:は|を)?(?:避けて|避けたい|除いて|外して|除く)(?:ください|下さい)?;
    (?:は|を)?(?:出さ|見せ|勧め|薦め|おすすめし|オススメし|表示し|紹介し)ないで(?:ください|下さい|ほしい)?;
    (?:は)?見ない(?:です)?; (?:は)?見ません; (?:の|が)(?:ない|無い|なく|少ない|入っていない|出てこない)(?=[^。、]);
    (?:より(?:も|は)?)(?=コメディ|別); 禁止; 抜きで; (?:は|も)ちょっと(?=\.|…|[。、,]|$);
    (?:は|が)?(?:あまり)?(?:好み|タイプ|趣味)(?:じゃ|では)(?:ない|ありません)(?:です)?;
    (?:は|が)?つまらない(?:です)?""",
    "wish": "",
    "wish_behind": """(?:が|を|は)?(?:とても|すごく|もっと)*(?:見|観|み|聴き|聞き|読み|買い)たい(?:です|な)?;
    (?:が|は|を)?(?:大)?好き(?:です|だ|なので|な)?; (?:が|で|なら)(?:いい|良い|よい)(?:です|な)?;
    を?(?:お願い(?:します|できますか)?|ください|下さい|頼む|教えて(?:ください)?|見せて(?:ください)?|
    おすすめして(?:ください)?|探して(?:います|いる|る)?); (?:が|は)?ほしい(?:です)?; (?:が|は)?欲しい(?:です)?""",
    "contrast": """けれども; けれど; けど; ですが; だが; しかし; でも(?=[、,]); (?<=だ)が; (?<=です)が;
    (?<=ない)が; (?<=ます)が; (?<=たい)が; (?<=好き)だが; むしろ; 代わりに""",
    "joint": "と; や; か; または",
    "standing": """二度と; もう(?=.{0,40}(?:ない|いい|やめ|うんざり|飽き|結構|ません|嫌)); 今後;
    これから(?:は|も); 永遠に; 絶対に?(?:見|出さ|勧め).{0,20}ない; ずっと; いつも""",
    "tonight": "今夜; 今晩",
    "today": "今日; きょう",
    "week": "今週",
    "strong": "大嫌い; 大好き; 絶対; とても; すごく; 本当に; どうしても; 二度と; 全然",
    "weak": "少し; ちょっと; たぶん; 多分; かも; あまり; そんなに; もしかし",
    "first": """もう; 二度と; 今後(?:は|も)?; 絶対に?; あまり; そんなに; ちょっと; 少し; とても; すごく;
    できれば; たぶん; 何か; なにか; 私は; 僕は; 俺は; の; は; が; で; も; を; に; です; だ; [、。,]; それより;
    もっと; (?:に|で)?は; な; から; ので; し; よ; ね; けど; これから(?:は)?; 全然; 私""",
    "last": """です; ます; だ; ください; 下さい; は; が; を; も; の; で; に; と; な; よ; ね; か; けど;
    から; ので; [、。,]; もう; 系; には; とか; など; なんか; ちょっと; あまり; そんなに; って""",
}  # fmt: skip

KOREAN: Words = {
    "idioms": r"""밖에 ?(?:안|못|없)\w*(?: \w+)?; (?:못|안) 본; 뿐(?:만)? 아니라; 보지 (?:못한|않은);
    나쁘지 않\w*; 상관없\w*; 문제없\w*; 모르\w*; 없어도; 안 (?:돼|되)\w*; 끊임없\w*; 틀림없\w*; (?:왜 )?안 될까\w*;
    기다릴 수 없\w*""",
    "mild": r"싫지(?:는|도)? 않\w*; 나쁘지 않\w*; 싫어하지(?:는)? 않\w*",
    "against": "",
    "bare": "",
    "behind": r"""(?:은|는|을|를)? ?빼 ?(?:주|줘)\w*; (?:은|는)? ?말아 ?(?:주|줘)\w*;
    (?:은|는|을|를)? ?그만; (?:은|는|이|가)? ?마음에 안 들\w*; (?:은|는|이|가)? ?재미없었\w*;
    (?:은|는|을|를|이|가|도)? ?(?:너무 |정말 |진짜 |완전 |이제 |더 이상 |별로 |그다지 )*(?:싫(?:어하\w*|어요?|
    습니다|은데요?|고|지만|다|음)|(?:보|듣|읽|사|하)고 싶지(?:는|도)? 않\w*|(?:보|듣|읽|사)기 싫\w*|안 (?:들\w*|
    듣\w*|읽\w*|땡\w*|좋아\w*|볼\w*|봐\w*|봅니다|보고 싶\w*|원\w*)|좋아하지(?:는|도)? 않\w*|원하지(?:는|도)? 않\w*|
    원치 않\w*|별로(?:예요|에요|야|입니다|다|고|인데|지만)?(?= |$|[.,!])|관심(?:이)? ?없\w*|(?:내 |제 )?(?:취향|
    스타일)(?:이|은)? ?아(?:니|닙)\w*|재미없\w*|질(?:렸|려)\w*|지겨\w*|지긋지긋\w*|필요 ?없\w*|사양\w*);
    말고(?:요|는)?; (?:을|를)? ?제외(?:하고|한|하면)?; 빼고(?:는)?; (?:이|가)? ?아닌(?!가)(?: 것)?;
    (?:이|가)? ?아니(?:라|고|면); 이?외(?:에|의)(?:는)?; 대신(?:에)?;
    (?:이|가)? ?(?:없는|없이|없고|없으면|안 나오는|나오지 않는); 지 (?:않은|않는|않고|않게);
    은 그만|는 그만|그만(?: 보여\w*| 추천\w*)?; (?:추천|제안)하지 (?:마|말아)\w*;
    (?:보여|추천해) ?주지 (?:마|말아)\w*; 보여주지 (?:마|말)\w*; (?:은|는) 안 (?:돼|되)\w*; 금지; 피하고; 피해\w*;
    노노?(?=$|[ .!]); 혐오\w*; (?:은|는) 됐(?:고|어\w*|습니다); 못 (?:보겠|봐|참)\w*""",
    "wish": "",
    "wish_behind": r"""(?:을|를|가|이)? ?(?:추천해\w*|보여 ?줘\w*|보여 ?주세요|(?:보|듣|읽)고 싶(?!지)\w*|
    좋아(?:요|해\w*|하(?!지)\w*)?|좋겠\w*|좋습니다|원(?:해|합니다)\w*|부탁\w*|찾(?:아|고|습)\w*|주세요|줘)""",
    "contrast": "하지만; 그러나; 그런데; 근데; 대신(?= ); 그래도",
    "joint": "그리고; 또는; 이나; 랑",
    "standing": "다시는; 더 ?이상; 앞으로(?:는|도)?; 이제(?:는)?; 절대(?:로)?; 영원히; 항상",
    "tonight": "오늘 ?밤; 오늘 저녁",
    "today": "오늘",
    "week": "이번 ?주",
    "strong": "너무; 정말; 진짜; 완전; 절대; 매우; 아주; 혐오; 꼭",
    "weak": "조금; 좀; 아마; 약간; 별로; 그다지; 너무 .{1,6}지 않",
    "first": """저는; 나는; 난; 전; 내가; 제가; 다시는; 더 ?이상; 앞으로(?:는|도)?; 이제(?:는)?;
    절대(?:로)?; 좀; 조금; 너무; 정말; 진짜; 약간; 은; 는; 이; 가; 을; 를; 그리고; 요; 도; 에; 의; 그냥; 뭔가;
    별로; 인""",
    "last": """은; 는; 이; 가; 을; 를; 도; 요; 좀; 다시는; 더 ?이상; 이제; 절대(?:로)?; 너무; 정말;
    진짜; 같은 (?:거|것); 거; 것; 랑; 이나; 그리고; 별로; 의; 에; 한 거; 이랑""",
}  # fmt: skip

BY_WORDS: dict[str, Words] = {
    "fr": FRENCH, "de": GERMAN, "es": SPANISH, "it": ITALIAN, "pt": PORTUGUESE, "nl": DUTCH, "pl": POLISH,
    "tr": TURKISH,
}  # fmt: skip
BY_SCRIPT: dict[str, Words] = {"ru": RUSSIAN, "ar": ARABIC, "ja": JAPANESE, "ko": KOREAN}

# English words: with as many of them as marks of another language, a text is English.
ENGLISH = """the of and with without for my you your it its is are not but some something anything nothing that this
what how to like want don t about please any more than from have has can could would give show find good
new watch movie movies need where when who why which by up out one just too very really should there they
did does tell help songs song book books if at be funny never again hate love see again off old no on now
so as an a i me he only ever much many other into under over before after between less call today tonight"""
