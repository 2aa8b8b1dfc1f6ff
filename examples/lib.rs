//! Nothing here: the examples of this package are what it is for. Run one by
//! `cargo run -p ktstr-examples --example const_scenario`.
