"""Matching: which records of a catalogue a record may be, and how sure that is."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from functools import partial

import attrs

from mktcore.explain import Explanation
from mktcore.matching.build_index import Progress, build_index
from mktcore.matching.candidate import MatchCandidate
from mktcore.matching.compare_identifiers import DOUBTFUL, IdentifierVerdict, compare_identifiers, find_shared
from mktcore.matching.contradictions import find_record_contradictions
from mktcore.matching.explain_pair import SignalJudgement, explain_pair
from mktcore.matching.index import Index, NearRecord
from mktcore.matching.match import Match
from mktcore.matching.match_many import match_all
from mktcore.matching.match_policy import MatchOutcome, MatchPolicy, load_default_policy, prepare_policy
from mktcore.matching.pair_signals import MISSING, compare_record_profiles
from mktcore.matching.record import MatchRecord
from mktcore.matching.record_profile import Profile, ProfileFields, profile_fields, read_fields

__all__ = ["RecordMatcher"]

LEAST_SCORED = 2
"""Candidates that are compared in full, however few are asked for."""
FULL = 100.0
SAME_PART_SCORE = 95.0
_AGREEING = frozenset({IdentifierVerdict.SAME, IdentifierVerdict.SAME_PART})


@attrs.define(slots=True)
class _Judged:
    profile: Profile
    signals: list[int]
    words: float
    verdict: IdentifierVerdict
    score: float = 0.0


class RecordMatcher:
    """Finds candidates among the records it was built from, and scores pairs.

    >>> shop = [MatchRecord("s1", "Sony Alpha 7 IV body", brand="Sony"), MatchRecord("s2", "Sony Alpha 7 III body")]
    >>> matcher = RecordMatcher.build(shop)
    >>> [candidate.id for candidate in matcher.find(MatchRecord("A-17", "SONY alpha 7 IV (body only)"))]
    ['s1', 's2']

    A record finds the same candidates with the same scores whatever the order the catalogue came in, in any process.
    """

    def __init__(self, index: Index, policy: MatchPolicy | None = None, rivals: Index | None = None) -> None:
        """Match against an index; most callers want `RecordMatcher.build`."""
        self._index = index
        self._rivals = rivals
        self._scorer = prepare_policy(load_default_policy() if policy is None else policy)

    @classmethod
    def build(
        cls,
        records: Iterable[MatchRecord],
        policy: MatchPolicy | None = None,
        rivals: Iterable[MatchRecord] = (),
        *,
        progress: Progress | None = None,
    ) -> "RecordMatcher":
        """Index a catalogue, reading it once as a stream.

        Args:
            records: The catalogue.
            policy: How signals are judged; the library's own where none is given.
            rivals: The items that will be matched, where they are known beforehand: a SKU that another item fits better
                is then a worse candidate. It makes matching more exact and slower.
            progress: Called every 10,000 records with how many are read.

        Raises:
            InvalidValue: Two records have one id.
        """
        index = build_index(records, progress)
        others = build_index(rivals)
        return cls(index, policy, others if len(others) else None)

    def __len__(self) -> int:
        return len(self._index)

    @property
    def policy(self) -> MatchPolicy:
        """How signals are judged."""
        return self._scorer.policy

    def with_policy(self, policy: MatchPolicy) -> "RecordMatcher":
        """Return a matcher over the same index with another policy."""
        return RecordMatcher(self._index, policy, self._rivals)

    def count_bytes(self) -> int:
        """Return the bytes that the index takes in memory."""
        return self._index.count_bytes() + (self._rivals.count_bytes() if self._rivals is not None else 0)

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        """Return the best candidates for a record, best first; equal scores in the order of ids.

        Args:
            record: What to look for.
            limit: How many candidates at most.
        """
        fields = read_fields(record)
        found = self._index.search(fields)
        if not found:
            return ()
        profile = profile_fields(fields, self._index.weigh)
        best, second = _find_rivals(found)
        judged = []
        compared = max(limit, LEAST_SCORED)
        for one in found[:compared]:
            rival = second if one.row == best.row else best
            lead = one.cosine - (rival.cosine if rival is not None else 0)
            other = self._index.read(one.row)
            judged.append((self._judge(profile, other, record=record.id, lead=lead), one.row))
        shared = find_shared([*(one.verdict for one, _ in judged), *self._compare_more(profile, found[compared:])])
        for pair, _ in judged:
            self._settle(profile, pair, shared)
        judged.sort(key=lambda pair: (-pair[0].score, pair[1]))
        return tuple(
            self._to_candidate(record.id, profile, judged=one, found=self._index.ids[row])
            for one, row in judged[:limit]
        )

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        """Return the candidates for a record and what the best of them leads to."""
        candidates = self.find(record, limit)
        return Match(record.id, candidates[0].outcome if candidates else MatchOutcome.REJECT, candidates)

    def match_all(
        self,
        records: Iterable[MatchRecord],
        executor: Executor | None = None,
        progress: Progress | None = None,
        *,
        limit: int = 5,
    ) -> Iterator[Match]:
        """Yield the match of each record; see `mktcore.matching.match_many.match_all`."""
        return match_all(self, records, executor, progress=progress, limit=limit)

    def compare(self, left: MatchRecord, right: MatchRecord) -> list[int]:
        """Return the signals of a pair, in the order of `SIGNALS`, rivals among the index included."""
        return self._judge_pair(read_fields(left), read_fields(right), left=left.id, right=right.id)[1].signals

    def score(self, left: MatchRecord, right: MatchRecord) -> MatchCandidate:
        """Return what one pair scores: an item, and a record that need not be in the catalogue.

        Words are weighed, and rivals are sought, in the catalogue.
        """
        profile, judged = self._judge_pair(read_fields(left), read_fields(right), left=left.id, right=right.id)
        return self._to_candidate(left.id, profile, judged=judged, found=right.id)

    def explain(self, record: MatchRecord, candidate: str) -> Explanation:
        """Return why a record of the catalogue, named by its id, scores what it scores for a record.

        Raises:
            KeyError: The catalogue has no such record.
        """
        other = self._index.read(self._index.find_row(candidate))
        profile, judged = self._judge_pair(read_fields(record), other, left=record.id, right=candidate)
        return self._explain(profile, judged, left=record.id, right=candidate)

    def _compare_more(self, profile: Profile, found: Iterable[NearRecord]) -> Iterator[IdentifierVerdict]:
        """Yield what identifiers say of those that are not compared in full: one of them may share the best one's."""
        for one in found:
            if one.identified:
                yield compare_identifiers(profile, profile_fields(self._index.read(one.row), self._index.weigh))

    def _judge_pair(
        self, fields: ProfileFields, others: ProfileFields, left: str, *, right: str
    ) -> tuple[Profile, _Judged]:
        profile = profile_fields(fields, self._index.weigh)
        found = {self._index.ids[one.row]: one.cosine for one in self._index.search(fields)}
        mine = found.pop(right, None)
        if mine is None:
            mine = _compare_names(profile, profile_fields(others, self._index.weigh))
        judged = self._judge(profile, others, record=left, lead=mine - max(found.values(), default=0))
        self._settle(profile, judged, frozenset())
        return profile, judged

    def _judge(self, profile: Profile, fields: ProfileFields, record: str, *, lead: int) -> _Judged:
        other = profile_fields(fields, self._index.weigh)
        lead_back = MISSING if self._rivals is None else self._lead_back(profile, other, record)
        # positional: for each of the candidates of each record, as all that is compared here
        signals = compare_record_profiles(profile, other, lead, lead_back)
        verdict = compare_identifiers(profile, other)
        # positional: as above
        return _Judged(other, signals, self._scorer.score(signals), verdict)

    def _settle(self, profile: Profile, judged: _Judged, shared: frozenset[IdentifierVerdict]) -> None:
        """Let identifiers decide, as far as they can be trusted."""
        if judged.verdict in shared:
            judged.verdict = IdentifierVerdict.SHARED
        elif judged.verdict in _AGREEING and find_record_contradictions(profile, judged.profile):
            judged.verdict = IdentifierVerdict.CONTRADICTED
        judged.score = _overrule(judged.words, judged.verdict, self.policy)

    def _lead_back(self, profile: Profile, other: Profile, record: str) -> int:
        """Return how much better an item fits a record of the catalogue than the other items do."""
        rivals = self._rivals
        if rivals is None:
            return MISSING
        found = {rivals.ids[one.row]: one.cosine for one in rivals.search(other.fields)}
        mine = found.pop(record, None)
        if mine is None:
            mine = _compare_names(profile, other)
        return mine - max(found.values(), default=0)

    def _to_candidate(self, record: str, profile: Profile, judged: _Judged, *, found: str) -> MatchCandidate:
        # Told on demand only: an explanation costs more than the match, and few are read.
        explain = partial(self._explain, profile, judged, record, found)
        # positional: as in `_judge`; record, score, outcome, verdict
        return MatchCandidate(found, judged.score, self.policy.decide(judged.score), judged.verdict, explain=explain)

    # positional: bound for later with `partial`, for every candidate of every record
    def _explain(self, profile: Profile, judged: _Judged, left: str, right: str) -> Explanation:
        added = self._scorer.explain(judged.signals)
        judgement = SignalJudgement(judged.score, judged.verdict, added=added, signals=judged.signals)
        return explain_pair(f"{left} is {right}", judgement, left=profile, right=judged.profile)


