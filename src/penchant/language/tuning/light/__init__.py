"""A tuned encoder made light: `int8` (ONNX, 8-bit weights) or `static` (a vector a token, distilled).

Each is a folder of its own that opens as "tuned:<folder>" and needs no PyTorch. `make_light` makes it, `compare` tells
its speed and its loss.
"""

from penchant.language.tuning.light.making import Compared, compare, make_light

__all__ = ["Compared", "compare", "make_light"]
