"""Words to vectors, and what was said to what it means."""

from penchant.language.encoder import Encoder, open_encoder
from penchant.language.nodes import NodeName, NodeNames, Noun
from penchant.language.utterance import Clause, Reading, read_utterance
from penchant.language.vectors import VectorBook, content_hash, vector_hash

__all__ = [
    "Clause",
    "Encoder",
    "NodeName",
    "NodeNames",
    "Noun",
    "Reading",
    "VectorBook",
    "content_hash",
    "open_encoder",
    "read_utterance",
    "vector_hash",
]
