"""An encoder brought nearer to a catalogue without labels: by its words, or by what people engage with together.

`words`: masked language modelling on texts (domain-adaptive pre-training). `behaviour`: items that one person engaged
with one after the other come close (contrastive). Each leaves a folder that any encoder can be tuned from, or served.
"""

from penchant.language.tuning.adapting.pairs import pairs_of, texts_of
from penchant.language.tuning.adapting.run import Adapted, adapt_encoder
from penchant.language.tuning.adapting.settings import AdaptingSettings

__all__ = ["Adapted", "AdaptingSettings", "adapt_encoder", "pairs_of", "texts_of"]
