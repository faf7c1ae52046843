"""Makes the vectors in ../valid and ../invalid. `construction` is the reference; `with_*` hold the libraries."""
