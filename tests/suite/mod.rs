mod architecture;
mod brain;
mod simulator;
