use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "stress-ng")]
#[default_args("--cpu", 2)]
struct NumberPayload;

#[derive(Payload)]
#[payload(binary = "stress-ng")]
#[default_args("--name\0")]
#[include_files(7)]
struct NulPayload;

#[derive(Payload)]
#[payload(binary = "stress-ng")]
#[default_args = "--cpu"]
struct EqualsPayload;

fn main() {}