def _find_rivals(found: list[NearRecord]) -> tuple[NearRecord, NearRecord | None]:
    """Return the two whose names are most alike."""
    ordered = sorted(found, key=lambda one: (-one.cosine, one.row))
    # Equal names stand by their rows, so that an answer never depends on the order in which postings were read.
    return ordered[0], ordered[1] if len(ordered) > 1 else None


def _compare_names(left: Profile, right: Profile) -> int:
    shared = sum([left.weights[word] ** 2 for word in left.words & right.words])
    return int(1000 * shared / ((left.square * right.square) ** 0.5 or 1.0))


def _overrule(score: float, verdict: IdentifierVerdict, policy: MatchPolicy) -> float:
    """Let identifiers decide."""
    if verdict is IdentifierVerdict.NONE:
        return score
    if verdict is IdentifierVerdict.SAME:
        return FULL
    if verdict is IdentifierVerdict.SAME_PART:
        return max(score, SAME_PART_SCORE)
    if verdict is IdentifierVerdict.DIFFERENT:
        return 0.0
    # An identifier that agrees and is in doubt leaves the rest to a person: never rejected, whatever the words say.
    least = policy.reject + 1.0 if verdict in DOUBTFUL else 0.0
    # Nor approved; and so are two sizes that differ.
    return min(max(score, least), policy.approve - 1.0)
