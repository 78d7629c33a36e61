"""One file for each signal: facts in, a signal out."""
