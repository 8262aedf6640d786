"""What runs a model file: one module an engine, and only that module knows the engine's library.

Each has `open_…(settings, path, settle) -> Model` and `offers()`, and maps the library's exceptions to
DetectorError.
"""
