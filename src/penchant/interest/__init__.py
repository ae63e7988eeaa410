"""The heart: the tree, memories, heads and evidences, the model that folds the log, and profiles to read and edit."""
