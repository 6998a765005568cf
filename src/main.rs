//! Arguments to a [`World`](aiops::world::World) to a face; the only place that ends the process.
fn main() {}
