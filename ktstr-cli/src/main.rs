//! The `ktstr` program.
fn main() {}
