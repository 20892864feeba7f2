"""Finding words on the pages of a case: query language, engines, marks."""
