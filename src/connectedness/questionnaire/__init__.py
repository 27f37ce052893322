"""The way out and back: an instrument as a file that a survey tool imports, and the map that reads its export."""

from connectedness.questionnaire.content import Choice, Content, Part, Question, content_of
from connectedness.questionnaire.write import Written, write_questionnaire

__all__ = ["Choice", "Content", "Part", "Question", "Written", "content_of", "write_questionnaire"]
