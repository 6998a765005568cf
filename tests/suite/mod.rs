mod architecture;
mod brain;
mod operations;
mod simulator;
