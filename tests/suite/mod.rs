mod architecture;
mod brain;
mod hostile;
mod operations;
mod simulator;
