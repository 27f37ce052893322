import pytest
from unit.ingest.small_survey import SmallSurvey


@pytest.fixture
def small(tmp_path):
    return SmallSurvey(tmp_path)
