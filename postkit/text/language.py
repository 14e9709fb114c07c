"""Which language an article is in, and our own labels in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DEFAULT = "en"
_SAMPLE = 20_000  # characters: the language of an article does not change later
_GLANCE = 1_500  # characters that settle it in nearly every article
_CLEAR = 20  # votes after which the leader of a glance is believed, if it leads by far
_ENOUGH = 3  # votes below which nothing is decided

_NAME_END = re.compile(r"[-_.@ ]")
_KEYS = ("lang", "language", "locale")
# ISO 639-1, so that `language: js` says nothing about the prose
_CODES = _set(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv "
    "cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr "
    "ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw "
    "ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nd ne ng nl no nr nv ny oc "
    "oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za "
    "zh zu"
)
# Longer and older codes, and first words of names in English and in the language itself.
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "ara arabic العربية",
        "bg": "bul bulgarian български",
        "cs": "ces cze czech čeština",
        "da": "dan danish dansk",
        "de": "deu ger german deutsch",
        "el": "ell gre greek ελληνικά",
        "en": "eng english",
        "es": "spa spanish español espanol castellano",
        "fa": "fas per persian فارسی",
        "fi": "fin finnish suomi",
        "fr": "fra fre french français francais",
        "he": "heb iw hebrew עברית",
        "hi": "hin hindi हिन्दी",
        "hu": "hun hungarian magyar",
        "id": "ind in indonesian bahasa",
        "it": "ita italian italiano",
        "ja": "jpn japanese 日本語",
        "ko": "kor korean 한국어",
        "nl": "nld dut dutch nederlands",
        "no": "nor nob nno nb nn norwegian norsk bokmål nynorsk",
        "pl": "pol polish polski",
        "pt": "por portuguese português portugues",
        "ro": "ron rum romanian română",
        "ru": "rus russian русский",
        "sv": "swe swedish svenska",
        "th": "tha thai ไทย",
        "tr": "tur turkish türkçe",
        "uk": "ukr ukrainian українська",
        "vi": "vie vietnamese tiếng",
        "zh": "zho chi chinese 中文",
    }
)

_LATIN = re.compile("[\x00-\u036f]+")
# Script by script: its letters, and by which of them its languages tell each other apart. The
# first language is the one of a text that shows none of them.
_SCRIPTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("\u3040", "\u9fff", (("zh", ""), ("ja", "のはをにがでとたしる"))),
    ("\uac00", "\ud7a3", (("ko", ""),)),
    ("\u0400", "\u052f", (("ru", "ыэё"), ("uk", "іїє"), ("sr", "јљњћђџ"), ("bg", "ъ"))),
    ("\u0370", "\u03ff", (("el", ""),)),
    ("\u0600", "\u06ff", (("ar", "ةىيك"), ("fa", "پچژگیک"), ("ur", "ٹڈڑےں"))),
    ("\u0590", "\u05ff", (("he", ""),)),
    ("\u0900", "\u097f", (("hi", ""),)),
    ("\u0e00", "\u0e7f", (("th", ""),)),
)
_SCRIPT_SHARE = 0.2  # of the letters: technical prose is full of Latin names

_WORD = re.compile(r"[^\W\d_]+")
# The commonest small words of each language, about as many for each, so that votes compare.
_VOTERS: Mapping[str, str] = MappingProxyType(
    {
        "en": "the of and to in is that for it with as was on be are this by from have not you we "
        "but or which they their has can will",
        "de": "der die und das ist nicht ein eine zu den mit von für auf im dem sich auch es wir "
        "sie ich wird sind oder wie bei aus über werden",
        "fr": "le la les des et est dans pour une que qui pas sur avec nous vous plus par ce cette "
        "sont au aux mais ou il elle être ont du",
        "es": "el la los las y es que en por con para una se del al no más como pero este esta son "
        "su lo muy hay también nos cuando sin",
        "it": "il lo la gli che e è di per una con non sono si del della nel anche più come ma "
        "questo questa dei delle alla ci dal ai essere",
        "pt": "o os as e é que em para uma com não se do da dos das no na por mais como mas ao "
        "são você isso este também nos pelo",
        "nl": "de het een en van is dat niet te op voor met zijn er aan ook wij we je als maar om "
        "bij deze worden kan naar nog door uit",
        "sv": "och att det som en är på för av med inte den till ett om har vi jag från kan men "
        "så eller du vara när hur mycket också efter",
        "da": "og at det som en er på for af med ikke den til et om har vi jeg fra kan men så "
        "eller når meget efter blev hvad nu sig noget nogle",
        "no": "og at det som en er på for av med ikke den til et om har vi jeg fra kan men så "
        "eller når mye etter ble hva nå seg noe noen",
        "fi": "ja on ei se että en hän mutta oli joka ovat myös kun niin tai sen sitä voi olla "
        "kuin jos nyt mitä vain ole tämä me te siitä",
        "pl": "i w nie na się z do to jest że o jak co ale po tak za od jego przez dla są może "
        "być oraz czy już tego tym które",
        "cs": "a je se v na že to s z do si o jsem ale jako pro za by tak jsou nebo byl které "
        "jsme může když také podle jeho není",
        "hu": "a az és hogy nem is egy ez meg van de csak már ha mint volt vagy még azt ezt nagyon "
        "lehet kell minden aki amely akkor itt mert után",
        "ro": "și în de la cu pe nu este o un care din pentru că mai sunt dar ce se au fost sau "
        "prin acest această fi dacă poate după lui",
        "tr": "ve bir bu da de için ile olarak çok daha ama gibi ne var olan kadar sonra en her "
        "mi değil ben o ya biz veya olduğu şey nasıl ancak",
        "vi": "và của là có không được trong cho các một với những này khi đã để người từ như "
        "tôi thì sẽ cũng vào đó ra về nhiều bạn hoặc",
        "id": "yang dan di untuk dengan ini dari tidak itu adalah pada akan dalam ke atau juga "
        "oleh kita bisa saya anda ada lebih sudah karena kami mereka dapat seperti jika",
    }
)


def detect(meta: Mapping[str, object], text: str) -> str:
    """Return the two-letter code (ISO 639-1) of the language that an article is in.

    What the front matter says under `lang`, `language` or `locale` goes first, then the script
    of *text*, then votes of its small words. "en" where nothing decides.

    >>> detect({"lang": "pt-BR"}, "The article.")
    'pt'
    >>> detect({}, "Das ist der Text, und die Sprache ist nicht schwer zu erkennen.")
    'de'
    """
    for key in _KEYS:
        code = _read(meta.get(key))
        if code:
            return code
    sample = text[:_SAMPLE]
    return _by_script(sample) or _by_votes(sample)


def _read(value: object) -> str:
    """Return the code that a front matter value means, or ""."""
    if value is False:
        return "no"  # YAML 1.1 reads `lang: no` so
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, str):
        return ""
    name = _NAME_END.split(value.strip().lower(), maxsplit=1)[0]
    for code, names in _NAMES.items():
        if name in names.split():
            return code
    return name if name in _CODES else ""


def _by_script(sample: str) -> str:
    if sample.isascii():
        return ""
    rest = _LATIN.sub("", sample)
    beyond_latin = sum(map(str.isalpha, rest))
    if not beyond_latin:
        return ""
    latin = sum(map(str.isalpha, sample)) - beyond_latin
    for first, last, languages in _SCRIPTS:
        share = sum(first <= sign <= last for sign in rest)
        if share < 2 or share < _SCRIPT_SHARE * (share + latin):
            continue
        votes = [sum(rest.count(sign) for sign in signs) for _, signs in languages]
        return languages[votes.index(max(votes))][0]
    return ""


def _by_votes(sample: str) -> str:
    for size in (_GLANCE, _SAMPLE):
        votes = _count(sample[:size])
        ranked = sorted(votes.values(), reverse=True)
        best, second = ranked[0], ranked[1]
        if size >= len(sample) or (best >= _CLEAR and best > 2 * second):
            break
    if best < _ENOUGH or votes[DEFAULT] == best:
        return DEFAULT
    return next(language for language, count in votes.items() if count == best)


def _count(sample: str) -> dict[str, int]:
    voters = _voters()
    votes = dict.fromkeys(_VOTERS, 0)
    for word in _WORD.findall(sample.lower()):
        for language in voters.get(word, ()):
            votes[language] += 1
    return votes


@cache
def _voters() -> dict[str, tuple[str, ...]]:
    """Return which languages each small word votes for."""
    voters: dict[str, tuple[str, ...]] = {}
    for language, small_words in _VOTERS.items():
        for word in small_words.split():
            voters[word] = (*voters.get(word, ()), language)
    return voters


class Labels(NamedTuple):
    """What we write ourselves into a post, in one language."""

    full_article: str  # before the address of the article


LABELS: Mapping[str, Labels] = MappingProxyType(
    {
        "en": Labels("Full article"),
        "de": Labels("Ganzer Artikel"),
        "fr": Labels("Article complet"),
        "es": Labels("Artículo completo"),
        "it": Labels("Articolo completo"),
        "pt": Labels("Artigo completo"),
        "nl": Labels("Volledig artikel"),
        "sv": Labels("Hela artikeln"),
        "da": Labels("Hele artiklen"),
        "no": Labels("Hele artikkelen"),
        "fi": Labels("Koko artikkeli"),
        "pl": Labels("Cały artykuł"),
        "cs": Labels("Celý článek"),
        "hu": Labels("A teljes cikk"),
        "ro": Labels("Articolul complet"),
        "tr": Labels("Yazının tamamı"),
        "vi": Labels("Bài viết đầy đủ"),
        "id": Labels("Artikel lengkap"),
        "ru": Labels("Полная статья"),
        "uk": Labels("Повна стаття"),
        "bg": Labels("Цялата статия"),
        "el": Labels("Ολόκληρο το άρθρο"),
        "ja": Labels("記事全文"),
        "zh": Labels("阅读全文"),
        "ko": Labels("전체 글"),
        "ar": Labels("المقال كاملًا"),
        "fa": Labels("متن کامل مقاله"),
        "he": Labels("המאמר המלא"),
        "hi": Labels("पूरा लेख"),
        "th": Labels("บทความฉบับเต็ม"),
    }
)


def labels(language: str) -> Labels:
    """Return our labels in *language* (`de`, also `de-AT`), in English where we have none.

    >>> labels("de").full_article, labels("de-AT") is labels("de"), labels("eo").full_article
    ('Ganzer Artikel', True, 'Full article')
    """
    return LABELS.get(_read(language), LABELS[DEFAULT])
