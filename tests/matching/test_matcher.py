import attrs
import pytest

from matching.shop import ALPHA, SHOP, make_item
from mktcore.errors import InvalidValue
from mktcore.goods import Gtin, Measure
from mktcore.matching import MatchOutcome, MatchRecord, RecordMatcher
from mktcore.matching.compare_identifiers import IdentifierVerdict
from mktcore.matching.pair_signals import MISSING, SIGNALS

MATCHER = RecordMatcher.build(SHOP)
OTHER_GTIN = Gtin.parse("4006381333931")
WEIGHED_IN_THE_SHOP = Gtin.parse("2012345000001")


def test_the_right_sku_comes_first_and_is_approved() -> None:
    match = MATCHER.match(make_item("SONY ALPHA 7 IV (body)", brand="sony", price=239_900, currency="EUR"))
    assert match.candidates[0].id == "alpha-4"
    assert match.outcome is match.candidates[0].outcome is MatchOutcome.APPROVE
    assert [candidate.score for candidate in match.candidates] == sorted(
        (candidate.score for candidate in match.candidates), reverse=True
    )


def test_something_else_is_not_approved() -> None:
    match = MATCHER.match(make_item("Sony headphones WH-1000XM5 black", brand="Sony"))
    assert match.outcome is not MatchOutcome.APPROVE
    assert MATCHER.match(make_item("garden hose")).outcome is MatchOutcome.REJECT
    assert MATCHER.match(make_item("")).candidates == ()


def test_equal_numbers_decide_whatever_the_words_say() -> None:
    [best, *_] = MATCHER.find(make_item("camera, as new", gtins=[ALPHA]))
    assert (best.id, best.score, best.verdict) == ("alpha-4", 100, IdentifierVerdict.SAME)
    [best, *_] = MATCHER.find(make_item("cartridge", host_ids={"asin": "B0000511A1"}))
    assert (best.id, best.score) == ("toner", 100)


def test_different_numbers_veto_whatever_the_words_say() -> None:
    twin = attrs.evolve(SHOP[0], id="item", gtins=[OTHER_GTIN])
    candidate = MATCHER.score(twin, SHOP[0])
    assert (candidate.score, candidate.verdict, candidate.outcome) == (
        0,
        IdentifierVerdict.DIFFERENT,
        MatchOutcome.REJECT,
    )


def test_numbers_of_one_shop_neither_decide_nor_veto() -> None:
    plain = MATCHER.score(make_item("Sony Alpha 7 IV body", brand="Sony"), SHOP[0])
    ours = MATCHER.score(make_item("Sony Alpha 7 IV body", brand="Sony", gtins=[WEIGHED_IN_THE_SHOP]), SHOP[0])
    assert (ours.score, ours.verdict) == (plain.score, IdentifierVerdict.NONE)


def test_one_number_of_several_is_enough() -> None:
    assert MATCHER.score(make_item("?", gtins=[OTHER_GTIN, ALPHA]), SHOP[0]).score == 100


def test_a_person_decides_when_numbers_conflict() -> None:
    left = make_item("Sony Alpha 7 IV body", gtins=[ALPHA], host_ids={"asin": "B1"})
    candidate = MATCHER.score(left, attrs.evolve(SHOP[0], host_ids={"asin": "B2"}))
    assert candidate.verdict is IdentifierVerdict.CONFLICT
    assert candidate.outcome is not MatchOutcome.APPROVE


def test_brand_and_part_number_decide_and_do_not_veto() -> None:
    [best, *_] = MATCHER.find(make_item("black cartridge", brand="hp", mpn="q6511-a"))
    assert (best.id, best.verdict, best.outcome) == ("toner", IdentifierVerdict.SAME_PART, MatchOutcome.APPROVE)
    other = MATCHER.score(make_item(SHOP[5].name, brand="HP", mpn="XX1234"), SHOP[5])
    assert other.verdict is IdentifierVerdict.NONE
    assert (
        MATCHER.score(make_item("black cartridge", brand="Canon", mpn="q6511-a"), SHOP[5]).verdict
        is IdentifierVerdict.NONE
    )


