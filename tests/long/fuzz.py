"""Coverage-guided hostile documents for the reader of every registered type: refused, never anything else.

    pip install atheris
    python tests/long/fuzz.py --seconds 600                      # every reader in turn
    python tests/long/fuzz.py --seconds 600 --tag offers.reservation

A finding is any error but `InvalidDocument`, a document that is read and cannot be written again, or a second of CPU.
"""

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["mktcore.wire"]):
    import mktcore.testing.stores  # noqa: F401 - registers the types that the conformance check stores
    from mktcore.persistence.stored import Stored
    from mktcore.wire import REGISTRY, Codec, InvalidDocument
    from wire.samples import REGISTRY as SAMPLES
    from wire.strategies_of_types import instances_of

_SLOW_SECONDS = 1.0


def read(codec: Codec, registration: Stored, data: bytes) -> None:
    begun = time.process_time()
    # Half of the inputs get the right tag, so that more than the first check is tried.
    document = data if data[:1] != b"+" else b'{"$type":"' + registration.name.encode() + b'",' + data[1:]
    try:
        value: object = codec.from_json(document, registration.type)
    except InvalidDocument as refused:
        if not refused.problems:
            raise RuntimeError("a refusal without a problem") from refused
    else:
        if codec.from_json(codec.to_json(value), registration.type) != value:
            raise RuntimeError(f"not read back: {document!r}")
    if time.process_time() - begun > _SLOW_SECONDS:
        raise RuntimeError(f"slow: {len(document)} bytes")


def plant_seeds(chosen: list[tuple[Codec, Stored]], folder: Path) -> None:
    """Write good documents of every reader: what is nearly right gets further than noise."""
    warnings.simplefilter("ignore")  # about examples outside of a test, which these are
    for number, (codec, registration) in enumerate(chosen):
        for turn in range(3):
            document = codec.to_json(instances_of(registration.type).example())
            (folder / f"{registration.name}-{turn}").write_bytes(bytes([number]) + document)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--tag", help="one reader only")
    options = parser.parse_args()
    readers = [(Codec(SAMPLES), one) for one in SAMPLES] + [(Codec(REGISTRY), one) for one in REGISTRY]
    chosen = [(codec, one) for codec, one in readers if options.tag in {None, one.tag}]

    def test_one(data: bytes) -> None:
        if data:
            codec, registration = chosen[data[0] % len(chosen)]
            read(codec, registration, data[1:])

    with tempfile.TemporaryDirectory() as folder:
        plant_seeds(chosen, Path(folder))
        atheris.Setup([sys.argv[0], f"-max_total_time={options.seconds}", "-max_len=4096", folder], test_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
