use ktstr_core::prelude::*;

#[derive(Payload)]
#[payload(binary = "true", output = xml)]
struct OutputPayload;

#[derive(Payload)]
#[payload(binary = "true", output = "json")]
struct QuotedPayload;

#[derive(Payload)]
#[payload(binary = "true", timeout = "30")]
struct UnitlessPayload;

#[derive(Payload)]
#[payload(binary = "true", timeout = 30)]
struct NumberPayload;

#[derive(Payload)]
#[payload(binary = "", name = "lo\0ad")]
struct EmptyPayload;

#[derive(Payload)]
#[payload(binary = "true", binary = "false")]
struct DoublePayload;

#[derive(Payload)]
#[payload(binary = "true")]
#[payload(name = "load")]
struct TwicePayload;

#[derive(Payload)]
#[payload(binary = "true", arguments = "2")]
struct UnknownPayload;

fn main() {}
