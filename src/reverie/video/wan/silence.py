"""Other libraries, kept from talking to our user's terminal while they are imported and load. No torch."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

BARS = ("diffusers.utils.logging", "transformers.utils.logging")
"""Modules that switch the progress bars of their library."""


@contextmanager
def silenced() -> Iterator[None]:
    """No warning, notice or progress bar until the end; errors still come. Around imports and loading only.

    Loggers of these libraries set their own levels as they are imported, so that logging is turned down as a
    whole, for all threads: a program that loads a model has nothing else to say meanwhile.
    """
    before = logging.root.manager.disable
    with ExitStack() as stack:
        stack.callback(logging.disable, before)
        logging.disable(max(before, logging.WARNING))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for name in BARS:
            module = sys.modules.get(name)
            if module is not None and module.is_progress_bar_enabled():
                module.disable_progress_bar()
                stack.callback(module.enable_progress_bar)
        yield
