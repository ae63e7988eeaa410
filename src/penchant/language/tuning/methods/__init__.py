"""Which weights move: full, lora, prompt, prefix, head; one folder each, with the same two files.

`options` is what can be chosen; `method` has `attach` (puts it onto an encoder) and `detach` (what is saved of it).
"""

from penchant.language.tuning.methods.interface import Method, method_named

__all__ = ["Method", "method_named"]
