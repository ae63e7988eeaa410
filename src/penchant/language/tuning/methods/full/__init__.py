"""All weights of the encoder move, or those of its last layers."""
