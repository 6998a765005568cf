mod architecture;
mod bad_input;
mod brain;
mod hostile;
mod operations;
mod papers;
mod simulator;
mod tui_pty;
