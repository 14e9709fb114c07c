"""Words for counting: tokens, light English stems, and the words that carry no topic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# Names whose signs are part of them, for text that has such signs.
_NAME_OR_WORD = re.compile(r"(?<![^\W_])(?:c\+\+|[cf]#|\.net(?![^\W_]))|[^\W_]+(?:'[^\W_]+)*")
_VOWEL = re.compile(r"[aeiouy]")


def words(text: str) -> list[str]:
    """Return the words of *text* in order, in lower case.

    A word is letters and digits, with apostrophes inside; a hyphen parts two words. C++, C#, F#
    and .NET are words.

    >>> words("Don’t mix C++ with state-of-the-art .NET!")
    ["don't", 'mix', 'c++', 'with', 'state', 'of', 'the', 'art', '.net']
    """
    text = text.lower()
    if not text.isascii():
        text = text.replace("’", "'")
    signs = "c++" in text or "#" in text or ".net" in text
    return (_NAME_OR_WORD if signs else _WORD).findall(text)


@lru_cache(1 << 14)
def stem(word: str) -> str:
    """Return what the forms of an English *word* share; for comparing, not for reading.

    Takes a word in lower case. Handles plurals, -ing, -ed and -ly, and nothing else.

    >>> [stem(word) for word in ("caches", "cached", "caching", "cache")]
    ['cach', 'cach', 'cach', 'cach']
    >>> [stem(word) for word in ("policies", "stopped", "quickly", "status", "string", "c++")]
    ['polici', 'stop', 'quick', 'status', 'string', 'c++']
    """
    if len(word) < 4 or not word.isalpha():
        return word.removesuffix("'s")
    if word[-1] == "s" and word[-2] not in "sui":
        if word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith(("sses", "shes", "ches", "xes", "zzes")):
            word = word[:-2]
        else:
            word = word[:-1]
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    elif word.endswith("ing"):
        word = _without_ending(word, word[:-3])
    elif word.endswith("ed") and word[-3:] != "eed":
        word = _without_ending(word, word[:-2])
    if len(word) > 3 and word[-1] == "e":
        return word[:-1]
    if len(word) > 2 and word[-1] == "y" and word[-2] not in "aeiou":
        return word[:-1] + "i"
    return word


def _without_ending(word: str, rest: str) -> str:
    if len(rest) < 3 or not _VOWEL.search(rest):
        return word
    if rest[-1] == rest[-2] and rest[-1] not in "aeioulsz":
        return rest[:-1]
    return rest


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By language: articles, pronouns, prepositions, conjunctions, auxiliaries, the commonest adverbs.
STOP_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": _set(
            """
            a about above across actually after again against all almost already also although
            always am among an and another any anyone anything are aren't around as at away back
            be became because become been before being below between both but by came can can't
            cannot come could couldn't did didn't do does doesn't doing don't done down during
            each either else enough especially etc even ever every everyone everything few first
            for from further get gets getting give given go goes going gone got had hadn't has
            hasn't have haven't having he he's her here hers herself him himself his how however
            i i'd i'll i'm i've if in indeed instead into is isn't it it's its itself just keep
            kind know last least less let let's like likely lot made make makes making many may
            maybe me might mine more most much must my myself near need needs neither never next
            no nor not nothing now of off often ok on once one only onto or other others our ours
            ourselves out over own perhaps please put quite rather really same see seem seems she
            should shouldn't since so some someone something sometimes still such sure take than
            that that's the their theirs them themselves then there there's these they they're
            they've thing things this those though through thus to together too toward towards
            try two under unless until up upon us use used uses using usually very via want wants
            was wasn't way we we'd we'll we're we've well were weren't what what's when where
            whether which while who whole whom whose why will with within without won't would
            wouldn't yes yet you you'd you'll you're you've your yours yourself
            """
        ),
        "de": _set(
            """
            ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei
            beim bin bis bist da dabei dadurch dafür damit dann das dass dazu dein dem den denn
            der des deshalb dich die dies diese diesem diesen dieser dieses dir doch dort du durch
            ein eine einem einen einer eines einfach er es etwas euch euer für ganz gar gegen gibt
            haben habe hat hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihren im immer in
            indem ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinen können
            könnte machen man mehr mein mich mir mit muss müssen nach nicht nichts noch nun nur ob
            oder ohne schon sehr sein seine seinen seit sich sie sind so sogar soll sollte sondern
            sowie über um und uns unser unsere unter viel viele vom von vor während war waren warum
            was weil welche wenn wer werden wie wieder wir wird wo wurde wurden zu zum zur zwar
            zwischen
            """
        ),
        "fr": _set(
            """
            à afin ainsi alors après au aucun aussi autre autres aux avant avec avoir beaucoup bien
            c'est car ce ceci cela celle celui ces cet cette ceux chaque chez comme comment d'un
            d'une dans de déjà depuis des deux donc dont du elle elles en encore entre est et était
            été être eu eux fait faire faut ici il ils j'ai je jusqu l'on la le les leur leurs lors
            lorsque lui ma mais me même mêmes mes moi moins mon n'est ne ni nos notre nous on ont
            ou où par parce pas peu peut plus pour pourquoi pouvez qu'il qu'on quand que quel
            quelle quelques qui quoi sa sans se sera ses seulement si soit son sont sous souvent
            sur ta te tes toi ton toujours tous tout toute toutes très trop tu un une vers vos
            votre vous y
            """
        ),
        "es": _set(
            """
            a además al algo algunas algunos ante antes aquel aquí así aún aunque cada casi como
            cómo con contra cual cuál cuando cuándo de del desde después donde dónde dos durante e
            el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está están este
            esto estos fue fueron ha hace hacer hacia han hasta hay la las le les lo los luego más
            me menos mi mientras mis mismo mucho muchos muy nada ni no nos nosotros nuestra nuestro
            nuestros o otra otras otro otros para pero poco por porque pues puede pueden que qué
            quien quién se sea ser si sí sido sin sobre solo sólo son su sus también tan tanto te
            tiene tienen toda todas todo todos tras tu tú tus un una unas uno unos usted ustedes y
            ya yo
            """
        ),
        "it": _set(
            """
            a abbiamo ad ai al alcuni alla alle allo allora anche ancora avere aveva c'è che chi ci
            ciò col come con così cosa cui da dagli dai dal dalla dalle de degli dei del dell della
            delle dello deve di dopo dove due è e ed era erano essere fa far fare fino fra già gli
            ha hai hanno ho i il in invece io l la le lei li lo loro lui ma me mentre mi mia mio
            molto ne nei nel nella nelle no noi non nostra nostro o ogni oltre ora per perché però
            più poi possono prima può qual quale quali quando quanto quasi quella quelle quelli
            quello questa queste questi questo qui se sei sempre senza si sia sono sopra sotto sta
            stata stato su sua sue sui sul sulla suo suoi te ti tra tu tua tuo tutta tutte tutti
            tutto un una uno va vi voi
            """
        ),
        "pt": _set(
            """
            a à ainda além algo alguém alguma algumas alguns ante antes ao aos apenas aquela aquele
            aquilo as às assim até cada com como contra da das de dela dele deles depois desde
            dessa desse desta deste dia disso do dois dos durante e é ela elas ele eles em enquanto
            então entre era essa essas esse esses esta está estão estava este estes eu faz fazer
            foi foram há isso isto já lá lhe mais mas me mesma mesmo meu minha muita muitas muito
            muitos na nada não nas nem no nos nós nossa nosso num numa o onde os ou outra outras
            outro outros para pela pelas pelo pelos pode podem por porque pouco qual quando quanto
            que quem são se seja sem sempre ser será seu seus si sido sim sob sobre sua suas também
            tão tem têm tenho ter toda todas todo todos tu tudo um uma umas uns vai você vocês
            """
        ),
        "nl": _set(
            """
            aan al alle alleen alles als altijd ander andere anders ben bent bij bijna binnen
            daar daarna daarom dan dat de deze die dit doen door dus een eens en er ervoor geen
            geweest had hadden heb hebben heeft heel hem hen het hier hij hoe hun iemand iets ik in
            is ja je jij jou jouw jullie kan kun kunnen maar maken man me meer men met mij mijn
            moet moeten naar na niet niets nog nu of om omdat onder ons onze ook op over per reeds
            sinds soms steeds te tegen tijdens toch toen tot u uit uw van vanaf vanuit veel voor
            waar waarom wanneer want waren was wat we wel welke werd werden wie wij wil worden
            wordt zal ze zeer zelf zich zij zijn zo zoals zonder zou zullen
            """
        ),
    }
)
