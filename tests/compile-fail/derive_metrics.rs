use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[metric(polarity = higher_is_better)]
struct NamelessPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[metric(name = "iops", polarity = up)]
struct PolarityPayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[metric(name = "iops")]
#[metric(name = "iops", unit = "ops/s")]
struct TwicePayload;

#[derive(Payload)]
#[payload(binary = "fio", output = json)]
#[metric(name = "iops", scale = 2)]
struct UnknownPayload;

fn main() {}
