"""The programs beside which the references stand, each doing the rows' work its own way."""
