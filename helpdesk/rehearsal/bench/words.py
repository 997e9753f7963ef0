"""Texts whose words are spread as in real mail: some everywhere, some only once."""

import random

from inbox.search_terms import bigrams_of, words_of

BODIES = 20_000
CJK_SHARE = 0.08


def _listed(text: str) -> list[str]:
    return text.split()


COMMON = _listed("the order is and to a for my you thanks")
MEDIUM = _listed(
    "refund invoice delivery parcel exchange warranty receipt voucher address broken "
    "missing late courier tracking size colour return subscription password account "
    "charger zipper sole tent bicycle helmet jacket lamp stove rope"
)
_SYLLABLES = _listed("ka ro mi ten lu sa vo ri ne do pa shi gar el on ti bu re ma no")
_CJK = (
    "注文番号配送状況確認返品交換領収書住所変更遅延商品破損返金请问订单什么时候发货快递"
)
_FIRST = _listed("Maya Emily Dmitri Tyler Jun Amira Will Sally Ines Omar Lena Paulo")
_LAST = _listed("Rivera Kwan Belov Adams Park Haddad Osei Lindqvist Costa Weber Silva")


class Texts:
    """A fixed stock of bodies, each made unique by one rare word."""

    def __init__(self, chance: random.Random) -> None:
        self._vocabulary = _vocabulary(chance)
        self._bodies = [self._body(chance, n) for n in range(BODIES)]
        self._lexemes = [_vector(words_of(body)) for body in self._bodies]
        self._bigrams = [_vector(bigrams_of(body)) or None for body in self._bodies]

    def _body(self, chance: random.Random, n: int) -> str:
        if n < BODIES * CJK_SHARE:
            run = "".join(chance.choices(_CJK, k=chance.randrange(20, 80)))
            return f"{run}。\n{' '.join(chance.choices(self._vocabulary, k=8))}"
        words = [
            *chance.sample(COMMON, k=chance.randrange(6, 10)),
            *chance.sample(MEDIUM, k=1),
            *chance.choices(self._vocabulary, k=chance.randrange(20, 110)),
        ]
        chance.shuffle(words)
        return " ".join(words)

    def body(self, pk: int) -> str:
        return f"{self._bodies[pk * 7919 % BODIES]} ref{pk}x"

    def lexemes(self, pk: int) -> str:
        return f"{self._lexemes[pk * 7919 % BODIES]} 'ref{pk}x'"

    def bigrams(self, pk: int) -> str | None:
        return self._bigrams[pk * 7919 % BODIES]

    def subject(self, n: int) -> str:
        return f"{MEDIUM[n % len(MEDIUM)].title()} question {n}"

    def person(self, pk: int) -> str:
        return f"{_FIRST[pk % len(_FIRST)]} {_LAST[pk // 7 % len(_LAST)]} {pk}"

    def handle(self, pk: int) -> str:
        return f"{_FIRST[pk % len(_FIRST)].lower()}.{pk}"


def _vocabulary(chance: random.Random) -> list[str]:
    made = {
        "".join(chance.choices(_SYLLABLES, k=chance.randrange(2, 5)))
        for _ in range(9000)
    }
    return sorted(made)


def _vector(words: list[str]) -> str:
    return " ".join(f"'{word}'" for word in sorted(set(words)))
