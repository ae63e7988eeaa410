"""Search for settings on a validation window of the streaming protocol (extra: tune)."""

from penchant.evaluate.tuning.data import TuningData
from penchant.evaluate.tuning.knobs import Knob, knobs_of, with_values
from penchant.evaluate.tuning.report import Tried, Tuned
from penchant.evaluate.tuning.search import tune

__all__ = ["Knob", "Tried", "Tuned", "TuningData", "knobs_of", "tune", "with_values"]
