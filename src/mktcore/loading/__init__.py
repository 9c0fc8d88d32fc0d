"""A marketplace from a folder of CSV files."""

from mktcore.loading.load_faults import LoadRefused
from mktcore.loading.market_files import FILES
from mktcore.loading.use_cases import LoadFolder, LoadingUnit, LoadReport

__all__ = ["FILES", "LoadFolder", "LoadRefused", "LoadReport", "LoadingUnit"]
