use ktstr_core::prelude::*;

#[derive(Payload)]
struct NothingPayload;

#[derive(Payload)]
#[payload(name = "load", timeout = "30s")]
struct NoBinaryPayload;

#[derive(Payload)]
#[payload]
struct BarePayload;

fn main() {}
