"""The words of the program: one catalogue a language, and how it names firms and amounts."""
