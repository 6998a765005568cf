//! One test binary: everything that needs no outside program.
mod suite {
    mod simulator;
}