def test_two_bottles_are_one_litre_and_not_half() -> None:
    litre = MatchRecord("litre", "Spring water 1 l", brand="Aqua", size=Measure.parse("1 l"))
    bottles = make_item("Spring water 2 x 500 ml", brand="Aqua", size=Measure.parse("2 x 500 ml"))
    half = attrs.evolve(litre, name="Spring water", size=Measure.parse("0.5 l"))
    assert MATCHER.score(bottles, litre).verdict is IdentifierVerdict.NONE
    assert MATCHER.score(bottles, litre).score > MATCHER.score(bottles, half).score
    assert MATCHER.score(bottles, half).verdict is IdentifierVerdict.OTHER_SIZE


def test_a_pair_of_different_sizes_is_never_approved_without_a_person() -> None:
    twin = attrs.evolve(SHOP[4], id="item", size=Measure.parse("750 ml"))
    assert MATCHER.score(twin, SHOP[4]).outcome is not MatchOutcome.APPROVE


def test_reasons_speak_of_what_was_compared() -> None:
    candidate = MATCHER.score(make_item("Sony Alpha 7 III body", brand="Sony", price=170_000, currency="EUR"), SHOP[1])
    text = candidate.explain().to_text()
    assert text.startswith(f"item is alpha-3: {candidate.score:g} of 100")
    assert "both say 7, alpha, body, iii, sony" in text
    assert len(candidate.reasons) >= 2
    assert MATCHER.explain(make_item("Sony Alpha 7 III body"), "alpha-3").parts


def test_reasons_name_the_numbers_that_decided() -> None:
    veto = MATCHER.score(attrs.evolve(SHOP[0], id="item", gtins=[OTHER_GTIN]), SHOP[0])
    assert "gtin:04006381333931" in veto.reasons[0]
    size = MATCHER.score(attrs.evolve(SHOP[4], id="item", size=Measure.parse("750 ml")), SHOP[4])
    assert "750ml is not 500ml" in size.reasons[0]
    part = MATCHER.score(make_item("cartridge", brand="hp", mpn="q6511-a"), SHOP[5])
    assert "part number q6511a" in part.reasons[0]


def test_a_plain_candidate_sends_for_its_reasons() -> None:
    plain = MATCHER.find(make_item("Sony Alpha 7 IV body"))[0].to_plain()
    assert plain.reasons == ()
    assert "ask the matcher" in plain.explain().to_text()


def test_an_unknown_candidate_cannot_be_explained() -> None:
    for record in ("nobody", "zzz"):
        with pytest.raises(KeyError):
            MATCHER.explain(make_item("x"), record)


def test_rivals_among_the_items_count() -> None:
    exact, vague = make_item("Sony Alpha 7 IV body"), MatchRecord("vague", "Sony Alpha 7 body strap")
    alone, among = RecordMatcher.build(SHOP), RecordMatcher.build(SHOP, rivals=[exact, vague])
    place = SIGNALS.index("rivals.lead_back")
    assert alone.compare(vague, SHOP[0])[place] == MISSING
    assert among.compare(vague, SHOP[0])[place] < 0 < among.compare(exact, SHOP[0])[place]
    stranger = MatchRecord("stranger", "Sony Alpha 7 IV body kit")
    assert among.compare(stranger, SHOP[0])[place] != MISSING
    assert among.count_bytes() > alone.count_bytes()
    assert "other items" in among.score(exact, SHOP[0]).explain().to_text()


def test_a_limit_limits_and_does_not_change_who_wins() -> None:
    item = make_item("Sony Alpha 7 body")
    assert [MATCHER.find(item, limit)[0].id for limit in (1, 2, 5)] == [MATCHER.find(item)[0].id] * 3
    assert len(MATCHER.find(item, 1)) == 1
    assert len(MATCHER.find(item, 50)) <= len(SHOP)


