mod architecture;
mod brain;
mod hostile;
mod operations;
mod papers;
mod simulator;
mod tui_pty;
