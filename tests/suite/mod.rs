mod architecture;
mod tui_pty;
