"""One step each: `upgrade` of 0002 takes a catalogue from version 1 to 2."""
