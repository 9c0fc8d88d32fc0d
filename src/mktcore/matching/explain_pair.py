"""Why a pair scores what it scores, as a person reads it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from mktcore.explain import Explanation
from mktcore.matching.compare_identifiers import IdentifierVerdict
from mktcore.matching.contradictions import find_record_contradictions
from mktcore.matching.pair_signals import MISSING, SIGNALS, match_words
from mktcore.matching.record_profile import Profile
from mktcore.matching.sibling_words import COLOURS, EDITIONS

__all__ = ["SignalJudgement", "explain_pair"]

MILLION = 1_000_000
SLIGHT = 50_000
"""Log-odds below which a reason hardly matters."""
SHOWN = 8
"""Words that a reason names."""
PLACES = {name: place for place, name in enumerate(SIGNALS)}


@attrs.frozen
class SignalJudgement:
    """What was judged of a pair.

    Attributes:
        score: 0 to 100.
        verdict: What the identifiers said.
        added: What each signal adds to the log-odds, in millionths, by its name.
        signals: The values of all signals.
    """

    score: float
    verdict: IdentifierVerdict
    added: Mapping[str, int]
    signals: Sequence[int]


def explain_pair(title: str, judgement: SignalJudgement, left: Profile, *, right: Profile) -> Explanation:
    """Return the reasons for the score of a pair, the weightiest first."""
    verdict, signals = judgement.verdict, judgement.signals
    sums: dict[str, int] = {}
    for name, part in judgement.added.items():
        subject = name.partition(".")[0]
        sums[subject] = sums.get(subject, 0) + part
    ordered = sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))
    parts = [
        Explanation(_SUBJECTS[subject][0], _weigh(part), _SUBJECTS[subject][1](left, right, signals))
        for subject, part in ordered
        if abs(part) >= SLIGHT
    ]
    if verdict is not IdentifierVerdict.NONE:
        parts.insert(0, Explanation("identifiers", "decide", _describe_verdict(verdict, left, right)))
    return Explanation(title, f"{judgement.score:g} of 100", verdict, tuple(parts))


def _weigh(part: int) -> str:
    return f"{'for' if part > 0 else 'against'} it ({part / MILLION:+.1f})"


def _describe_verdict(verdict: IdentifierVerdict, left: Profile, right: Profile) -> str:
    if verdict is IdentifierVerdict.OTHER_SIZE:
        return f"{left.fields.size} is not {right.fields.size}: a person decides"
    if verdict is IdentifierVerdict.CONTRADICTED:
        return f"an identifier agrees, but {'; '.join(find_record_contradictions(left, right))}: a person decides"
    if verdict is IdentifierVerdict.SHARED:
        return f"{_describe_agreement(left, right)}, as others of the catalogue have: a person decides"
    if verdict is IdentifierVerdict.SAME_PART:
        return f"part number {left.fields.mpn} of the same brand"
    ours, theirs = set(left.fields.identifiers), set(right.fields.identifiers)
    return f"both {_list(ours & theirs)}; one {_list(ours - theirs)}, the other {_list(theirs - ours)}"


def _describe_agreement(left: Profile, right: Profile) -> str:
    both = set(left.fields.identifiers) & set(right.fields.identifiers)
    return f"both {_list(both)}" if both else f"part number {left.fields.mpn} of the same brand"


def _list(words: Iterable[str]) -> str:
    ordered = sorted(words)
    more = f" and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return (", ".join(ordered[:SHOWN]) or "nothing") + more


def _describe_words(left: Profile, right: Profile, _: Sequence[int]) -> str:
    met = match_words(left, right)
    near = [f"{one} ~ {other}" for one, other, _ in met.pairs]
    clauses = [f"both say {_list(met.shared)}"]
    if near:
        clauses.append(f"nearly the same: {_list(near)}")
    if met.left or met.right:
        clauses.append(f"only one says {_list(met.left)}, only the other {_list(met.right)}")
    return "; ".join(clauses)


def _describe_letters(_: Profile, __: Profile, signals: Sequence[int]) -> str:
    return f"the letters of the names are alike by {signals[PLACES['letters.cosine']] // 10} %"


def _describe_codes(left: Profile, right: Profile, _: Sequence[int]) -> str:
    return _compare("model numbers", left.codes, right.codes)


def _describe_numbers(left: Profile, right: Profile, _: Sequence[int]) -> str:
    ours, theirs = ([*side.numbers, *_spell_quantities(side)] for side in (left, right))
    return _compare("numbers", ours, theirs)


def _spell_quantities(profile: Profile) -> list[str]:
    return [number + unit for unit, numbers in profile.quantities.items() for number in numbers]


def _describe_brands(left: Profile, right: Profile, _: Sequence[int]) -> str:
    return _compare("brands", left.brand, right.brand)


def _describe_prices(left: Profile, right: Profile, signals: Sequence[int]) -> str:
    ratio = signals[PLACES["price.ratio"]]
    if ratio == MISSING:
        return "no prices that can be compared"
    return f"{left.fields.price} and {right.fields.price} minor units, one is {ratio // 10} % of the other"


def _describe_editions(left: Profile, right: Profile, _: Sequence[int]) -> str:
    return _compare("words of editions", left.words & EDITIONS, right.words & EDITIONS)


def _describe_colours(left: Profile, right: Profile, _: Sequence[int]) -> str:
    return _compare("colours", left.words & COLOURS, right.words & COLOURS)


def _describe_categories(left: Profile, right: Profile, _: Sequence[int]) -> str:
    return _compare("categories", left.fields.category, right.fields.category)


def _describe_details(left: Profile, right: Profile, signals: Sequence[int]) -> str:
    share = signals[PLACES["detail.shared"]]
    if share == MISSING:
        return "not both have a description"
    return f"the descriptions share {len(left.detail & right.detail)} words, {share // 10} % of the shorter"


def _describe_rivals(_: Profile, __: Profile, signals: Sequence[int]) -> str:
    clauses = []
    for name, others in (("rivals.lead", "records of the catalogue"), ("rivals.lead_back", "items")):
        lead = signals[PLACES[name]]
        if lead != MISSING:
            clauses.append(
                f"its name fits {'better' if lead > 0 else 'no better'} than other {others} ({lead / 10:+.0f})"
            )
    return "; ".join(clauses) or "not looked for"


def _compare(what: str, ours: Iterable[str], theirs: Iterable[str]) -> str:
    one, other = set(ours), set(theirs)
    if not one and not other:
        return f"no {what}"
    if one == other:
        return f"both {_list(one)}"
    if one & other:
        return f"both {_list(one & other)}; only one {_list(one - other)}, only the other {_list(other - one)}"
    return f"{_list(one)} against {_list(other)}"


_SUBJECTS: Mapping[str, tuple[str, Callable[[Profile, Profile, Sequence[int]], str]]] = {
    "words": ("name", _describe_words),
    "letters": ("spelling", _describe_letters),
    "codes": ("model number", _describe_codes),
    "numbers": ("numbers and sizes", _describe_numbers),
    "brand": ("brand", _describe_brands),
    "price": ("price", _describe_prices),
    "edition": ("edition", _describe_editions),
    "colour": ("colour", _describe_colours),
    "category": ("category", _describe_categories),
    "detail": ("description", _describe_details),
    "rivals": ("rivals", _describe_rivals),
}
"""What each group of signals is called, and how it is told."""
