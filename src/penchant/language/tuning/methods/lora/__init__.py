"""Low-rank changes of the linear layers."""
