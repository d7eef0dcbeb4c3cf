"""The benchmark: our work beside peers and the limit, in one run. `python -m bench`."""
