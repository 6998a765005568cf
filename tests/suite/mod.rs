mod architecture;
mod brain;
mod operations;
mod papers;
mod simulator;
mod tui_pty;
