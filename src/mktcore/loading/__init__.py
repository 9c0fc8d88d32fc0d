"""A marketplace from a folder of CSV files."""

from mktcore.loading.faults import LoadRefused
from mktcore.loading.files import FILES
from mktcore.loading.storing import LoadFolder, LoadingUnit, LoadReport

__all__ = ["FILES", "LoadFolder", "LoadRefused", "LoadReport", "LoadingUnit"]
