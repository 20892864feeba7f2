"""The screens that put several rooms together: My cases, Case, New case."""
