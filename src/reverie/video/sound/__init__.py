"""Sound of films, optional and off by default: a bed by mood, a few effects, a narrator. All made here.

    brief → heard (what the key says of it) → track: bed + effects + voice → samples, shot by shot → encode

Nothing is recorded or bought: the bed and the effects are arithmetic, the voice is a program that the
operator installed (`espeak-ng`, `piper`). Captions carry the meaning alone: nothing is said that is not
written.
"""
