"""Teaching a language model: an encoder under three heads that share it, category, dimension and intensity.

`settings` says how, `examples` and `pairs` what on, `methods` which weights move, `training` and `run` train, `saved`
and `encoder` are what is left: a folder that the engine opens as an encoder (`encoder = "tuned:<folder>"`). Extra
`train`.
"""

from penchant.language.tuning.examples import Example, read_examples
from penchant.language.tuning.launch import tune_in_processes
from penchant.language.tuning.report import Report
from penchant.language.tuning.settings import TuningSettings
from penchant.language.tuning.training import Epoch, Tuning, tune_encoder

__all__ = [
    "Epoch",
    "Example",
    "Report",
    "Tuning",
    "TuningSettings",
    "read_examples",
    "tune_encoder",
    "tune_in_processes",
]
