mod architecture;
mod bad_input;
mod brain;
mod hostile;
mod operations;
mod papers;
#[path = "conformance/patches/mod.rs"]
mod patches;
mod simulator;
mod tui_pty;
