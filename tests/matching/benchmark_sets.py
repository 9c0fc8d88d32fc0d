"""The public product-matching benchmarks, read as records and labelled pairs."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from mktcore.matching import MatchRecord, RecordMatcher
from mktcore.matching.calibrate_policy import LabelledPair

__all__ = ["DESIGN_SETS", "FOLDER", "UNSEEN_SETS", "BenchmarkSet", "load_set"]

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("MKTCORE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "matching"
DESIGN_SETS = ("abt_buy", "amazon_google", "walmart_amazon")
UNSEEN_SETS = ("wdc_cameras", "wdc_computers", "wdc_shoes", "wdc_watches")
"""Never looked at for the design: the default policy is only asked about them."""


@attrs.frozen
class BenchmarkSet:
    """One set: its two sides without labels, and its labelled pairs by part."""

    name: str
    left: tuple[MatchRecord, ...]
    right: tuple[MatchRecord, ...]
    train: tuple[LabelledPair, ...]
    validation: tuple[LabelledPair, ...]

    def open_matcher(self) -> RecordMatcher:
        """Index the right side as the catalogue, the left side as the items that will be matched."""
        return RecordMatcher.build(self.right, rivals=self.left)


def load_set(name: str) -> BenchmarkSet:
    """Read one set; equal records of a side become one."""
    sides: dict[str, dict[str, MatchRecord]] = {"left": {}, "right": {}}
    parts = {part: tuple(_read(name, part, sides)) for part in ("train", "validation", "train_small")}
    left, right = (tuple(sides[side].values()) for side in ("left", "right"))
    return BenchmarkSet(name, left, right, parts["train"], parts["validation"] or parts["train_small"])


def _read(name: str, part: str, sides: Mapping[str, dict[str, MatchRecord]]) -> Iterator[LabelledPair]:
    path = FOLDER / f"{name}_{part}.jsonl.gz"
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            records = []
            for side, known in sides.items():
                fields = {field: value for field, value in pair[side].items() if field != "id"}
                key = json.dumps(fields, sort_keys=True)
                if key not in known:
                    known[key] = _to_record(f"{side}-{len(known):05}", fields)
                records.append(known[key])
            yield LabelledPair(records[0], records[1], bool(pair["label"]))


def _to_record(number: str, fields: Mapping[str, str]) -> MatchRecord:
    return MatchRecord(
        number,
        fields.get("name") or fields.get("title", ""),
        brand=fields.get("brand") or fields.get("manufacturer", ""),
        category=fields.get("category", ""),
        description=fields.get("description", ""),
        mpn=fields.get("modelno", ""),
        price=_read_price(fields.get("price", "")),
        currency="USD",
    )


def _read_price(text: str) -> int | None:
    try:
        return round(float(text) * 100)
    except ValueError:
        return None
