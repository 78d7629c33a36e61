"""GitHub: webhook in, REST out; the only importer of gidgethub."""
