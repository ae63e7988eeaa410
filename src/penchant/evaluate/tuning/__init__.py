"""Search for settings: of the engine, on a validation window of the streaming protocol, and of a language model's
training, on held-out texts (extra: tune)."""

from penchant.evaluate.tuning.data import TuningData
from penchant.evaluate.tuning.knobs import Knob, knobs_of, with_values
from penchant.evaluate.tuning.report import Found, Tried, Tuned
from penchant.evaluate.tuning.search import tune

__all__ = ["Found", "Knob", "Tried", "Tuned", "TuningData", "knobs_of", "tune", "with_values"]
