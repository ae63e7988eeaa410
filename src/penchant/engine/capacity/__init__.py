"""How much memory and disk a catalogue takes, read off the very arrays, records and files that an engine makes.

    memory = users · u + items · i + categories · c + dimensions · d + tables of fixed size
    disk   = events · e + items · l + answers kept · a + snapshots kept · (the arrays + ids and words)

Nothing is stated twice: a row's bytes are those of the model's own arrays, a log entry's those of a small database that
is written for the purpose.
"""

from penchant.engine.capacity.bill import Bill, Line, capacity
from penchant.engine.capacity.rows import ITEM_CAP, USER_CAP, RowBytes, row_bytes

__all__ = ["ITEM_CAP", "USER_CAP", "Bill", "Line", "RowBytes", "capacity", "row_bytes"]
