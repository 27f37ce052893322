"""Export files in, `responses` and `roster` out; names, e-mails, addresses and coordinates stay at the door."""

from connectedness.ingest.describe import Described, DescribedColumn, common_texts, describe
from connectedness.ingest.detect import detect
from connectedness.ingest.items import ItemsRead, read_items
from connectedness.ingest.proposal import Proposal
from connectedness.ingest.propose import propose
from connectedness.ingest.propose_yaml import proposal_yaml
from connectedness.ingest.recognised import Recognised
from connectedness.ingest.wave import Ingested, ingest_in_parts, ingest_wave

__all__ = [
    "Described",
    "DescribedColumn",
    "Ingested",
    "ItemsRead",
    "Proposal",
    "Recognised",
    "common_texts",
    "describe",
    "detect",
    "ingest_in_parts",
    "ingest_wave",
    "proposal_yaml",
    "propose",
    "read_items",
]
