from __future__ import annotations

import pytest

from postkit.testing import shared_data
from postkit.text.language import LABELS, detect, labels


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("en-US", "en"),
        ("en_US.UTF-8", "en"),
        ("DE", "de"),
        (" fr ", "fr"),
        ("pt-BR", "pt"),
        ("zh-Hans-CN", "zh"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("iw", "he"),
        ("deu", "de"),
        ("German", "de"),
        ("Deutsch", "de"),
        ("français", "fr"),
        ("Português (Brasil)", "pt"),
        ("Bahasa Indonesia", "id"),
        ("日本語", "ja"),
        (["es", "en"], "es"),
        (False, "no"),
        ("sw", "sw"),
    ],
)
@pytest.mark.parametrize("key", ["lang", "language", "locale"])
def test_the_front_matter_goes_first(key: str, value: object, code: str) -> None:
    assert detect({key: value}, "The text and the language of it.") == code


@pytest.mark.parametrize("value", ["", "js", "C", "Python", None, 3, True, [], {}, ["x", 1], "-"])
def test_what_names_no_language_is_passed_over(value: object) -> None:
    assert detect({"lang": value}, "Das ist der Text, und er ist nicht auf Englisch.") == "de"
    assert detect({"lang": value, "locale": "fr"}, "") == "fr"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "This is a short text, and it has to be read as what it is."),
        ("de", "Das ist ein kurzer Text, und er wird nicht mit dem Compiler gelesen."),
        ("fr", "Voici un texte court qui est dans la langue de ceux qui nous lisent."),
        ("es", "Este es un texto corto que no está en la lengua de los que lo leen."),
        ("it", "Questo è un testo breve che non è nella lingua di chi lo legge."),
        ("pt", "Este é um texto curto que não está na língua dos que o leem."),
        ("nl", "Dit is een korte tekst die niet in de taal van de lezer is."),
        ("sv", "Det här är en kort text som inte är på danska, och det är bra."),
        ("da", "Det her er en kort tekst som ikke er på norsk, og nu går det efter planen."),
        ("no", "Dette er en kort tekst som ikke er på dansk, og nå går det etter planen."),
        ("fi", "Tämä on lyhyt teksti, joka ei ole ruotsia, mutta se on hyvä."),
        ("pl", "To jest krótki tekst, który nie jest po czesku, ale może być dobry."),
        ("cs", "To je krátký text, který není polsky, ale může být také dobrý."),
        ("hu", "Ez egy rövid szöveg, és nem is hosszú, de már kész van."),
        ("ro", "Acesta este un text scurt și nu este în limba celor care îl citesc."),
        ("tr", "Bu çok kısa bir metin ve daha uzun olan bir metin için bir örnek."),
        ("vi", "Đây là một văn bản ngắn và không phải của những người khác."),
        ("id", "Ini adalah teks pendek yang tidak dalam bahasa dari pembaca itu."),
        ("ja", "これはテストです。Kubernetes と Docker を使います。"),
        ("zh", "我们使用 Kubernetes 和 Docker 部署应用程序。"),
        ("ko", "이것은 Kubernetes 시험입니다."),
        ("ru", "Это короткий текст, и мы его пишем на Python."),
        ("uk", "Це короткий текст, і ми його пишемо на Python."),
        ("bg", "Това е къс текст, който е на български език."),
        ("el", "Αυτό είναι ένα κείμενο για το Kubernetes."),
        ("ar", "هذه مقالة قصيرة عن Kubernetes."),
        ("fa", "این یک متن کوتاه است."),
        ("he", "זה טקסט קצר על Kubernetes."),
        ("hi", "यह Kubernetes पर एक लेख है।"),
        ("th", "นี่คือบทความเกี่ยวกับ Kubernetes"),
    ],
)
def test_the_text_tells(code: str, text: str) -> None:
    assert detect({}, text) == code
    assert detect({}, text * 500) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "docker run --rm -it",
        "1 2 3 🚀",
        "We write 日本語 and русский once, in a text that is in English for the rest of it.",
    ],
)
def test_english_where_nothing_decides(text: str) -> None:
    assert detect({}, text) == "en"


def test_every_article_is_read_as_english() -> None:
    for path in sorted(shared_data("articles").glob("*.md")):
        assert detect({}, path.read_text("utf-8")) == "en", path.name


def test_labels() -> None:
    assert labels("fr").full_article == "Article complet"
    assert labels("pt-BR") is LABELS["pt"]
    for unknown in ("", "eo", "xx", "nonsense"):
        assert labels(unknown) is LABELS["en"]
    assert all(label.full_article.strip() == label.full_article for label in LABELS.values())
