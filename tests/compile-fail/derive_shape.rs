use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "true")]
struct FieldPayload {
    cpus: u32,
}

#[derive(Payload)]
#[payload(binary = "true")]
enum ChoicePayload {
    One,
}

#[derive(Payload)]
#[payload(binary = "true")]
struct GenericPayload<const N: usize>;

#[derive(Payload)]
#[payload(binary = "true")]
struct Payload;

fn main() {}
