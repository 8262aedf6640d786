"""From what was seen to what should be shown: scenes, vocabulary, library, director, prompts, questions."""
