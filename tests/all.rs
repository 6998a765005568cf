//! One test binary: everything that needs no outside program.
