mod architecture;
mod bad_input;
mod brain;
mod hostile;
mod operations;
mod simulator;
