"""The tests: a package, so that one of that name among those installed (ipyvue 1.9 brings it) is not taken for it."""
