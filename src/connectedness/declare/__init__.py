"""What a district declares in YAML, as frozen objects. No table is touched here."""
