"""What a sentence leans on, told by its words.

A sentence that begins with "however" needs the one before it; "as shown above" needs what it
points to; "see the screenshot" cannot stand in a post at all. One table a language, English first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from postkit.text.memo import remembered
from postkit.text.patterns import lazy

LEANS_BACK = {
    "en": lazy(
        r"(?:this|that|these|those|it|its|it['’]s|they|their|them|he|she|his|her|such|both|"
        r"however|but|so|thus|therefore|hence|also|additionally|moreover|furthermore|instead|"
        r"otherwise|then|still|yet|and|or|nor|because of|as a result|for example|for instance|"
        r"in addition|in fact|in other words|similarly|likewise|consequently|meanwhile|finally|"
        r"second|secondly|third|thirdly|next|another|either|neither|the former|the latter|"
        r"the same|the other|the result|the rest|again|now that|on the other hand|"
        r"in (?:this|that|these|those|both|such)|with (?:this|that|these|those)|"
        r"at (?:this|that)|for (?:this|that|these|those)|after (?:this|that)|"
        r"by (?:this|doing)|like (?:this|that)|from (?:this|there|here)|"
        r"here(?! (?:are|is)\b|['’]s)|there it|"
        r"if (?:so|not|they|it|that|this)|when (?:it|they|that|this)|while (?:it|they|this)|"
        r"yes|no|absolutely|exactly|of course|nevertheless|nonetheless|rather|else|"
        r"not (?:so|any more)|only then|what about|other|others|one|some of|most of|all (?:two|"
        r"three|four|five|six)|"
        r"each of|all of|none of|first|firstly|due to (?:this|that)|as such|at the same|any of|"
        r"even so|even then|even though (?:it|they|this)|"
        r"additional|further|in summary|to this end|along with|besides|once (?:this|that|it|they)|"
        r"in the (?:former|latter|case of|second|above)|as (?:mentioned|shown|noted|described))\b",
        re.IGNORECASE,
    ),
    "de": lazy(
        r"(?:dies\w*|das|es|sie|er|jedoch|aber|doch|also|daher|deshalb|deswegen|dadurch|damit|"
        r"außerdem|zudem|trotzdem|dennoch|und|oder|denn|dann|so|hier|dort|beide|letztere\w*|"
        r"zum beispiel|beispielsweise|stattdessen|sonst|auch|dabei|dazu|darum|ebenso|"
        r"allerdings|als beispiel|(?:nach|bei|mit|in|für|aus) dies\w+)\b",
        re.IGNORECASE,
    ),
    "fr": lazy(
        r"(?:c['’]est|ce|cela|ça|ces?|cette|il|elle|ils|elles|mais|donc|ainsi|cependant|pourtant|"
        r"aussi|de plus|en effet|par exemple|puis|ensuite|enfin|et|ou|or|car|alors|sinon)\b",
        re.IGNORECASE,
    ),
    "pt": lazy(
        r"(?:ess[ea]s?|est[ea]s?|isso|isto|ele|ela|eles|elas|mas|porém|então|assim|também|além|"
        r"por exemplo|por isso|portanto|e|ou|pois|no entanto|depois|entretanto|aqui)\b",
        re.IGNORECASE,
    ),
    "it": lazy(
        r"(?:quest[aoei]|quell[aoei]|ciò|esso|essa|essi|ma|però|quindi|così|inoltre|anche|"
        r"ad esempio|per esempio|perciò|e|o|poi|infatti|tuttavia|ecco|qui)\b",
        re.IGNORECASE,
    ),
    "es": lazy(
        r"(?:est[eao]s?|es[eao]s?|ello|pero|así|además|también|sin embargo|por (?:eso|ejemplo)|"
        r"por tanto|entonces|luego|y|o|porque|finalmente|aunque)\b",
        re.IGNORECASE,
    ),
}
_LEANS_INSIDE = {
    "en": lazy(
        r"(?:\S+ ){1,7}(?:such(?! as\b)|these|those|that (?:same|very|time|end|way|effort|point)|"
        r"this(?! (?:release|guide|article|post|blog|tutorial|week|month|year|project|series)))\b",
        re.IGNORECASE,
    ),
    "de": lazy(
        r"(?:\S+ ){1,5}dies(?:e[rsnm]?)?(?! (?:artikel|beitrag|blog|post|jahr|woche|monat|"
        r"projekt))\b",
        re.IGNORECASE,
    ),
    "fr": lazy(
        r"(?:\S+ ){1,5}(?:ces|cette(?! (?:année|semaine))|cet(?! article))\b", re.IGNORECASE
    ),
    "es": lazy(r"(?:\S+ ){1,5}(?:est[ao]s|es[ao]s|dich[ao]s?)\b", re.IGNORECASE),
}
_LEANS_SOFTLY = lazy(
    r"(?:for (?:example|instance)|first|firstly|also|(?:\S+ ){1,4}also|additionally|"
    r"moreover|furthermore|in addition|in fact|similarly|further|besides|in summary|finally|"
    r"zum beispiel|außerdem|zudem|auch|par exemple|de plus|además|también|por ejemplo)\b",
    re.IGNORECASE,
)
_PRONOUN = lazy(r"(?:it|its|they|their|this|that|these|those|he|she|such)\b", re.IGNORECASE)
DEFINITE = lazy(r"the (\w+)(?: (\w+))?", re.IGNORECASE)
_STANDS_ALONE = lazy(
    r"(?:(?:this|these|that) (?:release|guide|article|post|blog|tutorial|week|month|year|quarter|"
    r"project|series|version|update|paper|talk|book|spring|summer|autumn|fall|winter|time)\b|"
    r"it(?:['’]s| is| was| will be| can be| has been)? (?:takes? \w+ to|easy|hard|important|worth|"
    r"possible|common|clear|time|best|better|no secret|been)\b|"
    r"so far\b|such as\b|one (?:of the|thing|way|day|reason)\b|next (?:week|month|year)\b|"
    r"no (?:one|matter)\b|both \w+ and\b|either \w+ or\b|neither \w+ nor\b|"
    r"so (?:called|many|much)\b|that said\b)",
    re.IGNORECASE,
)
_POINTS_BACK = lazy(
    r"\b(?:mentioned (?:above|earlier|before|previously)|(?:as )?(?:shown|seen|described|discussed|"
    r"noted|said|explained|listed|defined) (?:above|earlier|before|previously)|above|"
    r"earlier in this|previous (?:section|example|step|snippet|paragraph|one)|"
    r"last section|oben|vorhin|ci-dessus|arriba)\b",
    re.IGNORECASE,
)
_POINTS_FORWARD = lazy(
    r"\b(?:below|(?!^)following|as follows|here (?:is|are)|here['’]s|like (?:this|so)|"
    r"these (?:are|two|three)|next section|later in this|unten|folgende[nrsm]?|ci-dessous|"
    r"siguientes?)\b",
    re.IGNORECASE,
)
_POINTS_AT_CODE = lazy(
    r"\b(?:(?:above|below|following|this|previous|last) (?:\w+ )?(?:snippet|code|output|function|"
    r"command|script|file|manifest|config(?:uration)?|listing)|(?:snippet|code|output|listing) "
    r"(?:above|below)|this is how|here is how|how (?:you|we) (?:could|would|can) (?:do|use) it)\b",
    re.IGNORECASE,
)
POINTS_AT_PICTURE = lazy(
    r"\b(?:(?:image|screenshot|picture|photo|figure|diagram|chart|graph|gif|video|animation|"
    r"illustration|drawing|sketch|recording)s?)\b(?=.{0,30}\b(?:above|below|shows?|shown|see|"
    r"illustrates?|depicts?|following)\b)|"
    r"\b(?:see|shown|following|in|the|this) (?:\w+ )?(?:\w+ )?(?:image|screenshot|figure|"
    r"diagram|gif|video|animation)s?\b|\bci-dessous l['’]image\b|\bl['’]image (?:ci-|suivante)|"
    r"\b(?:folgende|dieses?|obige|untenstehende)\w* (?:bild|abbildung|screenshot|diagramm)\b|"
    r"\b(?:la siguiente|esta) (?:imagen|captura|figura)\b|\bstep numbers?\b|\bstep \d",
    re.IGNORECASE,
)
SHOWS = lazy(
    r"^(?:below|here)\b|\b(?:see|shown|as follows|listed|find) below\b|"
    r"\b(?:non-exhaustive|short|full|complete) list\b",
    re.IGNORECASE,
)
LEADS_ON = lazy(r"\b(?:such as|including|includes?|like|e\.g\.|namely|are|to|that)$", re.IGNORECASE)
_COUNTS_ON = lazy(r"\((?:[2-9]|i{2,3}|[b-h])\)\s")
_HALF = lazy(
    r"(?:previously|until (?:now|recently)|historically|traditionally|in the past|formerly|"
    r"(?:as another example,? |for example,? |now,? )?(?:consider|imagine|suppose)|"
    r"(?:früher|bisher|auparavant|antes|anteriormente))\b",
    re.IGNORECASE,
)
_DENIAL = lazy(r"\b(?:is|are|was|were)(?: not|n['’]t)\b", re.IGNORECASE)
_INSTEAD = lazy(
    r"(?:it|they|this|that|we)(?:['’](?:s|re)| is| are)\b|(?:instead|rather|but)\b", re.IGNORECASE
)
LABELLED = lazy(r"[^\W\d][^:.!?\n]{2,38}: [^\W\da-z]")
COUNTED = lazy(
    r"\b(?:two|three|four|five|six|seven|eight|both|[2-9])\s+(?:\w+[\s-]){0,3}\w+s\b[^.]*:\s*$",
    re.IGNORECASE,
)


class Leaning(NamedTuple):
    """What a sentence's words say about how it stands among others."""

    leans: bool
    soft: bool
    counts_on: bool
    softly: bool
    denies: bool
    instead: bool
    half: bool
    at_picture: bool
    back: re.Match[str] | None
    forward: bool


@remembered
def leaning_of(text: str, language: str) -> Leaning:
    """Return what a sentence leans on."""
    back, inside = LEANS_BACK.get(language), _LEANS_INSIDE.get(language)
    leans = back is not None and back.match(text) is not None
    leans = leans or (inside is not None and inside.match(text) is not None)
    softly = _LEANS_SOFTLY.match(text) is not None
    picture = POINTS_AT_PICTURE.search(text) is not None
    return Leaning(
        leans and not _STANDS_ALONE.match(text),
        softly and not _PRONOUN.match(text),
        _COUNTS_ON.match(text) is not None,
        softly,
        _DENIAL.search(text) is not None,
        _INSTEAD.match(text) is not None,
        _HALF.match(text) is not None,
        picture or _POINTS_AT_CODE.search(text) is not None,
        _POINTS_BACK.search(text),
        _POINTS_FORWARD.search(text) is not None,
    )
