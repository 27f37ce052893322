"""Export files in, `responses` and `roster` out; names, e-mails, addresses and coordinates stay at the door."""

from connectedness.ingest.items import ItemsRead, read_items
from connectedness.ingest.wave import Ingested, ingest_wave

__all__ = ["Ingested", "ItemsRead", "ingest_wave", "read_items"]
