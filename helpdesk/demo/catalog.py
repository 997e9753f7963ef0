"""What the sample shop sells, and what is in somebody's basket."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

_SHELF = Path(__file__).resolve().parent / "story" / "shop.toml"
MOST_OF_ONE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing on the shelf."""

    key: str
    name: str
    price: Decimal
    short: str
    text: str
    sizes: Sequence[str]
    stock: str
    hue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many of one product."""

    product: Product
    count: int

    @property
    def total(self) -> Decimal:
        return self.product.price * self.count


@lru_cache(maxsize=1)
def products() -> Mapping[str, Product]:
    """Return all that is sold, by its key."""
    shelf = tomllib.loads(_SHELF.read_text(encoding="utf-8"))
    return {
        key: Product(key=key, **{**facts, "price": Decimal(facts["price"])})
        for key, facts in shelf.items()
    }


def lines_of(basket: Mapping[str, object]) -> list[Line]:
    """Return what is in a basket; what is sold no more is left out."""
    known = products()
    return [
        Line(product=known[key], count=min(count, MOST_OF_ONE))
        for key, count in basket.items()
        if key in known and isinstance(count, int) and count > 0
    ]