def test_names_of_common_words_alone_are_found() -> None:
    crowd = [
        MatchRecord(f"s{number:05}", "red cotton shirt" + (" large" if number % 7 else "")) for number in range(3000)
    ]
    found = RecordMatcher.build(crowd).find(make_item("red cotton shirt"), limit=1)
    assert found[0].id in {record.id for record in crowd}


def test_names_of_nothing_but_very_common_words_are_found() -> None:
    crowd = [
        MatchRecord(f"s{number:05}", "red shirt" if number % 2 else "red cotton shirt") for number in range(12_500)
    ]
    assert RecordMatcher.build(crowd).find(make_item("red shirt"), limit=1)[0].id == "s00001"


def test_two_records_of_one_id_are_refused() -> None:
    with pytest.raises(InvalidValue, match="bag"):
        RecordMatcher.build([*SHOP, SHOP[2]])


@pytest.mark.parametrize(
    "fields", [{"id": ""}, {"price": -1}, {"host_ids": {"gtin": "4548736133730"}}, {"host_ids": {"": "1"}}]
)
def test_a_record_checks_itself(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        MatchRecord(**{"id": "a", "name": "b", **fields})  # type: ignore[arg-type]  # wrong on purpose


def test_building_reports_progress() -> None:
    reports: list[int] = []
    RecordMatcher.build((MatchRecord(f"s{number}", "x") for number in range(10_001)), progress=reports.append)
    assert reports == [10_000, 10_001]
    assert len(RecordMatcher.build(SHOP)) == len(SHOP)


def test_a_name_of_a_megabyte_costs_no_more_than_a_long_one() -> None:
    hostile = [
        make_item("Sony Alpha 7 IV body " + "x" * 1_000_000),
        make_item(" ".join(f"w{number}" for number in range(100_000))),
        make_item("a" * 10 + "1 " * 500_000, brand="b" * 10**6, category="c " * 10**6, description="d " * 10**6),
        make_item("x", attributes={str(number): "y" * 1000 for number in range(1000)}, mpn="9" * 10**6),
        make_item("x", host_ids={str(number): "y" * 1000 for number in range(1000)}, gtins=[ALPHA] * 10_000),
    ]
    matcher = RecordMatcher.build(
        [*SHOP, *(attrs.evolve(record, id=f"h{number}") for number, record in enumerate(hostile))]
    )
    for record in hostile:
        assert matcher.find(record)
    assert matcher.find(hostile[0])[0].id == "h0"
    assert matcher.count_bytes() < 200_000


def test_a_number_that_several_records_have_goes_to_a_person() -> None:
    """allegro #6022: one EAN under which the maker sells three variants."""
    shoes = [
        MatchRecord(f"arnel-{place}", f"Hi-Tec Arnel Mid boots {colour} {size}", "Hi-Tec", gtins=[ALPHA])
        for place, (colour, size) in enumerate([("black", 41), ("brown", 41), ("black", 42)], 1)
    ]
    matcher = RecordMatcher.build([*SHOP[1:], *shoes])
    item = make_item("Hi-Tec Arnel Mid brown 41", brand="Hi-Tec", gtins=[ALPHA])
    match, best = matcher.match(item), matcher.find(item, limit=1)[0]
    assert (best.id, best.verdict, match.outcome) == ("arnel-2", IdentifierVerdict.SHARED, MatchOutcome.REVIEW)
    assert best == match.candidates[0]
    assert best.is_doubtful
    assert "gtin:04548736133730, as others of the catalogue have: a person decides" in best.reasons[0]
    # However unlike the names are, it is not rejected either.
    assert matcher.match(make_item("cheese", gtins=[ALPHA])).outcome is MatchOutcome.REVIEW


def test_a_part_number_that_several_records_have_goes_to_a_person() -> None:
    toners = [attrs.evolve(SHOP[5], id=f"toner-{place}", host_ids={}) for place in range(4)]
    match = RecordMatcher.build(toners).match(make_item("black cartridge", brand="hp", mpn="q6511-a"), limit=1)
    assert (match.candidates[0].verdict, match.outcome) == (IdentifierVerdict.SHARED, MatchOutcome.REVIEW)
    # One with the very number is told from the others.
    known = RecordMatcher.build([*toners, attrs.evolve(SHOP[5], id="z")])
    best = known.find(make_item("cartridge", brand="hp", mpn="q6511-a", host_ids={"asin": "B0000511A1"}))[0]
    assert (best.id, best.score) == ("z", 100)


@pytest.mark.parametrize(
    ("item", "sku", "reason"),
    [
        ({"name": "Cola 250 ml, pack of 24"}, {"name": "Cola 250 ml"}, "24 in a pack is not 1"),
        ({"name": "Cola 24er Pack"}, {"name": "Cola"}, "24 in a pack is not 1"),
        ({"name": "Cola 24 x 250 ml"}, {"name": "Cola 250 ml"}, "6000ml is not 250ml"),
        ({"name": "Cola 24-pack"}, {"name": "Cola 6-pack"}, "24 in a pack is not 6"),
        ({"name": "Cola", "size": "24 x 250 ml"}, {"name": "Cola", "size": "250 ml"}, "6000ml is not 250ml"),
        ({"name": "Cola 250 ml"}, {"name": "Cola 250 ml", "size": "24 pcs"}, "1 in a pack is not 24"),
        ({"name": "Cola", "price": 2400}, {"name": "Cola", "price": 100}, "a price of 2400 is not near 100"),
        ({"name": "Cola", "price": 100}, {"name": "Cola", "price": 251}, "a price of 100 is not near 251"),
        ({"name": "Boots brown 41"}, {"name": "Boots black 41"}, "brown is not black"),
        ({"name": "Phone 64 GB"}, {"name": "Phone 128 GB"}, "64gb is not 128gb"),
    ],
)
def test_what_contradicts_an_equal_number_is_seen_by_a_person(
    item: dict[str, object], sku: dict[str, object], reason: str
) -> None:
    found, known = (make_goods(fields) for fields in (item, sku))
    match = RecordMatcher.build([attrs.evolve(known, id="sku"), SHOP[2]]).match(found)
    assert match.candidates[0].verdict is IdentifierVerdict.CONTRADICTED
    assert match.outcome is MatchOutcome.REVIEW
    assert reason in match.candidates[0].reasons[0]


@pytest.mark.parametrize(
    ("item", "sku"),
    [
        ({"name": "Cola 250 ml, pack of 24"}, {"name": "Cola 24 x 250 ml"}),
        ({"name": "Cola 24 pack"}, {"name": "Cola, Karton mit 24 Stück"}),
        ({"name": "Cola 24 cans", "size": "6 l"}, {"name": "Cola crate", "size": "24 x 250 ml"}),
        ({"name": "Cola 250 ml"}, {"name": "Cola 0,25 l"}),
        ({"name": "Cola", "price": 100}, {"name": "Cola", "price": 250}),
        ({"name": "Cola", "price": 2400, "currency": "CZK"}, {"name": "Cola", "price": 100}),
        ({"name": "Frame 30 x 20"}, {"name": "Frame"}),
        ({"name": "iPhone case 13"}, {"name": "iPhone case"}),
        ({"name": "Boots, braun"}, {"name": "Boots brown"}),
    ],
)
def test_what_agrees_or_says_nothing_is_no_contradiction(item: dict[str, object], sku: dict[str, object]) -> None:
    found, known = (make_goods(fields) for fields in (item, sku))
    assert MATCHER.score(found, known).score == 100
    assert MATCHER.score(known, found).score == 100


def make_goods(fields: dict[str, object]) -> MatchRecord:
    size = {"size": Measure.parse(str(fields["size"]))} if "size" in fields else {}
    return make_item(**{"gtins": [ALPHA], "currency": "EUR", **fields, **size})  # type: ignore[arg-type]  # names among them
