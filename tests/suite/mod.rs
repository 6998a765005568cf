mod architecture;
mod bad_input;
mod brain;
mod conformance;
mod dumps;
mod hostile;
mod operations;
mod papers;
#[path = "conformance/patches/mod.rs"]
mod patches;
mod recordings;
mod scenarios;
mod simulator;
mod tui_pty;
