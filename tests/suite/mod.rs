mod architecture;
mod brain;
mod operations;
mod simulator;
mod tui_pty;
