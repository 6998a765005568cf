mod architecture;
mod brain;
